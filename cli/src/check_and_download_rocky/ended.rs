// SPDX-License-Identifier: GPL-3.0-or-later
//! Errors with their exit codes.

use crate::program::{Ended, Exit};
use crate::published::not_locked;
use hps::files::FileError;
use hps::media::TreeError;
use hps::media::TreeStoreError;
use hps::media::brought::BroughtError;
use hps::media::checksum_search::SearchError;
use hps::media::download::DownloadError;
use hps::media::iso::VerifyError;

/// An error with its exit code.
pub(super) fn ended(error: impl Into<PublishError>) -> anyhow::Error {
    let error = error.into();
    let advice = advice(error.is_unreachable());
    let (exit, error) = match error {
        PublishError::TreeStore(TreeStoreError::Lock(error)) => return not_locked(error),
        PublishError::TreeStore(
            error @ (TreeStoreError::Open(FileError::Untrusted { .. }) | TreeStoreError::InTheWay(_)),
        ) => (Exit::Refused, error.into()),
        PublishError::TreeStore(TreeStoreError::Tree(error @ TreeError::Content { .. })) => {
            (Exit::Refused, error.into())
        }
        PublishError::TreeStore(TreeStoreError::Open(error)) => (Exit::Failed, error.into()),
        PublishError::TreeStore(TreeStoreError::Tree(error)) => (Exit::Failed, error.into()),
        PublishError::TreeStore(error @ (TreeStoreError::Full { .. } | TreeStoreError::Io(_))) => {
            (Exit::Failed, error.into())
        }
        PublishError::Verify(VerifyError::Brought(error @ BroughtError::Missing(_))) => (Exit::NotFound, error.into()),
        PublishError::Verify(error) if error.is_refusal() => (Exit::Refused, error.into()),
        PublishError::Verify(error) => (Exit::Failed, error.into()),
        PublishError::Download(error) => match &error {
            DownloadError::NoMirror { refused: true, .. } => (Exit::Refused, error.into()),
            _ => (Exit::Failed, error.into()),
        },
        PublishError::Search(SearchError::Verify(error)) => return ended(error),
        PublishError::Search(error) => match &error {
            SearchError::None { refused: true, .. } => (Exit::Refused, error.into()),
            SearchError::None { missing: true, .. } => (Exit::NotFound, error.into()),
            _ => (Exit::Failed, error.into()),
        },
    };
    let error: anyhow::Error = error;
    Ended::error(exit, format!("{error:#}{advice}"))
}

/// What to do if no server was reached.
pub(super) fn advice(unreachable: bool) -> &'static str {
    if unreachable {
        "; check the network; behind a proxy set http_proxy and https_proxy; without the Internet publish an ISO from a file: check-and-download-rocky --from-file ISO"
    } else {
        ""
    }
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishError {
    #[error(transparent)]
    TreeStore(#[from] TreeStoreError),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error(transparent)]
    Search(#[from] SearchError),
}

impl PublishError {
    /// Whether no server was reached.
    fn is_unreachable(&self) -> bool {
        match self {
            Self::Download(DownloadError::NoMirror { unreachable, .. })
            | Self::Search(SearchError::None { unreachable, .. }) => *unreachable,
            _ => false,
        }
    }
}
