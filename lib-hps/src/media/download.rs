// SPDX-License-Identifier: GPL-3.0-or-later
//! Downloading an ISO: written and hashed as it arrives, taken up again where it ended, from whatever mirror has it.
//!
//! What has come lies in `<name>.part`, and what is known of it in `<name>.part.toml`. Bytes of a part are not believed: all
//! of them are hashed again when it is taken up, and the digest of the whole decides. From the same address it is taken up
//! only while the file there is the same (If-Range, RFC 9110, 13.1.5).
//!
//! What a mirror may cost is bounded: bytes by the size in CHECKSUM, else by [`LARGEST`]; attempts by [`TIMES`]; the disk by its
//! reserve and the tree's room; time as [`super::mirror`] says. A part that cannot become whole is removed.

use super::brought::{Brought, BroughtError};
use super::mirror::{Bounds, Client, Incoming, MirrorError};
use super::part::{Origin, Part, PartError, proven_name};
use super::space::{self, RESERVE};
use super::verify::{Expected, LARGEST, ProvenIso, VerifyError};
use crate::files::IoError;
use std::path::{Path, PathBuf};
use ureq::http::{HeaderMap, header};

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The disk is too small.
    #[error("{}: {needed} are needed for the ISO and its tree, and {free} are free", path.display())]
    Space {
        /// A folder of the file system.
        path: PathBuf,
        /// How much, in words.
        needed: String,
        /// How much there is, in words.
        free: String,
    },
    /// The disk got full meanwhile, as far as it may.
    #[error("{}: cannot write: No space left beside the {kept} that must stay free; make room, or remove an older tree (--list, --remove)", path.display())]
    Full {
        /// The part.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// No mirror gave it.
    #[error("{name}: {tries}")]
    NoMirror {
        /// The file.
        name: String,
        /// What each mirror did.
        tries: String,
        /// Whether one of them sent another file.
        refused: bool,
        /// Whether none of them was reached.
        unreachable: bool,
    },
    /// An ISO that is there could not be proven again.
    #[error("{problem}; it stays as it is; if this happens again, download it once more after: rm {}", path.display())]
    Unproven {
        /// The file.
        path: PathBuf,
        /// Why not, with the system's word.
        problem: String,
    },
    /// Ctrl-C; what has come stays for the next time.
    #[error("stopped; what has come of {name} stays, and the next run takes it up")]
    Stopped {
        /// The file.
        name: String,
    },
}

/// What to download.
#[derive(Debug)]
pub struct Order<'a> {
    /// The file as it must be.
    pub expected: &'a Expected,
    /// Where it can be had, in the order in which to ask.
    pub urls: &'a [String],
    /// The folder for it, which exists.
    pub folder: &'a Path,
    /// Bytes in a second, at most.
    pub limit: Option<u64>,
}

/// How often a mirror may send all bytes of a file, in pieces that break.
const TIMES: u64 = 3;
/// Who gets this much further may go on, however often the line breaks.
const PROGRESS: u64 = 1 << 20;

enum Failed {
    /// Of the disk: no mirror mends it.
    Here(DownloadError),
    /// Of the mirror.
    There(MirrorError),
    /// Of the mirror, and what came is of no use.
    Worthless(MirrorError),
    /// The whole file came, and is another one.
    Other(VerifyError),
}

impl From<PartError> for DownloadError {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Io(error) => Self::Io(error),
            PartError::Full { path, kept } => Self::Full { path, kept },
        }
    }
}

impl<E: Into<DownloadError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Here(error.into())
    }
}

impl From<MirrorError> for Failed {
    fn from(error: MirrorError) -> Self {
        Self::There(error)
    }
}

