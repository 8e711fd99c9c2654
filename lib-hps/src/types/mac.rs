// SPDX-License-Identifier: GPL-3.0-or-later
//! The hardware address of a network interface (IEEE 802, EUI-48).

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// An EUI-48 unicast address. Canonical text: 12 lower-case hex digits, as in the names of host files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr([u8; 6]);

const RULE: &str = "expected 12 hex digits of a unicast address, such as 52:54:00:12:34:56 or 5254.0012.3456";

impl MacAddr {
    /// The first octets of a MAC with which HPS itself asks for DHCP servers: locally administered, and "HPS" in ASCII.
    pub const DISCOVERY_PREFIX: [u8; 4] = [0x02, b'H', b'P', b'S'];

    /// Whether it is a MAC of a discovery of HPS, and of no machine.
    pub fn is_of_discovery(self) -> bool {
        self.0.starts_with(&Self::DISCOVERY_PREFIX)
    }

    /// `None` for a group address and for the address of zeros, which no card has.
    pub fn from_octets(octets: [u8; 6]) -> Option<Self> {
        let [first, ..] = octets;
        (first & 1 == 0 && octets != [0; 6]).then_some(Self(octets))
    }

    /// The octets, in the order in which they are sent.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }

    /// With colons, as dnsmasq, `ip` and people write it.
    pub fn colons(self) -> String {
        self.pairs(':')
    }

    /// With dashes, as in `BOOTIF` of dracut (after the hardware type `01-`).
    pub fn dashes(self) -> String {
        self.pairs('-')
    }

    fn pairs(self, separator: char) -> String {
        let mut text = String::with_capacity(17);
        for (index, octet) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(separator);
            }
            text.push_str(&format!("{octet:02x}"));
        }
        text
    }
}

impl FromStr for MacAddr {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("MAC address", text, RULE);
        let bytes = text.as_bytes();
        let digits: Vec<u8> = match bytes.len() {
            12 => bytes.to_vec(),
            // As switches of Cisco write it.
            14 if bytes.get(4) == Some(&b'.') && bytes.get(9) == Some(&b'.') => {
                bytes.iter().enumerate().filter(|(index, _)| index % 5 != 4).map(|(_, byte)| *byte).collect()
            }
            17 => {
                let separator = bytes.get(2).copied().filter(|b| matches!(b, b':' | b'-')).ok_or_else(invalid)?;
                let mut digits = Vec::with_capacity(12);
                for (index, byte) in bytes.iter().enumerate() {
                    match index % 3 {
                        2 if *byte == separator => {}
                        2 => return Err(invalid()),
                        _ => digits.push(*byte),
                    }
                }
                digits
            }
            _ => return Err(invalid()),
        };
        let mut octets = [0u8; 6];
        for (octet, pair) in octets.iter_mut().zip(digits.chunks(2)) {
            for digit in pair {
                let value = (*digit as char).to_digit(16).and_then(|v| u8::try_from(v).ok()).ok_or_else(invalid)?;
                *octet = *octet << 4 | value;
            }
        }
        Self::from_octets(octets).ok_or_else(invalid)
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for octet in self.0 {
            write!(f, "{octet:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

serde_as_text!(MacAddr);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_the_same_address() {
        for text in ["525400123abc", "52:54:00:12:3a:bc", "52-54-00-12-3A-BC", "525400123ABC", "5254.0012.3ABC"] {
            let mac: MacAddr = text.parse().unwrap();
            assert_eq!(mac.to_string(), "525400123abc", "{text}");
            assert_eq!(mac.colons(), "52:54:00:12:3a:bc");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "52540012345",
            "5254001234567",
            "52:54:00:12:34-56",
            "52:54:0:12:34:56:",
            "+25400123456",
            "52540012345g",
            "000000000000",
            "ffffffffffff",
            "01:00:5e:00:00:01",
            "5254001234\u{e9}",
            "52:54:00:12:34:5",
            "../../etc/pas",
            "525400123456\n",
            "5254.00123.456",
            "5254.0012:3456",
            "5254.00.12.345",
        ] {
            assert!(text.parse::<MacAddr>().is_err(), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn text_survives_a_round_trip(octets: [u8; 6]) {
            let text: String = octets.iter().map(|o| format!("{o:02x}")).collect();
            if let Ok(mac) = text.parse::<MacAddr>() {
                proptest::prop_assert_eq!(mac.to_string(), text);
                proptest::prop_assert_eq!(mac.colons().parse::<MacAddr>().unwrap(), mac);
            }
        }

        #[test]
        fn any_text_is_answered(text: String) {
            let _parsed = text.parse::<MacAddr>();
        }
    }
}
