// SPDX-License-Identifier: GPL-3.0-or-later
//! A frame of LLDP (IEEE 802.1AB-2016, 8 and 9), as `tcpdump -xx` prints it: who is at the other end of the cable.

use super::part::Neighbour;
use super::value::value;
use crate::types::Line;

/// The EtherType of LLDP.
const LLDP: [u8; 2] = [0x88, 0xcc];
const CHASSIS_ID: u8 = 1;
const PORT_ID: u8 = 2;
const PORT_DESCRIPTION: u8 = 4;
const SYSTEM_NAME: u8 = 5;

/// The neighbour of the first whole frame.
pub(super) fn neighbour(lines: &[&str]) -> Option<Neighbour> {
    let bytes = first_frame(lines);
    let payload = payload(&bytes)?;
    let (mut chassis, mut port, mut about, mut name) = (None, None, None, None);
    for (kind, content) in Tlvs(payload) {
        match kind {
            CHASSIS_ID => chassis = identifier(content, 4, 5),
            PORT_ID => port = identifier(content, 3, 4),
            PORT_DESCRIPTION => about = text(content),
            SYSTEM_NAME => name = text(content),
            _ => {}
        }
    }
    Some(Neighbour {
        switch: name.or(chassis)?,
        about: about.filter(|about| Some(about) != port.as_ref()),
        port: port?,
    })
}

/// The bytes of the lines `0x0010:  0446 06ed ...`, up to the next frame.
fn first_frame(lines: &[&str]) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    for line in lines {
        let Some((offset, words)) = line.trim().strip_prefix("0x").and_then(|rest| rest.split_once(':')) else {
            if bytes.is_empty() { continue } else { break }
        };
        if u16::from_str_radix(offset, 16).map(usize::from) != Ok(bytes.len()) {
            break;
        }
        for word in words.split_whitespace() {
            if !word.is_ascii() || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return bytes;
            }
            let pairs = word.as_bytes().chunks(2);
            bytes.extend(pairs.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()));
        }
    }
    bytes
}

/// What follows the Ethernet header, also behind a VLAN tag.
fn payload(bytes: &[u8]) -> Option<&[u8]> {
    [12, 16].into_iter().find_map(|at| bytes.get(at..)?.strip_prefix(&LLDP))
}

/// Type, length, value: 7 bits, 9 bits, bytes.
struct Tlvs<'a>(&'a [u8]);

impl<'a> Iterator for Tlvs<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[first, second], rest) = self.0.split_first_chunk::<2>()?;
        let length = usize::from(first & 1) << 8 | usize::from(second);
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (first >> 1 != 0).then_some((first >> 1, content))
    }
}

/// The id of a chassis or a port: a subtype, and then a MAC, an address or a text.
fn identifier(content: &[u8], mac: u8, address: u8) -> Option<Line> {
    let (&subtype, id) = content.split_first()?;
    if subtype == mac {
        return value(&id.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"));
    }
    if subtype == address {
        // The first byte is the family of the address; 1 is IPv4.
        return match id {
            [1, a, b, c, d] => value(&format!("{a}.{b}.{c}.{d}")),
            _ => None,
        };
    }
    text(id)
}

fn text(bytes: &[u8]) -> Option<Line> {
    value(&String::from_utf8_lossy(bytes))
}
