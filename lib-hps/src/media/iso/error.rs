// SPDX-License-Identifier: GPL-3.0-or-later
//! Why something is not verified.

use crate::exec::{ExecError, gpgv};
use crate::files::IoError;
use crate::media::brought::BroughtError;
use crate::media::checksum::ChecksumError;
use crate::media::release::Release;
use crate::media::vendor::Vendor;
use crate::media::work_folder::WorkFolderError;
use std::path::PathBuf;

/// Why something is not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It is not a file to read, or cannot be read.
    #[error(transparent)]
    Brought(#[from] BroughtError),
    /// There is no safe place for the files of gpgv.
    #[error(transparent)]
    Workroom(#[from] WorkFolderError),
    /// gpgv could not be called.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// Nothing that is known signs this.
    #[error("this program has no release key for {osname} {release}; give the digest with --sha256", osname = vendor.as_str())]
    NoKey {
        /// The maker.
        vendor: Vendor,
        /// The release.
        release: Release,
    },
    /// The signature is not valid, or CHECKSUM lacks a required entry.
    #[error("CHECKSUM of {of}: {problem}")]
    Checksums {
        /// Which release.
        of: String,
        /// What is wrong.
        problem: ChecksumsProblem,
    },
    /// The file is not the expected one.
    #[error("{}: its {what} is {found}, not {expected}; it was not published", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// "SHA-256" or "size".
        what: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
}

/// Why a CHECKSUM file proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ChecksumsProblem {
    /// There is no signature.
    #[error(
        "it is not signed: neither CHECKSUM.sig nor CHECKSUM.asc is beside it; if the maker does not sign it, give the digest of the ISO with --sha256"
    )]
    NotSigned,
    /// The key in this program is not in ASCII armor.
    #[error("the pinned key cannot be read")]
    UnreadableKey,
    /// Its signature is good, and it is not UTF-8.
    #[error("it is no text")]
    NotText,
    /// No signature counts: the name of each, and why.
    #[error("{}", .0.iter().map(|(name, why)| format!("{name}: {why}")).collect::<Vec<_>>().join("; "))]
    BadSignatures(Vec<(String, gpgv::Refusal)>),
    /// It has no entry for the ISO.
    #[error(transparent)]
    NoEntry(ChecksumError),
}

impl VerifyError {
    /// Whether something was checked and found wrong, as opposed to not checked.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NoKey { .. } | Self::Checksums { .. } | Self::Other { .. } => true,
            Self::Brought(error) => error.is_refusal(),
            Self::Workroom(error) => matches!(error, WorkFolderError::Open { .. }),
            Self::Io(_) | Self::Exec(_) | Self::Stopped => false,
        }
    }
}
