// SPDX-License-Identifier: GPL-3.0-or-later
//! The user that a program runs as.

/// A user and its group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}
