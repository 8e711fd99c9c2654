// SPDX-License-Identifier: GPL-3.0-or-later
//! Numbers of the link layer, each within its limits.

use std::fmt;

/// A number that is too small or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {what} of {least} to {most}")]
pub struct OutOfRange {
    what: &'static str,
    least: u16,
    most: u16,
}

/// A number of a file that is checked when it is read.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $least:literal..=$most:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub struct $name(u16);

        impl $name {
            /// The number.
            pub fn get(self) -> u16 {
                self.0
            }
        }
        impl TryFrom<i64> for $name {
            type Error = OutOfRange;
            fn try_from(number: i64) -> Result<Self, OutOfRange> {
                match u16::try_from(number) {
                    Ok(number @ $least..=$most) => Ok(Self(number)),
                    _ => Err(OutOfRange { what: $what, least: $least, most: $most }),
                }
            }
        }
        impl From<$name> for i64 {
            fn from(value: $name) -> Self {
                Self::from(value.0)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

bounded! {
    /// The largest packet of a link in bytes, without its Ethernet header. IPv4 needs 576; no switch supports more than
    /// 9216.
    Mtu, 576..=9216, "an MTU"
}

bounded! {
    /// The tag of a VLAN (IEEE 802.1Q); 0 and 4095 are reserved.
    VlanId, 1..=4094, "a VLAN"
}

bounded! {
    /// A network card of a host, by the place of its MAC in the host's record; the first is the one that names the record.
    NicPlace, 1..=16, "a place in the record's list of MACs"
}

impl NicPlace {
    /// Whether it is the card that names the record.
    pub fn is_first(self) -> bool {
        self.0 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        assert_eq!(Mtu::try_from(9_000).unwrap().get(), 9_000);
        assert_eq!(VlanId::try_from(4_095).unwrap_err().to_string(), "expected a VLAN of 1 to 4094");
        for bad in [-1, 0, 575, 9_217, i64::MAX] {
            assert!(Mtu::try_from(bad).is_err(), "{bad}");
        }
        assert!(NicPlace::try_from(0).is_err() && NicPlace::try_from(17).is_err());
        assert_eq!(i64::from(NicPlace::try_from(16).unwrap()), 16);
    }
}
