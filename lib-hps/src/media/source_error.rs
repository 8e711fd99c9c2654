// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a system cannot be installed now.

use crate::types::{Distro, HostType};
use std::path::{Path, PathBuf};

/// Why a system cannot be installed now.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing is published.
    #[error("{distro} is not published on this node; {remedy}")]
    NotPublished {
        /// What is missing.
        distro: Distro,
        /// What to do.
        remedy: String,
    },
    /// The build has no image of the type.
    #[error("{distro} has no image for {host_type}; make it with: build-image --distro {distro} --type {host_type}")]
    NoImage {
        /// The system.
        distro: Distro,
        /// The type.
        host_type: HostType,
    },
    /// No system of the cluster has a node environment.
    #[error("no node environment is published on this node; make it with: build-image")]
    NoNodeEnvironment,
    /// A manifest or a file of it is missing or wrong.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl SourceError {
    pub(super) fn damaged(path: &Path, problem: String) -> Self {
        Self::Damaged { path: path.to_path_buf(), problem }
    }
}