/// Downloads it. `progress` hears how many bytes there are, and of how many.
///
/// # Errors
/// See [`DownloadError`].
pub fn download(
    client: &Client,
    order: &Order<'_>,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<ProvenIso, DownloadError> {
    let name = order.expected.name();
    if let Some(iso) = proven_before(client, order, progress)? {
        return Ok(iso);
    }
    let mut tries = Vec::new();
    let (mut refused, mut unreachable) = (false, true);
    for url in order.urls {
        let (mut failures, mut reached, mut sent) = (0, 0, 0u64);
        loop {
            let mut part = Part::open(order.folder, order.expected)?;
            let had = part.len();
            let error = match attempt(client, order, url, &mut part, &mut sent, progress) {
                Ok(iso) => return Ok(iso),
                // Where the size is a mirror's word alone, a disk that it does not fit on is that mirror's fault too.
                Err(Failed::Here(error @ (DownloadError::Space { .. } | DownloadError::Full { .. })))
                    if order.expected.size().is_none() =>
                {
                    part.discard()?;
                    unreachable = false;
                    tries.push(format!("{}: {error}", client.called(url)));
                    break;
                }
                Err(Failed::Here(error)) => return Err(error),
                Err(Failed::There(MirrorError::Stopped)) => {
                    return Err(DownloadError::Stopped { name: name.to_owned() });
                }
                Err(Failed::There(error)) => error,
                Err(Failed::Worthless(error)) => {
                    part.discard()?;
                    unreachable = false;
                    tries.push(error.to_string());
                    break;
                }
                Err(Failed::Other(error)) => {
                    // What was taken up may have come from elsewhere: the mirror gets one chance to send all of it.
                    part.discard()?;
                    if had > 0 && failures <= client.patience.retries {
                        failures = client.patience.retries + 1;
                        continue;
                    }
                    (refused, unreachable) = (true, false);
                    tries.push(format!("{}: {error}", client.called(url)));
                    break;
                }
            };
            unreachable &= error.is_unreachable();
            // A line that breaks again and again gets through in the end, as long as each time something comes.
            if part.len() >= reached + PROGRESS {
                (failures, reached) = (0, part.len());
            }
            let enough = sent > order.expected.size().unwrap_or(LARGEST).saturating_mul(TIMES);
            if !part.has_size(order.expected) {
                part.discard()?;
            }
            if !error.may_pass() || enough || failures >= client.patience.retries {
                tries.push(error.to_string());
                break;
            }
            failures += 1;
            if client.wait(failures).is_err() {
                return Err(DownloadError::Stopped { name: name.to_owned() });
            }
        }
    }
    Err(DownloadError::NoMirror { name: name.to_owned(), tries: tries.join("; "), refused, unreachable })
}

/// The file as an earlier run had it when it was stopped. It is removed only where the proof says that it is another one.
fn proven_before(
    client: &Client,
    order: &Order<'_>,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Option<ProvenIso>, DownloadError> {
    let name = order.expected.name();
    let path = order.folder.join(proven_name(name));
    let proven = match Brought::open(&path) {
        Err(BroughtError::Missing(_)) => return Ok(None),
        opened => opened.map_err(VerifyError::from),
    };
    match proven.and_then(|iso| order.expected.prove_own(iso, order.folder, &client.stop, progress)) {
        Ok(iso) => Ok(Some(iso)),
        Err(VerifyError::Stopped) => Err(DownloadError::Stopped { name: name.to_owned() }),
        // Only what was read and is wrong is of no use: what could not be read may be read tomorrow.
        Err(error) if error.is_refusal() => {
            std::fs::remove_file(&path).map(|()| None).map_err(|source| IoError::new("remove", path, source).into())
        }
        Err(VerifyError::Brought(BroughtError::Space { folder, needed, free, .. })) => {
            Err(DownloadError::Space { path: folder, needed, free })
        }
        Err(error) => Err(DownloadError::Unproven { path, problem: with_reasons(&error) }),
    }
}

/// An error and what led to it, in one line.
fn with_reasons(error: &dyn std::error::Error) -> String {
    let reasons = std::iter::successors(error.source(), |reason| reason.source());
    reasons.fold(error.to_string(), |line, reason| format!("{line}: {reason}"))
}

