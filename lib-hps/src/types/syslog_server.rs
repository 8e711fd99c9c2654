// SPDX-License-Identifier: GPL-3.0-or-later
//! The server for the logs of hosts.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// `10.0.0.5` (UDP, RFC 5426), `tcp:10.0.0.5` (RFC 6587), each with `:PORT` if it is not 514.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyslogServer {
    /// Its address.
    pub address: Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// Over TCP; otherwise UDP.
    pub tcp: bool,
}

const PORT: u16 = 514;

impl FromStr for SyslogServer {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("syslog server", text, "expected ADDRESS, ADDRESS:PORT, or either behind tcp:");
        let (tcp, rest) = text.strip_prefix("tcp:").map_or((false, text), |rest| (true, rest));
        let (address, port) = match rest.split_once(':') {
            None => (rest, PORT),
            Some((address, port)) => {
                let digits = port.bytes().all(|b| b.is_ascii_digit());
                (address, port.parse().ok().filter(|port| digits && *port > 0).ok_or_else(invalid)?)
            }
        };
        Ok(Self { address: address.parse().map_err(|_| invalid())?, port, tcp })
    }
}

impl fmt::Display for SyslogServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tcp {
            f.write_str("tcp:")?;
        }
        write!(f, "{}", self.address)?;
        if self.port == PORT { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

serde_as_text!(SyslogServer);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, back) in [
            ("10.0.0.5", "10.0.0.5"),
            ("10.0.0.5:514", "10.0.0.5"),
            ("10.0.0.5:6514", "10.0.0.5:6514"),
            ("tcp:10.0.0.5", "tcp:10.0.0.5"),
        ] {
            assert_eq!(text.parse::<SyslogServer>().unwrap().to_string(), back);
        }
        for bad in
            ["", "tcp:", "10.0.0.5:", "10.0.0.5:0", "10.0.0.5:+1", "10.0.0.5:65536", "host", "udp:10.0.0.5", "10.0.0"]
        {
            assert!(bad.parse::<SyslogServer>().is_err(), "{bad:?}");
        }
    }
}
