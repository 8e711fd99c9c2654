// SPDX-License-Identifier: GPL-3.0-or-later
//! What is installed from: published trees and images, and the boot loaders that start it all.

pub mod boot_loaders;
pub mod brought;
pub mod build;
pub mod builds;
pub mod checksum;
mod contents;
pub mod cpio;
pub mod download;
mod exposed;
mod hasher;
mod holding;
pub mod inventory;
mod item;
pub mod leftovers;
mod lock;
mod manifest;
pub mod mirror;
pub mod offer;
pub mod packages;
mod part;
mod proof;
pub mod recipe;
mod settled;
pub mod shelf;
mod source;
pub mod space;
mod tree;
mod tree_info;
pub mod vendor;
pub mod verify;
pub mod workroom;
pub mod zfs;

pub use contents::{Compared, Units, Unsuited, Wanted, contents_list, has_units, suits, template_of};
pub use exposed::{Exposed, exposed};
pub use holding::{Holding, Origin, holdings, verify as verify_again};
pub use item::Item;
pub use lock::LockError;
pub use manifest::{File, Manifest, NodeFiles};
pub use source::{SourceError, node_environment, source};
pub use tree::TreeError;
pub use vendor::Release;
