// SPDX-License-Identifier: GPL-3.0-or-later
//! The part of a file that has arrived so far (`NAME.part`), with a note of its origin beside it (`NAME.part.toml`).

use super::error::DownloadError;
use super::origin::{DownloadOrigin, Note};
use crate::files::IoError;
use crate::media::hasher::Hasher;
use crate::media::interruptible::Interruptible;
use crate::media::iso::{Expected, VerifiedIso, VerifyError};
use crate::media::progress::Progress;
use crate::media::space;
use crate::types::Sha256Digest;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// One block on its way to the disk.
const BLOCK_BYTES: usize = 1 << 20;

/// Why the rest did not arrive.
pub(super) enum ReceiveError {
    /// It could not be read from its source.
    Source(std::io::Error),
    /// It could not be written here.
    Disk(DownloadError),
}

impl<E: Into<DownloadError>> From<E> for ReceiveError {
    fn from(error: E) -> Self {
        Self::Disk(error.into())
    }
}

/// The open file.
pub(super) struct PartialFile {
    folder: PathBuf,
    path: PathBuf,
    note: PathBuf,
    whole: PathBuf,
    file: File,
    len: u64,
    received: u64,
    sha256: Sha256Digest,
    origin: Option<DownloadOrigin>,
}

/// The name of a file that was verified and is not published yet.
pub(super) fn verified_name(name: &str) -> String {
    format!("{name}.proven")
}

impl PartialFile {
    /// Opens the part of a file, or begins it.
    pub(super) fn open(folder: &Path, expected: &Expected) -> Result<Self, IoError> {
        let path = folder.join(format!("{}.part", expected.name()));
        let note = folder.join(format!("{}.part.toml", expected.name()));
        let whole = folder.join(verified_name(expected.name()));
        let known = Note::read(&note, expected.sha256());
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(IoError::during("open", &path))?;
        let mut len = file.metadata().map_err(IoError::during("read", &path))?.len();
        let is_known = known.is_some();
        let origin = known.and_then(|note| note.origin);
        // Without a size it is not known whether bytes are missing. A server that reports no size sends no ranges
        // either.
        let size = expected.size().or(origin.as_ref().and_then(|origin| origin.size));
        if !is_known || size.is_none_or(|size| len > size) {
            file.set_len(0).map_err(IoError::during("empty", &path))?;
            len = 0;
        }
        let folder = folder.to_path_buf();
        Ok(Self { folder, path, note, whole, file, len, received: 0, sha256: expected.sha256(), origin })
    }

