// SPDX-License-Identifier: GPL-3.0-or-later
//! As whom a program runs.

/// A user and its group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}
