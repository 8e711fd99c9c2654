// SPDX-License-Identifier: GPL-3.0-or-later
//! The part of a file that has come so far, with its running digest, and a note beside it of where it came from.

use super::brought::Brought;
use super::hasher::Hasher;
use super::space;
use super::verify::{Expected, ProvenIso, VerifyError};
use crate::files::IoError;
use crate::types::Sha256Digest;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use ureq::http::{HeaderMap, header};

/// Why a block is not written.
pub(super) enum PartError {
    /// The system refused an operation.
    Io(IoError),
    /// The disk is full, as far as it may be.
    Full {
        /// The part.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
}

impl From<IoError> for PartError {
    fn from(error: IoError) -> Self {
        Self::Io(error)
    }
}

/// Where the newest bytes came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    /// The address that was asked.
    pub(super) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
    /// Of the whole file, as the server said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

impl Origin {
    pub(super) fn of(url: &str, headers: &HeaderMap, size: Option<u64>) -> Self {
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Self { url: url.to_owned(), etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED), size }
    }

    /// Whether both are of one state of one file, as far as their servers say.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        self.url != other.url
            || (same(&self.etag, &other.etag)
                && same(&self.last_modified, &other.last_modified)
                && (self.size.is_none() || other.size.is_none() || self.size == other.size))
    }

    /// What If-Range may hold: a strong entity tag, else the time.
    pub(super) fn validator(&self) -> Option<&str> {
        match &self.etag {
            Some(tag) if tag.starts_with('"') => Some(tag),
            _ => self.last_modified.as_deref(),
        }
    }
}

/// What lies beside a part.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// Of the file that is to come: a part of another one is of no use.
    sha256: Sha256Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

/// A note has three addresses' worth of text.
const LONGEST_NOTE: u64 = 64 << 10;

/// The open part.
pub(super) struct Part {
    folder: PathBuf,
    path: PathBuf,
    note: PathBuf,
    whole: PathBuf,
    file: File,
    len: u64,
    /// Of the bytes that are there; `None` until they are hashed.
    hash: Option<Hasher>,
    sha256: Sha256Digest,
    origin: Option<Origin>,
}

/// The name of a file that was proven and is not published yet.
pub(super) fn proven_name(name: &str) -> String {
    format!("{name}.proven")
}

impl Part {
    /// Opens what there is of a file, or begins it.
    pub(super) fn open(folder: &Path, expected: &Expected) -> Result<Self, IoError> {
        let path = folder.join(format!("{}.part", expected.name()));
        let note = folder.join(format!("{}.part.toml", expected.name()));
        let whole = folder.join(proven_name(expected.name()));
        let known = Brought::text(&note, LONGEST_NOTE).ok().and_then(|text| toml::from_str::<Note>(&text).ok());
        let known = known.filter(|note| note.sha256 == expected.sha256());
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(IoError::during("open", &path))?;
        let mut len = file.metadata().map_err(IoError::during("read", &path))?.len();
        let is_known = known.is_some();
        let origin = known.and_then(|note| note.origin);
        // Of a file whose size nobody knows it cannot be told whether more is missing; a server that does not say it sends no ranges
        // either.
        let size = expected.size().or(origin.as_ref().and_then(|origin| origin.size));
        if !is_known || size.is_none_or(|size| len > size) {
            file.set_len(0).map_err(IoError::during("empty", &path))?;
            len = 0;
        }
        let folder = folder.to_path_buf();
        Ok(Self { folder, path, note, whole, file, len, hash: None, sha256: expected.sha256(), origin })
    }

    /// Whether the size of the whole is known, from CHECKSUM or from the server: only then can a part become whole.
    pub(super) fn has_size(&self, expected: &Expected) -> bool {
        expected.size().or(self.origin.as_ref().and_then(|origin| origin.size)).is_some()
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Where they came from.
    pub(super) fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Hashes what there is, and goes to its end.
    pub(super) fn hash_again(&mut self, stop: &AtomicBool, mut progress: impl FnMut(u64)) -> Result<(), IoError> {
        let hash = Hasher::start().map_err(IoError::during("start to hash", &self.path))?;
        let mut buffer = vec![0u8; 1 << 20];
        self.file.seek(SeekFrom::Start(0)).map_err(IoError::during("read", &self.path))?;
        let mut read = 0u64;
        loop {
            let count = self.file.read(&mut buffer).map_err(IoError::during("read", &self.path))?;
            if count == 0 {
                break;
            }
            if stop.load(Ordering::Relaxed) {
                return Err(IoError::new("read", &self.path, std::io::ErrorKind::Interrupted));
            }
            buffer = hash.update(buffer, count).map_err(IoError::during("hash", &self.path))?;
            read += count as u64;
            progress(read);
        }
        (self.len, self.hash) = (read, Some(hash));
        Ok(())
    }

    /// Forgets what there is.
    pub(super) fn restart(&mut self) -> Result<(), IoError> {
        self.file.set_len(0).map_err(IoError::during("empty", &self.path))?;
        self.file.seek(SeekFrom::Start(0)).map_err(IoError::during("empty", &self.path))?;
        let hash = Hasher::start().map_err(IoError::during("start to hash", &self.path))?;
        (self.len, self.hash, self.origin) = (0, Some(hash), None);
        Ok(())
    }

    /// Notes where what follows comes from.
    pub(super) fn came_from(&mut self, origin: &Origin) -> Result<(), IoError> {
        if self.origin.as_ref() == Some(origin) {
            return Ok(());
        }
        let note = Note { sha256: self.sha256, origin: Some(origin.clone()) };
        let text = toml::to_string(&note).unwrap_or_default();
        // A torn note is no note, and the part begins anew.
        std::fs::write(&self.note, text).map_err(IoError::during("write", &self.note))?;
        self.origin = Some(origin.clone());
        Ok(())
    }

    /// Adds the first `length` bytes of a block, and gives another block for it. Beside these and the reserve, `beside` bytes of the
    /// disk stay free for the tree.
    pub(super) fn write(&mut self, block: Vec<u8>, length: usize, beside: u64) -> Result<Vec<u8>, PartError> {
        let bytes = block.get(..length).unwrap_or(&block);
        let needed = beside.saturating_add(bytes.len() as u64);
        if !space::has_room(&self.folder, needed).map_err(IoError::during("ask the free space of", &self.folder))? {
            let kept = space::in_words(beside.saturating_add(space::RESERVE));
            return Err(PartError::Full { path: self.path.clone(), kept });
        }
        self.file.write_all(bytes).map_err(IoError::during("write", &self.path))?;
        self.len += bytes.len() as u64;
        match &self.hash {
            Some(hash) => Ok(hash.update(block, length).map_err(IoError::during("hash", &self.path))?),
            None => Ok(block),
        }
    }

    /// Proves the whole, and gives it its name. The outer error is of this disk.
    pub(super) fn finish(&mut self, expected: &Expected) -> Result<Result<ProvenIso, VerifyError>, IoError> {
        let digest = match self.hash.take() {
            Some(hash) => hash.finish().map_err(IoError::during("hash", &self.path))?,
            None => Sha256Digest::of(b""),
        };
        let file = self.file.try_clone().map_err(IoError::during("read", &self.path))?;
        let iso = match expected.prove_hashed(&self.path, file, digest, self.len) {
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
