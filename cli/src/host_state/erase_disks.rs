// SPDX-License-Identifier: GPL-3.0-or-later
//! The disks that `host-state erase` names: from their serials, with what the hardware record and the record of the host
//! say about them. A record that the machine reported adds no disk to those that a person sees and confirms.

use crate::program::{Ended, Exit, eprint};
use hps::hardware::{Disk, HardwareRecord};
use hps::host::Host;
use hps::store::Store;
use hps::types::{DiskName, Line, Timestamp};

/// One disk to erase.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Chosen {
    pub(super) serial: DiskName,
    model: Option<Line>,
    bytes: Option<u64>,
    bus: Option<String>,
    /// Whether the last installation put the system there.
    system: bool,
    /// When the machine reported it; none if its hardware record lacks it.
    reported: Option<Timestamp>,
}

/// The disks with these serials, or all disks of the hardware record where `serials` is empty.
///
/// # Errors
/// [`Exit::Refused`] for a serial that two disks have, or that the hardware record lacks; [`Exit::NotFound`] without a
/// hardware record that has disks.
pub(super) fn chosen(store: &Store, host: &Host, serials: &[DiskName], force: bool) -> anyhow::Result<Vec<Chosen>> {
    let record = store.hardware().get(host.mac())?;
    let known: &[Disk] = record.as_ref().map_or(&[], |record| &record.now.disks);
    let mut named = if serials.is_empty() { all(host, known)? } else { serials.to_vec() };
    named.sort();
    named.dedup();
    named.iter().map(|serial| one(host, record.as_ref(), known, serial, force)).collect()
}

fn all(host: &Host, known: &[Disk]) -> anyhow::Result<Vec<DiskName>> {
    let label = host.label();
    // What cannot be written is no disk to erase: an optical drive, a floppy disk.
    let (writable, others): (Vec<&Disk>, Vec<&Disk>) = known.iter().partition(|disk| disk.obstacle.is_none());
    for disk in others {
        let why = disk.obstacle.as_ref().map_or("", Line::as_str);
        eprint(format_args!("host-state: {label}: disk {} is left out: {why}", disk.name));
    }
    let mut serials = Vec::new();
    for disk in writable {
        let serial = disk.serial.as_ref().and_then(|serial| serial.as_str().parse::<DiskName>().ok());
        let Some(serial) = serial.filter(DiskName::identifies) else {
            let line = format!(
                "{label}: disk {} reports no serial, so it cannot be erased by HPS; name the others with --disk SERIAL",
                disk.name
            );
            return Err(Ended::error(Exit::Refused, line));
        };
        serials.push(serial);
    }
    if serials.is_empty() {
        let line =
            format!("the hardware record of {label} has no disk; name the disks with --disk SERIAL, from their labels");
        return Err(Ended::error(Exit::NotFound, line));
    }
    Ok(serials)
}

fn one(
    host: &Host,
    record: Option<&HardwareRecord>,
    known: &[Disk],
    serial: &DiskName,
    force: bool,
) -> anyhow::Result<Chosen> {
    let label = host.label();
    let has = |disk: &&Disk| disk.serial.as_ref().is_some_and(|own| own.as_str() == serial.as_str());
    let found: Vec<&Disk> = known.iter().filter(has).collect();
    let disk = match (found.as_slice(), record) {
        ([disk], _) => Some(*disk),
        ([], None) => {
            eprint(format_args!(
                "host-state: {label} has not reported its hardware, so nothing is known of disk {serial}"
            ));
            None
        }
        ([], Some(_)) if force => {
            eprint(format_args!("host-state: {label}: its hardware record has no disk {serial}"));
            None
        }
        ([], Some(_)) => {
            let line = format!(
                "the hardware record of {label} has no disk with the serial {serial}; if it is there nevertheless, give --force; see: host-state hardware {label}"
            );
            return Err(Ended::error(Exit::Refused, line));
        }
        (several, _) => {
            let line = format!(
                "{} disks of {label} have the serial {serial}, so it names none of them; see: host-state hardware {label}",
                several.len()
            );
            return Err(Ended::error(Exit::Refused, line));
        }
    };
    let wwn = disk.and_then(|disk| disk.wwn.as_ref()).and_then(|wwn| wwn.as_str().parse::<DiskName>().ok());
    let system = host.last_disks().iter().any(|last| last == serial || wwn.as_ref().is_some_and(|wwn| wwn.is_as(last)));
    Ok(Chosen {
        serial: serial.clone(),
        model: disk.and_then(|disk| disk.model.clone()),
        bytes: disk.and_then(|disk| disk.bytes),
        bus: disk.and_then(|disk| disk.bus).map(|bus| bus.to_string()),
        system,
        reported: disk.and(record).map(|record| record.now.at),
    })
}

/// A line for each disk.
///
/// # Errors
/// Those of `print`.
pub(super) fn show_disks(
    disks: &[Chosen],
    mut print: impl FnMut(String) -> std::io::Result<()>,
) -> std::io::Result<()> {
    disks.iter().try_for_each(|disk| print(format!("  {}", disk.describe())))
}

impl Chosen {
    fn describe(&self) -> String {
        let unknown = || "model and size unknown".to_owned();
        let size = self.bytes.map(gibibytes);
        let facts: Vec<String> =
            [self.model.as_ref().map(Line::to_string), size, self.bus.clone()].into_iter().flatten().collect();
        let facts = if facts.is_empty() { unknown() } else { facts.join(", ") };
        let used =
            if self.system { "its last installation put the system on it" } else { "no system of HPS is known on it" };
        format!("{:<20} {facts}; {used}", self.serial.as_str())
    }
}

/// `3.6 GiB`.
pub(super) fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}
