// SPDX-License-Identifier: GPL-3.0-or-later
//! An ISO that is what it must be.

use super::expected::Expected;
use super::release_id::ReleaseId;
use super::word::Word;
use crate::types::Sha256Digest;
use std::fs::File;
use std::path::{Path, PathBuf};

/// An ISO that is what it must be: every byte of the open file was hashed, and only root can change one. Only this folder makes it,
/// and only it can be published, by the open file and not by its path.
#[derive(Debug)]
pub struct VerifiedIso {
    path: PathBuf,
    file: File,
    size: u64,
    expected: Expected,
}

impl VerifiedIso {
    /// Made where the comparison has found no difference.
    pub(super) fn new(path: &Path, file: File, size: u64, expected: Expected) -> Self {
        Self { path: path.to_path_buf(), file, size, expected }
    }

    /// Where it was found: for messages, and to put it away.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that are proven.
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

    /// Which release it must be; `None` where the operator gave only a digest.
    pub fn release_id(&self) -> Option<&ReleaseId> {
        self.expected.release_id()
    }

    /// Who stands for it.
    pub fn word(&self) -> &Word {
        self.expected.word()
    }

    /// The same file under another name, on the same file system.
    pub(in crate::media) fn renamed(self, to: &Path) -> std::io::Result<Self> {
        std::fs::rename(&self.path, to)?;
        Ok(Self { path: to.to_path_buf(), ..self })
    }
}
