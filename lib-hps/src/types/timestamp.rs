// SPDX-License-Identifier: GPL-3.0-or-later
//! A moment, in whole seconds since 1970 (UTC). Canonical text: RFC 3339, `2026-11-22T10:00:00Z`.

use super::{Invalid, Lifetime, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// Seconds since the epoch. The library never reads the clock: the two edges pass it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 9999-12-30, the last day that the time library can write in every zone.
const LAST: i64 = 253_402_128_000;

impl Timestamp {
    /// From seconds since the epoch; a value outside the years 1970 to 9999 becomes the nearer limit.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(0, LAST))
    }

    /// Seconds since the epoch, never negative.
    pub fn as_unix(self) -> u64 {
        u64::try_from(self.0).unwrap_or_default()
    }

    /// Now, by the system's clock. For the two edges only.
    pub fn now() -> Self {
        Self::from_unix(jiff::Timestamp::now().as_second())
    }

    /// This moment plus `lifetime`.
    pub fn plus(self, lifetime: Lifetime) -> Self {
        Self::from_unix(self.0.saturating_add(i64::try_from(lifetime.as_secs()).unwrap_or(LAST)))
    }

    /// The first full hour that is not before this.
    pub fn next_full_hour(self) -> Self {
        Self::from_unix(self.0.saturating_add(3_599) / 3_600 * 3_600)
    }

    /// Seconds from `earlier` to this; 0 if the clock went back.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or_default()
    }

    /// `20261122T100000Z`, for names of folders.
    pub fn compact(self) -> String {
        self.to_string().replace(['-', ':'], "")
    }
}

impl FromStr for Timestamp {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(|t| t.as_second())
            .filter(|seconds| (0..=LAST).contains(seconds))
            .map(Self)
            .ok_or_else(|| Invalid::new("time", text, "expected RFC 3339, such as 2026-11-22T10:00:00Z"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        jiff::Timestamp::from_second(self.0).unwrap_or_default().fmt(f)
    }
}

serde_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form() {
        let time: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-22T10:00:00Z");
        assert_eq!(time.compact(), "20261122T100000Z");
        assert_eq!("2026-11-22T12:00:00+02:00".parse::<Timestamp>().unwrap(), time);
        assert!("yesterday".parse::<Timestamp>().is_err());
        assert_eq!(Timestamp::from_unix(i64::MAX).plus("1h".parse().unwrap()).to_string(), "9999-12-30T00:00:00Z");
    }
}
