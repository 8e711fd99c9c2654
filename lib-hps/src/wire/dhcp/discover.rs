// SPDX-License-Identifier: GPL-3.0-or-later

use super::{ClientKind, HEAD_BYTES, MAGIC, code};
use crate::types::MacAddr;

/// Servers and relays of BOOTP's time drop shorter messages (RFC 1542, section 2.1).
const MIN_BYTES: usize = 300;
/// Answers go to all, because this client has no address and its MAC is that of no card.
const BROADCAST: u16 = 0x8000;
/// DHCPDISCOVER (RFC 2132, section 9.6).
const DISCOVER: u8 = 1;
/// The options that firmware asks for, and those that tell what a server is.
const WANTED: [u8; 11] = [1, 3, 6, 15, 28, 43, 51, 54, 60, 66, 67];

/// A DHCPDISCOVER: a question that takes no address. HPS never sends the DHCPREQUEST that would follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discover {
    /// The number that an answer repeats.
    pub xid: u32,
    /// The hardware address of the client.
    pub mac: MacAddr,
    /// What the client tells of itself.
    pub kind: ClientKind,
    /// The UUID of the machine, for option 97.
    pub uuid: [u8; 16],
}

impl Discover {
    /// The message, as it follows the UDP header.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MIN_BYTES);
        // BOOTREQUEST, Ethernet, 6 octets of address, no relay yet.
        bytes.extend([1, 1, 6, 0]);
        bytes.extend(self.xid.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(BROADCAST.to_be_bytes());
        // ciaddr, yiaddr, siaddr, giaddr.
        bytes.extend([0; 16]);
        bytes.extend(self.mac.octets());
        bytes.resize(HEAD_BYTES - MAGIC.len(), 0);
        bytes.extend(MAGIC);
        option(&mut bytes, code::MESSAGE_TYPE, &[DISCOVER]);
        option(&mut bytes, code::MAX_MESSAGE, &1472_u16.to_be_bytes());
        option(&mut bytes, code::PARAMETER_LIST, &WANTED);
        if let Some(class) = self.kind.vendor_class() {
            option(&mut bytes, code::VENDOR_CLASS, class.as_bytes());
        }
        if let Some(architecture) = self.kind.architecture() {
            option(&mut bytes, code::ARCHITECTURE, &architecture.to_be_bytes());
            // UNDI, version 3.16.
            option(&mut bytes, code::NETWORK_INTERFACE, &[1, 3, 16]);
            let mut uuid = vec![0];
            uuid.extend(self.uuid);
            option(&mut bytes, code::MACHINE_UUID, &uuid);
        }
        if self.kind.is_ipxe() {
            option(&mut bytes, code::USER_CLASS, b"iPXE");
            // What iPXE itself sends begins with its priority (iPXE, "DHCP option space").
            option(&mut bytes, code::IPXE, &[1, 1, 0]);
        }
        bytes.push(code::END);
        bytes.resize(bytes.len().max(MIN_BYTES), code::PAD);
        bytes
    }
}

/// Every value here has at most 255 bytes.
fn option(bytes: &mut Vec<u8>, code: u8, value: &[u8]) {
    if let Ok(length) = u8::try_from(value.len()) {
        bytes.extend([code, length]);
        bytes.extend(value);
    }
}
