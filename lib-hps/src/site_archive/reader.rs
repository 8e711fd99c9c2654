// SPDX-License-Identifier: GPL-3.0-or-later
//! Reads an archive from its beginning to its end, once. Each byte is compared with a digest.
//!
//! Everything that does not follow from the manifest is an error: another order, another size, a link, a folder, a member more.

use super::manifest::{DIGEST_LINE_BYTES, ListedFile, Manifest, digest_line};
use super::member_name::Part;
use super::{ArchiveError, DIGEST, MANIFEST};
use crate::types::{Sha256Digest, printable_line};
use std::io::{self, Read, Write};
use tar::{Entries, Entry, EntryType};

/// The largest manifest: that of a site with all trees of several distributions has a tenth of it.
const MAX_MANIFEST_BYTES: u64 = 128 << 20;
/// The largest file that is kept in memory.
pub const MAX_SETTING_BYTES: u64 = 64 << 20;
/// All of them.
const MAX_SETTINGS_BYTES: u64 = 1 << 30;
/// The longest name.
const MAX_NAME_BYTES: u64 = 4096;

/// An archive that is being read.
pub struct Reader<'a, R: Read> {
    entries: Entries<'a, R>,
    manifest: Manifest,
    digest: String,
    next: usize,
}

impl<'a, R: Read> Reader<'a, R> {
    /// Reads the manifest. `entries` are those of a new [`tar::Archive`], raw or not.
    ///
    /// # Errors
    /// When this is no export of a site, or a newer one.
    pub fn new(archive: &'a mut tar::Archive<R>) -> Result<Self, ArchiveError> {
        let foreign = |problem: &str| ArchiveError::Foreign(problem.to_owned());
        let mut entries = archive.entries().map_err(ArchiveError::Read)?.raw(true);
        let (name, mut entry) = member(&mut entries)
            .map_err(|error| match error {
                ArchiveError::Damaged(problem) => ArchiveError::Foreign(problem),
                other => other,
            })?
            .ok_or_else(|| foreign("it is empty"))?;
        if name != MANIFEST {
            return Err(foreign(&format!("its first member is not {MANIFEST}")));
        }
        let bytes = whole(&mut entry, MANIFEST, MAX_MANIFEST_BYTES)?;
        let manifest = Manifest::parse(&bytes)?;
        let settings = manifest.files.iter().filter(|file| file.name.part() != Part::Medium);
        if let Some(file) = settings.clone().find(|file| file.size > MAX_SETTING_BYTES) {
            return Err(ArchiveError::Damaged(format!("{}: more than {MAX_SETTING_BYTES} bytes", file.name)));
        }
        if settings.fold(0, |sum: u64, file| sum.saturating_add(file.size)) > MAX_SETTINGS_BYTES {
            return Err(ArchiveError::Damaged(format!("its settings have more than {MAX_SETTINGS_BYTES} bytes")));
        }
        let digest = digest_line(&bytes);
        drop(entry);
        Ok(Self { entries, manifest, digest, next: 0 })
    }

    /// What is in it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The digest of the manifest.
    pub fn digest(&self) -> &str {
        self.digest.split(' ').next().unwrap_or_default()
    }

    /// Reads the next file of the manifest. Its bytes go where `to` says. They count only when this returns: then they have the
    /// digest of the manifest. `None` after the last file; then the end of the archive was compared too.
    ///
    /// # Errors
    /// When the archive is damaged, or the bytes cannot be written.
    pub fn next<W: Write>(
        &mut self,
        to: impl FnOnce(&ListedFile) -> io::Result<W>,
    ) -> Result<Option<(ListedFile, W)>, ArchiveError> {
        let Some(file) = self.manifest.files.get(self.next).cloned() else {
            self.end()?;
            return Ok(None);
        };
        self.next += 1;
        let damaged = |problem: String| ArchiveError::Damaged(problem);
        let Some((name, mut entry)) = member(&mut self.entries)? else {
            return Err(damaged(format!("it ends before {}", file.name)));
        };
        if name != file.name.as_str() {
            return Err(damaged(format!("it has {} where {} is expected", printable_line(&name), file.name)));
        }
        if entry.header().entry_size().ok() != Some(file.size) {
            return Err(damaged(format!("{}: not as long as listed", file.name)));
        }
        let mut out = to(&file).map_err(ArchiveError::Write)?;
        let mut hash = Hashed { to: &mut out, refused: None };
        let copied = Sha256Digest::hash_reader(Passing { from: &mut entry, to: &mut hash });
        if let Some(error) = hash.refused.take() {
            return Err(ArchiveError::Write(error));
        }
        let (digest, size) = copied.map_err(read_error)?;
        if (digest, size) != (file.sha256, file.size) {
            return Err(damaged(format!("{}: its digest is another one", file.name)));
        }
        Ok(Some((file, out)))
    }

