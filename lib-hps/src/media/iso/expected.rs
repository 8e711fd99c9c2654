// SPDX-License-Identifier: GPL-3.0-or-later
//! A file as it must be, and the comparison with a real one.

use super::attestation::Attestation;
use super::error::VerifyError;
use super::release_id::ReleaseId;
use crate::files::IoError;
use crate::media::brought::{Brought, BroughtError};
use crate::media::checksum;
use crate::media::interruptible::{Interruptible, was_interrupted};
use crate::media::progress::Progress;
use crate::types::{Line, Sha256Digest};
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// No ISO is larger: twice the largest one that exists.
pub(in crate::media) const MAX_ISO_BYTES: u64 = 32 << 30;

/// A file as it must be.
#[derive(Debug, Clone)]
pub struct Expected {
    name: String,
    size: Option<u64>,
    sha256: Sha256Digest,
    release_id: Option<ReleaseId>,
    attestation: Attestation,
}

impl Expected {
    /// From a signed CHECKSUM.
    pub(super) fn signed(name: &str, entry: checksum::Entry, release_id: ReleaseId, fingerprint: &str) -> Self {
        let (name, attestation) = (name.to_owned(), Attestation::Signature(fingerprint.to_owned()));
        Self { name, size: entry.size, sha256: entry.sha256, release_id: Some(release_id), attestation }
    }

    /// As the operator says.
    pub fn on_the_word_of(operator: &str, name: &str, sha256: Sha256Digest, release_id: Option<ReleaseId>) -> Self {
        // The owner of a file chooses its name, and it goes into a line of the inventory.
        let name = Line::lossy(name).to_string();
        Self { name, size: None, sha256, release_id, attestation: Attestation::Operator(Line::lossy(operator)) }
    }

    /// The same with a size, for tests.
    #[cfg(test)]
    pub(in crate::media) fn with_size(self, size: Option<u64>) -> Self {
        Self { size, ..self }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The expected release; `None` if the operator gave only a digest.
    pub fn release_id(&self) -> Option<&ReleaseId> {
        self.release_id.as_ref()
    }

    /// Who stands for it.
    pub(super) fn attestation(&self) -> &Attestation {
        &self.attestation
    }

    /// Its size in bytes, if it is known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Its digest.
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Whether a file is the expected one.
    pub(super) fn compare(&self, path: &Path, found: Sha256Digest, size: u64) -> Result<(), VerifyError> {
        let other = |what, found: String, expected: String| {
            Err(VerifyError::Other { path: path.to_path_buf(), what, found, expected })
        };
        if let Some(expected) = self.size.filter(|expected| *expected != size) {
            return other("size", size.to_string(), expected.to_string());
        }
        if found != self.sha256 {
            return other("SHA-256", found.to_string(), self.sha256.to_string());
        }
        Ok(())
    }

    pub(super) fn compare_size(&self, iso: &Brought) -> Result<(), VerifyError> {
        if self.size.is_some_and(|expected| expected != iso.size()) {
            return self.compare(iso.path(), self.sha256, iso.size());
        }
        Ok(())
    }

    /// Reads and compares the whole file. The file may change after that.
    ///
    /// # Errors
    /// When it cannot be read, is another one, or `stop` is set meanwhile.
    pub fn check(
        &self,
        iso: &Brought,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), VerifyError> {
        self.compare_size(iso)?;
        let (path, size) = (iso.path(), iso.size());
        if size > MAX_ISO_BYTES {
            return Err(BroughtError::TooLarge { path: path.to_path_buf(), most: MAX_ISO_BYTES }.into());
        }
        // One byte more would show that it grew.
        let file = iso.file().take(size.saturating_add(1));
        let reader = Progress::new(Interruptible::new(file, stop), 0, Some(size), progress);
        let (found, size) = match Sha256Digest::hash_reader(reader) {
            Err(error) if was_interrupted(&error) => return Err(VerifyError::Stopped),
            other => other.map_err(IoError::during("read", path))?,
        };
        self.compare(path, found, size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_one_line() {
        let expected = Expected::on_the_word_of("admin", "a\n# word signed by X\n.iso", Sha256Digest::hash(b""), None);
        assert!(!expected.name().contains('\n'), "{}", expected.name());
    }
}
