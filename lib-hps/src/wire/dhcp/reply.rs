// SPDX-License-Identifier: GPL-3.0-or-later

use super::options::Options;
use super::text::text;
use super::{HEAD_BYTES, MAGIC, code};
use crate::types::{Line, MacAddr};
use std::net::Ipv4Addr;

/// Where `sname`, `file` and the magic number are in a message (RFC 2131, section 2).
const SNAME: std::ops::Range<usize> = 44..108;
const FILE: std::ops::Range<usize> = 108..236;
const COOKIE: std::ops::Range<usize> = 236..HEAD_BYTES;
/// DHCPOFFER (RFC 2132, section 9.6).
const OFFER: u8 = 2;

/// What a server replied to a DISCOVER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The number of the question.
    pub xid: u32,
    /// The hardware address of the client.
    pub mac: MacAddr,
    /// The address that the client may have; `None` in a reply that gives none, such as that of a proxyDHCP server.
    pub address: Option<Ipv4Addr>,
    /// Option 54.
    pub server_identifier: Option<Ipv4Addr>,
    /// Where the boot file is: `siaddr`.
    pub next_server: Option<Ipv4Addr>,
    /// The name of that server: option 66 or `sname`.
    pub server_name: Option<Line>,
    /// Option 67 or `file`.
    pub boot_file: Option<Line>,
    /// Option 60.
    pub vendor_class: Option<Line>,
}

impl Reply {
    /// Reads an OFFER, or the reply of a BOOTP server, which has no message type. `None` for all other bytes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let [2, 1, 6, _, rest @ ..] = bytes else { return None };
        if bytes.get(COOKIE) != Some(&MAGIC[..]) {
            return None;
        }
        let xid = u32::from_be_bytes(*rest.first_chunk()?);
        let octets: [u8; 6] = bytes.get(28..34)?.try_into().ok()?;
        let (sname, file) = (bytes.get(SNAME)?, bytes.get(FILE)?);
        let mut options = Options::default();
        options.add(bytes.get(HEAD_BYTES..)?);
        // The two fields hold options if option 52 says so, `file` first (RFC 2132, section 9.3).
        let overload = options.exact::<1>(code::OVERLOAD).map_or(0, |[fields]| fields);
        let (in_file, in_sname) = (overload & 1 != 0, overload & 2 != 0);
        if in_file {
            options.add(file);
        }
        if in_sname {
            options.add(sname);
        }
        if options.exact::<1>(code::MESSAGE_TYPE).is_some_and(|[kind]| kind != OFFER) {
            return None;
        }
        let address =
            |at: usize| bytes.get(at..at + 4).and_then(|octets| <[u8; 4]>::try_from(octets).ok()).and_then(given);
        Some(Self {
            xid,
            mac: MacAddr::from_octets(octets)?,
            address: address(16),
            server_identifier: options.exact::<4>(code::SERVER_IDENTIFIER).and_then(given),
            next_server: address(20),
            server_name: options.get(code::SERVER_NAME).and_then(text).or_else(|| text(sname).filter(|_| !in_sname)),
            boot_file: options.get(code::BOOT_FILE).and_then(text).or_else(|| text(file).filter(|_| !in_file)),
            vendor_class: options.get(code::VENDOR_CLASS).and_then(text),
        })
    }

    /// Whether this server gives only boot files and leaves addresses to another server (PXE specification 2.1,
    /// section 2.2.3).
    pub fn is_proxy(&self) -> bool {
        let is_pxe = |class: &Line| class.as_str().starts_with("PXEClient") || class.as_str().starts_with("HTTPClient");
        self.address.is_none() && self.vendor_class.as_ref().is_some_and(is_pxe)
    }
}

/// An address other than 0.0.0.0, which means none.
fn given(octets: [u8; 4]) -> Option<Ipv4Addr> {
    (octets != [0; 4]).then(|| Ipv4Addr::from(octets))
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
