// SPDX-License-Identifier: GPL-3.0-or-later
//! The origin of the bytes of a partial file, as the note beside it records it.

use crate::files::IoError;
use crate::media::brought::Brought;
use crate::types::Sha256Digest;
use serde::{Deserialize, Serialize};
use std::path::Path;
use ureq::http::{HeaderMap, header};

/// The origin of the newest bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DownloadOrigin {
    /// The requested address.
    pub(super) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
    /// Of the whole file, as the server gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
}

impl DownloadOrigin {
    pub(super) fn from_headers(url: &str, headers: &HeaderMap, size: Option<u64>) -> Self {
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Self { url: url.to_owned(), etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED), size }
    }

    /// Whether both describe one state of one file, as far as their servers report.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        self.url != other.url
            || (same(&self.etag, &other.etag)
                && same(&self.last_modified, &other.last_modified)
                && (self.size.is_none() || other.size.is_none() || self.size == other.size))
    }

    /// The value for If-Range: a strong entity tag, otherwise the time.
    pub(super) fn validator(&self) -> Option<&str> {
        match &self.etag {
            Some(tag) if tag.starts_with('"') => Some(tag),
            _ => self.last_modified.as_deref(),
        }
    }
}

/// The note beside a partial file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// The digest of the whole file: bytes of another one are useless.
    pub(super) sha256: Sha256Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<DownloadOrigin>,
}

/// A note has the text of three addresses.
const MAX_NOTE_BYTES: u64 = 64 << 10;

impl Note {
    /// The note of the file with this digest. A note of another file, or a torn one, does not count.
    pub(super) fn read(path: &Path, sha256: Sha256Digest) -> Option<Self> {
        let text = Brought::text(path, MAX_NOTE_BYTES).ok()?;
        toml::from_str::<Self>(&text).ok().filter(|note| note.sha256 == sha256)
    }

    /// Writes it. It need not survive a power loss: without it the download begins again.
    pub(super) fn write(&self, path: &Path) -> Result<(), IoError> {
        let text = toml::to_string(self).unwrap_or_default();
        std::fs::write(path, text).map_err(IoError::during("write", path))
    }
}
