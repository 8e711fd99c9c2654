// SPDX-License-Identifier: GPL-3.0-or-later
//! A file of lines that rotates: at its maximum size it is renamed to `NAME.1`, and a new one begins.
//!
//! Root and the web server's user append to it. Its lock keeps two processes from renaming it at once. A process that
//! does not get the lock within [`LOCK_TIMEOUT`] appends without it and renames nothing. So no line is lost, and a boot
//! does not wait for a log.

use super::shared_file::open_shared;
use super::{IoError, Lock, LockError, LockKind};
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// At this size it is renamed.
pub(crate) const MAX_BYTES: u64 = 1 << 20;
/// A process holds the lock for one line.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// A file that rotates.
#[derive(Debug)]
pub(crate) struct RotatingFile {
    path: PathBuf,
    older_parts: u32,
    is_durable: bool,
}

impl RotatingFile {
    /// A log: it keeps `older_parts`, and a power loss may cost a line.
    pub(crate) fn log(path: PathBuf, older_parts: u32) -> Self {
        Self { path, older_parts, is_durable: false }
    }

    /// The same, but each line is on the disk before [`RotatingFile::append`] returns.
    pub(crate) fn durable(path: PathBuf, older_parts: u32) -> Self {
        Self { path, older_parts, is_durable: true }
    }

    /// The newest part.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads each part by `read`, which returns the file that it read, or `None` where there is none. The oldest part is
    /// first in the answer.
    ///
    /// It needs no lock: a person who may only read could stop a program that holds one. The parts are read from the
    /// newest to the oldest. Meanwhile a part can only move to an older name, so it is met again and never missed.
    ///
    /// # Errors
    /// That of `read`, and what prevents a look at an open file.
    pub(crate) fn parts<T, E: From<IoError>>(
        &self,
        mut read: impl FnMut(&Path) -> Result<Option<(File, T)>, E>,
    ) -> Result<Vec<T>, E> {
        let mut seen = Vec::new();
        let mut parts = Vec::new();
        let older = (1..=self.older_parts).map(|number| self.older_part(number));
        for path in std::iter::once(self.path.clone()).chain(older) {
            let Some((file, part)) = read(&path)? else { continue };
            // A file that is still open keeps its number.
            let metadata = file.metadata().map_err(IoError::during("read", &path))?;
            let id = (metadata.dev(), metadata.ino());
            if seen.iter().all(|(_, known)| *known != id) {
                parts.push(part);
                seen.push((file, id));
            }
        }
        parts.reverse();
        Ok(parts)
    }

    /// Appends a line, including its line end.
    ///
    /// # Errors
    /// When file or lock cannot be opened or written. [`LockError::Busy`] does not count.
    pub(crate) fn append(&self, line: &str) -> Result<(), LockError> {
        let held = match self.lock() {
            Ok(held) => Some(held),
            Err(LockError::Busy { .. }) => None,
            Err(error) => return Err(error),
        };
        if held.is_some() && std::fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.len() > MAX_BYTES) {
            self.move_aside()?;
        }
        self.write(line)
    }

    fn lock(&self) -> Result<Lock, LockError> {
        Lock::wait(&Lock::beside(&self.path), LockKind::Shared, LOCK_TIMEOUT)
    }

    fn older_part(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    }

    /// Each part is renamed to the next number, into the first gap or over the oldest. A process that dies in between
    /// leaves a gap.
    fn move_aside(&self) -> Result<(), LockError> {
        let is_free = |number: &u32| std::fs::symlink_metadata(self.older_part(*number)).is_err();
        let gap = (1..=self.older_parts).find(is_free).unwrap_or(self.older_parts);
        for number in (1..=gap).rev() {
            let from = if number == 1 { self.path.clone() } else { self.older_part(number - 1) };
            std::fs::rename(&from, self.older_part(number)).map_err(|e| file_error("move aside", &from, e))?;
        }
        Ok(())
    }

    /// Appends in one write, so that lines of several processes stay whole. After a line that a power cut tore, it
    /// begins a new one.
    fn write(&self, line: &str) -> Result<(), LockError> {
        let mut file = open_shared(&self.path, OFlags::RDWR | OFlags::APPEND | OFlags::CREATE, "append to")?;
        let mut write = || -> std::io::Result<()> {
            let length = file.metadata()?.len();
            let mut text = line.to_owned();
            if length > 0 {
                let mut last = [0u8; 1];
                file.seek(SeekFrom::Start(length - 1))?;
                file.read_exact(&mut last)?;
                if last != *b"\n" {
                    text.insert(0, '\n');
                }
            }
            file.write_all(text.as_bytes())?;
            if self.is_durable { file.sync_data() } else { Ok(()) }
        };
        write().map_err(|error| file_error("append to", &self.path, error))
    }
}

