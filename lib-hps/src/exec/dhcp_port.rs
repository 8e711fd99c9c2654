// SPDX-License-Identifier: GPL-3.0-or-later
//! The port of DHCP servers (RFC 2131, section 4.1): whether another program has it on an interface, and a message to
//! our own server.

use crate::types::{InterfaceName, MacAddr};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

const PORT: u16 = 67;
/// DHCPRELEASE (RFC 2132, section 9.6).
const RELEASE: u8 = 7;
/// Relays of BOOTP's time drop shorter messages (RFC 1542, section 2.1).
const MIN_BYTES: usize = 300;
/// Where the options begin: `sname` and `file` end here.
const OPTIONS_AT: usize = 236;

/// Tries to get the port on one interface, as dnsmasq does with `bind-interfaces`. The port of all interfaces, and of
/// this one, is in use then; a server that is bound to another interface, such as that of libvirt, is none of ours.
/// Programs may share a port (`SO_REUSEADDR`), and two dnsmasq on one interface do. So this socket does not offer it.
///
/// # Errors
/// [`io::ErrorKind::AddrInUse`] if another program has the port; what prevents a look.
pub fn check_free(interface: &InterfaceName) -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.bind_device(Some(interface.as_str().as_bytes()))?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT).into())
}

/// Ends a lease for a machine that has no right to it any more, as `dhcp_release` of dnsmasq does: the message comes
/// from this node to its own server.
///
/// # Errors
/// When it cannot be sent. Whether a server listens is not known.
pub fn release(server: Ipv4Addr, mac: MacAddr, address: Ipv4Addr) -> io::Result<()> {
    let socket = UdpSocket::bind((server, 0))?;
    socket.send_to(&release_message(server, mac, address), (server, PORT)).map(drop)
}

fn release_message(server: Ipv4Addr, mac: MacAddr, address: Ipv4Addr) -> Vec<u8> {
    // BOOTREQUEST, Ethernet, 6 octets of address, no relay; xid, seconds and flags are zero.
    let mut bytes = vec![1, 1, 6, 0];
    bytes.resize(12, 0);
    bytes.extend(address.octets());
    // yiaddr, siaddr, giaddr.
    bytes.resize(28, 0);
    bytes.extend(mac.octets());
    bytes.resize(OPTIONS_AT, 0);
    bytes.extend([99, 130, 83, 99, 53, 1, RELEASE, 54, 4]);
    bytes.extend(server.octets());
    bytes.push(255);
    bytes.resize(MIN_BYTES, 0);
    bytes
}