fn attempt(
    client: &Client,
    order: &Order<'_>,
    url: &str,
    part: &mut Part,
    sent: &mut u64,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<ProvenIso, Failed> {
    let expected = order.expected;
    let content = |problem: String| MirrorError::Content { url: client.called(url), problem };
    let mut size = expected.size();
    part.hash_again(&client.stop, |have| progress(have, size)).map_err(|error| stopped(client, error))?;
    if size.is_none_or(|size| part.len() < size) {
        let answer = ask(client, url, part)?;
        size = size.or(answer.size);
        if size.is_some_and(|size| size > LARGEST) {
            return Err(content("it is larger than any ISO".to_owned()).into());
        }
        if let Some((expected, found)) = expected.size().zip(answer.size).filter(|(e, f)| e != f) {
            return Err(content(format!("it has {found} bytes where CHECKSUM says {expected}")).into());
        }
        if answer.begins_at == 0 {
            part.restart()?;
        }
        if let Some(size) = size {
            enough_space(order.folder, size, part.len())?;
        }
        part.came_from(&answer.origin)?;
        let most = size.unwrap_or(LARGEST).saturating_sub(part.len());
        let body = client.read(url, answer.body, Bounds { most, rate: order.limit });
        let before = part.len();
        let received = receive(body, part, size, progress);
        *sent = sent.saturating_add(part.len().saturating_sub(before));
        received.map_err(|error| match error {
            Failed::There(error @ MirrorError::Content { .. }) if expected.size().is_none() => Failed::Worthless(error),
            other => other,
        })?;
    }
    if let Some(size) = size.filter(|size| part.len() != *size) {
        let problem = format!("the line broke at {} of {size} bytes", part.len());
        return Err(MirrorError::Line { url: client.called(url), problem }.into());
    }
    part.finish(expected)?.map_err(Failed::Other)
}

fn stopped(client: &Client, error: IoError) -> Failed {
    if client.stop.load(std::sync::atomic::Ordering::Relaxed) {
        Failed::There(MirrorError::Stopped)
    } else {
        Failed::Here(error.into())
    }
}

/// A body that continues the part, or begins anew.
struct Body {
    begins_at: u64,
    size: Option<u64>,
    origin: Origin,
    body: ureq::Body,
}

/// Asks for what is missing. An answer that does not fit what was asked is given up for one to a plain question.
fn ask(client: &Client, url: &str, part: &Part) -> Result<Body, Failed> {
    let have = part.len();
    if have > 0 {
        let range = format!("bytes={have}-");
        let mut headers = vec![("Range", range.as_str())];
        // A validator means something to the server that gave it, and to no other.
        if let Some(validator) = part.origin().filter(|o| o.url == url).and_then(Origin::validator) {
            headers.push(("If-Range", validator));
        }
        let response = client.ask(url, &headers)?;
        match response.status().as_u16() {
            206 => {
                if let Some((first, size)) = content_range(response.headers())
                    && first == have
                {
                    let origin = Origin::of(url, response.headers(), Some(size));
                    if part.origin().is_none_or(|before| before.agrees_with(&origin)) {
                        return Ok(Body { begins_at: have, size: Some(size), origin, body: response.into_body() });
                    }
                }
            }
            200 => return whole(client, url, response).map_err(Failed::There),
            416 => {}
            status => return Err(MirrorError::Status { url: client.called(url), status }.into()),
        }
    }
    whole(client, url, client.ask(url, &[])?).map_err(Failed::There)
}

fn whole(client: &Client, url: &str, response: ureq::http::Response<ureq::Body>) -> Result<Body, MirrorError> {
    let status = response.status().as_u16();
    if status != 200 {
        return Err(MirrorError::Status { url: client.called(url), status });
    }
    let text = |name| response.headers().get(name).and_then(|v| v.to_str().ok());
    // A page of a portal, or of a mirror that is sorry: what has come so far must not give way to it.
    if text(header::CONTENT_TYPE).is_some_and(|t| t.starts_with("text/")) {
        let problem = "it sends a page of text in the place of an ISO".to_owned();
        return Err(MirrorError::Content { url: client.called(url), problem });
    }
    let size = text(header::CONTENT_LENGTH).and_then(|l| l.parse().ok());
    let origin = Origin::of(url, response.headers(), size);
    Ok(Body { begins_at: 0, size, origin, body: response.into_body() })
}

/// First byte and whole size of `bytes 100-199/200`.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let (range, size) = headers.get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, size): (u64, u64, u64) = (first.parse().ok()?, last.parse().ok()?, size.parse().ok()?);
    (last.checked_add(1) == Some(size)).then_some((first, size))
}

