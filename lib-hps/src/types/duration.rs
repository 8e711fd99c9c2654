// SPDX-License-Identifier: GPL-3.0-or-later
//! A length of time as people write it in settings: `90s`, `45m`, `24h`, `7d`.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// Whole seconds, at least one, at most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u64);

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
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
            let unit = text.chars().last()?;
            let (_, factor) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
            let digits = text.strip_suffix(unit)?;
            let number: u64 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
            Self::from_secs(number.checked_mul(factor)?)
        };
        parse().ok_or_else(|| {
            Invalid::new("duration", text, "expected a number and d, h, m or s, such as 24h, at most 3650d")
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
        for (text, seconds, shown) in [("24h", 86_400, "1d"), ("90s", 90, "90s"), ("45m", 2_700, "45m")] {
            let lifetime: Lifetime = text.parse().unwrap();
            assert_eq!((lifetime.as_secs(), lifetime.to_string().as_str()), (seconds, shown));
        }
        for bad in ["", "h", "0s", "1", "-1h", "+1h", "1w", "99999999999999999999d", "3651d"] {
            assert!(bad.parse::<Lifetime>().is_err(), "{bad:?}");
        }
    }
}
