// SPDX-License-Identifier: GPL-3.0-or-later
//! Which machines of the cluster's network use an address now, as RFC 5227 asks before an address is given out.
//!
//! A UDP packet to the address makes the kernel ask by ARP, which needs no root: the boot manager has none. The answer
//! is in the neighbour table. Root removes an old entry first. Without root, an old entry counts as an answer: the
//! kernel would ask again only after five seconds.

use super::error::WireError;
use super::neighbour_table::NeighbourTable;
use crate::config::Network;
use crate::types::{InterfaceName, MacAddr};
use ipnet::Ipv4Net;
use socket2::{Domain, Protocol, Socket, Type};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

/// The kernel asks at once, and again after a second.
const WAIT: Duration = Duration::from_millis(1_200);
/// The table is read after so long, and then each time after twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);
/// So many addresses are asked for at once. The kernel keeps at most 512 entries for long.
const AT_ONCE: usize = 128;
/// Discard (RFC 863). What a machine does with the packet does not matter.
const PORT: u16 = 9;

/// An address for documents (RFC 5737): no machine has it.
const NO_MACHINE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// What uses an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressUser {
    /// A machine with this MAC.
    Machine(MacAddr),
    /// This node has it, on any interface.
    ThisNode,
}

impl AddressUser {
    /// Whether it is one of these cards.
    pub fn is_among(self, mut macs: impl Iterator<Item = MacAddr>) -> bool {
        matches!(self, Self::Machine(mac) if macs.any(|own| own == mac))
    }
}

/// The MAC with colons, or `this node`.
impl fmt::Display for AddressUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(mac) => f.write_str(&mac.colons()),
            Self::ThisNode => f.write_str("this node"),
        }
    }
}

/// An address that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressInUse {
    /// The address.
    pub address: Ipv4Addr,
    /// What has it.
    pub user: AddressUser,
}

/// `10.0.0.9 is in use by 52:54:00:00:00:09`.
impl fmt::Display for AddressInUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is in use by {}", self.address, self.user)
    }
}

/// Asks for addresses of the network of one interface, once for each.
#[derive(Debug)]
pub struct AddressProbe<'a> {
    interface: &'a InterfaceName,
    network: Ipv4Net,
    asked: RefCell<BTreeMap<Ipv4Addr, Option<AddressUser>>>,
}

impl<'a> AddressProbe<'a> {
    /// Nothing is asked yet.
    pub fn new(network: &'a Network) -> Self {
        let Network { interface, address, .. } = network;
        Self { interface, network: address.trunc(), asked: RefCell::default() }
    }

    /// Those of these that were asked for, and nobody answered.
    pub fn known_silent(&self, addresses: &[Ipv4Addr]) -> Vec<Ipv4Addr> {
        let asked = self.asked.borrow();
        addresses.iter().copied().filter(|address| asked.get(address) == Some(&None)).collect()
    }

    /// The addresses among these that are in use. It takes up to 1.2 seconds for each 128 addresses that were not asked
    /// for before. An address outside the interface's network is not asked for.
    ///
    /// # Errors
    /// When the interface is missing or down, or a packet cannot be sent.
    pub fn in_use(&self, addresses: &[Ipv4Addr]) -> Result<Vec<AddressInUse>, WireError> {
        let mut asked = self.asked.borrow_mut();
        let is_new = |address: &Ipv4Addr| self.network.contains(address) && !asked.contains_key(address);
        let new: Vec<Ipv4Addr> = addresses.iter().copied().filter(is_new).collect();
        for some in new.chunks(AT_ONCE) {
            asked.extend(ask(self.interface, some).map_err(WireError::probe(self.interface))?);
        }
        let user = |address: &Ipv4Addr| Some(AddressInUse { address: *address, user: (*asked.get(address)?)? });
        Ok(addresses.iter().filter_map(user).collect())
    }
}

fn ask(interface: &InterfaceName, addresses: &[Ipv4Addr]) -> io::Result<BTreeMap<Ipv4Addr, Option<AddressUser>>> {
    let table = NeighbourTable::open(interface)?;
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.bind_device(Some(interface.as_str().as_bytes()))?;
    let mut users = BTreeMap::new();
    let mut open = Vec::new();
    for address in addresses {
        if is_own(*address) {
            users.insert(*address, Some(AddressUser::ThisNode));
            continue;
        }
        match table.entry(*address)? {
            Some(entry) if entry.is_permanent => {
                users.insert(*address, entry.mac.map(AddressUser::Machine));
                continue;
            }
            // Without root this fails, and the entry counts as it is.
            Some(_) => table.forget(*address).unwrap_or_default(),
            None => {}
        }
        match socket.send_to(&[], &SocketAddrV4::new(*address, PORT).into()) {
            Ok(_) => {}
            // An ICMP error for an earlier packet, or full buffers: the kernel asks all the same.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::WouldBlock
                ) => {}
            Err(error) => return Err(error),
        }
        open.push(*address);
    }
    let (end, mut pause) = (Instant::now() + WAIT, FIRST_PAUSE);
    while !open.is_empty() {
        let is_over = Instant::now() >= end;
        let mut left = Vec::new();
        for address in open {
            let entry = table.entry(address)?;
            if is_over || entry.is_some_and(|entry| entry.is_settled) {
                users.insert(address, entry.and_then(|entry| entry.mac).map(AddressUser::Machine));
            } else {
                left.push(address);
            }
        }
        open = left;
        if !open.is_empty() {
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
    Ok(users)
}

/// Whether this node has an address: only then a program may be bound to it. A kernel with `ip_nonlocal_bind` allows
/// that for every address, and nothing follows.
fn is_own(address: Ipv4Addr) -> bool {
    let is_bound = |address: Ipv4Addr| UdpSocket::bind((address, 0)).is_ok();
    is_bound(address) && !is_bound(NO_MACHINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_node_is_in_use() {
        assert!(is_own(Ipv4Addr::LOCALHOST));
        assert!(!is_own("192.0.2.7".parse().unwrap()));
    }

    #[test]
    fn a_missing_interface_is_no_answer() {
        let error = ask(&"no-such-if".parse().unwrap(), &["192.0.2.7".parse().unwrap()]).unwrap_err();
        let error = WireError::probe(&"no-such-if".parse().unwrap())(error);
        assert!(matches!(error, WireError::NoInterface { .. }), "{error}");
    }
}
