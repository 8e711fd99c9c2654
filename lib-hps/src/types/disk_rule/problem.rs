// SPDX-License-Identifier: GPL-3.0-or-later
//! What is wrong with a rule for disks that is well-formed.

use super::DiskRule;
use super::condition::wwn_of_kernel;
use super::kind::DiskKind;
use super::word::{DiskIdentifier, DiskOrder, Gib, NO_SERIAL, Pattern, Word};

/// Why no disk of any machine can fit a rule. Such a rule is refused where a file is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiskRuleContradiction {
    /// Two words exclude each other.
    #[error("{0} and {1} contradict each other")]
    Words(String, String),
    /// The smallest size is above the largest.
    #[error("min={min}G is above max={max}G")]
    Sizes {
        /// In GiB.
        min: u32,
        /// In GiB.
        max: u32,
    },
}

/// Why a word of a rule can fit no disk, or exclude none, or exclude all. A file of an earlier version with such a rule
/// is read, but no host is installed by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeaninglessDiskRule {
    /// It asks for a disk without a serial.
    #[error("{0}: a disk without a serial has no name that a rule can use; use path=, bus= or not-serial=*")]
    NoSerial(String),
    /// It has more of a serial than a node reports.
    #[error(
        "{0}: a node reports at most {MAX_SERIAL} characters of a serial, so it fits no disk; write the first ones and *"
    )]
    LongSerial(String),
    /// It has nothing after the prefix of a WWN.
    #[error("{0} has no WWN after the prefix; write it as lsblk -o WWN does")]
    EmptyWwn(String),
    /// It excludes every disk.
    #[error("{0} excludes every disk")]
    ExcludesAll(String),
    /// No disk fits both words.
    #[error("{0} and {1} contradict each other")]
    Words(String, String),
}

/// How many characters of a serial a node reports (`disk_serial` in scripts/node/steps/disk.sh).
const MAX_SERIAL: usize = 64;

impl DiskRule {
    /// Why no disk can fit it.
    pub fn contradicts_itself(&self) -> Option<DiskRuleContradiction> {
        let words = &self.words;
        let both = |one: &Word, other: &Word| DiskRuleContradiction::Words(one.to_string(), other.to_string());
        let (smallest, largest) = (Word::Order(DiskOrder::Smallest), Word::Order(DiskOrder::Largest));
        if words.contains(&smallest) && words.contains(&largest) {
            return Some(both(&smallest, &largest));
        }
        let (ssd, hdd) = (Word::Kind(DiskKind::Ssd), Word::Kind(DiskKind::Hdd));
        if words.contains(&ssd) && words.contains(&hdd) {
            return Some(both(&ssd, &hdd));
        }
        let mut buses = words.iter().filter(|word| matches!(word, Word::Bus { excludes: false, .. }));
        if let Some(one) = buses.next()
            && let Some(other) = buses.find(|other| *other != one)
        {
            return Some(both(one, other));
        }
        for word in words {
            if let Some(opposite) = word.opposite().filter(|opposite| words.contains(opposite)) {
                return Some(both(word, &opposite));
            }
        }
        let (min, max) = (self.at_least()?, self.at_most()?);
        (min > max).then_some(DiskRuleContradiction::Sizes { min, max })
    }

    /// The smallest size that fits, in GiB.
    fn at_least(&self) -> Option<u32> {
        self.words.iter().filter_map(|word| if let Word::Min(Gib(gib)) = word { Some(*gib) } else { None }).max()
    }

    /// The largest size that fits, in GiB.
    pub fn at_most(&self) -> Option<u32> {
        self.words.iter().filter_map(|word| if let Word::Max(Gib(gib)) = word { Some(*gib) } else { None }).min()
    }

    /// Why a word of it means nothing on any machine.
    pub fn means_nothing(&self) -> Option<MeaninglessDiskRule> {
        self.words.iter().find_map(alone).or_else(|| self.words.iter().find_map(|word| self.beside(word)))
    }

    /// Why a word that only one text fits means nothing: another word excludes that text, or asks for another one.
    fn beside(&self, word: &Word) -> Option<MeaninglessDiskRule> {
        let (false, key, one) = compared(word)? else { return None };
        let text = one.is_whole().then_some(one.as_str())?;
        let others = |excluding: bool| {
            let compared = self.words.iter().filter_map(|other| Some((other, compared(other)?)));
            compared.filter_map(move |(other, (excludes, same, pattern))| {
                (excludes == excluding && same == key).then_some((other, pattern))
            })
        };
        let excluding = others(true).find(|(_, pattern)| pattern.fits(text));
        // (A WWN may be written in several ways.)
        let other = || others(false).find(|(_, pattern)| key != DiskIdentifier::Wwn.as_str() && !pattern.fits(text));
        let (contradicting, _) = excluding.or_else(other)?;
        Some(MeaninglessDiskRule::Words(word.to_string(), contradicting.to_string()))
    }
}

/// Whether a word excludes, what it compares, and with which text.
fn compared(word: &Word) -> Option<(bool, &str, &Pattern)> {
    match word {
        Word::Name { excludes, of, pattern } => Some((*excludes, of.as_str(), pattern)),
        Word::Model { excludes, pattern } => Some((*excludes, "model", pattern)),
        _ => None,
    }
}

/// Why a word means nothing by itself.
fn alone(word: &Word) -> Option<MeaninglessDiskRule> {
    match word {
        // (`not-serial=none` is a disk that has a serial.)
        Word::Name { excludes: false, of: DiskIdentifier::Serial, pattern } if pattern.as_str() == NO_SERIAL => {
            Some(MeaninglessDiskRule::NoSerial(word.to_string()))
        }
        Word::Name { of: DiskIdentifier::Serial, pattern, .. } if pattern.least_length() > MAX_SERIAL => {
            Some(MeaninglessDiskRule::LongSerial(word.to_string()))
        }
        Word::Name { of: DiskIdentifier::Wwn, pattern, .. } if wwn_of_kernel(pattern.as_str()).is_empty() => {
            Some(MeaninglessDiskRule::EmptyWwn(word.to_string()))
        }
        Word::Name { excludes: true, of: DiskIdentifier::Path, pattern } if pattern.least_length() == 0 => {
            Some(MeaninglessDiskRule::ExcludesAll(word.to_string()))
        }
        _ => None,
    }
}
