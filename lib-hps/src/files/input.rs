// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that a person names on a command line: a key, a list of hosts, an ISO, a CHECKSUM.
//!
//! Such a file may be in a folder of another user, who can put a link there at that moment. Root can read files that
//! this user cannot, and would show them in a message or publish them. So a link of another user leads only to files of
//! that user, and to files that all users can read.

use super::IoError;
use super::base::Base;
use super::bounded::read_all;
use super::error::{FileError, what};
use super::path_rule::PathRule;
use super::untrusted::file_error;
use super::user_name;
use super::walk::walk;
use rustix::fs::{Mode, OFlags};
use std::fs::{File, Metadata};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Opens it. Links are followed; only a regular file is opened for reading.
///
/// # Errors
/// When it cannot be opened, or is a folder, a FIFO, a device or a socket. Also when a link of another user leads root
/// to a file that this user may not be able to read.
pub fn open_input(path: &Path) -> Result<File, FileError> {
    let open = |path: &Path, flags| rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty()).map(File::from);
    let regular = |file: File| {
        let kind = file.metadata().map_err(IoError::during("read", path))?.file_type();
        if kind.is_file() {
            return Ok(file);
        }
        Err(FileError::NotRegular { path: path.to_path_buf(), what: what(kind) })
    };
    // Opening a device can act on it (a tape rewinds, a watchdog starts), so the file is checked first. The checked
    // file is the opened one: another user may put a device in its place meanwhile.
    let seen = regular(open(path, OFlags::PATH).map_err(IoError::during("read", path))?)?;
    if rustix::process::geteuid().is_root() {
        not_led_there(path, &seen.metadata().map_err(IoError::during("read", path))?)?;
    }
    let same = PathBuf::from(format!("/proc/self/fd/{}", seen.as_raw_fd()));
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    regular(open(&same, flags).map_err(IoError::during("read", path))?)
}

/// Refuses a file that others cannot read, if another user has led here.
fn not_led_there(path: &Path, seen: &Metadata) -> Result<(), FileError> {
    if seen.mode() & 0o004 != 0 {
        return Ok(());
    }
    let absolute = std::path::absolute(path).map_err(IoError::during("read", path))?;
    let place = walk(&absolute, PathRule::named()).map_err(|fault| file_error(fault, path, &Base::nowhere()))?;
    let folder = place.folder.metadata().map_err(IoError::during("read", path))?;
    let refused = |path: &Path, problem: String| {
        let mend = format!("find out who made it, then remove it: rm {}", path.display());
        Err(FileError::Untrusted { path: path.to_path_buf(), problem, mend })
    };
    let is_same = (place.metadata.dev(), place.metadata.ino()) == (seen.dev(), seen.ino());
    match place.by {
        Some((link, uid)) if uid != seen.uid() || !is_same => {
            refused(&link, format!("this link of user {} leads to a file that others cannot read", user_name(uid)))
        }
        _ if !is_same => Err(IoError::new("read", path, std::io::Error::other("it changed during the check")).into()),
        // If the kernel does not protect hard links, a second name works like a link.
        _ if seen.nlink() > 1 && folder.uid() != 0 && folder.uid() != seen.uid() => {
            let whose = user_name(folder.uid());
            refused(
                path,
                format!("this is a second name, in a folder of user {whose}, for a file that others cannot read"),
            )
        }
        _ => Ok(()),
    }
}

/// The whole file.
///
/// # Errors
/// As [`open_input`], or when it has more than `most` bytes.
pub fn read_input(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    read_all(open_input(path)?, path, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, mknodat};
    use std::os::unix::fs::{chown, lchown, symlink};

    #[test]
    fn a_link_of_another_user_leads_root_to_no_secret() {
        // Only root can give files away.
        if !rustix::process::geteuid().is_root() {
            return;
        }
        const USER: u32 = 54_321;
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        let write = |name: &str, mode: u32, uid: u32| {
            std::fs::write(at(name), name).unwrap();
            std::fs::set_permissions(at(name), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            chown(at(name), Some(uid), None).unwrap();
        };
        std::fs::create_dir(at("home")).unwrap();
        write("secret", 0o600, 0);
        write("public", 0o644, 0);
        write("home/own", 0o600, USER);
        write("home/of root", 0o600, 0);
        for target in ["secret", "public", "home/own"] {
            let link = at("home").join(format!("to {target}").replace('/', "-"));
            symlink(at(target), &link).unwrap();
            lchown(&link, Some(USER), None).unwrap();
        }
        symlink(at("home/to secret"), at("by way of it")).unwrap();
        symlink(at("secret"), at("home/of root to secret")).unwrap();
        std::fs::hard_link(at("secret"), at("home/second name")).unwrap();
        chown(at("home"), Some(USER), None).unwrap();
        let read = |name: &str| read_input(&at(name), 100).map_err(|error| error.to_string());
        for name in ["home/to public", "home/to home-own", "home/of root", "home/of root to secret", "secret"] {
            assert!(read(name).is_ok(), "{name}: {:?}", read(name));
        }
        for (name, words) in [
            ("home/to secret", "home/to secret: this link of user 54321 leads to a file that others cannot read"),
            ("by way of it", "home/to secret: this link of user 54321"),
            ("home/second name", "home/second name: this is a second name, in a folder of user 54321"),
        ] {
            let error = read(name).unwrap_err();
            assert!(error.contains(words), "{name}: {error}");
        }
    }

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
