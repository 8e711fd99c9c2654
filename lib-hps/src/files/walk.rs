// SPDX-License-Identifier: GPL-3.0-or-later
//! The way from `/` to a file, folder by folder, each looked at through the descriptor that the next step starts from.
//!
//! Whoever can write a folder can put another file, or another folder, in the place of what is in it. So a file is as safe as the
//! worst folder above it (sshd calls the same rule StrictModes). Links are followed by hand, so that their way is looked at too.

use super::error::FileError;
use super::trusted::{Base, untrusted_folder, untrusted_link};
use rustix::fs::{Mode, OFlags, openat, readlinkat};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

/// As the kernel counts them (path_resolution(7)).
const MOST_LINKS: u32 = 40;

/// The folder of a file, opened, with the file's name in it.
pub(super) struct Place {
    pub(super) folder: File,
    pub(super) name: OsString,
    /// Where it is, all links followed.
    pub(super) path: PathBuf,
    /// What stands there, as `O_PATH` opens it; it is no link.
    pub(super) file: File,
    pub(super) metadata: Metadata,
}

struct Step {
    name: OsString,
    /// Whether this step leads to a folder above the base, which may be a person's.
    above: bool,
}

/// Walks to a file or folder. Every folder before it is checked; what stands at the end is for the caller to check.
pub(super) fn walk(path: &Path, base: &Base) -> Result<Place, FileError> {
    let io = |error: rustix::io::Errno| FileError::io(path)(error.into());
    let invalid = || io(rustix::io::Errno::INVAL);
    if !path.is_absolute() {
        return Err(invalid());
    }
    let depth = base.depth_above(path);
    let mut steps = steps_of(path, depth);
    steps.reverse();
    let mut links = 0;
    let mut so_far = PathBuf::from("/");
    let mut folders = vec![open_root().map_err(io)?];
    check_root(folders.last().ok_or_else(invalid)?, path, base)?;
    loop {
        let Step { name, above } = steps.pop().ok_or_else(invalid)?;
        if name == ".." {
            if folders.len() > 1 {
                folders.pop();
                so_far.pop();
            }
            continue;
        }
        let folder = folders.last().ok_or_else(invalid)?;
        let file = open_path(folder, &name).map_err(io)?;
        let metadata = file.metadata().map_err(FileError::io(path))?;
        let here = so_far.join(&name);
        if metadata.is_symlink() {
            links += 1;
            if links > MOST_LINKS {
                return Err(io(rustix::io::Errno::LOOP));
            }
            let target = readlinkat(&file, "", Vec::new()).map_err(io)?.into_bytes();
            let target = PathBuf::from(OsString::from_vec(target));
            untrusted_link(&here, &target, &metadata, above)?;
            if target.is_absolute() {
                folders.truncate(1);
                so_far = PathBuf::from("/");
            }
            steps.extend(steps_of(&target, if above { usize::MAX } else { 0 }).into_iter().rev());
        } else if steps.is_empty() {
            let folder = folders.pop().ok_or_else(invalid)?;
            return Ok(Place { folder, name, path: here, file, metadata });
        } else {
            untrusted_folder(&here, &metadata, above, path, base)?;
            so_far = here;
            folders.push(file);
        }
    }
}

fn steps_of(path: &Path, depth: usize) -> Vec<Step> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        Component::ParentDir => Some(OsStr::new("..")),
        _ => None,
    });
    names.enumerate().map(|(index, name)| Step { name: name.to_owned(), above: index < depth }).collect()
}

fn open_root() -> rustix::io::Result<File> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open("/", flags, Mode::empty()).map(File::from)
}

fn check_root(root: &File, path: &Path, base: &Base) -> Result<(), FileError> {
    untrusted_folder(Path::new("/"), &root.metadata().map_err(FileError::io(path))?, true, path, base)
}

pub(super) fn open_path(folder: &File, name: &OsStr) -> rustix::io::Result<File> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name.as_bytes(), flags, Mode::empty()).map(File::from)
}
