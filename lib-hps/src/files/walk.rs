// SPDX-License-Identifier: GPL-3.0-or-later
//! The way from `/` to a file, folder by folder. Each is checked through the descriptor that the next step starts from.
//!
//! A user who can write to a folder can replace the files and folders in it. So a file is as safe as the worst folder
//! above it (sshd calls the same rule StrictModes). Links are followed step by step, so that their way is checked too.
//!
//! This is the only place that checks the folders above a file. Files of HPS, programs that root starts, and folders
//! for temporary files all use it. Each caller has its own words for a fault.

use super::IoError;
use super::path_fault::PathFault;
use super::path_rule::PathRule;
use rustix::fs::{Mode, OFlags, mkdirat, openat, readlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, Permissions};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

/// As the kernel counts them (path_resolution(7)).
const MAX_LINKS: u32 = 40;

fn io(path: &Path) -> impl FnOnce(Errno) -> PathFault {
    let error = IoError::during("read", path);
    move |errno| error(errno).into()
}

/// The end of a way.
#[derive(Debug)]
pub(crate) struct Destination {
    /// The folder that it is in, opened.
    pub(crate) folder: File,
    /// Its name there.
    pub(crate) name: OsString,
    /// Its path, with all links followed.
    pub(crate) path: PathBuf,
    /// The same, opened with `O_PATH`; it is not a link.
    pub(crate) file: File,
    pub(crate) metadata: Metadata,
    /// The last link on the way that belongs neither to root nor to the user of the rule, and its owner, if the rule
    /// accepts it.
    pub(crate) by: Option<(PathBuf, u32)>,
}

/// How a fault on the way is handled: an error ends the walk.
type OnFault<'a> = &'a mut dyn FnMut(PathFault) -> Result<(), PathFault>;

/// Walks to a file or folder. Every folder and link before it is checked; the caller checks the end.
pub(crate) fn walk(path: &Path, rule: PathRule) -> Result<Destination, PathFault> {
    match go(path, rule, false, &mut Err)? {
        End::There(place) => Ok(*place),
        End::Top(_) => Err(io(path)(Errno::INVAL)),
    }
}

/// Walks to a folder, which is checked too. With `make`, missing folders are made, and all users may enter them. Each
/// is made by its name in a checked folder, so another user cannot redirect the next step.
pub(crate) fn walk_to_folder(path: &Path, rule: PathRule, make: bool) -> Result<File, PathFault> {
    match go(path, rule, make, &mut Err)? {
        End::Top(root) => Ok(root),
        End::There(place) if !place.metadata.is_dir() => Err(io(path)(Errno::NOTDIR)),
        End::There(place) => rule.judge(&place.path, &place.metadata).map(|()| place.file),
    }
}

/// Walks to a folder, also past faults: its path, the facts of the system about it, and all faults in the order of the
/// way.
///
/// # Errors
/// Only if a step is impossible.
pub(super) fn walk_past_faults(path: &Path, rule: PathRule) -> Result<(PathBuf, Metadata, Vec<PathFault>), IoError> {
    let mut faults = Vec::new();
    let mut keep = |fault| match fault {
        PathFault::Io(error) => Err(PathFault::Io(error)),
        other => {
            faults.push(other);
            Ok(())
        }
    };
    let end = go(path, rule, false, &mut keep).and_then(|end| match end {
        End::Top(root) => {
            let metadata = root.metadata().map_err(IoError::during("read", path))?;
            Ok((PathBuf::from("/"), metadata))
        }
        End::There(place) if !place.metadata.is_dir() => Err(io(path)(Errno::NOTDIR)),
        End::There(place) => {
            rule.judge(&place.path, &place.metadata).or_else(keep)?;
            Ok((place.path, place.metadata))
        }
    });
    match end {
        Ok((path, metadata)) => Ok((path, metadata, faults)),
        Err(PathFault::Io(error)) => Err(error),
        // No other fault ends the walk.
        Err(_) => Err(IoError::new("read", path, Errno::INVAL)),
    }
}

enum End {
    There(Box<Destination>),
    /// It is `/`.
    Top(File),
}

fn go(path: &Path, rule: PathRule, make: bool, on_fault: OnFault<'_>) -> Result<End, PathFault> {
    let invalid = || io(path)(Errno::INVAL);
    if !path.is_absolute() {
        return Err(invalid());
    }
    let look = |file: &File, at: &Path| file.metadata().map_err(IoError::during("read", at));
    let mut steps = names_of(path);
    let (mut links, mut by) = (0, None);
    let mut so_far = PathBuf::from("/");
    let mut folders = vec![open_root().map_err(io(path))?];
    rule.judge_top(&look(folders.last().ok_or_else(invalid)?, &so_far)?).or_else(&mut *on_fault)?;
    loop {
        let Some(name) = steps.pop() else { return Ok(End::Top(folders.pop().ok_or_else(invalid)?)) };
        if name == ".." {
            if folders.len() > 1 {
                folders.pop();
                so_far.pop();
            }
            continue;
        }
        let folder = folders.last().ok_or_else(invalid)?;
        let here = so_far.join(&name);
        let file = match open_path(folder, &name) {
            Err(Errno::NOENT) if make => make_in(folder, &name).map_err(io(&here))?,
            other => other.map_err(io(path))?,
        };
        let metadata = look(&file, path)?;
        if metadata.is_symlink() {
            links += 1;
            if links > MAX_LINKS {
                return Err(io(path)(Errno::LOOP));
            }
            let target = readlinkat(&file, "", Vec::new()).map_err(io(path))?.into_bytes();
            let target = PathBuf::from(OsString::from_vec(target));
            if !rule.may_own(metadata.uid()) && rule.is_named {
                by = Some((here.clone(), metadata.uid()));
            } else if !rule.may_own(metadata.uid()) {
                on_fault(PathFault::Link { path: here, target: target.clone(), uid: metadata.uid() })?;
            }
            if target.is_absolute() {
                folders.truncate(1);
                so_far = PathBuf::from("/");
            }
            steps.extend(names_of(&target));
        } else if steps.is_empty() {
            let folder = folders.pop().ok_or_else(invalid)?;
            return Ok(End::There(Box::new(Destination { folder, name, path: here, file, metadata, by })));
        } else {
            rule.judge(&here, &metadata).or_else(&mut *on_fault)?;
            so_far = here;
            folders.push(file);
        }
    }
}

/// The names of a path below `/`, the last one first.
fn names_of(path: &Path) -> Vec<OsString> {
    let names = path.components().rev().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    names.collect()
}

fn open_root() -> rustix::io::Result<File> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open("/", flags, Mode::empty()).map(File::from)
}

/// A new folder. Another process may have made it at the same moment; then it is checked like any other.
fn make_in(folder: &File, name: &OsStr) -> rustix::io::Result<File> {
    match mkdirat(folder, name.as_bytes(), Mode::from_raw_mode(0o755)) {
        Err(Errno::EXIST) => {}
        Err(error) => return Err(error),
        Ok(()) => {
            // A strict umask has no effect. In a checked folder no other user can replace it.
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let made = File::from(openat(folder, name.as_bytes(), flags, Mode::empty())?);
            // A folder that refuses this has the mode of the umask, which is stricter.
            let _as_it_is = made.set_permissions(Permissions::from_mode(0o755));
        }
    }
    open_path(folder, name)
}

pub(super) fn open_path(folder: &File, name: &OsStr) -> rustix::io::Result<File> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name.as_bytes(), flags, Mode::empty()).map(File::from)
}
