// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether disks that a machine reported fit a rule, for a person who asks before the machine is switched on.
//!
//! The machine decides by scripts/node/steps/disk_rule.sh. This says the same of the disks in
//! tests/fixtures/node/disk-rules.table; a test holds both sides to it.

use super::bus::DiskBus;
use super::condition::{Comparison, DiskCondition};
use super::kind::{DiskKind, model_of_rule};
use super::word::fits;

/// What is known of a disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskFacts<'a> {
    /// How it is connected.
    pub bus: Option<DiskBus>,
    /// Its size.
    pub bytes: Option<u64>,
    /// The serial that it reports; none if it is called `none`.
    pub serial: Option<&'a str>,
    /// Its World Wide Name, as the kernel writes it.
    pub wwn: Option<&'a str>,
    /// Its place in /sys.
    pub path: Option<&'a str>,
    /// Its model, as it reports it.
    pub model: Option<&'a str>,
    /// Whether it turns.
    pub kind: Option<DiskKind>,
}

impl DiskFacts<'_> {
    fn reports(&self, key: &str, pattern: &str) -> bool {
        let lower = self.wwn.map(str::to_ascii_lowercase);
        let model = self.model.map(model_of_rule).filter(|model| !model.is_empty());
        let value = match key {
            "bus" => self.bus.map(DiskBus::as_str),
            "serial" => self.serial,
            "wwn" => lower.as_deref(),
            "path" => self.path,
            "model" => model.as_deref(),
            "kind" => self.kind.map(DiskKind::as_str),
            _ => None,
        };
        value.is_some_and(|value| fits(pattern.as_bytes(), value.as_bytes()))
    }

    /// Whether both are, or may be, paths to one disk.
    fn may_be(&self, other: &Self) -> bool {
        match (self.wwn, other.wwn) {
            (Some(wwn), Some(same)) => wwn == same,
            _ => self.serial.is_some() && self.serial == other.serial,
        }
    }

    /// Whether the serial names it among all disks, and whether the WWN does.
    fn is_named_by(&self, key: &str, all: &[Self]) -> bool {
        let others = || all.iter().filter(|other| *other != self);
        let wwn = self.wwn.is_some()
            && !others().any(|other| {
                other.wwn == self.wwn && other.serial.is_some() && self.serial.is_some() && other.serial != self.serial
            });
        match key {
            "wwn" => wwn,
            "serial" => self.serial.is_some() && (wwn || !others().any(|other| other.serial == self.serial)),
            _ => true,
        }
    }
}

impl DiskCondition {
    /// Why a disk does not fit, as the machine would say it; `all` are the disks of the machine.
    pub fn objection(&self, disk: &DiskFacts<'_>, all: &[DiskFacts<'_>]) -> Option<String> {
        let mut same = all.iter().filter(|other| *other == disk || disk.may_be(other));
        let fits = match &self.comparison {
            Comparison::AtLeast(least) => disk.bytes.is_some_and(|bytes| bytes >= *least),
            Comparison::AtMost(most) => disk.bytes.is_some_and(|bytes| bytes <= *most),
            Comparison::LocalBus => {
                let foreign = same.find(|other| !other.bus.is_some_and(DiskBus::is_local))?;
                let bus = foreign.bus.map_or("an unknown bus", DiskBus::as_str);
                return Some(format!("{bus}, which the rule does not name"));
            }
            Comparison::Matches(key, pattern) => disk.is_named_by(key, all) && disk.reports(key, pattern),
            Comparison::Differs(key, pattern) => !same.any(|other| other.reports(key, pattern)),
            Comparison::SerialPresent => disk.serial.is_some(),
        };
        let unknown = match &self.comparison {
            Comparison::Matches("model", _) if disk.model.is_none() => "it reported no model, so ",
            Comparison::Matches("kind", _) if disk.kind.is_none() => "it did not report whether it turns, so ",
            _ => "",
        };
        let word = self.word.as_ref().map_or_else(String::new, ToString::to_string);
        (!fits).then(|| format!("{unknown}it does not fit {word}"))
    }
}
