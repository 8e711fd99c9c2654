// SPDX-License-Identifier: GPL-3.0-or-later
//! A release of a distribution, and the releases that a mirror lists.

use crate::types::Invalid;
use std::fmt;
use std::str::FromStr;

/// A release, such as 10.1. Compared as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// 10
    pub major: u32,
    /// 1
    pub minor: u32,
}

/// The releases in the listing of a mirror's root, in any form: every link to a folder `N.N/`.
pub(super) fn releases_in(listing: &str) -> Vec<Release> {
    let mut releases: Vec<Release> = listing
        .to_ascii_lowercase()
        .split("href=")
        .skip(1)
        .filter_map(|rest| {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let target = rest.get(1..)?.split(quote).next()?;
            // A mirror may write the whole path.
            target.strip_suffix('/')?.rsplit('/').next()?.parse().ok()
        })
        .collect();
    releases.sort_unstable();
    releases.dedup();
    releases
}

/// A number of a release, of at most three digits.
pub(super) fn number(text: &str) -> Option<u32> {
    (1..=3).contains(&text.len()).then_some(text).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

impl FromStr for Release {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split_once('.')
            .and_then(|(major, minor)| Some(Self { major: number(major)?, minor: number(minor)? }))
            .ok_or_else(|| Invalid::new("release", text, "expected two numbers, such as 10.1"))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_numbers() {
        let release = |text: &str| text.parse::<Release>().unwrap();
        assert!(release("10.10") > release("10.9"));
        assert_eq!(release("10.1").to_string(), "10.1");
        for bad in ["", "10", "10.", ".1", "10.1.2", "10.1-beta", "+1.2", "1000.1", "10.1 "] {
            assert!(bad.parse::<Release>().is_err(), "{bad:?}");
        }
    }
}
