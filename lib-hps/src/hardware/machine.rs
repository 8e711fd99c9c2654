// SPDX-License-Identifier: GPL-3.0-or-later
//! One report of a machine about itself.

use super::part::{Bmc, Board, Card, Disk, MemoryModule, Processor};
use super::value::size;
use crate::types::{Timestamp, text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// When a machine reported.
    Occasion, "occasion",

    /// At the beginning of an installation.
    Installation = "installation",
    /// At a boot that only looks.
    Discovery = "discovery",
}

/// What a machine reported about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hardware {
    /// When the report arrived.
    pub at: Timestamp,
    /// On which occasion.
    pub occasion: Occasion,
    /// The memory that Linux counts, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u64>,
    /// Whether the kernel's list of disks could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disks_unknown: bool,
    /// Board, chassis, firmware.
    #[serde(default, skip_serializing_if = "is_default")]
    pub board: Board,
    /// The processors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<Processor>,
    /// The management controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bmc: Option<Bmc>,
    /// The memory modules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<MemoryModule>,
    /// The disks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<Disk>,
    /// The network cards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Hardware {
    /// A report without a value.
    pub fn new(at: Timestamp, occasion: Occasion) -> Self {
        Self {
            at,
            occasion,
            memory_mib: None,
            board: Board::default(),
            processor: None,
            bmc: None,
            modules: Vec::new(),
            disks_unknown: true,
            disks: Vec::new(),
            cards: Vec::new(),
        }
    }

    /// In a line: `2 x Xeon, 256.0 GiB of memory, 8 disks, 4 cards`.
    pub fn summary(&self) -> String {
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let processor = self.processor.as_ref().map(|processor| {
            let model = processor.model.as_ref().map_or("processor", |model| model.as_str());
            format!("{} x {model}", processor.sockets)
        });
        let memory = self.memory_mib.map(|mib| format!("{} of memory", size(mib.saturating_mul(1 << 20))));
        let disks = count(self.disks.iter().filter(|disk| disk.is_usable()).count(), "disk");
        let parts = processor.into_iter().chain(memory).chain([disks, count(self.cards.len(), "card")]);
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Keeps the neighbours that `before` knew of cards for which this report has none: an installer may have no program
    /// that listens for them.
    pub(super) fn with_neighbours_of(mut self, before: &Self) -> Self {
        for card in self.cards.iter_mut().filter(|card| card.neighbour.is_none()) {
            let same = before.cards.iter().find(|other| other.mac == card.mac);
            card.neighbour = same.and_then(|same| same.neighbour.clone());
        }
        self
    }
}
