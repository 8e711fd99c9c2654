// SPDX-License-Identifier: GPL-3.0-or-later
//! The signed digest of an ISO from the maker of a release, from mirror after mirror.
//!
//! The fault of one mirror is not the site's: if one sends something else or nothing, the next is asked. The faults are
//! reported if no mirror was right. Only an error on this node ends the search early.

use super::available_releases::AvailableRelease;
use super::iso::{Checksums, Expected, ReleaseId, SIGNATURES, VerifyError};
use super::mirror::{Client, Mirror, MirrorError};
use super::vendor::{Keys, ReleaseKey};
use crate::types::Sha256Digest;

const MAX_CHECKSUM_BYTES: u64 = 1 << 20;
const MAX_SIGNATURE_BYTES: u64 = 64 << 10;

/// Why an ISO cannot be verified.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
    /// No mirror sent a valid one.
    #[error("{reasons}")]
    None {
        /// The error of each mirror.
        reasons: String,
        /// Whether one of them sent something that was checked and refused.
        refused: bool,
        /// Whether all of them reported that there is none.
        missing: bool,
        /// Whether none of them was reached.
        unreachable: bool,
    },
    /// It cannot be checked here.
    #[error(transparent)]
    Verify(VerifyError),
}

/// The entries of the mirrors for one ISO, mirror after mirror. Each CHECKSUM that the pinned key has signed may
/// describe another state of the ISO. Only a download shows which state the mirrors have.
#[derive(Debug)]
pub struct ChecksumSearch<'a> {
    client: &'a Client,
    key: ReleaseKey,
    release_id: ReleaseId,
    name: String,
    /// The mirrors that were not asked yet.
    mirrors: std::vec::IntoIter<Mirror>,
    given: Vec<Sha256Digest>,
    reasons: Vec<String>,
    refused: bool,
    missing: bool,
    unreachable: bool,
}

impl<'a> ChecksumSearch<'a> {
    /// For the ISO of this name.
    ///
    /// # Errors
    /// When no key for its signature is known.
    pub fn new(
        client: &'a Client,
        keys: Keys,
        release_id: ReleaseId,
        of: &AvailableRelease,
        name: &str,
    ) -> Result<Self, SearchError> {
        let (vendor, release) = (release_id.vendor, release_id.release);
        let key = keys
            .for_release(vendor, release.major)
            .ok_or(SearchError::Verify(VerifyError::NoKey { vendor, release }))?;
        Ok(Self {
            client,
            key,
            release_id,
            name: name.to_owned(),
            mirrors: of.mirrors.clone().into_iter(),
            given: Vec::new(),
            reasons: Vec::new(),
            refused: false,
            missing: true,
            unreachable: true,
        })
    }

    /// The ISO by the next mirror's CHECKSUM, if that is valid and differs from those before; `None` if all were asked.
    ///
    /// # Errors
    /// [`SearchError::Stopped`], and errors of this node.
    pub fn next_expected(&mut self) -> Result<Option<Expected>, SearchError> {
        while let Some(mirror) = self.mirrors.next() {
            if let Some(expected) = self.ask(&mirror)? {
                (self.missing, self.unreachable) = (false, false);
                if !self.given.contains(&expected.sha256()) {
                    self.given.push(expected.sha256());
                    return Ok(Some(expected));
                }
            }
        }
        Ok(None)
    }

    /// The errors of the mirrors without a valid one.
    pub fn faults(self) -> SearchError {
        let Self { reasons, refused, missing, unreachable, .. } = self;
        SearchError::None { reasons: reasons.join("; "), refused, missing, unreachable }
    }

    /// The entry of one mirror; none, with a reason, if it is not valid.
    fn ask(&mut self, mirror: &Mirror) -> Result<Option<Expected>, SearchError> {
        let ReleaseId { vendor, release, cpu } = &self.release_id;
        let folder = vendor.iso_folder(*release, cpu);
        let get = |name: &str, limit| self.client.small(&mirror.url(&format!("{folder}/{name}")), limit);
        let text = match get("CHECKSUM", MAX_CHECKSUM_BYTES) {
            Ok(text) => text,
            Err(MirrorError::Stopped) => return Err(SearchError::Stopped),
            Err(error) => {
                self.missing &= error.is_missing();
                self.unreachable &= error.is_unreachable();
                self.reasons.push(error.to_string());
                return Ok(None);
            }
        };
        (self.missing, self.unreachable) = (false, false);
        if looks_like_a_page(&text) {
            self.reasons.push(format!("{mirror}: it sends a page instead of CHECKSUM"));
            return Ok(None);
        }
        let mut signatures = Vec::new();
        let mut trouble = None;
        for name in SIGNATURES {
            match get(name, MAX_SIGNATURE_BYTES) {
                Ok(bytes) => signatures.push((name, bytes)),
                Err(MirrorError::Stopped) => return Err(SearchError::Stopped),
                Err(error) if error.is_missing() => {}
                Err(error) => trouble = Some(error),
            }
        }
        // A broken line does not mean a missing signature.
        if let Some(error) = trouble.filter(|_| signatures.is_empty()) {
            self.reasons.push(error.to_string());
            return Ok(None);
        }
        let expected = Checksums::verify(self.release_id.clone(), &self.key, &text, &signatures, &self.client.stop)
            .and_then(|checksums| checksums.expected(&self.name));
        match expected {
            Ok(expected) => Ok(Some(expected)),
            Err(error) if error.is_refusal() => {
                self.refused = true;
                self.reasons.push(format!("{mirror}: {error}"));
                Ok(None)
            }
            Err(error) => Err(SearchError::Verify(error)),
        }
    }
}

fn looks_like_a_page(text: &[u8]) -> bool {
    let start = text.trim_ascii_start().get(..5).unwrap_or_default().to_ascii_lowercase();
    start == b"<!doc" || start == b"<html"
}