    /// The digest of the manifest, and nothing after it.
    fn end(&mut self) -> Result<(), ArchiveError> {
        let cut = || ArchiveError::Damaged("its end is missing".to_owned());
        let (name, mut entry) = member(&mut self.entries)?.ok_or_else(cut)?;
        if name != DIGEST {
            return Err(ArchiveError::Damaged(format!("{} is not listed", printable_line(&name))));
        }
        if whole(&mut entry, DIGEST, DIGEST_LINE_BYTES)? != self.digest.as_bytes() {
            return Err(ArchiveError::Damaged("the digest of its manifest is another one".to_owned()));
        }
        drop(entry);
        match member(&mut self.entries)? {
            None => Ok(()),
            Some((name, _)) => Err(ArchiveError::Damaged(format!("{} is after its end", printable_line(&name)))),
        }
    }
}

/// The next member that is a regular file, with its whole name.
fn member<'a, R: Read>(entries: &mut Entries<'a, R>) -> Result<Option<(String, Entry<'a, R>)>, ArchiveError> {
    let mut long = None;
    loop {
        let Some(entry) = entries.next() else {
            return if long.is_none() {
                Ok(None)
            } else {
                Err(ArchiveError::Damaged("it ends after a name".to_owned()))
            };
        };
        let mut entry = entry.map_err(read_error)?;
        let is_long = long.is_some();
        let name = match long.take() {
            Some(name) => name,
            None => text(&entry.path_bytes())?,
        };
        match entry.header().entry_type() {
            EntryType::Regular => return Ok(Some((name, entry))),
            // Otherwise an endless row of names would be read.
            EntryType::GNULongName if is_long => return Err(ArchiveError::Damaged("a name follows a name".to_owned())),
            EntryType::GNULongName => {
                let bytes = whole(&mut entry, "a name", MAX_NAME_BYTES)?;
                long = Some(text(bytes.strip_suffix(&[0]).unwrap_or(&bytes))?);
            }
            other => {
                let kind = match other {
                    EntryType::Symlink | EntryType::Link => "a link",
                    EntryType::Directory => "a folder",
                    EntryType::Char | EntryType::Block | EntryType::Fifo => "a device",
                    _ => "of another kind",
                };
                return Err(ArchiveError::Damaged(format!("{} is {kind}", printable_line(&name))));
            }
        }
    }
}

fn text(bytes: &[u8]) -> Result<String, ArchiveError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| ArchiveError::Damaged("a name is not UTF-8".to_owned()))
}

/// A small member.
fn whole(entry: &mut impl Read, name: &str, most: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::new();
    entry.take(most + 1).read_to_end(&mut bytes).map_err(read_error)?;
    if bytes.len() as u64 > most {
        return Err(ArchiveError::Damaged(format!("{name}: more than {most} bytes")));
    }
    Ok(bytes)
}

/// What `tar` does not understand, or the end of the file, is damage; the rest is a refusal of the system.
fn read_error(error: io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::Damaged("it is cut".to_owned()),
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            if error.raw_os_error().is_none() =>
        {
            ArchiveError::Damaged(printable_line(&error.to_string()).to_string())
        }
        _ => ArchiveError::Read(error),
    }
}

/// A reader whose bytes go to a file as they are read.
struct Passing<'a, R, W> {
    from: R,
    to: &'a mut Hashed<W>,
}

struct Hashed<W> {
    to: W,
    refused: Option<io::Error>,
}

impl<R: Read, W: Write> Read for Passing<'_, R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        if let Err(error) = self.to.to.write_all(buffer.get(..count).unwrap_or_default()) {
            self.to.refused = Some(error);
            return Err(io::Error::other("the file cannot be written"));
        }
        Ok(count)
    }
}
