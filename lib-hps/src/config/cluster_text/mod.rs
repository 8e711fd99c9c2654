// SPDX-License-Identifier: GPL-3.0-or-later
//! The text of a new `.cluster` file, with a comment for each value, as `cluster-configure` writes it.
//!
//! An existing file is not generated again: [`super::cluster_edit`] changes the values that differ. It finds the place
//! and the comment of a new key in this text, so each key is one line.

mod common;
mod host_types;
mod lines;
mod machines;
#[cfg(test)]
mod tests;

use super::{Cluster, TypeDefinition};
use lines::Lines;

impl Cluster {
    /// The text of a new file. [`Cluster::parse`] reads it back to the same value.
    pub fn to_text(&self) -> String {
        let mut out = Lines::new();
        common::head(&mut out, self);
        common::network(&mut out, &self.network);
        common::time(&mut out, &self.time);
        common::web(&mut out, &self.web);
        common::install(&mut out, &self.install);
        common::boot(&mut out, &self.boot);
        for (host_type, settings) in &self.types {
            host_types::host_type(&mut out, &TypeDefinition::with_settings(*host_type, settings), settings);
        }
        for subnet in &self.subnets {
            machines::subnet(&mut out, subnet);
        }
        for storage in &self.storage_networks {
            machines::storage_network(&mut out, storage);
        }
        for choice in &self.boot_loaders {
            machines::boot_loader(&mut out, choice);
        }
        for rule in &self.rules {
            machines::rule(&mut out, rule);
        }
        machines::legacy(&mut out, &self.legacy);
        out.into_text()
    }
}
