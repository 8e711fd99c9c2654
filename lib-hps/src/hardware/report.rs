// SPDX-License-Identifier: GPL-3.0-or-later
//! A machine's report: sections of raw output, read here and not on the machine. A section that cannot be read loses
//! itself and nothing else.

use super::machine::{Hardware, Occasion};
use super::part::{Board, Card, Disk};
use super::sections::{Section, sections};
use super::value::value;
use super::{cpuinfo, dmidecode, ethtool, ipmitool, lldp, smartctl};
use crate::types::Timestamp;

/// More than the report of any machine.
pub const MAX_REPORT_BYTES: usize = 768 << 10;
const MAX_DISKS: usize = 256;
const MAX_CARDS: usize = 64;

/// Why a report cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// It has more than [`MAX_REPORT_BYTES`].
    #[error("a report of hardware with more than {MAX_REPORT_BYTES} bytes")]
    TooLarge,
    /// It does not begin and end as a report does.
    #[error("not a whole report of hardware: it begins with \"hps-hardware 1\" and ends with \"end\"")]
    NotWhole,
}

/// Reads a report that arrived now.
///
/// # Errors
/// If it is not a whole report. What one section says never is an error.
pub fn read_report(bytes: &[u8], occasion: Occasion, at: Timestamp) -> Result<Hardware, ReportError> {
    if bytes.len() > MAX_REPORT_BYTES {
        return Err(ReportError::TooLarge);
    }
    let text = String::from_utf8_lossy(bytes);
    let sections = sections(&text).ok_or(ReportError::NotWhole)?;
    let mut hardware = Hardware::new(at, occasion);
    for section in &sections {
        match section.kind {
            "disks" => hardware.disks_unknown = section.get("listed") != Some("1"),
            "memory" => hardware.memory_mib = section.get("mib").and_then(|mib| mib.parse().ok()),
            "cpuinfo" => hardware.processor = cpuinfo::processor(&section.lines),
            "board" => hardware.board = board(section),
            "dmidecode" => hardware.modules = dmidecode::modules(&section.lines),
            "ipmitool" => ipmitool::read(&section.lines, &mut hardware.bmc),
            "disk" if hardware.disks.len() < MAX_DISKS => hardware.disks.extend(disk(section)),
            "card" if hardware.cards.len() < MAX_CARDS => hardware.cards.extend(card(section)),
            _ => {}
        }
    }
    for section in &sections {
        of_device(&mut hardware, section);
    }
    Ok(hardware)
}

/// What a program says about a device that another section has named.
fn of_device(hardware: &mut Hardware, section: &Section<'_>) {
    let disk = hardware.disks.iter_mut().find(|disk| disk.name.as_str() == section.name);
    let card = hardware.cards.iter_mut().find(|card| card.name.as_str() == section.name);
    match (section.kind, disk, card) {
        ("smartctl", Some(disk), _) => disk.health = smartctl::health(&section.text()),
        ("ethtool", _, Some(card)) => {
            // One for the link, and one for the driver.
            card.max_mbit = card.max_mbit.or_else(|| ethtool::fastest(&section.lines));
            card.firmware = card.firmware.take().or_else(|| ethtool::firmware(&section.lines));
        }
        ("lldp", _, Some(card)) => card.neighbour = lldp::neighbour(&section.lines),
        ("dmidecode", _, _) => {
            if let Some(processor) = hardware.processor.as_mut().filter(|processor| processor.model.is_none()) {
                processor.model = dmidecode::processor_name(&section.lines);
            }
        }
        _ => {}
    }
}

/// The names of /sys/class/dmi/id.
fn board(section: &Section<'_>) -> Board {
    let get = |key| section.get(key).and_then(value);
    let firmware = [section.get("bios_version"), section.get("bios_date")];
    Board {
        maker: get("sys_vendor"),
        product: get("product_name"),
        serial: get("product_serial"),
        board: get("board_name"),
        board_serial: get("board_serial"),
        chassis_serial: get("chassis_serial"),
        firmware: value(&firmware.into_iter().flatten().collect::<Vec<_>>().join(" ")),
    }
}

fn disk(section: &Section<'_>) -> Option<Disk> {
    let get = |key| section.get(key).and_then(value);
    Some(Disk {
        name: value(section.name)?,
        bus: section.get("bus").and_then(|bus| bus.parse().ok()),
        bytes: section.get("bytes").and_then(|bytes| bytes.parse().ok()),
        serial: get("serial"),
        wwn: get("wwn"),
        path: get("path"),
        model: get("model"),
        firmware: get("firmware"),
        rotational: section.get("rotational").and_then(bit),
        obstacle: get("obstacle"),
        health: None,
    })
}

fn card(section: &Section<'_>) -> Option<Card> {
    let get = |key| section.get(key).and_then(value);
    Some(Card {
        name: value(section.name)?,
        mac: section.get("mac")?.parse().ok()?,
        driver: get("driver"),
        firmware: None,
        place: get("place"),
        link: section.get("link").and_then(bit),
        // A card without a link reports -1.
        mbit: section.get("mbit").and_then(|mbit| mbit.parse().ok()),
        max_mbit: None,
        neighbour: None,
    })
}

fn bit(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}
