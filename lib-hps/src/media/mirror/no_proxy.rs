// SPDX-License-Identifier: GPL-3.0-or-later
//! `no_proxy`: which hosts are reached without a proxy, as curl(1) reads it (--noproxy). Like other programs, it also
//! accepts a port after a host, and `*.` before a domain.

use std::net::{IpAddr, Ipv6Addr};

/// The hosts that need no proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    what: What,
    /// `None` means each of its ports.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    All,
    /// A name, and all names that end in a dot and it; in lower case.
    Name(String),
    /// The addresses that begin with this many of these bits.
    Network(IpAddr, u32),
}

impl NoProxy {
    /// Entries are separated by commas, blanks or both. An entry that is not a name, address or network matches
    /// nothing.
    pub(super) fn parse(text: &str) -> Self {
        let words = text.split([',', ' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
        Self(words.filter_map(Entry::parse).collect())
    }

    /// Whether the host of an address (without brackets) needs no proxy.
    pub(super) fn has(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.parse::<IpAddr>().ok();
        self.0.iter().any(|entry| entry.port.is_none_or(|of| of == port) && entry.what.has(&host, address))
    }
}

impl Entry {
    fn parse(word: &str) -> Option<Self> {
        if word == "*" {
            return Some(Self { what: What::All, port: None });
        }
        if let Some(network) = network(word) {
            return Some(Self { what: network, port: None });
        }
        let (name, port) = match word.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (word, None),
        };
        if let Some(network) = network(name) {
            return Some(Self { what: network, port });
        }
        let name = name.strip_prefix('*').unwrap_or(name);
        let name = name.trim_start_matches('.').trim_end_matches('.').to_ascii_lowercase();
        (!name.is_empty() && !name.contains(['*', ':', '/'])).then_some(Self { what: What::Name(name), port })
    }
}

impl What {
    fn has(&self, host: &str, address: Option<IpAddr>) -> bool {
        match (self, address) {
            (Self::All, _) => true,
            (Self::Network(network, bits), Some(address)) => begins_as(address, *network, *bits),
            // A name is not part of an address: `2` does not mean 192.0.2.2.
            (Self::Network(..), None) | (Self::Name(_), Some(_)) => false,
            (Self::Name(name), None) => {
                host.strip_suffix(name.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
        }
    }
}

/// `192.0.2.0/24`, `192.0.2.1`, `2001:db8::/32`, with or without brackets around an address of IPv6.
fn network(word: &str) -> Option<What> {
    let (address, bits) = match word.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
        None => (word, None),
    };
    let inside = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address: IpAddr = match inside {
        Some(inside) => IpAddr::V6(inside.parse::<Ipv6Addr>().ok()?),
        None => address.parse().ok()?,
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some(What::Network(address, bits))
}

fn begins_as(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let differ = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => return false,
    };
    differ >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_needs_no_proxy() {
        for (text, host, yes) in [
            ("mirror.example", "mirror.example", true),
            ("mirror.example", "MIRROR.example.", true),
            ("example", "mirror.example", true),
            (".example", "mirror.example", true),
            (".example", "example", true),
            ("*.example", "mirror.example", true),
            ("mirror.example.", "mirror.example", true),
            ("rror.example", "mirror.example", false),
            ("mirror.example", "example", false),
            ("other, mirror.example", "mirror.example", true),
            (" other ,\tmirror.example ", "mirror.example", true),
            ("other mirror.example", "mirror.example", true),
            (",,mirror.example,,", "mirror.example", true),
            ("*", "mirror.example", true),
            ("other,*", "mirror.example", true),
            ("", "mirror.example", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.0/24", "192.0.2.7", true),
            ("192.0.2.0/25", "192.0.2.200", false),
            ("0.0.0.0/0", "192.0.2.7", true),
            ("0.0.0.0/0", "mirror.example", false),
            ("192.0.2.0/33", "192.0.2.7", false),
            ("2.7", "192.0.2.7", false),
            ("2001:db8::/32", "2001:db8::7", true),
            ("[2001:db8::7]", "2001:db8::7", true),
            ("2001:db8::7", "2001:db8::8", false),
            ("192.0.2.0/24", "2001:db8::7", false),
            ("mirror.example:80", "mirror.example", true),
            ("mirror.example:8080", "mirror.example", false),
            ("192.0.2.7:80", "192.0.2.7", true),
            ("[2001:db8::7]:80", "2001:db8::7", true),
            ("[2001:db8::7]:81", "2001:db8::7", false),
            ("mirror.example:", "mirror.example", false),
            (".", "mirror.example", false),
        ] {
            assert_eq!(NoProxy::parse(text).has(host, 80), yes, "{text:?} {host}");
        }
    }
}
