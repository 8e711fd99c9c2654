// SPDX-License-Identifier: GPL-3.0-or-later
//! The first digits of a MAC: a maker's block (IEEE MA-L, MA-M, MA-S) or a site's own numbering.

use super::{Invalid, MacAddr, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// 2 to 11 hex digits. Canonical text: lower case, without separators.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MacPrefix(String);

impl MacPrefix {
    /// Whether the address begins with it.
    pub fn matches(&self, mac: MacAddr) -> bool {
        mac.to_string().starts_with(&self.0)
    }

    /// How many digits it has: the more, the more specific.
    pub fn digits(&self) -> usize {
        self.0.len()
    }
}

impl FromStr for MacPrefix {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-')).collect::<String>().to_ascii_lowercase();
        if !(2..=11).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Invalid::new("MAC prefix", text, "expected 2 to 11 hex digits, such as 52:54:00"));
        }
        Ok(Self(digits))
    }
}

impl fmt::Display for MacPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!(MacPrefix);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        let prefix: MacPrefix = "52:54:00:A".parse().unwrap();
        assert_eq!((prefix.to_string().as_str(), prefix.digits()), ("525400a", 7));
        assert!(prefix.matches("525400a00001".parse().unwrap()));
        assert!(!prefix.matches("525400000001".parse().unwrap()));
        for bad in ["", "5", "zz", "525400000001", "+5"] {
            assert!(bad.parse::<MacPrefix>().is_err(), "{bad:?}");
        }
    }
}
