// SPDX-License-Identifier: GPL-3.0-or-later
//! A verified ISO.

use super::attestation::Attestation;
use super::error::VerifyError;
use super::expected::{Expected, MAX_ISO_BYTES};
use super::release_id::ReleaseId;
use crate::files::IoError;
use crate::media::brought::{Brought, BroughtError, Room};
use crate::media::space::RESERVE;
use crate::types::Sha256Digest;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A verified ISO: every byte of the open file was hashed, and only root can change one. Only this file makes it, and
/// only it can be published, by the open file and not by its path.
#[derive(Debug)]
pub struct VerifiedIso {
    path: PathBuf,
    file: File,
    size: u64,
    expected: Expected,
}

impl VerifiedIso {
    /// For a file without a difference in the comparison.
    fn new(path: &Path, file: File, size: u64, expected: Expected) -> Self {
        Self { path: path.to_path_buf(), file, size, expected }
    }

    /// Its path: for messages, and to move it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that are verified.
    pub(in crate::media) fn file(&self) -> &File {
        &self.file
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its file name, as its maker calls it.
    pub fn name(&self) -> &str {
        self.expected.name()
    }

    /// Its digest.
    pub fn sha256(&self) -> Sha256Digest {
        self.expected.sha256()
    }

    /// The expected release; `None` if the operator gave only a digest.
    pub fn release_id(&self) -> Option<&ReleaseId> {
        self.expected.release_id()
    }

    /// Who stands for it.
    pub fn attestation(&self) -> &Attestation {
        self.expected.attestation()
    }

    /// The same file under another name, on the same file system.
    pub(in crate::media) fn renamed(self, to: &Path) -> std::io::Result<Self> {
        std::fs::rename(&self.path, to)?;
        Ok(Self { path: to.to_path_buf(), ..self })
    }
}

impl Expected {
    /// Verifies a file whose bytes were hashed as they were written. No other user can write it.
    pub(in crate::media) fn verify_hashed(
        &self,
        path: &Path,
        file: File,
        found: Sha256Digest,
        size: u64,
    ) -> Result<VerifiedIso, VerifyError> {
        self.compare(path, found, size)?;
        Ok(VerifiedIso::new(path, file, size, self.clone()))
    }

    /// Copies the whole file into `folder`, to a file without a name, and compares it. The copy is verified: another
    /// user may have the file open for writing since before it became root's, and its owner and mode do not show that.
    /// `progress` gets the number of bytes so far.
    ///
    /// # Errors
    /// When it cannot be read, is another one, there is no room for the copy, or `stop` is set meanwhile.
    pub fn verify(
        &self,
        iso: &Brought,
        folder: &Path,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<VerifiedIso, VerifyError> {
        self.compare_size(iso)?;
        let mut copy = tempfile::tempfile_in(folder).map_err(IoError::during("create a file in", folder))?;
        // The tree is about as large.
        let room = Room { folder, needed: iso.size().saturating_mul(2).saturating_add(RESERVE) };
        let found = iso.copy(MAX_ISO_BYTES, room, &mut copy, stop, progress).map_err(|error| match error {
            BroughtError::Stopped => VerifyError::Stopped,
            other => other.into(),
        })?;
        self.verify_hashed(iso.path(), copy, found, iso.size())
    }

    /// The same for a file that this program made itself in a folder that only root enters. No other user ever had it
    /// open, so it needs no copy. If others can change it now, it is copied anyway.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub(in crate::media) fn verify_own(
        &self,
        iso: Brought,
        folder: &Path,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<VerifiedIso, VerifyError> {
        if !iso.is_roots() {
            return self.verify(&iso, folder, stop, progress);
        }
        self.check(&iso, stop, progress)?;
        let (path, size) = (iso.path().to_path_buf(), iso.size());
        Ok(VerifiedIso::new(&path, iso.into_file(), size, self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_verified_by_all_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso");
        std::fs::write(&path, "abc").unwrap();
        let open = || Brought::open(&path).unwrap();
        let verify =
            |expected: &Expected| expected.verify_own(open(), folder.path(), &AtomicBool::new(false), &mut |_, _| {});
        let good = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::hash(b"abc"), None);
        assert_eq!(verify(&good).unwrap().size(), 3);
        let other = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::hash(b"abd"), None);
        assert!(verify(&other).unwrap_err().to_string().contains("its SHA-256 is"));
        let longer = good.clone().with_size(Some(4));
        assert!(verify(&longer).unwrap_err().to_string().contains("its size is 3, not 4"));
        for mode in [0o644, 0o666] {
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            let stopped = good.verify_own(open(), folder.path(), &AtomicBool::new(true), &mut |_, _| {});
            assert!(matches!(stopped, Err(VerifyError::Stopped)), "{mode:o}");
        }
    }

    #[test]
    fn what_a_person_brings_is_copied_and_what_this_program_made_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso");
        let good = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::hash(b"abc"), None);
        let later = |is_own: bool, mode: u32| {
            std::fs::write(&path, "abc").unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            // Another user had it open for writing before it was brought, whoever owns it now.
            let held = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            let iso = Brought::open(&path).unwrap();
            let stop = AtomicBool::new(false);
            let verified = if is_own {
                good.verify_own(iso, folder.path(), &stop, &mut |_, _| {})
            } else {
                good.verify(&iso, folder.path(), &stop, &mut |_, _| {})
            };
            let verified = verified.unwrap();
            // That user writes into it, and replaces it.
            std::os::unix::fs::FileExt::write_all_at(&held, b"X", 2).unwrap();
            std::fs::rename(&path, folder.path().join("old")).unwrap();
            std::fs::write(&path, "xyz").unwrap();
            std::fs::read_to_string(crate::media::brought::place_of(verified.file())).unwrap()
        };
        for mode in [0o600, 0o644, 0o666] {
            assert_eq!(later(false, mode), "abc", "{mode:o}");
        }
        assert_eq!(later(true, 0o666), "abc");
        assert_eq!(later(true, 0o644), "abX", "the open file itself, by whatever name");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "a copy has no name");
    }
}
