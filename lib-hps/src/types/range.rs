// SPDX-License-Identifier: GPL-3.0-or-later
//! A run of IPv4 addresses, both ends included: `10.0.0.20-10.0.0.99`.

use super::{Invalid, serde_as_text};
use ipnet::Ipv4Net;
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// First and last address, the first not above the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv4Range {
    first: Ipv4Addr,
    last: Ipv4Addr,
}

impl Ipv4Range {
    /// `None` if `first` is above `last`.
    pub fn new(first: Ipv4Addr, last: Ipv4Addr) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The lowest address.
    pub fn first(self) -> Ipv4Addr {
        self.first
    }

    /// The highest address.
    pub fn last(self) -> Ipv4Addr {
        self.last
    }

    /// Whether the address is one of them.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        self.first <= address && address <= self.last
    }

    /// Whether any address is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether all of them are host addresses of the network (not its own and not the broadcast address).
    pub fn is_hosts_of(self, network: &Ipv4Net) -> bool {
        network.contains(&self.first)
            && network.contains(&self.last)
            && self.first != network.network()
            && self.last != network.broadcast()
    }

    /// How many there are.
    pub fn count(self) -> usize {
        usize::try_from(u32::from(self.last) - u32::from(self.first)).unwrap_or(usize::MAX).saturating_add(1)
    }

    /// Each address, from the first.
    pub fn iter(self) -> impl Iterator<Item = Ipv4Addr> {
        (u32::from(self.first)..=u32::from(self.last)).map(Ipv4Addr::from)
    }
}

impl FromStr for Ipv4Range {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split_once('-')
            .and_then(|(first, last)| Self::new(first.trim().parse().ok()?, last.trim().parse().ok()?))
            .ok_or_else(|| {
                Invalid::new(
                    "address range",
                    text,
                    "expected FIRST-LAST, such as 10.0.0.20-10.0.0.99, first not above last",
                )
            })
    }
}

impl fmt::Display for Ipv4Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

serde_as_text!(Ipv4Range);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let range: Ipv4Range = "10.0.0.20-10.0.0.22".parse().unwrap();
        assert_eq!((range.iter().count(), range.count()), (3, 3));
        assert_eq!(range.to_string(), "10.0.0.20-10.0.0.22");
        assert!(range.is_hosts_of(&"10.0.0.0/24".parse().unwrap()));
        assert!(!"10.0.0.0-10.0.0.22".parse::<Ipv4Range>().unwrap().is_hosts_of(&"10.0.0.0/24".parse().unwrap()));
        for bad in ["", "10.0.0.2", "10.0.0.9-10.0.0.2", "a-b", "10.0.0.1-10.0.0.2-10.0.0.3"] {
            assert!(bad.parse::<Ipv4Range>().is_err(), "{bad:?}");
        }
        let all: Ipv4Range = "0.0.0.0-255.255.255.255".parse().unwrap();
        assert!(all.iter().next().is_some());
    }
}
