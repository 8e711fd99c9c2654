// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host can have for itself alone: an address, a name, a further MAC.

use crate::types::text_enum;

text_enum! {
    /// What is allocated: the folder's name, and the word in messages.
    AllocationKind, "kind of allocation",

    /// An address.
    Address = "address",
    /// A host name.
    Name = "name",
    /// A MAC beside the one that names a record.
    Mac = "mac",
}
