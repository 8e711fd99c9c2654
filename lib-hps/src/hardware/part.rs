// SPDX-License-Identifier: GPL-3.0-or-later
//! The parts of a machine, as its report has them. A value that it did not report is absent, never a default.

use crate::types::{DiskBus, Line, MacAddr};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The processors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processor {
    /// The name that the processor reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Line>,
    /// Packages.
    pub sockets: u32,
    /// Cores of all packages.
    pub cores: u32,
    /// What Linux counts as processors.
    pub threads: u32,
}

/// A memory module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryModule {
    /// Its slot, as printed on the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Line>,
    /// Its size in MiB.
    pub mib: u64,
    /// DDR4, DDR5 ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Line>,
    /// `3200 MT/s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<Line>,
    /// Its maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<Line>,
    /// Its part number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Line>,
    /// Its serial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Line>,
}

/// The board, the chassis and their firmware, by the SMBIOS tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The maker of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<Line>,
    /// The machine's product name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Line>,
    /// The machine's serial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Line>,
    /// The name of the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<Line>,
    /// The serial of the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board_serial: Option<Line>,
    /// The serial of the chassis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chassis_serial: Option<Line>,
    /// The version of the firmware (BIOS or UEFI), with its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Line>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// The name that the kernel gave it in this boot.
    pub name: Line,
    /// How it is connected, by the words of a rule for disks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<DiskBus>,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its serial, in the form that a rule for disks compares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Line>,
    /// Its World Wide Name, as the kernel writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wwn: Option<Line>,
    /// Its place in /sys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Line>,
    /// Its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Line>,
    /// The version of its firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Line>,
    /// Whether it has turning platters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotational: Option<bool>,
    /// Why no system can be on it: it is optical, read-only, without a medium.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Line>,
    /// What it reports about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
}

/// What a disk reports about itself, by SMART or the health log of NVMe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Its own verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<bool>,
    /// In degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub celsius: Option<i32>,
    /// How long it has run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u64>,
    /// Sectors that it replaced by spare ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reallocated: Option<u64>,
    /// Sectors that it could not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<u64>,
    /// Errors of the medium (NVMe).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_errors: Option<u64>,
    /// How much of its life is used, in percent (NVMe). It may be more than 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_percent: Option<u64>,
}

/// A network card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The name that the kernel gave it in this boot.
    pub name: Line,
    /// Its MAC.
    pub mac: MacAddr,
    /// Its driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Line>,
    /// The version of its firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Line>,
    /// Its place on the bus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Line>,
    /// Whether it had a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<bool>,
    /// The speed of that link, in Mbit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mbit: Option<u32>,
    /// The fastest link that it supports, in Mbit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mbit: Option<u32>,
    /// The port that it is plugged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<Neighbour>,
}

/// The other end of a cable, as it announces itself by LLDP (IEEE 802.1AB).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// The name of the switch, otherwise the id of its chassis.
    pub switch: Line,
    /// The port.
    pub port: Line,
    /// What the switch says about the port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Line>,
}

/// The management controller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bmc {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Ipv4Addr>,
    /// Its MAC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddr>,
    /// The version of its firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Line>,
}

impl Disk {
    /// The name by which it is the same disk in another boot: its WWN, otherwise its serial.
    pub fn identity(&self) -> Option<&Line> {
        let names = |line: &&Line| line.as_str() != "none";
        self.wwn.as_ref().or(self.serial.as_ref().filter(names))
    }

    /// Whether it can have a system at all.
    pub fn is_usable(&self) -> bool {
        self.obstacle.is_none()
    }
}

impl Health {
    /// Why the disk should be replaced; `None` if it reports no reason.
    pub fn complaint(&self) -> Option<String> {
        if self.passed == Some(false) {
            return Some("it reports that it will fail".to_owned());
        }
        let counts = [
            (self.pending, "sectors that it cannot read"),
            (self.media_errors, "errors of its medium"),
            (self.used_percent.filter(|used| *used >= 100), "percent of its life used"),
        ];
        let counted = counts.iter().find_map(|(count, what)| Some((count.filter(|count| *count > 0)?, what)));
        counted.map(|(count, what)| format!("it reports {count} {what}"))
    }
}
