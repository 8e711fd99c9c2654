// SPDX-License-Identifier: GPL-3.0-or-later
//! One question to a name server (RFC 1035): the A records of a name, or the PTR records of an address.
//!
//! Only the server itself is asked, by UDP. Reading is total: any bytes give an answer or nothing, and a pointer in a
//! name goes only backwards, so no name is without end.

use crate::files::random;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

/// A question is asked so often, and waits so long each time.
const TRIES: u32 = 3;
const WAIT: Duration = Duration::from_millis(1500);
/// The most that UDP carries without EDNS (RFC 1035, section 2.3.4), and room for servers that send more.
const MAX_BYTES: usize = 4096;
const HEAD_BYTES: usize = 12;
/// The class of the Internet.
const IN: u16 = 1;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsQuestion {
    /// The addresses of a name.
    A(String),
    /// The names of an address.
    Ptr(Ipv4Addr),
}

impl DnsQuestion {
    fn name(&self) -> String {
        match self {
            Self::A(name) => name.clone(),
            Self::Ptr(address) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
        }
    }

    fn kind(&self) -> u16 {
        match self {
            Self::A(_) => 1,
            Self::Ptr(_) => 12,
        }
    }

    fn to_bytes(&self, id: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Recursion desired, one question.
        for word in [id, 0x0100, 1, 0, 0, 0] {
            bytes.extend(word.to_be_bytes());
        }
        for label in self.name().split('.') {
            bytes.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
            bytes.extend(label.as_bytes());
        }
        bytes.push(0);
        bytes.extend(self.kind().to_be_bytes());
        bytes.extend(IN.to_be_bytes());
        bytes
    }
}

impl fmt::Display for DnsQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(name) => f.write_str(name),
            Self::Ptr(address) => write!(f, "{address}"),
        }
    }
}

/// What the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsAnswer {
    /// These records: addresses as text, or names in lower case. None if the name exists without such records.
    Records(Vec<String>),
    /// The name does not exist.
    NoSuchName,
    /// Another error of the server, by its number (RCODE).
    Error(u8),
}

impl fmt::Display for DnsAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Records(records) if records.is_empty() => f.write_str("no record"),
            Self::Records(records) => f.write_str(&records.join(", ")),
            Self::NoSuchName => f.write_str("no such name"),
            Self::Error(code) => write!(f, "error {code} (RFC 1035, RCODE)"),
        }
    }
}

/// Asks `server`, up to three times.
///
/// # Errors
/// When nothing answers within 5 seconds, or the socket cannot be opened.
pub fn ask(server: Ipv4Addr, question: &DnsQuestion) -> io::Result<DnsAnswer> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(SocketAddrV4::new(server, 53))?;
    for _ in 0..TRIES {
        let id = u16::from_be_bytes(random::<2>().map_err(crate::files::IoError::into_reason)?);
        socket.send(&question.to_bytes(id))?;
        let begun = Instant::now();
        let mut bytes = [0; MAX_BYTES];
        while let Some(rest) = WAIT.checked_sub(begun.elapsed()).filter(|rest| !rest.is_zero()) {
            socket.set_read_timeout(Some(rest))?;
            match socket.recv(&mut bytes) {
                Ok(length) => {
                    if let Some(answer) = bytes.get(..length).and_then(|reply| read(reply, id, question.kind())) {
                        return Ok(answer);
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    Err(io::Error::new(ErrorKind::TimedOut, "no answer"))
}

/// The answer to the question with this number.
fn read(reply: &[u8], id: u16, kind: u16) -> Option<DnsAnswer> {
    let word = |at: usize| reply.get(at..at + 2).and_then(|two| Some(u16::from_be_bytes(two.try_into().ok()?)));
    let flags = word(2)?;
    if word(0)? != id || flags & 0x8000 == 0 {
        return None;
    }
    match u8::try_from(flags & 15).unwrap_or_default() {
        0 => {}
        3 => return Some(DnsAnswer::NoSuchName),
        code => return Some(DnsAnswer::Error(code)),
    }
    let mut at = HEAD_BYTES;
    for _ in 0..word(4)? {
        at = name_at(reply, at)?.1 + 4;
    }
    let mut records = Vec::new();
    for _ in 0..word(6)? {
        let begin = name_at(reply, at)?.1;
        let (found, length) = (word(begin)?, usize::from(word(begin + 8)?));
        let data = begin + 10;
        if found == kind {
            records.push(match kind {
                1 => Ipv4Addr::from(<[u8; 4]>::try_from(reply.get(data..data + length)?).ok()?).to_string(),
                _ => name_at(reply, data)?.0,
            });
        }
        at = data + length;
    }
    Some(DnsAnswer::Records(records))
}

/// The name at a place, and the place behind it.
fn name_at(reply: &[u8], place: usize) -> Option<(String, usize)> {
    let (mut labels, mut at, mut end, mut before) = (Vec::new(), place, None, place);
    loop {
        let length = usize::from(*reply.get(at)?);
        match length {
            0 => break,
            _ if length & 0xc0 == 0xc0 => {
                let to = (length & 0x3f) << 8 | usize::from(*reply.get(at + 1)?);
                end = end.or(Some(at + 2));
                // Only backwards: RFC 1035 section 4.1.4 speaks of a prior occurrence.
                if to >= before {
                    return None;
                }
                (at, before) = (to, to);
            }
            _ if length > 63 => return None,
            _ => {
                let label = reply.get(at + 1..at + 1 + length)?;
                labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
                at += 1 + length;
            }
        }
    }
    Some((labels.join("."), end.unwrap_or(at + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reply to number 7 with one record, whose name points to the question.
    fn reply(question: &DnsQuestion, data: &[u8]) -> Vec<u8> {
        let mut bytes = question.to_bytes(7);
        bytes[2] |= 0x80;
        bytes[7] = 1;
        bytes.extend([0xc0, 12]);
        bytes.extend(question.kind().to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 0, 0, u8::try_from(data.len()).unwrap()]);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn records_are_read() {
        let name = DnsQuestion::A("sch-001.lab.internal".to_owned());
        let bytes = reply(&name, &[10, 0, 0, 2]);
        assert_eq!(read(&bytes, 7, 1), Some(DnsAnswer::Records(vec!["10.0.0.2".to_owned()])));
        assert_eq!(read(&bytes, 8, 1), None, "of another question");
        let address = DnsQuestion::Ptr(Ipv4Addr::new(10, 0, 0, 2));
        assert_eq!(address.name(), "2.0.0.10.in-addr.arpa");
        let bytes = reply(&address, b"\x07SCH-001\x03lab\0");
        assert_eq!(read(&bytes, 7, 12), Some(DnsAnswer::Records(vec!["sch-001.lab".to_owned()])));
        let mut refused = bytes.clone();
        for (code, expected) in [(3, DnsAnswer::NoSuchName), (5, DnsAnswer::Error(5))] {
            refused[3] = code;
            assert_eq!(read(&refused, 7, 12), Some(expected));
        }
        assert_eq!(read(&name.to_bytes(7), 7, 1), None, "a question");
    }

    #[test]
    fn a_pointer_that_goes_round_ends() {
        let mut bytes = reply(&DnsQuestion::A("a.b".to_owned()), &[10, 0, 0, 2]);
        bytes[12] = 0xc0;
        bytes[13] = 12;
        assert_eq!(read(&bytes, 7, 1), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _whatever = (read(&bytes, 7, 1), read(&bytes, 7, 12));
        }
    }
}
