// SPDX-License-Identifier: GPL-3.0-or-later
//! Writes an archive: the manifest, each file that it lists, and the digest of the manifest.

use super::manifest::{ListedFile, Manifest, digest_line};
use super::{ArchiveError, DIGEST, MANIFEST};
use crate::types::Sha256Digest;
use std::io::{self, Read, Write};
use tar::{EntryType, Header};

/// A block of tar.
const BLOCK: usize = 512;

/// An archive that is being written.
pub struct Writer<'a, W: Write> {
    out: W,
    manifest: &'a Manifest,
    digest: String,
    made: u64,
    next: usize,
}

impl<'a, W: Write> Writer<'a, W> {
    /// Begins with the manifest.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(out: W, manifest: &'a Manifest) -> Result<Self, ArchiveError> {
        let bytes = manifest.to_bytes();
        let made = manifest.origin.made.as_unix();
        let mut writer = Self { out, manifest, digest: digest_line(&bytes), made, next: 0 };
        writer.member(MANIFEST, bytes.len() as u64, 0o600)?;
        writer.content(&bytes)?;
        Ok(writer)
    }

    /// The file that is to be added next; `None` after the last one.
    pub fn next(&self) -> Option<&'a ListedFile> {
        self.manifest.files.get(self.next)
    }

    /// Adds the next file.
    ///
    /// # Errors
    /// When it cannot be read or written, or differs from its digest.
    pub fn add(&mut self, content: impl Read) -> Result<(), ArchiveError> {
        let Some(file) = self.next() else { return Ok(()) };
        self.next += 1;
        self.member(file.name.as_str(), file.size, file.mode)?;
        let mut out = Copied { out: &mut self.out, refused: None };
        let mut content = content.take(file.size.saturating_add(1));
        // Each block is written as it is read; a longer file is seen by the digest.
        let copied = Sha256Digest::hash_reader(Tee { from: &mut content, to: &mut out });
        if let Some(error) = out.refused.take() {
            return Err(ArchiveError::Write(error));
        }
        let (digest, size) = copied.map_err(ArchiveError::Read)?;
        if (digest, size) != (file.sha256, file.size) {
            return Err(ArchiveError::Changed(file.name.to_string()));
        }
        self.pad(file.size)
    }

    /// Ends it with the digest of the manifest, and returns that digest and the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(W, String), ArchiveError> {
        let digest = self.digest.clone();
        self.member(DIGEST, digest.len() as u64, 0o600)?;
        self.content(digest.as_bytes())?;
        self.out.write_all(&[0; 2 * BLOCK]).map_err(ArchiveError::Write)?;
        Ok((self.out, digest.split(' ').next().unwrap_or_default().to_owned()))
    }

    fn member(&mut self, name: &str, size: u64, mode: u32) -> Result<(), ArchiveError> {
        let mut header = Header::new_ustar();
        if header.set_path(name).is_err() {
            // As GNU tar does for a name that has no place in the header.
            let mut long = Header::new_gnu();
            long.set_entry_type(EntryType::GNULongName);
            long.set_path("././@LongLink").map_err(ArchiveError::Write)?;
            long.set_size(name.len() as u64 + 1);
            long.set_mode(0o600);
            long.set_cksum();
            self.out.write_all(long.as_bytes()).map_err(ArchiveError::Write)?;
            self.content(&[name.as_bytes(), &[0]].concat())?;
            header = Header::new_gnu();
            let cut: String = name.chars().take(40).collect();
            header.set_path(cut).map_err(ArchiveError::Write)?;
        }
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(mode);
        header.set_mtime(self.made);
        header.set_cksum();
        self.out.write_all(header.as_bytes()).map_err(ArchiveError::Write)
    }

    fn content(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.out.write_all(bytes).map_err(ArchiveError::Write)?;
        self.pad(bytes.len() as u64)
    }

    /// Fills the last block.
    fn pad(&mut self, size: u64) -> Result<(), ArchiveError> {
        let rest = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        let zeros = [0; BLOCK];
        let missing = zeros.get(..(BLOCK - rest) % BLOCK).unwrap_or_default();
        self.out.write_all(missing).map_err(ArchiveError::Write)
    }
}

/// A reader whose bytes are written somewhere as they are read.
struct Tee<'a, R, W: Write> {
    from: R,
    to: &'a mut Copied<W>,
}

impl<R: Read, W: Write> Read for Tee<'_, R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        if let Err(error) = self.to.out.write_all(buffer.get(..count).unwrap_or_default()) {
            self.to.refused = Some(error);
            return Err(io::Error::other("the archive cannot be written"));
        }
        Ok(count)
    }
}

/// Where a copy goes, and why it did not.
struct Copied<W> {
    out: W,
    refused: Option<io::Error>,
}
