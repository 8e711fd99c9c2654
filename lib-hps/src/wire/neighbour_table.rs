// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernel's neighbour table (arp(7)), asked by RTM_GETNEIGH (rtnetlink(7)), which needs no root and costs the same
//! however many entries there are.

use crate::types::{InterfaceName, MacAddr};
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use rustix::fd::OwnedFd;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{self, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The kernel answers at once; a boot must not hang if it does not.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// The MAC that the kernel has for an address on an interface. What cannot be asked proves nothing, and that is all that follows
/// from it.
pub fn mac_of(interface: &InterfaceName, address: Ipv4Addr) -> Option<MacAddr> {
    let entry = NeighbourTable::open(interface).and_then(|table| table.entry(address));
    entry.ok().flatten().and_then(|entry| entry.mac)
}

/// What the kernel knows of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The MAC, if a machine has answered.
    pub(super) mac: Option<MacAddr>,
    /// Whether nothing remains to be asked: a machine has answered lately, or no machine has.
    pub(super) is_settled: bool,
    /// Whether an administrator made it: the kernel never asks.
    pub(super) is_permanent: bool,
}

/// The part of the table for one interface.
#[derive(Debug)]
pub(super) struct NeighbourTable {
    socket: OwnedFd,
    index: u32,
}

impl NeighbourTable {
    pub(super) fn open(interface: &InterfaceName) -> io::Result<Self> {
        let family = net::AddressFamily::NETLINK;
        // No protocol is NETLINK_ROUTE.
        let socket = net::socket_with(family, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
        set_socket_timeout(&socket, Timeout::Recv, Some(ANSWER_TIMEOUT))?;
        let index = net::netdevice::name_to_index(&socket, interface.as_str())?;
        Ok(Self { socket, index })
    }

    /// What the table has for an address; `None` for no entry.
    pub(super) fn entry(&self, address: Ipv4Addr) -> io::Result<Option<Entry>> {
        let neighbour = self.neighbour(address);
        self.exchange(&message(RouteNetlinkMessage::GetNeighbour(neighbour), NLM_F_REQUEST), entry_in)
    }

    /// Removes an entry, so that the kernel asks anew. Only root can do that.
    pub(super) fn forget(&self, address: Ipv4Addr) -> io::Result<()> {
        let neighbour = self.neighbour(address);
        let flags = NLM_F_REQUEST | NLM_F_ACK;
        self.exchange(&message(RouteNetlinkMessage::DelNeighbour(neighbour), flags), |_| ())
    }

    fn neighbour(&self, address: Ipv4Addr) -> NeighbourMessage {
        let mut neighbour = NeighbourMessage::default();
        neighbour.header.family = AddressFamily::Inet;
        neighbour.header.ifindex = self.index;
        neighbour.attributes = vec![NeighbourAttribute::Destination(NeighbourAddress::Inet(address))];
        neighbour
    }

    fn exchange<T>(&self, message: &[u8], read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let kernel = netlink::SocketAddrNetlink::new(0, 0);
        net::sendto(&self.socket, message, SendFlags::empty(), &kernel)?;
        let mut buffer = [0u8; 4096];
        let (_, length) = net::recv(&self.socket, &mut buffer[..], RecvFlags::empty())?;
        Ok(read(buffer.get(..length).unwrap_or_default()))
    }
}

fn message(message: RouteNetlinkMessage, flags: u16) -> Vec<u8> {
    let mut message = NetlinkMessage::from(message);
    message.header.flags = flags;
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

/// The entry in an answer; none in an error (there is no entry). It has no MAC if no machine has answered.
fn entry_in(bytes: &[u8]) -> Option<Entry> {
    let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(bytes).ok()?;
    let NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewNeighbour(neighbour)) = message.payload else {
        return None;
    };
    let mac = neighbour.attributes.iter().find_map(|attribute| match attribute {
        NeighbourAttribute::LinkLayerAddress(octets) => MacAddr::from_octets(octets.as_slice().try_into().ok()?),
        _ => None,
    });
    let (mac, is_settled) = match neighbour.header.state {
        NeighbourState::Incomplete | NeighbourState::None => (None, false),
        NeighbourState::Failed => (None, true),
        NeighbourState::Stale | NeighbourState::Delay | NeighbourState::Probe => (mac, false),
        _ => (mac, true),
    };
    let is_permanent = matches!(neighbour.header.state, NeighbourState::Permanent);
    Some(Entry { mac, is_settled, is_permanent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_proves_nothing() {
        let address = "192.0.2.7".parse().unwrap();
        assert_eq!(mac_of(&"lo".parse().unwrap(), address), None, "no entry");
        assert_eq!(mac_of(&"no-such-if".parse().unwrap(), address), None, "no interface");
        let table = NeighbourTable::open(&"lo".parse().unwrap()).unwrap();
        let question = message(RouteNetlinkMessage::GetNeighbour(table.neighbour(address)), NLM_F_REQUEST);
        for bytes in [&b""[..], &[0; 16], &[0xff; 64], &question] {
            assert_eq!(entry_in(bytes), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_ends_the_program(bytes: Vec<u8>) {
            let _whatever = entry_in(&bytes);
        }
    }
}
