// SPDX-License-Identifier: GPL-3.0-or-later
//! What the handles of the store are made of.

use super::Paths;
use super::records::Records;
use crate::config::Cluster;

/// What a handle reads and writes through. A handle cannot reach the store itself, so no two handles call each other in a circle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) records: &'a dyn Records,
    pub(super) paths: &'a Paths,
    pub(super) cluster: &'a Cluster,
}
