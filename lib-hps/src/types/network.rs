// SPDX-License-Identifier: GPL-3.0-or-later
//! An IPv4 address with the length of its network's prefix (RFC 4632): `10.0.0.1/24`.

use super::Invalid;
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The shortest prefix: no site has a network larger than 10.0.0.0/8.
const MIN_PREFIX: u8 = 8;
/// The longest one in which hosts have addresses.
const MAX_PREFIX: u8 = 30;

const RULE: &str = "expected an IPv4 address and the length of its prefix, such as 10.0.0.1/24 (without leading zeros, a prefix of 8 to 30, an address that hosts can have)";

/// Reads one. Each number has only one spelling: some programs read `010` as 8, so leading zeros are refused.
///
/// # Errors
/// When it is not such a text, or not an address of hosts.
pub fn network(text: &str) -> Result<Ipv4Net, Invalid> {
    let parse = || {
        let (address, prefix) = text.split_once('/')?;
        let plain = prefix.bytes().all(|b| b.is_ascii_digit()) && !prefix.starts_with('0');
        let prefix: u8 = plain.then(|| prefix.parse().ok())??;
        let address: Ipv4Addr = address.parse().ok().filter(|address| is_of_hosts(*address))?;
        (MIN_PREFIX..=MAX_PREFIX).contains(&prefix).then(|| Ipv4Net::new(address, prefix).ok())?
    };
    parse().ok_or_else(|| Invalid::new("address", text, RULE))
}

/// Whether a machine can have the address: not 0/8, 127/8, and below 224 (RFC 6890).
pub fn is_of_hosts(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    !matches!(first, 0 | 127 | 224..)
}

/// The same for serde.
///
/// # Errors
/// As [`network`].
pub fn network_by_serde<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Ipv4Net, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(from)?;
    // Messages about files name key and value themselves.
    network(&text).map_err(|_| serde::de::Error::custom(RULE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_way_to_be_written() {
        for good in ["10.0.0.1/24", "10.99.0.0/16", "192.168.1.2/30", "10.0.0.1/8"] {
            assert_eq!(network(good).unwrap().to_string(), good);
        }
        for bad in [
            "10.0.0.1/0",
            "10.0.0.1/7",
            "10.0.0.1/31",
            "10.0.0.1/32",
            "10.0.0.1/33",
            "010.099.0.1/16",
            "10.0.0.01/16",
            "10.0.0.1/024",
            "10.0.0.1/+24",
            "10.0.0.1/",
            "10.0.0.1",
            "/24",
            "0.0.0.0/8",
            "127.0.0.1/8",
            "224.0.0.1/24",
            "255.255.255.255/24",
            " 10.0.0.1/24",
            "0x0a.0.0.1/24",
            "10.1/24",
            "::1/64",
        ] {
            assert!(network(bad).is_err(), "{bad:?}");
        }
    }
}
