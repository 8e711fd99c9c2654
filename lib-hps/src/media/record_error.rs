// SPDX-License-Identifier: GPL-3.0-or-later
//! Why the record of a published tree or build cannot be used.

use super::ManifestError;
use super::brought::BroughtError;
use crate::files::IoError;
use crate::types::{Distro, Line, one_line};
use std::path::PathBuf;

/// An error of the record: the inventory of a tree, or the manifest of a build.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A tree without an inventory.
    #[error("it has no inventory; an early version or another program published it")]
    NoInventory,
    /// Something else has its name: what, and what to do.
    #[error("{0}")]
    NotATree(String),
    /// A link has the name of a build.
    #[error("it is a link, which the web server does not follow; replace it with the build itself")]
    Link,
    /// Its file cannot be opened.
    #[error(transparent)]
    Brought(#[from] BroughtError),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The file has another content.
    #[error("{}: not an inventory that this program reads", .0.display())]
    NotAnInventory(PathBuf),
    /// A line of the head occurs twice.
    #[error("{}: it has the line {key} twice", path.display())]
    Twice {
        /// The inventory.
        path: PathBuf,
        /// The beginning of the line.
        key: String,
    },
    /// A line of the head is missing.
    #[error("{}: it has no line {key}", path.display())]
    NoLine {
        /// The inventory.
        path: PathBuf,
        /// The beginning of the line.
        key: &'static str,
    },
    /// A line of the head has a bad value.
    #[error("{}: its line {key} has a bad value", path.display())]
    BadLine {
        /// The inventory.
        path: PathBuf,
        /// The beginning of the line.
        key: &'static str,
    },
    /// A line is not a digest and a path.
    #[error("{}: it has a malformed line", .0.display())]
    BadDigest(PathBuf),
    /// A file has another digest than when it was published, or none was written.
    #[error("{}: it is not as it was published", .0.display())]
    Changed(PathBuf),
    /// The manifest cannot be read.
    #[error("{}: {problem}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        problem: ManifestError,
    },
    /// The manifest belongs to another build.
    #[error("{}: it is the manifest of {distro}/{build}", path.display())]
    OtherBuild {
        /// The manifest.
        path: PathBuf,
        /// What it is a build of.
        distro: Distro,
        /// The name of that build.
        build: Line,
    },
    /// The copy of the newest build's manifest cannot be used.
    #[error("{}; build-image makes another build", one_line(&**.0))]
    Current(Box<RecordError>),
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
}
