// SPDX-License-Identifier: GPL-3.0-or-later
//! All attempts at one mirror, until the file is complete or the mirror is given up.

use super::attempt::{AttemptError, Source};
use super::error::{DownloadError, Faults};
use super::partial_file::PartialFile;
use crate::media::iso::{MAX_ISO_BYTES, VerifiedIso};
use crate::media::mirror::MirrorError;

/// How often a mirror may send all bytes of a file, in pieces that break.
const MAX_TIMES_SENT: u64 = 3;
/// An attempt that gets this much further does not count as a failure, however often the line breaks.
const MIN_PROGRESS_BYTES: u64 = 1 << 20;

/// The cost of one mirror so far.
#[derive(Default)]
struct Spent {
    failures: u32,
    /// The size of the file when a failure last counted from the beginning.
    reached: u64,
    received: u64,
}

impl Source<'_> {
    /// Gets the file from this mirror. `None` if the mirror was given up: `faults` has the reason.
    pub(super) fn fetch(
        &self,
        faults: &mut Faults,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Option<VerifiedIso>, DownloadError> {
        let (client, expected) = (self.client, self.order.expected);
        let stopped = || DownloadError::Stopped { name: expected.name().to_owned() };
        let mut spent = Spent::default();
        loop {
            let mut part = PartialFile::open(self.order.folder, expected)?;
            let had = part.len();
            let attempt = self.attempt(&mut part, progress);
            spent.received = spent.received.saturating_add(part.received());
            let error = match attempt {
                Ok(iso) => return Ok(Some(iso)),
                Err(AttemptError::Mirror(MirrorError::Stopped)) => return Err(stopped()),
                Err(AttemptError::Mirror(error)) => error,
                // If only the mirror reports the size, a size that does not fit the disk is that mirror's fault too.
                Err(AttemptError::Here(error @ (DownloadError::Space { .. } | DownloadError::Full { .. })))
                    if expected.size().is_none() =>
                {
                    part.discard()?;
                    faults.was_reached();
                    faults.add(format!("{}: {error}", client.called(self.url)));
                    return Ok(None);
                }
                Err(AttemptError::Here(error)) => return Err(error),
                Err(AttemptError::Useless(error)) => {
                    part.discard()?;
                    faults.was_reached();
                    faults.add(error.to_string());
                    return Ok(None);
                }
                Err(AttemptError::OtherFile(error)) => {
                    part.discard()?;
                    // The first bytes may be from another mirror: this one gets one chance to send all of them.
                    if had > 0 && spent.failures <= client.policy.retries {
                        spent.failures = client.policy.retries + 1;
                        continue;
                    }
                    faults.was_refused();
                    faults.add(format!("{}: {error}", client.called(self.url)));
                    return Ok(None);
                }
            };
            if !error.is_unreachable() {
                faults.was_reached();
            }
            if part.len() >= spent.reached.saturating_add(MIN_PROGRESS_BYTES) {
                (spent.failures, spent.reached) = (0, part.len());
            }
            if !part.has_size(expected) {
                part.discard()?;
            }
            let max_received = expected.size().unwrap_or(MAX_ISO_BYTES).saturating_mul(MAX_TIMES_SENT);
            let is_spent = spent.received > max_received || spent.failures >= client.policy.retries;
            if !error.may_pass() || is_spent {
                faults.add(error.to_string());
                return Ok(None);
            }
            spent.failures += 1;
            client.wait(spent.failures).map_err(|_stopped| stopped())?;
        }
    }
}
