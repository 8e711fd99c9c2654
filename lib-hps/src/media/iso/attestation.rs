// SPDX-License-Identifier: GPL-3.0-or-later
//! Who stands for a digest.

use crate::types::Line;

/// Who stands for a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attestation {
    /// The maker's release key, by its fingerprint.
    Signature(String),
    /// An operator who gave the digest.
    Operator(Line),
}

impl std::fmt::Display for Attestation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signature(fingerprint) => write!(f, "signed by {fingerprint}"),
            Self::Operator(who) => write!(f, "on the word of {who}"),
        }
    }
}