/// Takes the body to the part. Room for the tree, which is about as large, stays on the disk.
fn receive(
    mut body: Incoming<'_>,
    part: &mut Part,
    size: Option<u64>,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<(), Failed> {
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        let count = match body.read(&mut buffer)? {
            0 => return Ok(()),
            count => count,
        };
        let tree = size.unwrap_or(part.len() + count as u64);
        buffer = part.write(buffer, count, tree)?;
        progress(part.len(), size);
    }
}

/// Room for the rest of the ISO, and for its tree, which is about as large.
fn enough_space(folder: &Path, size: u64, have: u64) -> Result<(), DownloadError> {
    let free = space::free(folder).map_err(IoError::during("ask the free space of", folder))?;
    let needed = size.saturating_sub(have).saturating_add(size).saturating_add(RESERVE);
    if free >= needed {
        return Ok(());
    }
    let words = space::in_words;
    Err(DownloadError::Space { path: folder.to_path_buf(), needed: words(needed), free: words(free) })
}

#[cfg(test)]
mod tests {
    use super::super::mirror::{Patience, Proxies};
    use super::*;
    use crate::types::Sha256Digest;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_proven_iso_is_removed_only_where_it_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso.proven");
        let expected = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::of(b"abc"), None);
        let patience = Patience { silence: Duration::from_secs(1), retries: 0, pause: Duration::ZERO };
        let client = Client::new(patience, Path::new("/nonexistent"), Proxies::default(), Arc::default());
        let order = Order { expected: &expected, urls: &[], folder: folder.path(), limit: None };
        let get = || download(&client, &order, &mut |_, _| {});
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(get().unwrap().size(), 3);
        // It is larger than what is free, and others can write it: a copy would be needed.
        std::fs::File::options().write(true).open(&path).unwrap().set_len(LARGEST).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        if space::free(folder.path()).unwrap() < 2 * LARGEST {
            assert!(matches!(get(), Err(DownloadError::Space { .. })));
            assert!(path.exists());
        }
        std::fs::remove_file(&path).unwrap();
        // The kernel answers EIO to whoever reads the first page of this one.
        std::os::unix::fs::symlink("/proc/self/mem", &path).unwrap();
        let error = get().unwrap_err().to_string();
        assert!(error.contains("Input/output error") && error.ends_with(&format!("rm {}", path.display())), "{error}");
        assert!(path.symlink_metadata().is_ok(), "it stays");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "abX").unwrap();
        assert!(matches!(get(), Err(DownloadError::NoMirror { .. })));
        assert!(!path.exists(), "it is another one");
    }

    #[test]
    fn ranges_that_a_server_names() {
        let range = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_RANGE, text.parse().unwrap());
            content_range(&headers)
        };
        assert_eq!(range("bytes 100-199/200"), Some((100, 200)));
        for bad in [
            "bytes 100-150/200",
            "bytes 100-199/*",
            "bytes */200",
            "100-199/200",
            "bytes a-b/c",
            "bytes 1-18446744073709551615/9",
        ] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }
}
