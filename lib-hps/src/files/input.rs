// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that a person names on a command line: a key, a list of hosts, an ISO, a CHECKSUM.

use super::error::{FileError, what};
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

/// Opens it. Links are followed; nothing but a regular file is opened for reading.
///
/// # Errors
/// When it cannot be opened, or is a folder, a FIFO, a device or a socket.
pub fn open_input(path: &Path) -> Result<File, FileError> {
    let open = |path: &Path, flags| rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty()).map(File::from);
    let regular = |file: File| {
        let kind = file.metadata().map_err(FileError::io(path))?.file_type();
        if kind.is_file() {
            return Ok(file);
        }
        Err(FileError::NotRegular { path: path.to_path_buf(), what: what(kind) })
    };
    // To open a device can act on it (a tape rewinds, a watchdog starts), so the file is looked at first. What was looked at is what is
    // opened: another user may put a device in its place meanwhile.
    let seen = regular(open(path, OFlags::PATH).map_err(|e| FileError::io(path)(e.into()))?)?;
    let same = PathBuf::from(format!("/proc/self/fd/{}", seen.as_raw_fd()));
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    regular(open(&same, flags).map_err(|e| FileError::io(path)(e.into()))?)
}

/// The whole file.
///
/// # Errors
/// As [`open_input`], or when it has more than `most` bytes.
pub fn read_input(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    read_all(open_input(path)?, path, most)
}

pub(super) fn read_all(file: File, path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::io(path))?;
    if bytes.len() as u64 > most {
        return Err(FileError::TooLarge { path: path.to_path_buf(), most });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, mknodat};

    #[test]
    fn only_a_regular_file_is_read_and_nothing_waits() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "text").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        for name in ["file", "link"] {
            assert_eq!(read_input(&at(name), 4).unwrap(), b"text", "{name}");
            assert!(matches!(read_input(&at(name), 3), Err(FileError::TooLarge { most: 3, .. })), "{name}");
        }
        mknodat(CWD, at("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        std::os::unix::fs::symlink(at("fifo"), at("to fifo")).unwrap();
        for (path, word) in [
            (at("fifo"), "a FIFO"),
            (at("to fifo"), "a FIFO"),
            (at("socket"), "a socket"),
            (folder.path().to_path_buf(), "a folder"),
            ("/dev/zero".into(), "a device"),
            ("/dev/full".into(), "a device"),
        ] {
            let error = read_input(&path, 4).unwrap_err().to_string();
            assert_eq!(error, format!("{}: {word}, expected a regular file", path.display()));
        }
        assert!(read_input(&at("none"), 4).unwrap_err().is_not_found());
    }
}
