// SPDX-License-Identifier: GPL-3.0-or-later

/// What dnsmasq does with the entries of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// It reserves addresses (`dhcp-hostsdir`).
    Reservation,
    /// It answers with names and addresses (`hostsdir`).
    Names,
}

impl EntryKind {
    /// Both. The names come first: an address that DHCP gives then has its name.
    pub const ALL: [Self; 2] = [Self::Names, Self::Reservation];
}
