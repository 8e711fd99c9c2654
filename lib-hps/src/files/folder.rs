// SPDX-License-Identifier: GPL-3.0-or-later
//! A folder that was opened as a folder, and what is done to the names in it.
//!
//! Root and the web server's user write the same folders. Whatever is done to a file goes by its name in a folder that was opened
//! before, and no link is followed on the way: to put another folder, or a link, in the place of one changes nothing.

use rustix::fs::{AtFlags, Mode, OFlags, fsync, linkat, openat, renameat, unlinkat};
use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The folder, opened.
#[derive(Debug)]
pub(crate) struct Folder(File);

impl Folder {
    /// Opens it; a link in its place is refused.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        Self::open_with(path, OFlags::RDONLY)
    }

    /// The folder of a file, and the file's name there.
    pub(crate) fn of(path: &Path) -> std::io::Result<(Self, &OsStr)> {
        Ok((Self::open(folder_of(path))?, name_of(path)?))
    }

    /// Opens a file of a folder; nothing is asked of the folder but to pass through it.
    pub(crate) fn open_file(path: &Path, flags: OFlags, mode: u32) -> std::io::Result<File> {
        let folder = Self::open_with(folder_of(path), OFlags::PATH)?;
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(openat(&folder.0, name_of(path)?, flags, Mode::from_raw_mode(mode))?))
    }

    fn open_with(path: &Path, flags: OFlags) -> std::io::Result<Self> {
        let flags = flags | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(File::from(rustix::fs::open(path, flags, Mode::empty())?)))
    }

    /// Creates a file that was not there, whole, with its mode, on the disk. It is closed when this returns: dnsmasq would take a
    /// close after the rename for another change.
    pub(crate) fn create(&self, name: &str, bytes: &[u8], mode: u32) -> std::io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, name, flags, Mode::from_raw_mode(0o600))?);
        file.write_all(bytes)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()
    }

    /// Gives a file another name, in the place of what has it.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> std::io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    /// Gives a file a second name, which must be free.
    pub(crate) fn link(&self, from: &str, to: &OsStr) -> std::io::Result<()> {
        Ok(linkat(&self.0, from, &self.0, to, AtFlags::empty())?)
    }

    /// Takes a name away.
    pub(crate) fn remove(&self, name: &OsStr) -> std::io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Its names, in no order.
    pub(crate) fn names(&self) -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            names.extend(entry?.file_name().to_str().ok().filter(|name| !name.starts_with('.')).map(str::to_owned));
        }
        Ok(names)
    }

    /// Waits until the disk has it.
    pub(crate) fn sync(&self) -> std::io::Result<()> {
        Ok(fsync(&self.0)?)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn name_of(path: &Path) -> std::io::Result<&OsStr> {
    path.file_name().ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidInput, "not the name of a file"))
}
