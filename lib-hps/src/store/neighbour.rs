// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernel's neighbour entry for one address, asked by RTM_GETNEIGH (rtnetlink(7)), which needs no root and costs the same
//! however many entries there are.

use crate::types::{InterfaceName, MacAddr};
use netlink_packet_core::{NLM_F_REQUEST, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{self, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The kernel answers at once; a boot must not hang if it does not.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// The MAC that the kernel has for an address on an interface. What cannot be asked proves nothing, and that is all that follows
/// from it.
pub(super) fn mac_of(interface: &InterfaceName, address: Ipv4Addr) -> Option<MacAddr> {
    ask(interface, address).ok().flatten()
}

fn ask(interface: &InterfaceName, address: Ipv4Addr) -> io::Result<Option<MacAddr>> {
    let family = net::AddressFamily::NETLINK;
    // No protocol is NETLINK_ROUTE.
    let socket = net::socket_with(family, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&socket, Timeout::Recv, Some(ANSWER_TIMEOUT))?;
    let index = net::netdevice::name_to_index(&socket, interface.as_str())?;
    net::sendto(&socket, &question(index, address), SendFlags::empty(), &netlink::SocketAddrNetlink::new(0, 0))?;
    let mut buffer = [0u8; 4096];
    let (_, length) = net::recv(&socket, &mut buffer[..], RecvFlags::empty())?;
    Ok(buffer.get(..length).and_then(mac_in))
}

fn question(index: u32, address: Ipv4Addr) -> Vec<u8> {
    let mut neighbour = NeighbourMessage::default();
    neighbour.header.family = AddressFamily::Inet;
    neighbour.header.ifindex = index;
    neighbour.attributes = vec![NeighbourAttribute::Destination(NeighbourAddress::Inet(address))];
    let mut message = NetlinkMessage::from(RouteNetlinkMessage::GetNeighbour(neighbour));
    message.header.flags = NLM_F_REQUEST;
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

/// The MAC in an answer: none in an error (there is no entry), and none in an entry that nobody has answered for.
fn mac_in(bytes: &[u8]) -> Option<MacAddr> {
    let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(bytes).ok()?;
    let NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewNeighbour(neighbour)) = message.payload else {
        return None;
    };
    if matches!(neighbour.header.state, NeighbourState::Incomplete | NeighbourState::Failed | NeighbourState::None) {
        return None;
    }
    neighbour.attributes.iter().find_map(|attribute| match attribute {
        NeighbourAttribute::LinkLayerAddress(octets) if octets.len() == 6 => {
            octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>().parse().ok()
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_proves_nothing() {
        let address = "192.0.2.7".parse().unwrap();
        assert_eq!(mac_of(&"lo".parse().unwrap(), address), None, "no entry");
        assert_eq!(mac_of(&"no-such-if".parse().unwrap(), address), None, "no interface");
        for bytes in [&b""[..], &[0; 16], &[0xff; 64], &question(1, address)] {
            assert_eq!(mac_in(bytes), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_ends_the_program(bytes: Vec<u8>) {
            let _whatever = mac_in(&bytes);
        }
    }
}
