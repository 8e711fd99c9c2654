// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host would be installed from: published files, named by their paths below `/distros/`.

use crate::types::{Line, Sha256Digest};

/// A published file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Below `/distros/`, without a leading slash, of harmless characters.
    pub path: String,
    /// Its digest.
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// A published installation source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The node environment, and the image that it unpacks.
    Image {
        /// Which build; it stays the same within an attempt.
        build: Line,
        /// The kernel of the node environment.
        kernel: Fetched,
        /// Its initrd.
        initrd: Fetched,
        /// The image of the host type, a tar.zst.
        image: Fetched,
        /// Size of the image's files on the disk, in bytes.
        unpacked: u64,
    },
    /// A tree for Anaconda: a folder below `/distros/` with `images/pxeboot`.
    Tree {
        /// The folder, named by its release. It stays the same within an attempt, even if another release is published.
        path: Line,
    },
}

impl Source {
    /// Which build or release of its system it is.
    pub fn build(&self) -> &Line {
        match self {
            Self::Image { build, .. } => build,
            Self::Tree { path } => path,
        }
    }
}
