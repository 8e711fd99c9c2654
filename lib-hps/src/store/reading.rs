// SPDX-License-Identifier: GPL-3.0-or-later
//! Reads files that the web server's user, or dnsmasq, may have made: never a link, a pipe or a folder, and never more than is
//! expected. A file without blocks may be terabytes long.

use crate::files::{self, IoError};
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result, Seek as _, SeekFrom};
use std::path::Path;

/// The whole file.
///
/// # Errors
/// When it cannot be opened, is no plain file, or has more than `most` bytes.
pub fn read_plain(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("over {most} bytes")));
    }
    Ok(bytes)
}

/// A part of a file that rotates: the open file, and its last `most` bytes as text, from the start of a line on; `None` if there is no
/// such part.
///
/// # Errors
/// When it cannot be opened, or is no plain file.
pub(super) fn read_part(path: &Path, most: u64) -> std::result::Result<Option<(File, String)>, IoError> {
    let read = || -> Result<(File, Vec<u8>)> {
        let mut file = open(path)?;
        let bytes = end_of(&mut file, most)?;
        Ok((file, bytes))
    };
    match read() {
        Ok((file, bytes)) => Ok(Some((file, String::from_utf8_lossy(&bytes).into_owned()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(IoError::new("read", path, error)),
    }
}

/// The last `most` bytes after the position of the file. If it leaves some out, it begins with a whole line.
pub(super) fn end_of(file: &mut File, most: u64) -> Result<Vec<u8>> {
    let left_out = skip_to_end(file, most)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    if left_out && let Some(end) = bytes.iter().position(|b| *b == b'\n') {
        bytes.drain(..=end);
    }
    Ok(bytes)
}

/// Moves to where `most` bytes are left; `true` where that left something out.
pub(super) fn skip_to_end(file: &mut File, most: u64) -> Result<bool> {
    let begin = file.metadata()?.len().saturating_sub(most);
    let left_out = begin > file.stream_position()?;
    if left_out {
        file.seek(SeekFrom::Start(begin))?;
    }
    Ok(left_out)
}

fn open(path: &Path) -> Result<File> {
    files::open_plain(path, OFlags::RDONLY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_file_and_only_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "one\ntwo\nthree\n").unwrap();
        assert_eq!(read_plain(&at("file"), 14).unwrap(), b"one\ntwo\nthree\n");
        assert_eq!(read_plain(&at("file"), 13).unwrap_err().kind(), ErrorKind::FileTooLarge);
        let end = |name: &str, most: u64| read_part(&at(name), most).map(|part| part.map(|(_, text)| text));
        assert_eq!(end("file", 14).unwrap().unwrap(), "one\ntwo\nthree\n");
        assert_eq!(end("file", 8).unwrap().unwrap(), "three\n");
        assert_eq!(end("none", 8).unwrap(), None);
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        for name in ["pipe", "link", "folder"] {
            assert!(read_plain(&at(name), 14).is_err() && end(name, 14).is_err(), "{name}");
        }
        File::create(at("huge")).unwrap().set_len(1 << 40).unwrap();
        assert!(read_plain(&at("huge"), 14).is_err());
        assert_eq!(end("huge", 14).unwrap().unwrap().len(), 14);
    }
}
