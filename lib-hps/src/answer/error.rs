// SPDX-License-Identifier: GPL-3.0-or-later
//! Why there is no answer file.

use crate::config::SiteProfileFitError;
use crate::files::IoError;
use crate::media::packages::PackageError;
use crate::render::answer::{KickstartError, NodeAnswerError};

/// A failed step on the way to an answer file.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The local packages could not be read.
    #[error(transparent)]
    LocalPackages(IoError),
    /// Whether ZFS is published could not be read.
    #[error(transparent)]
    Zfs(IoError),
    /// The record has no attempt, so there is no answer file.
    #[error("no attempt is recorded")]
    NoAttempt,
    /// The record lacks an address or a name.
    #[error("{host}: the record has no address or name; arm the host again")]
    NoPlace {
        /// The host's name in messages.
        host: String,
    },
    /// The keys that sign local packages could not be read.
    #[error(transparent)]
    Keys(#[from] PackageError),
    /// A site profile does not suit the type of the host.
    #[error(transparent)]
    Profile(#[from] SiteProfileFitError),
    /// The kickstart cannot be rendered.
    #[error(transparent)]
    Kickstart(#[from] KickstartError),
    /// The answer of the node environment cannot be rendered.
    #[error(transparent)]
    Node(#[from] NodeAnswerError),
}
