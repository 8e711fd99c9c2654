// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host can have for itself alone: an address, a name, a further MAC.

/// What is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AllocationKind {
    /// An address.
    Address,
    /// A host name.
    Name,
    /// A MAC beside the one that names a record.
    Mac,
}

impl AllocationKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Address, Self::Name, Self::Mac];

    /// The folder's name, and the word in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Name => "name",
            Self::Mac => "mac",
        }
    }
}
