// SPDX-License-Identifier: GPL-3.0-or-later
//! A file that root reads, and that another user may have made: an ISO on a stick, its CHECKSUM, a key, a package.
//!
//! Three rules, for every file that a person names and for what lies beside it:
//! - It is looked at before it is opened, and nothing but a regular file is opened. A pipe would wait for its writer for ever, and a device
//!   may act when it is opened. [`open_input`] opens what it looked at, so no other thing can be put in its place.
//! - What was opened is what is read, to the end. Nobody looks by the path a second time.
//! - What is verified and used later comes from bytes that only root can change: a copy ([`Brought::copy`]) that has no name, or lies where
//!   only root can go. That root owns a file proves nothing: who opened it before can write into it for as long as they hold it open.
//!   Only a file that this program made itself is used without a copy, where [`Brought::is_roots`] says so.

mod error;
mod others;

pub use error::BroughtError;
pub(super) use others::{change_by_others, others_on_the_way, place_of};

use super::hasher::Hasher;
use super::interruptible::{Interruptible, was_interrupted};
use super::progress::Progress;
use super::space;
use crate::files::{FileError, IoError, free_space, open_input};
use crate::types::Sha256Digest;
use others::is_local;
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The open file.
#[derive(Debug)]
pub struct Brought {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Brought {
    /// Opens a regular file. A link is followed.
    ///
    /// # Errors
    /// When there is none, it is something else, or it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, BroughtError> {
        let file = open_input(path).map_err(|error| match error {
            FileError::NotRegular { path, what } => BroughtError::NotAFile { path, what },
            error if error.is_not_found() => BroughtError::Missing(path.to_path_buf()),
            FileError::Io(error) => IoError::new("open", path, error.into_reason()).into(),
            other => BroughtError::Untrusted(other),
        })?;
        let size = file.metadata().map_err(IoError::during("read", path))?.len();
        Ok(Self { path: path.to_path_buf(), file, size })
    }

    /// A small text, whole.
    ///
    /// # Errors
    /// When it is no regular file, has more than `most` bytes, or is no text.
    pub fn text(path: &Path, most: u64) -> Result<String, BroughtError> {
        let bytes = Self::open(path)?.bytes(most)?;
        String::from_utf8(bytes).map_err(|_| BroughtError::NotText(path.to_path_buf()))
    }

    /// All of it.
    ///
    /// # Errors
    /// When it has more than `most` bytes, or cannot be read.
    pub fn bytes(self, most: u64) -> Result<Vec<u8>, BroughtError> {
        let mut bytes = Vec::new();
        if self.size <= most {
            let mut all = self.file.take(most.saturating_add(1));
            all.read_to_end(&mut bytes).map_err(IoError::during("read", &self.path))?;
            if bytes.len() as u64 <= most {
                return Ok(bytes);
            }
        }
        Err(BroughtError::TooLarge { path: self.path, most })
    }

    /// What it was called.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes when it was opened.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The open file.
    pub fn into_file(self) -> File {
        self.file
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Whether only root can open it for writing, by three conditions: the file, the folders on its way, and a file
    /// system that neither other machines nor programs of users serve. If that cannot be checked, the answer is no.
    pub fn is_roots(&self) -> bool {
        let look = || -> std::io::Result<bool> {
            let place = std::fs::read_link(place_of(&self.file))?;
            let folder = place.parent().unwrap_or(&place);
            let own = change_by_others(&self.file.metadata()?).is_none();
            Ok(own && is_local(&self.file)? && others_on_the_way(folder)?.is_none())
        };
        look().unwrap_or(false)
    }

    /// Copies it, from its begin, and returns the digest of the copy. `progress` gets the number of bytes so far, and
    /// their total. Bytes beyond the size at the opening are refused.
    ///
    /// # Errors
    /// When it is larger than `most`, changes its size, cannot be read or written, and when `stop` is set meanwhile.
    pub fn copy(
        &self,
        most: u64,
        room: Room<'_>,
        to: &mut File,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Sha256Digest, BroughtError> {
        if self.size > most {
            return Err(BroughtError::TooLarge { path: self.path.clone(), most });
        }
        self.ask_space(room)?;
        let hasher = Hasher::start().map_err(IoError::during("hash", &self.path))?;
        let file = hasher.reader(Interruptible::new(&self.file, stop));
        let mut reader = Progress::new(file, 0, Some(self.size), progress);
        let mut block = vec![0u8; 1 << 20];
        let mut got = 0u64;
        loop {
            let bytes = match reader.read(&mut block) {
                Ok(0) if got == self.size => break,
                Ok(0) => return Err(self.changed()),
                Ok(count) => block.get(..count).unwrap_or_default(),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) if was_interrupted(&error) => return Err(BroughtError::Stopped),
                Err(error) => return Err(IoError::new("read", &self.path, error).into()),
            };
            let count = bytes.len() as u64;
            got = got.saturating_add(count);
            if got > self.size {
                return Err(self.changed());
            }
            // Other programs fill the disk meanwhile.
            self.ask_space(Room { needed: space::RESERVE.saturating_add(count).min(room.needed), ..room })?;
            to.write_all(bytes).map_err(IoError::during("copy", &self.path))?;
        }
        Ok(hasher.finish().map_err(IoError::during("hash", &self.path))?)
    }

    fn ask_space(&self, room: Room<'_>) -> Result<(), BroughtError> {
        let free = free_space(room.folder)?;
        if free >= room.needed {
            return Ok(());
        }
        let (needed, free) = (space::format_size(room.needed), space::format_size(free));
        Err(BroughtError::Space { path: self.path.clone(), folder: room.folder.to_path_buf(), needed, free })
    }

    fn changed(&self) -> BroughtError {
        let changed = std::io::Error::other("it changed during the check");
        IoError::new("read", &self.path, changed).into()
    }
}

/// The folder for a copy, and how much must be free there.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// A folder of the file system.
    pub folder: &'a Path,
    /// In bytes.
    pub needed: u64,
}

#[cfg(test)]
mod tests;
