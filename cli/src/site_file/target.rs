// SPDX-License-Identifier: GPL-3.0-or-later
//! Where an export goes: a file or standard output, by way of the programs that pack and encrypt it.

use super::encryption::Encryption;
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::exec::{FilterOut, gzip, zstd};
use hps::files::StreamedFile;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// A program that packs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Packing {
    /// As the name says.
    fn for_name(file: &Path) -> Self {
        let name = file.to_string_lossy();
        let name = [".age", ".gpg"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        if [".gz", ".tgz"].iter().any(|end| name.ends_with(end)) {
            Self::Gzip
        } else if name.ends_with(".zst") {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// An export that is being written. Until [`Target::finish`], nothing is at its place.
pub(super) struct Target<'a> {
    file: Option<StreamedFile>,
    /// The first one gets the archive.
    filters: Vec<FilterOut>,
    plain: Option<File>,
    stop: &'a AtomicBool,
}

impl<'a> Target<'a> {
    /// Begins it. `-` is standard output.
    pub(super) fn new(path: &Path, encryption: &Encryption, stop: &'a AtomicBool) -> anyhow::Result<Self> {
        let (file, out) = if is_stdout(path) {
            if io::stdout().is_terminal() {
                return Err(Ended::error(
                    Exit::Usage,
                    "the archive does not go to a terminal; name a file, or use a pipe",
                ));
            }
            let out = io::stdout().as_fd().try_clone_to_owned().context("standard output")?;
            (None, File::from(out))
        } else {
            let path = std::path::absolute(path)?;
            let file = StreamedFile::new(&path).map_err(|error| match error.is_not_found() {
                true => Ended::error(Exit::NotFound, format!("{}: its folder does not exist", path.display())),
                false => error.into(),
            })?;
            let out = file.descriptor()?;
            (Some(file), out)
        };
        let mut filters = Vec::new();
        let out = match encryption.filter(out) {
            Err(out) => out,
            Ok(filter) => push(&mut filters, filter?)?,
        };
        let plain = match Packing::for_name(path) {
            Packing::None => Some(out),
            Packing::Gzip => {
                filters.insert(0, gzip::pack(out)?);
                None
            }
            Packing::Zstd => {
                filters.insert(0, zstd::pack(out)?);
                None
            }
        };
        Ok(Self { file, filters, plain, stop })
    }

    /// What the programs say, after a write failed: they know why.
    pub(super) fn why(mut self, error: anyhow::Error) -> anyhow::Error {
        self.plain = None;
        let said = std::mem::take(&mut self.filters).into_iter().find_map(|filter| filter.end().err());
        match said {
            Some(said) if !self.stop.load(Ordering::Relaxed) => said.into(),
            _ => error,
        }
    }

    /// Ends the programs, and puts the file at its place. Returns its size, unless it went to standard output.
    pub(super) fn finish(mut self) -> anyhow::Result<Option<u64>> {
        if let Some(mut plain) = self.plain.take() {
            plain.flush()?;
        }
        for filter in std::mem::take(&mut self.filters) {
            filter.end()?;
        }
        if self.stop.load(Ordering::Relaxed) {
            return Err(stopped());
        }
        Ok(self.file.take().map(StreamedFile::replace).transpose()?)
    }
}

/// Keeps a filter, and returns its input for the one before it.
fn push(filters: &mut Vec<FilterOut>, mut filter: FilterOut) -> anyhow::Result<File> {
    let input = filter.take_input().context("the input of a program")?;
    filters.push(filter);
    Ok(input)
}

/// Whether it is standard output.
pub(super) fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// The end by Ctrl-C or SIGTERM.
pub(super) fn stopped() -> anyhow::Error {
    Ended::error(Exit::Failed, "stopped; nothing was written")
}

impl Write for Target<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        match (&mut self.plain, self.filters.first_mut()) {
            (Some(out), _) => out.write(bytes),
            (None, Some(filter)) => filter.write(bytes),
            (None, None) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_how_it_is_packed() {
        for (name, packing) in [
            ("site.tar", Packing::None),
            ("site.tar.age", Packing::None),
            ("site.tgz", Packing::Gzip),
            ("site.tar.gz.gpg", Packing::Gzip),
            ("/mnt/site.tar.zst.age", Packing::Zstd),
            ("-", Packing::None),
        ] {
            assert_eq!(Packing::for_name(Path::new(name)), packing, "{name}");
        }
    }
}
