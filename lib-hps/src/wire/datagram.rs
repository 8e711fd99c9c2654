// SPDX-License-Identifier: GPL-3.0-or-later
//! UDP in an IPv4 packet (RFC 791, RFC 768), as a packet socket delivers it.

use std::net::Ipv4Addr;

/// The UDP protocol in an IPv4 header.
const UDP: u8 = 17;

/// A UDP datagram.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Datagram<'a> {
    pub(super) source: Ipv4Addr,
    pub(super) to_port: u16,
    pub(super) payload: &'a [u8],
}

impl<'a> Datagram<'a> {
    /// Reads a packet from its IPv4 header on. `None` if it has no whole datagram: a later fragment, for example.
    pub(super) fn read(packet: &'a [u8]) -> Option<Self> {
        let first = packet.first()?;
        let header = usize::from(first & 0x0f) * 4;
        let total = usize::from(u16::from_be_bytes(chunk(packet, 2)?));
        let offset = u16::from_be_bytes(chunk(packet, 6)?) & 0x1fff;
        if first >> 4 != 4 || header < 20 || offset != 0 || packet.get(9) != Some(&UDP) {
            return None;
        }
        // Short frames are padded, so the header's length counts.
        let udp = packet.get(header..total)?;
        let length = usize::from(u16::from_be_bytes(chunk(udp, 4)?));
        Some(Self {
            source: Ipv4Addr::from(chunk::<4>(packet, 12)?),
            to_port: u16::from_be_bytes(chunk(udp, 2)?),
            payload: udp.get(8..length)?,
        })
    }
}

fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: [u8; 32] = [
        0x45, 0, 0, 31, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 254, 255, 255, 255, 255, 0, 67, 0, 68, 0, 11, 0, 0,
        b'a', b'b', b'c', 0,
    ];

    #[test]
    fn a_datagram_is_read_without_the_padding_of_its_frame() {
        let read = Datagram::read(&PACKET).unwrap();
        assert_eq!(read, Datagram { source: Ipv4Addr::new(10, 0, 0, 254), to_port: 68, payload: b"abc" });
    }

    #[test]
    fn other_packets_are_none() {
        for (at, value) in [(0, 0x65), (0, 0x44), (0, 0x4f), (3, 200), (7, 1), (9, 6), (25, 7), (25, 99)] {
            let mut packet = PACKET;
            packet[at] = value;
            assert_eq!(Datagram::read(&packet), None, "byte {at}");
        }
        for length in 0..31 {
            assert_eq!(Datagram::read(&PACKET[..length]), None, "{length}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _whatever = Datagram::read(&bytes);
        }
    }
}
