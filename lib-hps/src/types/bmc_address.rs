// SPDX-License-Identifier: GPL-3.0-or-later
//! Where a BMC answers: an address or a name, and a port if it is not the usual one.

use super::{DomainName, HostName, Invalid, serde_as_text};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// `10.0.9.7`, `bmc-7.example:8443` or `[fd00::7]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BmcAddress {
    host: String,
    port: Option<u16>,
}

impl BmcAddress {
    /// The address or the name, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if one is named.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

/// Whether it is a name of DNS: one label or several.
fn is_name(text: &str) -> bool {
    // Digits and dots alone are an address with a mistake.
    let is_numeric = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    !is_numeric && (text.parse::<HostName>().is_ok() || text.parse::<DomainName>().is_ok())
}

impl FromStr for BmcAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "address of a BMC",
                text,
                "expected an address or a name, and a port if needed, such as 10.0.9.7 or bmc-7.example:8443",
            )
        };
        let port = |text: &str| text.parse().ok().filter(|port| *port != 0).ok_or_else(invalid);
        if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']').ok_or_else(invalid)?;
            let address: Ipv6Addr = host.parse().map_err(|_| invalid())?;
            let port = match rest.strip_prefix(':') {
                Some(digits) => Some(port(digits)?),
                None if rest.is_empty() => None,
                None => return Err(invalid()),
            };
            return Ok(Self { host: address.to_string(), port });
        }
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Ok(Self { host: address.to_string(), port: None });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, digits)) => (host, Some(port(digits)?)),
            None => (text, None),
        };
        let host = host.to_ascii_lowercase();
        if host.parse::<Ipv4Addr>().is_err() && !is_name(&host) {
            return Err(invalid());
        }
        Ok(Self { host, port })
    }
}

impl fmt::Display for BmcAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]", self.host)?,
            false => f.write_str(&self.host)?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

serde_as_text!(BmcAddress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names() {
        for (text, canonical) in [
            ("10.0.9.7", "10.0.9.7"),
            ("10.0.9.7:8443", "10.0.9.7:8443"),
            ("BMC-7.Example", "bmc-7.example"),
            ("bmc7:1", "bmc7:1"),
            ("fd00::7", "[fd00::7]"),
            ("[fd00:0::7]:443", "[fd00::7]:443"),
        ] {
            assert_eq!(text.parse::<BmcAddress>().unwrap().to_string(), canonical);
        }
        for bad in [
            "",
            ":",
            "10.0.9",
            "10.0.9.300",
            "a b",
            "user@bmc",
            "bmc:0",
            "bmc:65536",
            "bmc:",
            "[fd00::7",
            "[fd00::7]x",
            "bmc/x",
            "-bmc",
            "bmc:1:2",
            "10.0.9.7/24",
            "bmc?x",
            "..",
        ] {
            assert!(bad.parse::<BmcAddress>().is_err(), "{bad:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_accepted_reads_itself(text in ".{0,40}") {
            if let Ok(address) = text.parse::<BmcAddress>() {
                assert_eq!(address.to_string().parse::<BmcAddress>().unwrap(), address);
            }
        }
    }
}
