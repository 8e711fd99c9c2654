// SPDX-License-Identifier: GPL-3.0-or-later
//! What can go wrong with the files: one variant for each kind, always with the path.

use crate::config::{ClusterError, ParseErrors, RoleError};
use crate::files::{FileError, IoError, LockError};
use crate::host::{Host, Refused};
use crate::types::Ipv4Range;
use rustix::io::Errno;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A failed operation on the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A file or folder that somebody else may have written, or that is no file at all.
    #[error(transparent)]
    Untrusted(FileError),
    /// A file that a person may edit holds what cannot be taken.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line and what is wrong there.
        problem: String,
    },
    /// A file that a person writes has mistakes. As one line it is the first one, and the lines of the others.
    #[error("{}: {mistakes}", path.display())]
    Mistakes {
        /// The file.
        path: PathBuf,
        /// All of them.
        mistakes: ParseErrors,
    },
    /// The folder of what ended permissions is not there, so this version counts none.
    #[error("{}: is missing, so HPS cannot see which permissions have ended; restore it from a copy of this node, or run: reload", path.display())]
    NoMarks {
        /// The folder.
        path: PathBuf,
    },
    /// No cluster is active.
    #[error("{}: no cluster is active; make one with cluster-configure", path.display())]
    NoActiveCluster {
        /// The link that should name it.
        path: PathBuf,
    },
    /// The active cluster's file is not there.
    #[error("{}: names {}, which is missing; restore that file, or make another cluster active: cluster-configure --name NAME --activate", path.display(), file.display())]
    ActiveClusterGone {
        /// The link that names it.
        path: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// Somebody else changes the file all the time, or holds its lock.
    #[error("{}: busy, {} holds it; try again", path.display(), holder.as_deref().unwrap_or("another process"))]
    Busy {
        /// The file.
        path: PathBuf,
        /// Which process, where HPS knows it.
        holder: Option<String>,
    },
    /// What only one process may do is done by another one.
    #[error("{what} runs already: {who}")]
    Held {
        /// What is done.
        what: &'static str,
        /// By whom.
        who: String,
    },
    /// A change was made, and another that belongs to it was not; nor could the first one be taken back.
    #[error("{}: only a part of a change was made ({problem}); complete it with: reload", path.display())]
    HalfDone {
        /// The record that was to be changed.
        path: PathBuf,
        /// What failed, and why it was not taken back.
        problem: String,
    },
    /// Every address for hosts is taken.
    #[error("no free address: all of {key} {range} are taken; widen it in the cluster file")]
    NoFreeAddress {
        /// Its key: `network.host_range`.
        key: String,
        /// The range.
        range: Ipv4Range,
    },
    /// The addresses that are left are for administrators of the node.
    #[error("no free address for a request: the last {reserved} of {key} {range} are kept for host-state add and arm")]
    Reserved {
        /// Its key: `network.host_range`.
        key: String,
        /// The range.
        range: Ipv4Range,
        /// How many are kept.
        reserved: usize,
    },
    /// A name or an address that belongs to another host, or all of them do.
    #[error("{0}")]
    Taken(String),
    /// The cluster has no such host type.
    #[error(transparent)]
    Type(#[from] RoleError),
    /// The record's state does not take an event.
    #[error("{host}: {refused}")]
    Refused {
        /// Name or MAC.
        host: String,
        /// What and why.
        refused: Refused,
    },
    /// The record does not take a change of an administrator.
    #[error("{host}: {problem}")]
    Edit {
        /// Name or MAC.
        host: String,
        /// Why not, and what to do.
        problem: String,
    },
}

impl StoreError {
    /// Whether somebody looked and found what cannot be taken. Every other error leaves open what is there.
    pub fn was_read(&self) -> bool {
        let not_a_file = [Errno::LOOP, Errno::ISDIR].map(|errno| std::io::Error::from(errno).kind());
        match self {
            Self::Content { .. } | Self::Mistakes { .. } => true,
            Self::Io(error) => error.kind() == std::io::ErrorKind::InvalidInput || not_a_file.contains(&error.kind()),
            _ => false,
        }
    }

    /// Why the cluster in a file is refused.
    pub fn of_cluster(path: &Path, error: ClusterError) -> Self {
        match error {
            ClusterError::File(mistakes) => Self::Mistakes { path: path.to_path_buf(), mistakes },
            other => Self::content(path, other),
        }
    }

    /// Makes a [`StoreError::Refused`], for `map_err`.
    pub(crate) fn refused(host: &Host) -> impl FnOnce(Refused) -> Self + use<> {
        let host = host.label();
        move |refused| Self::Refused { host, refused }
    }

    /// Makes a [`StoreError::Content`].
    pub(crate) fn content(path: &Path, problem: impl std::fmt::Display) -> Self {
        Self::Content { path: path.to_path_buf(), problem: problem.to_string() }
    }
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io(error) => Self::Io(error),
            other => Self::Untrusted(other),
        }
    }
}

impl From<LockError> for StoreError {
    fn from(error: LockError) -> Self {
        let error = match error {
            LockError::Busy { path, owner } => return Self::Busy { path, holder: owner },
            LockError::File(FileError::Io(error)) => error,
            LockError::File(other) => return other.into(),
        };
        let link = std::io::Error::from(Errno::LOOP).kind();
        match error.kind() {
            // Some of them a person must correct.
            _ if error.operation() != "lock" => error.into(),
            ErrorKind::NotFound => {
                Self::content(error.path(), "the folder of this lock is missing; make it with: reload")
            }
            kind if kind == ErrorKind::IsADirectory || kind == ErrorKind::InvalidInput || kind == link => {
                Self::content(
                    error.path(),
                    "this is not a regular file, but the lock needs one; find out who made it, then remove it",
                )
            }
            _ => error.into(),
        }
    }
}
