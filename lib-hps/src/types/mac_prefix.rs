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

    /// The whole bytes that an address may begin with: one, or 16 where the last byte has one digit.
    pub fn first_bytes(&self) -> Vec<Vec<u8>> {
        let value = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default();
        let digits: Vec<u8> = self.0.chars().map(value).collect();
        let whole: Vec<u8> =
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
        match digits.chunks_exact(2).remainder() {
            [high] => (0..16).map(|low| whole.iter().copied().chain([high << 4 | low]).collect()).collect(),
            _ => vec![whole],
        }
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
