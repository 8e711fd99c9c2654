// SPDX-License-Identifier: GPL-3.0-or-later
//! A rule for disks as a node gets it: conditions that it compares with what it finds.
//!
//! One line each: `KEY COMPARISON VALUE WORD`. `WORD` is the word of the rule, for messages, or `default`.
//! scripts/node/steps/disk_rule.sh does the comparisons, refuses what it does not know, and refuses an empty list.

use super::DiskRule;
use super::bus::DiskBus;
use super::word::{DiskIdentifier, NO_SERIAL, Word};
use std::fmt;

/// What a disk must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskCondition {
    pub(super) comparison: Comparison,
    /// The word that it comes from; none for the condition of every rule that names no disk.
    pub(super) word: Option<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Its size in bytes.
    AtLeast(u64),
    /// Its size in bytes.
    AtMost(u64),
    /// Its bus, and that of each device that may be the same disk, is a local one.
    LocalBus,
    /// What the disk itself reports.
    Matches(&'static str, String),
    /// What neither the disk nor a device that may be the same disk reports.
    Differs(&'static str, String),
    /// The disk itself reports a serial.
    SerialPresent,
}

impl DiskCondition {
    /// What must hold where there is no rule.
    pub fn without_rule() -> Vec<Self> {
        vec![Self { comparison: Comparison::LocalBus, word: None }]
    }

    fn from_word(word: &Word) -> Option<Self> {
        let comparison = match word {
            Word::Order(_) => return None,
            Word::Min(size) => Comparison::AtLeast(size.bytes()),
            Word::Max(size) => Comparison::AtMost(size.bytes()),
            Word::Bus { excludes, bus } => reported(*excludes, "bus", bus.to_string()),
            Word::Name { excludes: true, of: DiskIdentifier::Serial, pattern } if pattern.as_str() == NO_SERIAL => {
                Comparison::SerialPresent
            }
            Word::Name { excludes, of: DiskIdentifier::Wwn, pattern } => {
                reported(*excludes, DiskIdentifier::Wwn.as_str(), wwn_of_kernel(pattern.as_str()))
            }
            Word::Kind(kind) => Comparison::Matches("kind", kind.to_string()),
            Word::Model { excludes, pattern } => reported(*excludes, "model", pattern.as_str().to_owned()),
            Word::Name { excludes, of, pattern } => reported(*excludes, of.as_str(), pattern.as_str().to_owned()),
        };
        Some(Self { comparison, word: Some(word.clone()) })
    }
}

fn reported(excludes: bool, key: &'static str, value: String) -> Comparison {
    if excludes { Comparison::Differs(key, value) } else { Comparison::Matches(key, value) }
}

/// A WWN, or a pattern of one, as the kernel writes it. `lsblk` writes `0x5000...`, and /dev/disk/by-id `wwn-0x5000...`.
pub(super) fn wwn_of_kernel(pattern: &str) -> String {
    let text = pattern.to_ascii_lowercase();
    let text = text.strip_prefix("wwn-").unwrap_or(&text);
    text.strip_prefix("0x").map_or_else(|| text.to_owned(), |number| format!("naa.{number}"))
}

impl DiskRule {
    /// What must hold of a disk, at least one condition.
    ///
    /// A rule that names no disk begins with the local buses, so that a node gives this reason first.
    pub fn conditions(&self) -> Vec<DiskCondition> {
        let names_disks = self.words.iter().any(Word::names_disks);
        let mut conditions = if names_disks { Vec::new() } else { DiskCondition::without_rule() };
        conditions.extend(self.words.iter().filter_map(DiskCondition::from_word));
        conditions
    }
}

impl fmt::Display for DiskCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.comparison {
            Comparison::AtLeast(bytes) => write!(f, "size at-least {bytes}"),
            Comparison::AtMost(bytes) => write!(f, "size at-most {bytes}"),
            Comparison::LocalBus => write!(f, "bus among {}", DiskBus::local()),
            Comparison::Matches(key, value) => write!(f, "{key} matches {value}"),
            Comparison::Differs(key, value) => write!(f, "{key} differs {value}"),
            Comparison::SerialPresent => f.write_str("serial present any"),
        }?;
        match &self.word {
            Some(word) => write!(f, " {word}"),
            None => f.write_str(" default"),
        }
    }
}
