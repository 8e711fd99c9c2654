// SPDX-License-Identifier: GPL-3.0-or-later
//! Hardware records: what hosts lost, and disks that report a fault.

use super::findings::Findings;
use super::registry::Registry;
use hps::hardware::{HardwareRecord, Health};
use hps::store::StoreError;

const AGAIN: &str = "remove it; the machine reports again at its next installation";

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) -> Result<(), StoreError> {
    for file in registry.store.hardware().list()? {
        let path = registry.store.paths.hardware(file.mac).path().to_path_buf();
        match file.record {
            Err(error) => findings.error(&path, &error, AGAIN),
            Ok(record) => {
                // A machine that is no host may be on its way to another site.
                let Some(host) = registry.hosts.iter().find(|host| host.mac() == file.mac) else { continue };
                let label = host.label();
                for change in record.losses() {
                    let advice = format!("look at the machine; if this is right: host-state hardware {label} --accept");
                    findings.problem(&path, None, format!("{label}: {change}"), &advice);
                }
                for (disk, why) in complaints(&record) {
                    let advice = format!("host-state hardware {label}");
                    findings.note(&path, format!("{label}: disk {disk}: {why}"), &advice);
                }
            }
        }
    }
    Ok(())
}

fn complaints(record: &HardwareRecord) -> impl Iterator<Item = (String, String)> + '_ {
    record.now.disks.iter().filter_map(|disk| {
        let why = disk.health.as_ref().and_then(Health::complaint)?;
        Some((disk.identity().unwrap_or(&disk.name).to_string(), why))
    })
}
