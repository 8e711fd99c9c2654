// SPDX-License-Identifier: GPL-3.0-or-later
//! What others answer on the cluster's network: a DHCP discovery of our own that takes no address, and which machine
//! has an address.
//!
//! A second DHCP server on the same network gives machines addresses and boot files that HPS does not know. So a
//! program sends a DHCPDISCOVER before it starts dnsmasq, and reports each server that offers something.

pub mod dhcp;
pub mod dns;

mod address_probe;
mod agreement;
mod datagram;
mod discovery;
mod error;
mod magic_packet;
mod neighbour_table;
mod server;
mod sockets;

pub use address_probe::{AddressInUse, AddressProbe, AddressUser};
pub use agreement::{Disagreement, disagreements};
pub use discovery::{Discovery, Enough};
pub use error::WireError;
pub use magic_packet::wake;
pub use neighbour_table::mac_of;
pub use server::DhcpServer;
