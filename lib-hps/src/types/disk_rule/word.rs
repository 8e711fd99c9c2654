// SPDX-License-Identifier: GPL-3.0-or-later
//! One word of a rule for disks.

use super::bus::DiskBus;
use super::kind::DiskKind;
use crate::types::{all_bytes, text_enum};
use std::fmt;

text_enum! {
    /// Which of several disks that fit.
    DiskOrder, "order of disks",

    /// The smallest.
    Smallest = "smallest",
    /// The largest.
    Largest = "largest",
}

text_enum! {
    /// What names a disk.
    DiskIdentifier, "identifier of a disk",

    /// The serial that it reports.
    Serial = "serial",
    /// Its World Wide Name.
    Wwn = "wwn",
    /// Where it is connected, below /sys/devices.
    Path = "path",
}

/// What a serial is called that is not there.
pub(super) const NO_SERIAL: &str = "none";

/// A text in which `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Pattern(String);

impl Pattern {
    const MAX_BYTES: usize = 128;

    fn parse(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'*' | b'-');
        all_bytes(text, Self::MAX_BYTES, is_plain).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only one text fits it.
    pub(super) fn is_whole(&self) -> bool {
        !self.0.contains('*')
    }

    /// How many characters a text must have to fit.
    pub(super) fn least_length(&self) -> usize {
        self.0.bytes().filter(|b| *b != b'*').count()
    }

    /// Whether a text fits it.
    pub(super) fn fits(&self, text: &str) -> bool {
        fits(self.0.as_bytes(), text.as_bytes())
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
pub(super) fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| text.get(skipped..).is_some_and(|left| fits(rest, left))),
        Some((first, rest)) => text.split_first().is_some_and(|(found, left)| found == first && fits(rest, left)),
    }
}

/// A size in GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Gib(pub(super) u32);

impl Gib {
    /// `100G`: at most seven digits, without zeros before them.
    fn parse(text: &str) -> Option<Self> {
        let number = text.strip_suffix('G')?;
        let is_plain = all_bytes(number, 7, |b| b.is_ascii_digit()) && !number.starts_with('0');
        is_plain.then(|| number.parse().ok().map(Self)).flatten()
    }

    pub(super) fn bytes(self) -> u64 {
        u64::from(self.0) << 30
    }
}

/// One word of a rule, with one canonical text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Word {
    /// `smallest`, `largest`.
    Order(DiskOrder),
    /// `min=100G`.
    Min(Gib),
    /// `max=100G`.
    Max(Gib),
    /// `bus=sas`, `not-bus=sas`.
    Bus { excludes: bool, bus: DiskBus },
    /// `kind=ssd`.
    Kind(DiskKind),
    /// `model=PERC*`, `not-model=PERC*`. Machines have several disks of one model, so it names none.
    Model { excludes: bool, pattern: Pattern },
    /// `serial=S3Z*`, `not-wwn=naa.5000*`.
    Name { excludes: bool, of: DiskIdentifier, pattern: Pattern },
}

impl Word {
    pub(super) fn parse(word: &str) -> Option<Self> {
        let Some((key, value)) = word.split_once('=') else {
            return word.parse().ok().map(Self::Order);
        };
        let (excludes, plain) = key.strip_prefix("not-").map_or((false, key), |plain| (true, plain));
        match plain {
            "min" if !excludes => Gib::parse(value).map(Self::Min),
            "max" if !excludes => Gib::parse(value).map(Self::Max),
            "kind" if !excludes => value.parse().ok().map(Self::Kind),
            "model" => Pattern::parse(value).map(|pattern| Self::Model { excludes, pattern }),
            "bus" => value.parse().ok().map(|bus| Self::Bus { excludes, bus }),
            _ => Some(Self::Name { excludes, of: plain.parse().ok()?, pattern: Pattern::parse(value)? }),
        }
    }

    /// Whether it names the disks that it fits, so that a disk on any bus may be one of them.
    ///
    /// A pattern does not: it was written for other disks, and must not take a stick that somebody left in the machine.
    pub(super) fn names_disks(&self) -> bool {
        match self {
            Self::Bus { excludes, .. } => !excludes,
            Self::Name { excludes, pattern, .. } => !excludes && pattern.is_whole(),
            Self::Order(_) | Self::Min(_) | Self::Max(_) | Self::Kind(_) | Self::Model { .. } => false,
        }
    }

    /// The word that excludes what this one asks for.
    pub(super) fn opposite(&self) -> Option<Self> {
        match self.clone() {
            Self::Bus { excludes: false, bus } => Some(Self::Bus { excludes: true, bus }),
            Self::Name { excludes: false, of, pattern } => Some(Self::Name { excludes: true, of, pattern }),
            Self::Model { excludes: false, pattern } => Some(Self::Model { excludes: true, pattern }),
            _ => None,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |excludes: &bool| if *excludes { "not-" } else { "" };
        match self {
            Self::Order(order) => order.fmt(f),
            Self::Min(Gib(gib)) => write!(f, "min={gib}G"),
            Self::Max(Gib(gib)) => write!(f, "max={gib}G"),
            Self::Bus { excludes, bus } => write!(f, "{}bus={bus}", not(excludes)),
            Self::Kind(kind) => write!(f, "kind={kind}"),
            Self::Model { excludes, pattern } => write!(f, "{}model={}", not(excludes), pattern.as_str()),
            Self::Name { excludes, of, pattern } => write!(f, "{}{of}={}", not(excludes), pattern.as_str()),
        }
    }
}
