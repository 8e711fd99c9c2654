// SPDX-License-Identifier: GPL-3.0-or-later

use super::Address;
use crate::boot::MenuItem;
use std::net::Ipv4Addr;

/// A menu. Without a key it chooses its safe item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Whose menu it is.
    pub title: String,
    /// The machine's address; without one, the boot loader shows the address that it has.
    pub address: Option<Ipv4Addr>,
    /// What the person should know before they choose.
    pub notices: Vec<String>,
    /// The choices.
    pub items: Vec<Item>,
    /// What is chosen when no key was pressed.
    pub safe: MenuItem,
    /// After how many seconds.
    pub timeout: u32,
    /// Where this menu can be fetched again without a change.
    pub again: Address,
}

/// One choice of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its key.
    pub key: char,
    /// Its name on the wire.
    pub item: MenuItem,
    /// Its text.
    pub text: String,
    /// What the machine requests when it is chosen.
    pub address: Address,
}
