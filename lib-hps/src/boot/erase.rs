// SPDX-License-Identifier: GPL-3.0-or-later
//! An erase in the boot decision: what permits it, and what the machine starts for it.

use super::Fetched;
use crate::host::ErasePermission;
use std::error::Error;

/// An erase that the machine begins now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erase {
    /// What it may erase.
    pub permission: ErasePermission,
    /// The number of the attempt that this boot begins.
    pub attempt: u32,
    /// How many attempts the permission allows.
    pub most: u32,
    /// The kernel of the node environment.
    pub kernel: Fetched,
    /// Its initrd.
    pub initrd: Fetched,
}

/// What is known of the erase of a machine that has a permission for it.
#[derive(Debug, Clone, Copy)]
pub struct EraseFacts<'a> {
    /// The permission, which did not end.
    pub permission: &'a ErasePermission,
    /// How many attempts were begun.
    pub begun: u32,
    /// Kernel and initrd of the node environment, or why there are none.
    pub node: Result<(&'a Fetched, &'a Fetched), &'a (dyn Error + 'static)>,
}
