// SPDX-License-Identifier: GPL-3.0-or-later
//! A file as it must be, and the comparison with one that is there.

use super::error::VerifyError;
use super::release_id::ReleaseId;
use super::verified_iso::VerifiedIso;
use super::word::Word;
use crate::files::IoError;
use crate::media::brought::{Brought, BroughtError, Room};
use crate::media::checksum;
use crate::media::interruptible::{Interruptible, was_interrupted};
use crate::media::progress::Progress;
use crate::media::space::RESERVE;
use crate::types::{Line, Sha256Digest};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// No ISO is larger: twice the largest that there is.
pub(in crate::media) const MAX_ISO_BYTES: u64 = 32 << 30;

/// A file as it must be.
#[derive(Debug, Clone)]
pub struct Expected {
    name: String,
    size: Option<u64>,
    sha256: Sha256Digest,
    release_id: Option<ReleaseId>,
    word: Word,
}

impl Expected {
    /// As a signed CHECKSUM has it.
    pub(super) fn signed(name: &str, entry: checksum::Entry, release_id: ReleaseId, fingerprint: &str) -> Self {
        let (name, word) = (name.to_owned(), Word::Signature(fingerprint.to_owned()));
        Self { name, size: entry.size, sha256: entry.sha256, release_id: Some(release_id), word }
    }

    /// As the operator says.
    pub fn on_the_word_of(operator: &str, name: &str, sha256: Sha256Digest, release_id: Option<ReleaseId>) -> Self {
        // The name of a file is whatever its owner likes, and goes into a line of the inventory.
        let name = Line::lossy(name).to_string();
        Self { name, size: None, sha256, release_id, word: Word::Operator(Line::lossy(operator)) }
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

    /// Which release it must be; `None` where the operator gave only a digest.
    pub fn release_id(&self) -> Option<&ReleaseId> {
        self.release_id.as_ref()
    }

    /// Who stands for it.
    pub(super) fn word(&self) -> &Word {
        &self.word
    }

    /// Its size in bytes, where it is known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Its digest.
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Proves a file whose bytes were hashed as they were written. Nobody else can write it.
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

    /// Whether a file is the one that is meant.
    fn compare(&self, path: &Path, found: Sha256Digest, size: u64) -> Result<(), VerifyError> {
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

    /// Copies the whole file into `folder`, to a file that has no name, and compares it. What is proven is the copy: somebody may have had
    /// the file open for writing since before it became root's, which its owner and mode do not show. `progress` hears how many bytes
    /// were read.
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

    /// The same for a file that this program made itself in a folder which only root enters: nobody else ever had it open, so it needs no
    /// copy. One that others can change now is copied all the same.
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

    fn compare_size(&self, iso: &Brought) -> Result<(), VerifyError> {
        if self.size.is_some_and(|expected| expected != iso.size()) {
            return self.compare(iso.path(), self.sha256, iso.size());
        }
        Ok(())
    }

    /// Reads the whole file and compares it, and proves nothing for later.
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
        // One byte more shows that it grew.
        let file = iso.file().take(size.saturating_add(1));
        let reader = Progress::new(Interruptible::new(file, stop), 0, Some(size), progress);
        let (found, size) = match Sha256Digest::of_reader(reader) {
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
    fn a_file_is_proven_by_all_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso");
        std::fs::write(&path, "abc").unwrap();
        let open = || Brought::open(&path).unwrap();
        let prove =
            |expected: &Expected| expected.verify_own(open(), folder.path(), &AtomicBool::new(false), &mut |_, _| {});
        let good = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::of(b"abc"), None);
        assert_eq!(prove(&good).unwrap().size(), 3);
        let other = Expected { sha256: Sha256Digest::of(b"abd"), ..good.clone() };
        assert!(prove(&other).unwrap_err().to_string().contains("its SHA-256 is"));
        let longer = Expected { size: Some(4), ..good.clone() };
        assert!(prove(&longer).unwrap_err().to_string().contains("its size is 3, not 4"));
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
        let good = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::of(b"abc"), None);
        let later = |is_own: bool, mode: u32| {
            std::fs::write(&path, "abc").unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            // Somebody had it open for writing before it was brought, whoever has it now.
            let held = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            let iso = Brought::open(&path).unwrap();
            let stop = AtomicBool::new(false);
            let proven = if is_own {
                good.verify_own(iso, folder.path(), &stop, &mut |_, _| {})
            } else {
                good.verify(&iso, folder.path(), &stop, &mut |_, _| {})
            };
            let proven = proven.unwrap();
            // They write into it, and put another one in its place.
            std::os::unix::fs::FileExt::write_all_at(&held, b"X", 2).unwrap();
            std::fs::rename(&path, folder.path().join("old")).unwrap();
            std::fs::write(&path, "xyz").unwrap();
            std::fs::read_to_string(crate::media::brought::place_of(proven.file())).unwrap()
        };
        for mode in [0o600, 0o644, 0o666] {
            assert_eq!(later(false, mode), "abc", "{mode:o}");
        }
        assert_eq!(later(true, 0o666), "abc");
        assert_eq!(later(true, 0o644), "abX", "the open file itself, by whatever name");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "a copy has no name");
    }

    #[test]
    fn the_name_of_a_file_is_one_line() {
        let expected = Expected::on_the_word_of("admin", "a\n# word signed by X\n.iso", Sha256Digest::of(b""), None);
        assert!(!expected.name().contains('\n'), "{}", expected.name());
    }
}
