// SPDX-License-Identifier: GPL-3.0-or-later
//! DHCP messages: the DISCOVER of any kind of client, and what servers reply (RFC 2131, 2132, 3396, 4578, 5970).
//!
//! Reading is total: any bytes give a reply or nothing. Lengths are those of the packet, so no option can loop.

mod client;
mod discover;
mod options;
mod reply;
mod text;

pub use client::ClientKind;
pub use discover::Discover;
pub use reply::Reply;

/// The port of servers (RFC 2131).
pub const SERVER_PORT: u16 = 67;
/// The port of clients (RFC 2131).
pub const CLIENT_PORT: u16 = 68;

/// The four bytes before the options (RFC 2131, section 3).
const MAGIC: [u8; 4] = [99, 130, 83, 99];
/// The length of the fields before the options, with [`MAGIC`].
const HEAD_BYTES: usize = 240;

/// Codes of options (IANA, "BOOTP Vendor Extensions and DHCP Options").
mod code {
    pub(super) const PAD: u8 = 0;
    pub(super) const OVERLOAD: u8 = 52;
    pub(super) const MESSAGE_TYPE: u8 = 53;
    pub(super) const SERVER_IDENTIFIER: u8 = 54;
    pub(super) const PARAMETER_LIST: u8 = 55;
    pub(super) const MAX_MESSAGE: u8 = 57;
    pub(super) const VENDOR_CLASS: u8 = 60;
    pub(super) const SERVER_NAME: u8 = 66;
    pub(super) const BOOT_FILE: u8 = 67;
    pub(super) const USER_CLASS: u8 = 77;
    pub(super) const ARCHITECTURE: u8 = 93;
    pub(super) const NETWORK_INTERFACE: u8 = 94;
    pub(super) const MACHINE_UUID: u8 = 97;
    pub(super) const IPXE: u8 = 175;
    pub(super) const END: u8 = 255;
}
