// SPDX-License-Identifier: GPL-3.0-or-later
//! The protocol of erased disks, as the machine reported it.

use super::elapsed::elapsed;
use super::erase_disks::gibibytes;
use crate::program::{self, Ended, Exit};
use hps::host::{EraseProtocol, ErasedDisk, Erasure};
use hps::store::Store;
use hps::types::{Line, MacAddr};

/// `erase --protocol`. A host that was removed has a protocol too.
///
/// # Errors
/// [`Exit::NotFound`] if nothing of the host was erased.
pub(super) fn protocol(store: &Store, mac: MacAddr, json: bool) -> anyhow::Result<Exit> {
    let host = store.hosts().find(mac)?;
    let (mac, label) = host.map_or_else(|| (mac, mac.colons()), |host| (host.mac(), host.label()));
    let protocol = store.erasures().protocol(mac)?;
    if protocol.erasures.is_empty() {
        return Err(Ended::error(Exit::NotFound, format!("{label} has reported no erase of its disks")));
    }
    if json {
        program::print_json(&protocol)?;
        return Ok(Exit::Done);
    }
    for (number, erasure) in protocol.erasures.iter().enumerate() {
        if number > 0 {
            program::print("")?;
        }
        let rows = [("host", format!("{label} ({})", mac.colons()))].into_iter().chain(rows(erasure));
        for (key, value) in rows {
            program::print_text(program::wrapped(&format!("{key:<15} {value}"), 16))?;
        }
    }
    Ok(Exit::Done)
}

/// One erase.
fn rows(erasure: &Erasure) -> Vec<(&'static str, String)> {
    let reason = if erasure.reason.as_str().is_empty() { String::new() } else { format!(": {}", erasure.reason) };
    let serials: Vec<String> = erasure.asked.iter().map(ToString::to_string).collect();
    let mut rows = vec![
        ("permitted by", format!("{}{reason}", erasure.given_by)),
        ("disks", serials.join(" ")),
        ("begun", format!("{}, attempt {}", erasure.begun, erasure.attempts)),
        ("result", describe_result(erasure)),
    ];
    rows.extend(erasure.disks.iter().map(|disk| ("disk", describe_disk(disk))));
    rows
}

/// The newest erase, for `show`.
pub(super) fn summary_rows(protocol: &EraseProtocol) -> Vec<(&'static str, String)> {
    let Some(erasure) = protocol.erasures.last() else { return Vec::new() };
    let mut rows = vec![("erase", describe_result(erasure))];
    rows.extend(erasure.disks.iter().map(|disk| ("  disk", describe_disk(disk))));
    rows
}

fn describe_result(erasure: &Erasure) -> String {
    let why = erasure.why.as_ref().map(Line::as_str).filter(|why| !why.is_empty());
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    match (erasure.result, erasure.ended) {
        (Some(result), Some(at)) => format!("{result} at {at}{why}"),
        _ => format!("begun at {}, no end was reported", erasure.begun),
    }
}

fn describe_disk(disk: &ErasedDisk) -> String {
    let model = if disk.model.as_str().is_empty() { String::new() } else { format!("{}, ", disk.model) };
    let note = if disk.note.as_str().is_empty() { String::new() } else { format!("; {}", disk.note) };
    format!(
        "{}, {model}{}, {} by {} in {}, verified: {}, {}{note}",
        disk.serial,
        gibibytes(disk.bytes),
        disk.result,
        disk.method,
        elapsed(disk.seconds),
        disk.verified,
        disk.at
    )
}
