// SPDX-License-Identifier: GPL-3.0-or-later
//! Errors with their exit codes.

use crate::program::{Ended, Exit};
use crate::published::not_locked;
use hps::files::FileError;
use hps::media::TreeError;
use hps::media::brought::BroughtError;
use hps::media::download::DownloadError;
use hps::media::offer::OfferError;
use hps::media::shelf::ShelfError;
use hps::media::verify::VerifyError;

/// An error with its exit code.
pub(super) fn ended(error: impl Into<Trouble>) -> anyhow::Error {
    let error = error.into();
    let advice = advice(error.is_unreachable());
    let (exit, error) = match error {
        Trouble::Shelf(ShelfError::Lock(error)) => return not_locked(error),
        Trouble::Shelf(error @ (ShelfError::Open(FileError::Untrusted { .. }) | ShelfError::InTheWay(_))) => {
            (Exit::Refused, error.into())
        }
        Trouble::Shelf(ShelfError::Tree(error @ TreeError::Content { .. })) => (Exit::Refused, error.into()),
        Trouble::Shelf(ShelfError::Open(error)) => (Exit::Failed, error.into()),
        Trouble::Shelf(ShelfError::Tree(error)) => (Exit::Failed, error.into()),
        Trouble::Shelf(error @ (ShelfError::Full { .. } | ShelfError::Io(_))) => (Exit::Failed, error.into()),
        Trouble::Verify(VerifyError::Brought(error @ BroughtError::Missing(_))) => (Exit::NotFound, error.into()),
        Trouble::Verify(error) if error.is_refusal() => (Exit::Refused, error.into()),
        Trouble::Verify(error) => (Exit::Failed, error.into()),
        Trouble::Download(error) => match &error {
            DownloadError::NoMirror { refused: true, .. } => (Exit::Refused, error.into()),
            _ => (Exit::Failed, error.into()),
        },
        Trouble::Offer(OfferError::Verify(error)) => return ended(error),
        Trouble::Offer(error) => match &error {
            OfferError::None { refused: true, .. } => (Exit::Refused, error.into()),
            OfferError::None { missing: true, .. } => (Exit::NotFound, error.into()),
            _ => (Exit::Failed, error.into()),
        },
    };
    let error: anyhow::Error = error;
    Ended::error(exit, format!("{error:#}{advice}"))
}

/// What to do where no server was reached.
pub(super) fn advice(unreachable: bool) -> &'static str {
    if unreachable {
        "; look at the network; behind a proxy set http_proxy and https_proxy; without the Internet publish an ISO that is at hand: check-and-download-rocky --from-file ISO"
    } else {
        ""
    }
}

/// Whatever the library says no with.
pub(super) enum Trouble {
    Shelf(ShelfError),
    Verify(VerifyError),
    Download(DownloadError),
    Offer(OfferError),
}

impl Trouble {
    /// Whether no server was reached.
    fn is_unreachable(&self) -> bool {
        match self {
            Self::Download(DownloadError::NoMirror { unreachable, .. })
            | Self::Offer(OfferError::None { unreachable, .. }) => *unreachable,
            _ => false,
        }
    }
}

impl From<ShelfError> for Trouble {
    fn from(error: ShelfError) -> Self {
        Self::Shelf(error)
    }
}

impl From<VerifyError> for Trouble {
    fn from(error: VerifyError) -> Self {
        Self::Verify(error)
    }
}

impl From<DownloadError> for Trouble {
    fn from(error: DownloadError) -> Self {
        Self::Download(error)
    }
}

impl From<OfferError> for Trouble {
    fn from(error: OfferError) -> Self {
        Self::Offer(error)
    }
}
