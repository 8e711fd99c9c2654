// SPDX-License-Identifier: GPL-3.0-or-later
//! CHECKSUM of a release, signed by its maker.

use super::armor::dearmor;
use super::error::{ChecksumsProblem, VerifyError};
use super::expected::Expected;
use super::release_id::ReleaseId;
use crate::exec::gpgv::{self, SignatureError};
use crate::files::IoError;
use crate::media::checksum;
use crate::media::vendor::ReleaseKey;
use crate::media::work_folder::work_folder;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Possible detached signatures of a CHECKSUM, in the order in which they are tried.
pub const SIGNATURES: [&str; 2] = ["CHECKSUM.sig", "CHECKSUM.asc"];

/// A CHECKSUM file that the pinned key has signed.
#[derive(Debug)]
pub struct Checksums {
    text: String,
    release_id: ReleaseId,
    fingerprint: String,
}

impl Checksums {
    /// Whether one of the detached `signatures` over `text` is good and by the one key of that line.
    ///
    /// # Errors
    /// [`VerifyError`]; for several signatures the reasons of all; and when `stop` is set meanwhile.
    pub fn verify(
        release_id: ReleaseId,
        key: &ReleaseKey,
        text: &[u8],
        signatures: &[(&str, Vec<u8>)],
        stop: &AtomicBool,
    ) -> Result<Self, VerifyError> {
        let of = format!("{} {}", release_id.vendor.as_str(), release_id.release);
        let wrong = |problem| VerifyError::Checksums { of: of.clone(), problem };
        if signatures.is_empty() {
            return Err(wrong(ChecksumsProblem::NotSigned));
        }
        let folder = work_folder()?;
        let put = |name: &str, bytes: &[u8]| -> Result<PathBuf, VerifyError> {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).map_err(IoError::during("write", &path))?;
            Ok(path)
        };
        let keyring = dearmor(key.armored).ok_or_else(|| wrong(ChecksumsProblem::UnreadableKey))?;
        let (keyring, data) = (put("key.gpg", &keyring)?, put("CHECKSUM", text)?);
        let mut reasons = Vec::new();
        for (name, signature) in signatures {
            match gpgv::verify(&keyring, key.fingerprint, &put("signature", signature)?, &data, stop) {
                Ok(()) => {
                    let text = String::from_utf8(text.to_vec()).map_err(|_| wrong(ChecksumsProblem::NotText))?;
                    return Ok(Self { text, release_id, fingerprint: key.fingerprint.to_owned() });
                }
                Err(SignatureError::Exec(error)) => return Err(error.into()),
                Err(SignatureError::Refused(why)) => reasons.push(((*name).to_owned(), why)),
            }
        }
        Err(wrong(ChecksumsProblem::BadSignatures(reasons)))
    }

    /// Their entry for exactly this file.
    ///
    /// # Errors
    /// When they have none, or an unclear one.
    pub fn expected(&self, name: &str) -> Result<Expected, VerifyError> {
        let of = format!("{} {}", self.release_id.vendor.as_str(), self.release_id.release);
        let entry = checksum::entry(&self.text, name)
            .map_err(|error| VerifyError::Checksums { of, problem: ChecksumsProblem::NoEntry(error) })?;
        Ok(Expected::signed(name, entry, self.release_id.clone(), &self.fingerprint))
    }
}
