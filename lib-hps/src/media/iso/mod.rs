// SPDX-License-Identifier: GPL-3.0-or-later
//! The proof of an ISO: the signature of its maker over CHECKSUM, or the operator's digest.
//!
//! The values of this folder form a chain, each made only from the one before. [`Checksums`] come from a good signature
//! of the pinned key. [`Expected`] comes from them or from the operator's digest. [`VerifiedIso`] comes from reading
//! the whole file. Publishing accepts only the last.

mod armor;
mod attestation;
mod checksums;
mod error;
mod expected;
mod release_id;
mod verified_iso;

pub(super) use armor::dearmor;
pub use attestation::Attestation;
pub use checksums::{Checksums, SIGNATURES};
pub use error::{ChecksumsProblem, VerifyError};
pub use expected::Expected;
pub(super) use expected::MAX_ISO_BYTES;
pub use release_id::ReleaseId;
pub use verified_iso::VerifiedIso;
