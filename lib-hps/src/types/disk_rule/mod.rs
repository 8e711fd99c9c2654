// SPDX-License-Identifier: GPL-3.0-or-later
//! Which disks of a machine: words that a disk must all fit.
//!
//! Only this folder knows the grammar. A node gets [`DiskCondition`]s and compares them with the disks that it finds
//! (scripts/node/steps/disk_rule.sh, decision 100). tests/fixtures/node/disk-rules.table has rules and the disks that fit
//! them; both sides are tested with it.

mod bus;
mod condition;
mod fit;
mod kind;
mod problem;
mod word;

pub use bus::DiskBus;
pub use condition::DiskCondition;
pub use fit::DiskFacts;
pub use kind::DiskKind;
pub use problem::{DiskRuleContradiction, MeaninglessDiskRule};
pub use word::{DiskIdentifier, DiskOrder};

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;
use word::Word;

/// Words with one blank between them: `bus=`; `serial=`, `wwn=`, `path=` and `model=` with a value in which `*` stands for
/// any text; these five with `not-` before them; `kind=ssd` or `kind=hdd`; `min=` and `max=` with gibibytes (`100G`); and
/// `smallest` or `largest`.
///
/// Some disks are plugged in by hand, shown by a management controller, or shared over a network. They fit only a rule
/// that names them: by their bus, or by a serial, a WWN or a path without `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiskRule {
    words: Vec<Word>,
}

impl DiskRule {
    const MAX_BYTES: usize = 200;
    const EXPECTED: &str = "expected words such as smallest, largest, serial=S3Z*, wwn=naa.5000*, path=pci0000:00/*, bus=sas, not-bus=nvme, not-path=pci0000:80/*, model=PERC*, kind=ssd, min=100G or max=4000G, with one blank between them";

    /// Whether it orders several disks.
    pub fn orders(&self) -> bool {
        self.words.iter().any(|word| matches!(word, Word::Order(_)))
    }

    /// Which of several disks is taken.
    pub fn order(&self) -> DiskOrder {
        let is_largest = self.words.contains(&Word::Order(DiskOrder::Largest));
        if is_largest { DiskOrder::Largest } else { DiskOrder::Smallest }
    }
}

impl FromStr for DiskRule {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = if text.len() <= Self::MAX_BYTES { text.split(' ').map(Word::parse).collect() } else { None };
        words.map(|words| Self { words }).ok_or_else(|| Invalid::new("rule for disks", text, Self::EXPECTED))
    }
}

impl fmt::Display for DiskRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            word.fmt(f)?;
        }
        Ok(())
    }
}

serde_as_text!(DiskRule);

impl Default for DiskRule {
    /// The smallest that is large enough.
    fn default() -> Self {
        Self { words: vec![Word::Order(DiskOrder::Smallest)] }
    }
}

#[cfg(test)]
mod tests;