    /// Whether the size of the whole is known, from CHECKSUM or from the server: only then can it become complete.
    pub(super) fn has_size(&self, expected: &Expected) -> bool {
        expected.size().or(self.origin.as_ref().and_then(|origin| origin.size)).is_some()
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// How many bytes arrived since it was opened, including those that were discarded.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Their origin.
    pub(super) fn origin(&self) -> Option<&DownloadOrigin> {
        self.origin.as_ref()
    }

    /// Hashes the bytes that are there, and goes to their end.
    pub(super) fn hash(
        &mut self,
        hasher: &Hasher,
        size: Option<u64>,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), IoError> {
        self.file.seek(SeekFrom::Start(0)).map_err(IoError::during("read", &self.path))?;
        let file = Progress::new(Interruptible::new(&self.file, stop), 0, size, progress);
        let mut hashed = std::io::BufReader::with_capacity(BLOCK_BYTES, hasher.reader(file));
        self.len = std::io::copy(&mut hashed, &mut std::io::sink()).map_err(IoError::during("read", &self.path))?;
        Ok(())
    }

    /// Discards its content.
    pub(super) fn restart(&mut self) -> Result<(), IoError> {
        self.file.set_len(0).map_err(IoError::during("empty", &self.path))?;
        self.file.seek(SeekFrom::Start(0)).map_err(IoError::during("empty", &self.path))?;
        (self.len, self.origin) = (0, None);
        Ok(())
    }

    /// Notes the origin of the following bytes.
    pub(super) fn came_from(&mut self, origin: &DownloadOrigin) -> Result<(), IoError> {
        if self.origin.as_ref() == Some(origin) {
            return Ok(());
        }
        Note { sha256: self.sha256, origin: Some(origin.clone()) }.write(&self.note)?;
        self.origin = Some(origin.clone());
        Ok(())
    }

    /// Adds the bytes of a reader. Leaves room on the disk for the tree, which is about as large as the file of `size`
    /// bytes.
    pub(super) fn receive(&mut self, reader: &mut impl Read, size: Option<u64>) -> Result<(), ReceiveError> {
        let mut block = vec![0u8; BLOCK_BYTES];
        loop {
            match reader.read(&mut block).map_err(ReceiveError::Source)? {
                0 => return Ok(()),
                count => self.write(block.get(..count).unwrap_or_default(), size)?,
            }
        }
    }

    fn write(&mut self, bytes: &[u8], size: Option<u64>) -> Result<(), DownloadError> {
        let count = bytes.len() as u64;
        let tree = size.unwrap_or(self.len.saturating_add(count));
        if !space::has_room(&self.folder, tree.saturating_add(count))? {
            let kept = space::format_size(tree.saturating_add(space::RESERVE));
            return Err(DownloadError::Full { path: self.path.clone(), kept });
        }
        self.file.write_all(bytes).map_err(IoError::during("write", &self.path))?;
        self.len = self.len.saturating_add(count);
        self.received = self.received.saturating_add(count);
        Ok(())
    }

    /// Compares the whole with what it must be, and gives it its name. The outer error is about this disk.
    pub(super) fn finish(
        &mut self,
        expected: &Expected,
        digest: Sha256Digest,
    ) -> Result<Result<VerifiedIso, VerifyError>, IoError> {
        let file = self.file.try_clone().map_err(IoError::during("read", &self.path))?;
        let iso = match expected.verify_hashed(&self.path, file, digest, self.len) {
            Ok(iso) => iso,
            Err(error) => return Ok(Err(error)),
        };
        // Not synced: after a power loss the next run reads all of it again.
        let iso = iso.renamed(&self.whole).map_err(IoError::during("rename", &self.path))?;
        remove(&self.note)?;
        Ok(Ok(iso))
    }

    /// Removes it.
    pub(super) fn discard(self) -> Result<(), IoError> {
        remove(&self.note)?;
        remove(&self.path)
    }
}

fn remove(path: &Path) -> Result<(), IoError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(IoError::new("remove", path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    fn expected(size: Option<u64>) -> Expected {
        let digest = Sha256Digest::hash(b"abcdef");
        Expected::on_the_word_of("admin", "a.iso", digest, None).with_size(size)
    }

    #[test]
    fn bytes_of_an_earlier_run_are_hashed_and_the_rest_is_added() {
        let folder = tempfile::tempdir().unwrap();
        let expected = expected(Some(6));
        let open = || PartialFile::open(folder.path(), &expected).unwrap();
        let mut part = open();
        part.came_from(&DownloadOrigin::from_headers("http://a/a.iso", &ureq::http::HeaderMap::new(), Some(6)))
            .unwrap();
        part.receive(&mut &b"abcd"[..], Some(6)).ok().unwrap();
        drop(part);
        let (mut part, hasher) = (open(), Hasher::start().unwrap());
        let (stop, mut reports) = (AtomicBool::new(false), Vec::new());
        part.hash(&hasher, Some(6), &stop, &mut |so_far, of| reports.push((so_far, of))).unwrap();
        assert_eq!((part.len(), part.received(), reports), (4, 0, vec![(4, Some(6))]));
        part.receive(&mut hasher.reader(&b"ef"[..]), Some(6)).ok().unwrap();
        assert_eq!((part.len(), part.received()), (6, 2));
        let iso = part.finish(&expected, hasher.finish().unwrap()).unwrap().unwrap();
        assert_eq!(std::fs::read(iso.path()).unwrap(), b"abcdef");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no note is left");
    }

    #[test]
    fn bytes_without_a_note_or_beyond_the_size_are_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso.part");
        std::fs::write(&path, "abcd").unwrap();
        assert_eq!(PartialFile::open(folder.path(), &expected(Some(6))).unwrap().len(), 0, "no note");
        let mut part = PartialFile::open(folder.path(), &expected(Some(6))).unwrap();
        part.came_from(&DownloadOrigin::from_headers("http://a/a.iso", &ureq::http::HeaderMap::new(), None)).unwrap();
        std::fs::write(&path, "abcdefg").unwrap();
        assert_eq!(PartialFile::open(folder.path(), &expected(Some(6))).unwrap().len(), 0, "too many");
        std::fs::write(&path, "abcd").unwrap();
        assert_eq!(PartialFile::open(folder.path(), &expected(None)).unwrap().len(), 0, "of no known size");
        std::fs::write(&path, "abcd").unwrap();
        let mut part = PartialFile::open(folder.path(), &expected(Some(6))).unwrap();
        assert_eq!(part.len(), 4);
        let stop = AtomicBool::new(false);
        stop.store(true, Ordering::Relaxed);
        assert!(part.hash(&Hasher::start().unwrap(), None, &stop, &mut |_, _| {}).is_err(), "Ctrl-C");
    }

    #[test]
    fn no_byte_is_written_that_takes_the_room_of_the_tree() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = PartialFile::open(folder.path(), &expected(None)).unwrap();
        let full = part.receive(&mut &b"abc"[..], Some(u64::MAX));
        assert!(matches!(full, Err(ReceiveError::Disk(DownloadError::Full { .. }))));
        assert_eq!((part.len(), std::fs::read(folder.path().join("a.iso.part")).unwrap().len()), (0, 0));
    }
}
