// SPDX-License-Identifier: GPL-3.0-or-later
//! The sockets of a discovery: one that sends and receives by UDP, and one that sees packets before the kernel drops
//! them.
//!
//! A foreign server often has an address of another network. With strict reverse path filtering (`rp_filter`), or with
//! a firewall, no UDP socket receives its offers, but machines do. So a packet socket (packet(7)) listens too. Both
//! sockets are shared: a DHCP client may run on the same interface.

use super::datagram::Datagram;
use super::dhcp::{CLIENT_PORT, Reply, SERVER_PORT};
use super::error::WireError;
use crate::types::InterfaceName;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{ErrorKind, Read as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::Duration;

/// IPv4 in the header of an Ethernet frame.
const IPV4: u16 = 0x0800;
/// No DHCP message that a client of 1,472 bytes accepts is longer.
const MAX_PACKET_BYTES: usize = 2048;
/// So many packets are read before the clock is checked again.
const AT_ONCE: usize = 4096;

#[derive(Debug)]
pub(super) struct Sockets<'a> {
    interface: &'a InterfaceName,
    udp: UdpSocket,
    packets: Socket,
}

impl<'a> Sockets<'a> {
    pub(super) fn open(interface: &'a InterfaceName) -> Result<Self, WireError> {
        let failed = WireError::open(interface);
        let udp = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).map_err(&failed)?;
        udp.set_reuse_address(true).map_err(&failed)?;
        udp.set_broadcast(true).map_err(&failed)?;
        udp.set_nonblocking(true).map_err(&failed)?;
        udp.bind_device(Some(interface.as_str().as_bytes())).map_err(&failed)?;
        udp.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, CLIENT_PORT).into()).map_err(&failed)?;
        // The protocol is in network byte order.
        let protocol = Protocol::from(i32::from(IPV4.to_be()));
        let packets = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol)).map_err(&failed)?;
        packets.set_nonblocking(true).map_err(&failed)?;
        Ok(Self { interface, udp: udp.into(), packets })
    }

    /// Sends a message to all servers of the network.
    pub(super) fn send(&self, message: &[u8]) -> Result<(), WireError> {
        let everyone = SocketAddrV4::new(Ipv4Addr::BROADCAST, SERVER_PORT);
        self.udp.send_to(message, everyone).map(drop).map_err(WireError::send(self.interface))
    }

    /// Waits for packets, at most so long, and hands every reply and its sender to `take`.
    pub(super) fn receive(&self, wait: Duration, mut take: impl FnMut(Ipv4Addr, Reply)) -> Result<(), WireError> {
        let failed = |source| WireError::Receive { interface: self.interface.clone(), source };
        let mut asked = [PollFd::new(&self.udp, PollFlags::IN), PollFd::new(&self.packets, PollFlags::IN)];
        match poll(&mut asked, Timespec::try_from(wait).ok().as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(failed(error.into())),
        }
        let mut bytes = [0; MAX_PACKET_BYTES];
        for _ in 0..AT_ONCE {
            let Some((length, from)) = now(self.udp.recv_from(&mut bytes)).map_err(failed)? else { break };
            let SocketAddr::V4(from) = from else { continue };
            if let Some(reply) = bytes.get(..length).and_then(Reply::read) {
                take(*from.ip(), reply);
            }
        }
        for _ in 0..AT_ONCE {
            let Some(length) = now((&self.packets).read(&mut bytes)).map_err(failed)? else { break };
            let Some(datagram) = bytes.get(..length).and_then(Datagram::read) else { continue };
            if datagram.to_port != CLIENT_PORT {
                continue;
            }
            if let Some(reply) = Reply::read(datagram.payload) {
                take(datagram.source, reply);
            }
        }
        Ok(())
    }
}

/// `None` if there is nothing to read. An ICMP error for an earlier message, and an interface that went down, are read
/// as errors once; both mean that no answer came.
fn now<T>(read: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock
            | ErrorKind::Interrupted
            | ErrorKind::ConnectionRefused
            | ErrorKind::NetworkDown
            | ErrorKind::HostUnreachable => Ok(None),
            _ => Err(error),
        },
    }
}
