// SPDX-License-Identifier: GPL-3.0-or-later
//! An opened folder, and operations on the names in it.
//!
//! Root and the web server's user write some of the same folders. So each step uses a name in a folder that was opened
//! before, and follows no link. Another folder or link in its place then changes nothing.

use super::IoError;
use rustix::fs::{AtFlags, Mode, OFlags, fsync, linkat, openat, renameat, unlinkat};
use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io::{Error, ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The opened folder. Each error names the file of the step.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    file: File,
}

impl Folder {
    /// Opens it. A link in its place is refused.
    pub(crate) fn open(path: &Path) -> Result<Self, IoError> {
        Self::open_with(path, OFlags::RDONLY | OFlags::NOFOLLOW)
    }

    /// Opens a folder from a setting. A link of root in its place is followed.
    pub(crate) fn open_named(path: &Path) -> Result<Self, IoError> {
        Self::open_with(path, OFlags::RDONLY)
    }

    /// The folder of a file, and the file's name there.
    pub(crate) fn open_parent(path: &Path) -> Result<(Self, &OsStr), IoError> {
        Ok((Self::open(folder_of(path))?, name_of(path)?))
    }

    /// Opens a file of a folder. For the folder, only the right to enter it is needed.
    pub(crate) fn open_file(path: &Path, flags: OFlags, mode: u32) -> Result<File, IoError> {
        let folder = Self::open_with(folder_of(path), OFlags::PATH | OFlags::NOFOLLOW)?;
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = openat(&folder.file, name_of(path)?, flags, Mode::from_raw_mode(mode));
        opened.map(File::from).map_err(IoError::during("open", path))
    }

    fn open_with(path: &Path, flags: OFlags) -> Result<Self, IoError> {
        let flags = flags | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(IoError::during("open", path))?;
        Ok(Self { path: path.to_path_buf(), file: File::from(opened) })
    }

    /// The name by which it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its descriptor.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Creates a new file, complete, with its mode, on the disk. It is closed when this returns: dnsmasq would treat a
    /// close after the rename as another change.
    pub(crate) fn create(&self, name: impl AsRef<OsStr>, bytes: &[u8], mode: u32) -> Result<(), IoError> {
        let name = name.as_ref();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let create = || -> Result<(), Error> {
            let mut file = File::from(openat(&self.file, name, flags, Mode::from_raw_mode(0o600))?);
            file.write_all(bytes)?;
            file.set_permissions(Permissions::from_mode(mode))?;
            file.sync_all()
        };
        create().map_err(|error| self.failed("write", name, error))
    }

    /// Renames a file or folder, and replaces one with the new name.
    pub(crate) fn rename(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> Result<(), IoError> {
        self.move_to(from, self, to)
    }

    /// Moves a file or folder to another folder, and replaces one with the same name there.
    pub(crate) fn move_to(&self, from: impl AsRef<OsStr>, folder: &Self, to: impl AsRef<OsStr>) -> Result<(), IoError> {
        let to = to.as_ref();
        let moved = renameat(&self.file, from.as_ref(), &folder.file, to);
        moved.map_err(|error| folder.failed("put in place", to, error))
    }

    /// Gives a file a second name, which must be free.
    pub(crate) fn link(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> Result<(), IoError> {
        self.link_to(from, self, to)
    }

    /// Gives a file a second name in another folder, which must be free.
    pub(crate) fn link_to(&self, from: impl AsRef<OsStr>, folder: &Self, to: impl AsRef<OsStr>) -> Result<(), IoError> {
        let from = from.as_ref();
        let linked = linkat(&self.file, from, &folder.file, to.as_ref(), AtFlags::empty());
        linked.map_err(|error| self.failed("link", from, error))
    }

    /// Removes a name of the file.
    pub(crate) fn remove(&self, name: impl AsRef<OsStr>) -> Result<(), IoError> {
        let name = name.as_ref();
        unlinkat(&self.file, name, AtFlags::empty()).map_err(|error| self.failed("remove", name, error))
    }

    /// Its names, in no order; hidden ones are left out.
    pub(crate) fn names(&self) -> Result<Vec<String>, IoError> {
        let mut names = self.all_names()?;
        names.retain(|name| !name.starts_with('.'));
        Ok(names)
    }

    /// All its names, in no order. HPS makes no name that is not UTF-8.
    pub(crate) fn all_names(&self) -> Result<Vec<String>, IoError> {
        let list = || -> rustix::io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in rustix::fs::Dir::read_from(&self.file)? {
                names.extend(entry?.file_name().to_str().ok().map(str::to_owned));
            }
            Ok(names)
        };
        let mut names = list().map_err(IoError::during("list", &self.path))?;
        names.retain(|name| name != "." && name != "..");
        Ok(names)
    }

    /// Waits until it is on the disk.
    pub(crate) fn sync(&self) -> Result<(), IoError> {
        fsync(&self.file).map_err(IoError::during("sync", &self.path))
    }

    fn failed(&self, operation: &'static str, name: &OsStr, error: impl Into<Error>) -> IoError {
        IoError::new(operation, self.path.join(name), error)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn name_of(path: &Path) -> Result<&OsStr, IoError> {
    let invalid = || IoError::new("open", path, Error::new(ErrorKind::InvalidInput, "not the name of a file"));
    path.file_name().ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_link_is_followed_and_each_error_names_its_file() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        std::fs::create_dir(at("folder")).unwrap();
        symlink(at("folder"), at("link")).unwrap();
        symlink("nothing", at("folder/dangling")).unwrap();
        let refused = Folder::open(&at("link")).unwrap_err();
        assert_eq!((refused.operation(), refused.path()), ("open", at("link").as_path()));
        assert!(Folder::open_named(&at("link")).is_ok());
        let folder = Folder::open(&at("folder")).unwrap();
        let error = folder.create("dangling", b"", 0o600).unwrap_err();
        assert_eq!((error.operation(), error.path()), ("write", at("folder/dangling").as_path()));
        assert!(!at("folder/nothing").exists());
        let error = folder.rename("none", "other").unwrap_err();
        assert_eq!((error.operation(), error.path()), ("put in place", at("folder/other").as_path()));
        assert!(error.is_not_found() && folder.remove("none").unwrap_err().is_not_found());
    }

    #[test]
    fn files_move_and_are_linked_between_folders() {
        let top = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            std::fs::create_dir(top.path().join(name)).unwrap();
            Folder::open(&top.path().join(name)).unwrap()
        };
        let (one, two) = (folder("one"), folder("two"));
        one.create("a", b"a", 0o644).unwrap();
        one.create(".b", b"b", 0o600).unwrap();
        assert_eq!(one.names().unwrap(), ["a"]);
        one.link_to("a", &two, "second").unwrap();
        assert_eq!(one.link_to("a", &two, "second").unwrap_err().kind(), ErrorKind::AlreadyExists);
        one.move_to(".b", &two, "second").unwrap();
        two.sync().unwrap();
        assert_eq!(std::fs::read(top.path().join("two/second")).unwrap(), b"b", "in the place of what was there");
        assert_eq!(
            (one.all_names().unwrap(), two.all_names().unwrap()),
            (vec!["a".to_owned()], vec!["second".to_owned()])
        );
    }
}
