// SPDX-License-Identifier: GPL-3.0-or-later
//! What differs between two reports of one machine. A value that one of them lacks is no difference: a program may have
//! been missing.

use super::machine::Hardware;
use super::part::{Disk, Health};
use super::value::size;
use crate::types::Line;
use std::fmt;

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    what: &'static str,
    text: String,
    is_loss: bool,
}

impl Change {
    fn new(what: &'static str, text: String) -> Self {
        Self { what, text, is_loss: false }
    }

    fn loss(what: &'static str, text: String) -> Self {
        Self { is_loss: true, ..Self::new(what, text) }
    }

    /// Its word in JSON, such as `disk-gone`.
    pub fn word(&self) -> &'static str {
        self.what
    }

    /// Whether a person should look at it: something is gone, smaller, failing or another one.
    pub fn is_loss(&self) -> bool {
        self.is_loss
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl serde::Serialize for Change {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut change = to.serialize_struct("Change", 3)?;
        change.serialize_field("what", self.what)?;
        change.serialize_field("text", &self.text)?;
        change.serialize_field("loss", &self.is_loss)?;
        change.end()
    }
}

/// Less memory than this, in MiB, is what firmware or a kernel keeps for itself.
const MEMORY_SLACK_MIB: u64 = 512;

/// The differences, the losses first.
pub fn changes(before: &Hardware, after: &Hardware) -> Vec<Change> {
    let mut found = Vec::new();
    disks(before, after, &mut found);
    memory(before, after, &mut found);
    cards(before, after, &mut found);
    board(before, after, &mut found);
    found.sort_by_key(|change: &Change| !change.is_loss);
    found
}

fn disks(before: &Hardware, after: &Hardware, found: &mut Vec<Change>) {
    if before.disks_unknown || after.disks_unknown {
        return;
    }
    let has = |disks: &[Disk], disk: &Disk| match disk.identity() {
        Some(identity) => disks.iter().any(|other| other.identity() == Some(identity)),
        // One without a name is recognised by its model and its size.
        None => disks
            .iter()
            .any(|other| other.identity().is_none() && (&other.model, other.bytes) == (&disk.model, disk.bytes)),
    };
    // What has no medium, or is read-only, comes and goes.
    for disk in before.disks.iter().filter(|disk| disk.is_usable() && !has(&after.disks, disk)) {
        found.push(Change::loss("disk-gone", format!("disk {} is gone", describe(disk))));
    }
    for disk in after.disks.iter().filter(|disk| disk.is_usable() && !has(&before.disks, disk)) {
        found.push(Change::new("disk-new", format!("disk {} is new", describe(disk))));
    }
    for disk in &after.disks {
        let same = before.disks.iter().find(|other| disk.identity().is_some() && other.identity() == disk.identity());
        let complaint = |disk: &Disk| disk.health.as_ref().and_then(Health::complaint);
        if let Some(why) = complaint(disk)
            && same.is_some_and(|same| complaint(same).is_none())
        {
            found.push(Change::loss("disk-failing", format!("disk {}: {why}", describe(disk))));
        }
    }
}

/// `S1 (MODEL, 1.8 TiB)`.
fn describe(disk: &Disk) -> String {
    let name = disk.serial.as_ref().filter(|serial| serial.as_str() != "none").or(disk.wwn.as_ref());
    let size = disk.bytes.map(size);
    let details: Vec<String> = disk.model.as_ref().map(Line::to_string).into_iter().chain(size).collect();
    format!("{} ({})", name.unwrap_or(&disk.name), details.join(", "))
}

fn memory(before: &Hardware, after: &Hardware, found: &mut Vec<Change>) {
    let (Some(old), Some(new)) = (before.memory_mib, after.memory_mib) else { return };
    if new.saturating_add(MEMORY_SLACK_MIB) < old {
        let gone = before.modules.iter().filter(|module| {
            !after.modules.is_empty()
                && !after.modules.iter().any(|other| (&other.slot, other.mib) == (&module.slot, module.mib))
        });
        let slots: Vec<String> = gone.filter_map(|module| module.slot.as_ref()).map(Line::to_string).collect();
        let where_from = if slots.is_empty() { String::new() } else { format!("; gone from {}", slots.join(", ")) };
        found.push(Change::loss("memory-shrank", format!("memory shrank from {old} to {new} MiB{where_from}")));
    } else if old.saturating_add(MEMORY_SLACK_MIB) < new {
        found.push(Change::new("memory-grew", format!("memory grew from {old} to {new} MiB")));
    }
}

fn cards(before: &Hardware, after: &Hardware, found: &mut Vec<Change>) {
    if after.cards.is_empty() || before.cards.is_empty() {
        return;
    }
    for card in &before.cards {
        let Some(same) = after.cards.iter().find(|other| other.mac == card.mac) else {
            let driver = card.driver.as_ref().map_or_else(String::new, |driver| format!(" ({driver})"));
            found.push(Change::loss("card-gone", format!("card {}{driver} is gone", card.mac.colons())));
            continue;
        };
        if let (Some(old), Some(new)) = (&card.neighbour, &same.neighbour)
            && (&old.switch, &old.port) != (&new.switch, &new.port)
        {
            let text = format!(
                "card {} moved from {} port {} to {} port {}",
                card.mac.colons(),
                old.switch,
                old.port,
                new.switch,
                new.port
            );
            found.push(Change::new("card-moved", text));
        }
        if let (Some(old), Some(new)) = (card.mbit, same.mbit)
            && new < old
        {
            let text = format!("the link of card {} is slower: {new} instead of {old} Mbit/s", card.mac.colons());
            found.push(Change::loss("link-slower", text));
        }
    }
    for card in after.cards.iter().filter(|card| !before.cards.iter().any(|other| other.mac == card.mac)) {
        found.push(Change::new("card-new", format!("card {} is new", card.mac.colons())));
    }
}

fn board(before: &Hardware, after: &Hardware, found: &mut Vec<Change>) {
    let (old, new) = (&before.board, &after.board);
    let mut differs = |what, is_loss, title: &str, old: Option<&Line>, new: Option<&Line>| {
        if let (Some(old), Some(new)) = (old, new)
            && old != new
        {
            found.push(Change { what, is_loss, text: format!("{title} was {old} and is {new}") });
        }
    };
    differs("board-swapped", true, "the serial of the board", old.board_serial.as_ref(), new.board_serial.as_ref());
    differs("machine-swapped", true, "the serial of the machine", old.serial.as_ref(), new.serial.as_ref());
    let (old_chassis, new_chassis) = (old.chassis_serial.as_ref(), new.chassis_serial.as_ref());
    differs("chassis-swapped", true, "the serial of the chassis", old_chassis, new_chassis);
    differs("firmware", false, "the firmware", old.firmware.as_ref(), new.firmware.as_ref());
    let model = |hardware: &'_ Hardware| hardware.processor.as_ref().and_then(|p| p.model.clone());
    differs("processor", true, "the processor", model(before).as_ref(), model(after).as_ref());
    let bmc = |hardware: &Hardware| hardware.bmc.as_ref().and_then(|bmc| bmc.firmware.clone());
    differs(
        "bmc-firmware",
        false,
        "the firmware of the management controller",
        bmc(before).as_ref(),
        bmc(after).as_ref(),
    );
}
