// SPDX-License-Identifier: GPL-3.0-or-later
//! Wake-on-LAN: a packet with six bytes of ones and sixteen times the MAC switches a machine on (AMD's "Magic Packet
//! Technology", 1995). No machine answers it.

use super::error::WireError;
use crate::types::{InterfaceName, MacAddr};
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Discard (RFC 863): a machine that runs ignores it.
const PORT: u16 = 9;
/// A switch may lose one.
const TIMES: usize = 3;

fn magic_packet(mac: MacAddr) -> Vec<u8> {
    [vec![0xff; 6], mac.octets().repeat(16)].concat()
}

/// Sends the packet for a machine to everybody in the network of an interface, or to the broadcast address of another one.
///
/// # Errors
/// When the interface is missing or down, or the packet cannot be sent.
pub fn wake(interface: &InterfaceName, mac: MacAddr, to: Option<Ipv4Addr>) -> Result<(), WireError> {
    let open = || -> std::io::Result<Socket> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_broadcast(true)?;
        // The way to another network is the kernel's matter.
        if to.is_none() {
            socket.bind_device(Some(interface.as_str().as_bytes()))?;
        }
        Ok(socket)
    };
    let socket = open().map_err(WireError::wake(interface))?;
    let to = SocketAddrV4::new(to.unwrap_or(Ipv4Addr::BROADCAST), PORT).into();
    let packet = magic_packet(mac);
    for _ in 0..TIMES {
        socket.send_to(&packet, &to).map_err(WireError::wake(interface))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_bytes_of_ones_and_sixteen_times_the_mac() {
        let packet = magic_packet("52:54:00:12:34:56".parse().unwrap());
        assert_eq!((packet.len(), &packet[..6]), (102, &[0xff; 6][..]));
        assert!(packet[6..].chunks(6).all(|mac| mac == [0x52, 0x54, 0, 0x12, 0x34, 0x56]));
    }
}