fn file_error(operation: &'static str, path: &Path, error: std::io::Error) -> LockError {
    LockError::File(IoError::new(operation, path, error).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A file with its maximum of bytes, and one more.
    fn fill(file: &RotatingFile, letter: &str) {
        let bytes = usize::try_from(MAX_BYTES).unwrap();
        fs::write(file.path(), format!("{}\n", letter.repeat(bytes))).unwrap();
    }

    #[test]
    fn it_keeps_its_older_parts_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        for older_parts in [1, 4] {
            let file = RotatingFile::log(folder.path().join(format!("a.{older_parts}.log")), older_parts);
            for letter in ["u", "v", "w", "x", "y", "z"] {
                fill(&file, letter);
                file.append("line\n").unwrap();
            }
            assert_eq!(fs::read_to_string(file.path()).unwrap(), "line\n");
            assert_eq!(first_letters(&file), if older_parts == 1 { "zl" } else { "wxyzl" });
            assert!(!file.older_part(older_parts + 1).exists());
        }
    }

    fn open(path: &Path) -> Result<Option<(File, String)>, IoError> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some((File::open(path).unwrap(), text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(IoError::new("read", path, error)),
        }
    }

    fn first_letters(file: &RotatingFile) -> String {
        file.parts(open).unwrap().iter().map(|text| text.chars().next().unwrap()).collect()
    }

    #[test]
    fn a_reader_needs_no_lock_and_meets_each_part_once_while_they_move() {
        let folder = tempfile::tempdir().unwrap();
        let file = RotatingFile::log(folder.path().join("log"), 4);
        for letter in ["x", "y", "z"] {
            fill(&file, letter);
            file.append("line\n").unwrap();
        }
        let _held = file.lock().unwrap();
        for moment in 0..5 {
            let mut met = 0;
            let parts = file.parts(|path| {
                let part = open(path);
                if met == moment {
                    file.move_aside().unwrap();
                    fs::write(file.path(), "new\n").unwrap();
                }
                met += 1;
                part
            });
            let letters: String = parts.unwrap().iter().map(|text| text.chars().next().unwrap()).collect();
            // One that dropped out at the old end was too old; what came since is for the next reader.
            let expected = &"nnnnlzyx"[4 - moment.min(4)..];
            let newest_first: String = letters.chars().rev().collect();
            assert!(expected.starts_with(&newest_first) && newest_first.len() >= 4, "{moment}: {newest_first}");
        }
    }

    #[test]
    fn a_gap_is_filled_and_what_is_older_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = RotatingFile::durable(folder.path().join("log"), 4);
        for letter in ["x", "y", "z"] {
            fill(&file, letter);
            file.append("line\n").unwrap();
        }
        fs::remove_file(file.older_part(2)).unwrap();
        file.move_aside().unwrap();
        assert!(fs::read_to_string(file.older_part(3)).unwrap().starts_with('x'));
        assert!(file.older_part(2).exists() && !file.path().exists() && !file.older_part(4).exists());
    }

    #[test]
    fn a_lock_that_is_held_stops_no_line_and_nothing_moves() {
        let folder = tempfile::tempdir().unwrap();
        let file = RotatingFile::log(folder.path().join("log"), 4);
        fill(&file, "x");
        let _held = file.lock().unwrap();
        file.append("all the same\n").unwrap();
        assert!(fs::read_to_string(file.path()).unwrap().ends_with("x\nall the same\n"));
        assert!(!file.older_part(1).exists());
    }

    #[test]
    fn a_torn_line_tears_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = RotatingFile::durable(folder.path().join("log"), 1);
        file.append("one\n").unwrap();
        file.append("ha").unwrap();
        file.append("two\n").unwrap();
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "one\nha\ntwo\n");
    }
}
