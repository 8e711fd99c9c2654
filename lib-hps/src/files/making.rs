// SPDX-License-Identifier: GPL-3.0-or-later
//! Making folders. The next folder is made in the one that was checked, so another user cannot redirect a step.

use super::IoError;
use super::base::Base;
use super::error::FileError;
use super::trust::{Trust, may_own, rule};
use super::untrusted::{file_error, foreign_folder, wrong_kind};
use super::walk::{open_path, walk_to_folder};
use rustix::fs::{Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;
use std::fs::{File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Opens a folder. A missing one is made, with those above it, for all users to enter. A link in its place is refused:
/// the web server's user could have put it there.
///
/// # Errors
/// When it cannot be made, is not a folder, or another user owns it or can replace it.
pub fn make_folder(path: &Path) -> Result<File, FileError> {
    let nowhere = Base::nowhere();
    let io = |errno: Errno| FileError::from(IoError::new("create", path, errno));
    let (Some(above), Some(name)) = (path.parent(), path.file_name()) else { return Err(io(Errno::INVAL)) };
    let above = walk_to_folder(above, rule(), true).map_err(|fault| file_error(fault, path, &nowhere))?;
    match mkdirat(&above, name, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(io(error)),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = match openat(&above, name, flags, Mode::empty()) {
        Ok(folder) => File::from(folder),
        Err(Errno::NOTDIR | Errno::LOOP) => {
            let found = open_path(&above, name).map_err(io)?.metadata().map_err(IoError::during("read", path))?;
            return Err(wrong_kind(path, &found, "a folder"));
        }
        Err(error) => return Err(io(error)),
    };
    // In a sticky folder that others can write, it may be older than this step.
    let uid = folder.metadata().map_err(IoError::during("read", path))?.uid();
    if may_own(uid, Trust::Shared) { Ok(folder) } else { Err(foreign_folder(path, uid, path)) }
}

/// Makes a folder, and those above it, with exactly this mode. An existing folder keeps its content. `group` becomes
/// its group.
///
/// # Errors
/// As [`make_folder`], or when group or mode cannot be set.
pub fn make_dir(path: &Path, mode: u32, group: Option<u32>) -> Result<(), FileError> {
    let folder = make_folder(path).map_err(|error| match error {
        FileError::Io(error) => IoError::new("create", error.path().to_path_buf(), error.into_reason()).into(),
        other => other,
    })?;
    if let Some(group) = group {
        std::os::unix::fs::fchown(&folder, None, Some(group)).map_err(IoError::during("change the group of", path))?;
    }
    // After chown, which removes the set-group-id bit.
    Ok(folder.set_permissions(Permissions::from_mode(mode)).map_err(IoError::during("set the mode of", path))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{chown, symlink};

    #[test]
    fn a_folder_is_made_with_those_above_it_and_in_no_folder_of_others() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        make_folder(&at("a/b/c")).unwrap();
        assert_eq!(std::fs::metadata(at("a/b")).unwrap().permissions().mode() & 0o7777, 0o755);
        make_folder(&at("a/b/c")).unwrap();
        std::fs::create_dir(at("open")).unwrap();
        std::fs::set_permissions(at("open"), Permissions::from_mode(0o777)).unwrap();
        symlink(at("open"), at("to open")).unwrap();
        symlink(at("a"), at("link")).unwrap();
        std::fs::write(at("file"), "").unwrap();
        for (path, words) in [
            ("open/x", "open: everybody can write it"),
            ("open/x/y/z", "open: everybody can write it"),
            ("to open/x", "open: everybody can write it"),
            ("link", "link: this is a link, expected a folder"),
            ("file", "file: this is a regular file, expected a folder"),
            ("file/x", "cannot"),
        ] {
            let error = make_folder(&at(path)).unwrap_err().to_string();
            assert!(error.contains(words), "{path}: {error}");
        }
        make_folder(&at("link/d")).unwrap();
        assert!(at("a/d").is_dir() && std::fs::read_dir(at("open")).unwrap().count() == 0);
        // Only root can give files away.
        if rustix::process::geteuid().is_root() {
            std::fs::set_permissions(at("open"), Permissions::from_mode(0o1777)).unwrap();
            make_folder(&at("open/own")).unwrap();
            std::fs::create_dir(at("open/other")).unwrap();
            chown(at("open/other"), Some(54_321), None).unwrap();
            for path in ["open/other", "open/other/x/y"] {
                let error = make_folder(&at(path)).unwrap_err().to_string();
                assert!(error.contains("open/other: belongs to user 54321, expected root; "), "{error}");
            }
            assert_eq!(std::fs::read_dir(at("open/other")).unwrap().count(), 0);
        }
    }
}
