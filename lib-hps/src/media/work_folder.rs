// SPDX-License-Identifier: GPL-3.0-or-later
//! Temporary folders that only root can enter, for files that are to be verified, or are verified and not published
//! yet.
//!
//! All of them are made here, and so are temporary files with a name: TMPDIR may name a folder of a person. A folder
//! that `tempfile` makes by itself is open to all users (0755), and the files of an ISO or a package may have any owner
//! until they are published.

use super::brought::others_on_the_way;
use crate::files::IoError;
use rustix::fs::{XattrFlags, setxattr};
use rustix::io::Errno;
use std::path::{Path, PathBuf};

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum WorkFolderError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Other users could replace it.
    #[error("{}: {why}, so files are not safe there before they are verified; set another folder: TMPDIR=/tmp", path.display())]
    Open {
        /// The folder, or one on the way to it.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// A folder for temporary files that only root can change, removed with all its content when this is dropped.
///
/// # Errors
/// When it cannot be made, or others can change the folder above it.
pub fn work_folder() -> Result<tempfile::TempDir, WorkFolderError> {
    work_folder_in(&std::env::temp_dir())
}

/// A file with this text, for a program that reads it by its path. It is in a folder of its own, where no other user
/// can replace it, and is removed when this is dropped.
///
/// # Errors
/// As [`work_folder`].
pub fn sheet(text: &[u8]) -> Result<Sheet, WorkFolderError> {
    let room = work_folder()?;
    let path = room.path().join("text");
    std::fs::write(&path, text).map_err(IoError::during("write", &path))?;
    Ok(Sheet { path, _room: room })
}

/// See [`sheet`].
#[derive(Debug)]
pub struct Sheet {
    path: PathBuf,
    _room: tempfile::TempDir,
}

impl Sheet {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A hidden folder in `place`, whose name begins with `prefix`. Only root can enter it.
pub(super) fn hidden(prefix: &str, place: &Path) -> std::io::Result<tempfile::TempDir> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    tempfile::Builder::new().prefix(prefix).permissions(mode).tempdir_in(place)
}

/// Lets one more user, but not the user's group, pass through a folder of [`hidden`], by an entry of its ACL (acl(5)).
/// On a file system without ACLs nothing changes.
pub(super) fn let_through(folder: &Path, user: u32) -> std::io::Result<()> {
    // linux/posix_acl_xattr.h: a version, then tag, permissions and number of each entry.
    const VERSION: u32 = 2;
    const NOBODY: u32 = u32::MAX;
    let (owner, named, group, mask, others) = (0x01u16, 0x02, 0x04, 0x10, 0x20);
    let (all, pass) = (7u16, 1);
    let mut acl = VERSION.to_le_bytes().to_vec();
    for (tag, rights, number) in
        [(owner, all, NOBODY), (named, pass, user), (group, 0, NOBODY), (mask, pass, NOBODY), (others, 0, NOBODY)]
    {
        acl.extend(tag.to_le_bytes());
        acl.extend(rights.to_le_bytes());
        acl.extend(number.to_le_bytes());
    }
    match setxattr(folder, "system.posix_acl_access", &acl, XattrFlags::empty()) {
        Ok(()) | Err(Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn work_folder_in(place: &Path) -> Result<tempfile::TempDir, WorkFolderError> {
    let folder = hidden(".hps-", place).map_err(IoError::during("create a folder in", place))?;
    match others_on_the_way(folder.path()).map_err(IoError::during("look at", folder.path()))? {
        None => Ok(folder),
        Some((path, why)) => Err(WorkFolderError::Open { path, why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test, as other users")]
    fn one_user_is_let_through_and_nobody_of_its_group() {
        // Only root can become other users.
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let folder = hidden("x", &std::env::temp_dir()).unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        let passes = |user: &str, group: &str| {
            let who = ["--reuid", user, "--regid", group, "--clear-groups", "test", "-d"];
            let mut test = std::process::Command::new("setpriv");
            test.args(who).arg(folder.path().join("in")).status().unwrap().success()
        };
        assert!(!passes("54321", "65534"));
        let_through(folder.path(), 54_321).unwrap();
        assert!(passes("54321", "65534") && !passes("54322", "65534") && !passes("54322", "54321"));
        let mut list = std::process::Command::new("setpriv");
        list.args(["--reuid", "54321", "--regid", "65534", "--clear-groups", "ls"]).arg(folder.path());
        assert!(!list.output().unwrap().status.success(), "it passes through, and sees no names");
    }

    #[test]
    fn it_is_in_no_folder_that_others_can_change() {
        let place = tempfile::tempdir().unwrap();
        let mode = |mode| std::fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(mode));
        let room = work_folder_in(place.path()).unwrap();
        let mode_of = std::fs::metadata(room.path()).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode_of) & 0o7777, 0o700);
        drop(room);
        mode(0o1777).unwrap();
        assert!(work_folder_in(place.path()).is_ok(), "as /tmp is");
        mode(0o777).unwrap();
        let error = work_folder_in(place.path()).unwrap_err().to_string();
        assert!(error.contains("can be changed by others (mode 0777)") && error.ends_with("TMPDIR=/tmp"), "{error}");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
