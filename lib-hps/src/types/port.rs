// SPDX-License-Identifier: GPL-3.0-or-later
//! Ports that a firewall opens.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// `80/tcp`, or a run of them: `8000-8010/udp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ports {
    first: u16,
    last: u16,
    udp: bool,
}

impl Ports {
    /// From the lowest to the highest, of TCP.
    pub const fn tcp(first: u16, last: u16) -> Self {
        Self { first, last, udp: false }
    }

    /// `tcp` or `udp`.
    pub fn protocol(self) -> &'static str {
        if self.udp { "udp" } else { "tcp" }
    }

    /// `80`, or `8000-8010`.
    pub fn range(self) -> String {
        if self.first == self.last { self.first.to_string() } else { format!("{}-{}", self.first, self.last) }
    }
}

impl FromStr for Ports {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("port", text, "expected one such as 80/tcp or 8000-8010/udp");
        let (range, protocol) = text.split_once('/').ok_or_else(invalid)?;
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse::<u16>().ok()).flatten().filter(|port| *port > 0).ok_or_else(invalid)
        };
        let udp = match protocol {
            "tcp" => false,
            "udp" => true,
            _ => return Err(invalid()),
        };
        let (first, last) = (number(first)?, number(last)?);
        if first > last { Err(invalid()) } else { Ok(Self { first, last, udp }) }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.range(), self.protocol())
    }
}

serde_as_text!(Ports);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for good in ["80/tcp", "8000-8010/udp"] {
            assert_eq!(good.parse::<Ports>().unwrap().to_string(), good);
        }
        for bad in ["", "80", "/tcp", "0/tcp", "80/", "80/sctp", "9-8/tcp", "+1/tcp", "80-/tcp", "65536/tcp"] {
            assert!(bad.parse::<Ports>().is_err(), "{bad:?}");
        }
    }
}
