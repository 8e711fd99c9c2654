// SPDX-License-Identifier: GPL-3.0-or-later
//! Allocations of addresses, names and further MACs, against the records.

use super::findings::Findings;
use super::registry::Registry;
use hps::store::AllocationKind;
use hps::types::MacAddr;

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    for allocation in registry.store.allocations().list()? {
        let word = allocation.kind.as_str();
        let (value, path) = (&allocation.value, &allocation.path);
        let holder = match allocation.holder {
            Ok(holder) => holder,
            Err(error) => {
                findings.error(
                    path,
                    &error,
                    "no other host gets its value until the file can be read; correct or remove it",
                );
                continue;
            }
        };
        let Some(holder) = holder else {
            findings.note(
                path,
                format!("the allocation of {word} {value} has no MAC"),
                "HPS uses an empty file again when the value is needed; a file with other content stays until you remove it",
            );
            continue;
        };
        if registry.unreadable.contains(&holder) {
            continue;
        }
        let host = registry.hosts.iter().find(|h| h.mac() == holder);
        if !host.is_some_and(|host| allocation.is_of(host)) {
            let why = format!("{word} {value} is allocated to {}, but its record does not have it", holder.colons());
            let advice =
                if host.is_some() { "reload releases it" } else { "HPS uses the value again when a host needs it" };
            findings.note(path, why, advice);
            continue;
        }
        let own = value.parse::<MacAddr>().ok().filter(|_| allocation.kind == AllocationKind::Mac);
        if let Some(mac) = own.filter(|mac| registry.hosts.iter().any(|h| h.mac() == *mac)) {
            let record = registry.store.paths.host(mac);
            findings.problem(
                record.path(),
                None,
                format!("{} is also a MAC of host {}", mac.colons(), holder.colons()),
                &format!("host-state rm {mac}, or remove it from macs there"),
            );
        }
    }
    for host in &registry.hosts {
        if !registry.store.allocations().has_all_of(host)? {
            let file = registry.store.paths.host(host.mac());
            findings.note(
                file.path(),
                format!(
                    "name, address or macs of {} are not all allocated to it, as after an edit by hand",
                    host.label()
                ),
                "reload allocates them, unless another host has them",
            );
        }
    }
    Ok(())
}
