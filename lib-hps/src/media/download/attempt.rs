// SPDX-License-Identifier: GPL-3.0-or-later
//! One attempt to fetch a file, or its rest, from one address.

use super::error::DownloadError;
use super::order::Order;
use super::partial_file::{PartialFile, ReceiveError};
use super::range_request;
use crate::files::{IoError, free_space};
use crate::media::hasher::Hasher;
use crate::media::iso::{MAX_ISO_BYTES, VerifiedIso, VerifyError};
use crate::media::mirror::{Bounds, Client, MirrorError};
use crate::media::progress::Progress;
use crate::media::space::{self, RESERVE};
use std::path::Path;
use std::sync::atomic::Ordering;

/// Why an attempt failed.
pub(super) enum AttemptError {
    /// Of this node: another mirror does not help.
    Here(DownloadError),
    /// Of the mirror.
    Mirror(MirrorError),
    /// An error of the mirror; the bytes that arrived are useless.
    Useless(MirrorError),
    /// The whole file arrived, but it is another one.
    OtherFile(VerifyError),
}

impl<E: Into<DownloadError>> From<E> for AttemptError {
    fn from(error: E) -> Self {
        Self::Here(error.into())
    }
}

impl From<MirrorError> for AttemptError {
    fn from(error: MirrorError) -> Self {
        Self::Mirror(error)
    }
}

/// An address that has the file.
pub(super) struct Source<'a> {
    pub(super) client: &'a Client,
    pub(super) order: &'a Order<'a>,
    pub(super) url: &'a str,
}

impl Source<'_> {
    /// Hashes the bytes that are there, adds the missing ones, and verifies the whole.
    pub(super) fn attempt(
        &self,
        part: &mut PartialFile,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<VerifiedIso, AttemptError> {
        let expected = self.order.expected;
        let start = || Hasher::start().map_err(IoError::during("start to hash in", self.order.folder));
        let mut hasher = start()?;
        let mut size = expected.size();
        part.hash(&hasher, size, &self.client.stop, progress).map_err(|error| self.stopped_or(error))?;
        if size.is_none_or(|size| part.len() < size) {
            let answer = range_request::ask(self.client, self.url, part)?;
            size = self.check_size(size, answer.size)?;
            if answer.begins_at == 0 {
                part.restart()?;
                hasher = start()?;
            }
            if let Some(size) = size {
                check_space(self.order.folder, size, part.len())?;
            }
            part.came_from(&answer.origin)?;
            self.receive(answer.body, part, &hasher, size, progress)?;
        }
        if let Some(size) = size.filter(|size| part.len() != *size) {
            let problem = format!("the line broke at {} of {size} bytes", part.len());
            return Err(MirrorError::Line { url: self.client.called(self.url), problem }.into());
        }
        let digest = hasher.finish().map_err(IoError::during("hash a file in", self.order.folder))?;
        part.finish(expected, digest)?.map_err(AttemptError::OtherFile)
    }

    /// The size of the file: that of CHECKSUM, which the mirror must match, otherwise that of the mirror.
    fn check_size(&self, expected: Option<u64>, found: Option<u64>) -> Result<Option<u64>, MirrorError> {
        let size = expected.or(found);
        if size.is_some_and(|size| size > MAX_ISO_BYTES) {
            return Err(self.content("it is larger than any ISO".to_owned()));
        }
        if let Some((expected, found)) = expected.zip(found).filter(|(expected, found)| expected != found) {
            return Err(self.content(format!("it has {found} bytes, but CHECKSUM has {expected}")));
        }
        Ok(size)
    }

    /// The body goes to the disk through readers that limit, hash and report it.
    fn receive(
        &self,
        body: ureq::Body,
        part: &mut PartialFile,
        hasher: &Hasher,
        size: Option<u64>,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), AttemptError> {
        let most = size.unwrap_or(MAX_ISO_BYTES).saturating_sub(part.len());
        let mut body = self.client.read(self.url, body, Bounds { most, rate: self.order.limit });
        let mut reader = Progress::new(hasher.reader(&mut body), part.len(), size, progress);
        let error = match part.receive(&mut reader, size) {
            Ok(()) => return Ok(()),
            Err(ReceiveError::Disk(error)) => return Err(AttemptError::Here(error)),
            Err(ReceiveError::Source(error)) => body.error(error),
        };
        // Without a size from CHECKSUM the bytes may belong to another file.
        match error {
            MirrorError::Content { .. } if self.order.expected.size().is_none() => Err(AttemptError::Useless(error)),
            other => Err(other.into()),
        }
    }

    fn content(&self, problem: String) -> MirrorError {
        MirrorError::Content { url: self.client.called(self.url), problem }
    }

    /// A read that Ctrl-C ended is no fault of the disk.
    fn stopped_or(&self, error: IoError) -> AttemptError {
        if self.client.stop.load(Ordering::Relaxed) { MirrorError::Stopped.into() } else { error.into() }
    }
}

/// Room for the rest of the ISO, and for its tree, which is about as large.
fn check_space(folder: &Path, size: u64, have: u64) -> Result<(), DownloadError> {
    let free = free_space(folder)?;
    let needed = size.saturating_sub(have).saturating_add(size).saturating_add(RESERVE);
    if free >= needed {
        return Ok(());
    }
    let words = space::format_size;
    Err(DownloadError::Space { path: folder.to_path_buf(), needed: words(needed), free: words(free) })
}
