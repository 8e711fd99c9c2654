// SPDX-License-Identifier: GPL-3.0-or-later
//! A length of time as people write it in settings: `90s`, `45m`, `24h`, `7d`, `1w`, `2 hours`.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// Whole seconds, at least one, at most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u64);

/// The units in which a length is written, from the largest.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// The words of people for units; a word of several letters may end with `s`.
const WORDS: [(&str, u64); 12] = [
    ("w", 604_800),
    ("week", 604_800),
    ("d", 86_400),
    ("day", 86_400),
    ("h", 3_600),
    ("hour", 3_600),
    ("m", 60),
    ("min", 60),
    ("minute", 60),
    ("s", 1),
    ("sec", 1),
    ("second", 1),
];
const MAX_SECONDS: u64 = 3_650 * 86_400;

impl Lifetime {
    /// One hour.
    pub const HOUR: Self = Self(3_600);
    /// 24 hours.
    pub const DAY: Self = Self(86_400);
    /// 4 hours.
    pub const FOUR_HOURS: Self = Self(4 * 3_600);

    /// In seconds.
    pub fn as_secs(self) -> u64 {
        self.0
    }

    /// `None` if it is zero or over ten years.
    pub const fn from_secs(seconds: u64) -> Option<Self> {
        if seconds == 0 || seconds > MAX_SECONDS { None } else { Some(Self(seconds)) }
    }
}

impl FromStr for Lifetime {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parse = || {
            let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
            let unit = unit.strip_prefix(' ').unwrap_or(unit);
            // `M` may be meant as months.
            let unit = if unit.len() > 1 { unit.to_ascii_lowercase() } else { unit.to_owned() };
            let one = unit.strip_suffix('s').filter(|one| one.len() > 1).unwrap_or(&unit);
            let (_, factor) = WORDS.into_iter().find(|(word, _)| *word == one)?;
            let number: u64 = digits.parse().ok()?;
            Self::from_secs(number.checked_mul(factor)?)
        };
        parse().ok_or_else(|| {
            Invalid::new("duration", text, "expected a number and w, d, h, m or s, such as 24h, at most 3650d")
        })
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS.into_iter().find(|(_, factor)| self.0.is_multiple_of(*factor)).unwrap_or(('s', 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

serde_as_text!(Lifetime);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form() {
        for (text, seconds, shown) in [
            ("24h", 86_400, "1d"),
            ("90s", 90, "90s"),
            ("45m", 2_700, "45m"),
            ("1w", 604_800, "7d"),
            ("2 hours", 7_200, "2h"),
            ("1 Day", 86_400, "1d"),
            ("30min", 1_800, "30m"),
            ("1 sec", 1, "1s"),
        ] {
            let lifetime: Lifetime = text.parse().unwrap();
            assert_eq!((lifetime.as_secs(), lifetime.to_string().as_str()), (seconds, shown));
        }
        for bad in [
            "",
            "h",
            "0s",
            "1",
            "-1h",
            "+1h",
            "1y",
            "1M",
            "1ms",
            "1ws",
            "2  hours",
            "1 h 2 m",
            "hours",
            "1 ",
            "\u{661}h",
            "99999999999999999999d",
            "3651d",
        ] {
            assert!(bad.parse::<Lifetime>().is_err(), "{bad:?}");
        }
    }
}
