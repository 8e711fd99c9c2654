// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of HPS: believed by their owner and mode.
//!
//! Whoever wrote `hps.conf`, a cluster file or a permission decides what root does, and whose disk is wiped. So such a file counts
//! only where nobody but root can have written it, and where nobody but root can put another one in its place. A person who runs a
//! program without being root trusts their own files too, but the web server's user never makes a file of root's.
//!
//! An administrator runs the command at the end of a refusal. So no command gives root what another user chose: a stranger's link is
//! removed, not followed, and a folder that HPS does not have for itself stays with its owner.

use super::IoError;
use super::WEB_USER;
use super::bounded::read_all;
use super::error::{FileError, what};
use super::users::{self, user_name};
use super::walk::{Astray, Place, Rule, open_path, walk};
use rustix::fs::{Mode, OFlags, openat};
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Who may have written a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Root alone.
    Root,
    /// Root and the web server's user, which has the file or is in its group.
    Shared,
}

/// The folder below which all of HPS lies: `/` on a provisioning node, that of `--base` in a lab.
///
/// Every folder from `/` down is root's, those above the base of a lab too: whoever can replace the lab while root reads it decides what
/// root's services do. It says only which folders HPS has for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    folder: PathBuf,
    /// Folders that HPS has for itself, with all below them: only these may be given to root. A folder that merely leads to a file
    /// of HPS is the site's, or a person's.
    own: Vec<PathBuf>,
}

/// Where all of HPS lies on a provisioning node, if nothing else is said.
const OWN: [&str; 3] = ["/srv/hps-config", "/srv/hps-resources", "/srv/hps-system"];

impl Base {
    /// Where nothing is known of what HPS has for itself.
    pub(super) fn nowhere() -> Self {
        Self { folder: PathBuf::from("/"), own: Vec::new() }
    }

    /// The folder that all of these have in common.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let common = |one: PathBuf, other: &Path| {
            one.components().zip(other.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        };
        let own: Vec<_> = paths.into_iter().map(Path::to_path_buf).collect();
        let mut paths = own.iter();
        let first = paths.next().map_or(PathBuf::from("/"), PathBuf::clone);
        let folder = paths.fold(first, |one, other| common(one, other));
        Self { folder, own }
    }

    /// The base of an `hps.conf`, by where `cluster-configure --base` puts it; `/` for one elsewhere.
    pub fn of_conf(conf: &Path, default: &Path) -> Self {
        let below = default.strip_prefix("/").unwrap_or(default);
        let depth = conf.components().count().saturating_sub(below.components().count());
        if !conf.ends_with(below) {
            return Self::nowhere();
        }
        Self {
            folder: conf.components().take(depth).collect(),
            own: conf.parent().map(Path::to_path_buf).into_iter().collect(),
        }
    }

    /// Whether HPS has this folder for itself: it is one of those that were named, or what a lab has below its base.
    fn is_own(&self, folder: &Path) -> bool {
        let is_in_lab = self.folder.parent().is_some() && folder != self.folder && folder.starts_with(&self.folder);
        is_in_lab || OWN.iter().any(|own| folder.starts_with(own)) || self.own.iter().any(|own| folder.starts_with(own))
    }
}

/// Opens a file of HPS for reading.
///
/// # Errors
/// When it cannot be opened, is no regular file, or somebody else may have written it or can replace it.
pub fn open_trusted(path: &Path, base: &Base, trust: Trust) -> Result<File, FileError> {
    let place = way(path, base)?;
    check_file(&place.path, &place.metadata, trust)?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat(&place.folder, &place.name, flags, Mode::empty()).map_err(IoError::during("read", path))?;
    let file = File::from(file);
    // What counts is what was opened, not what stood there before.
    check_file(&place.path, &file.metadata().map_err(IoError::during("read", path))?, trust)?;
    Ok(file)
}

/// The whole file.
///
/// # Errors
/// As [`open_trusted`], or when it has more than `most` bytes.
pub fn read_trusted(path: &Path, base: &Base, trust: Trust, most: u64) -> Result<Vec<u8>, FileError> {
    read_all(open_trusted(path, base, trust)?, path, most)
}

/// A folder that was looked at, and what lies directly in it can be looked at too.
#[derive(Debug)]
pub struct Checked {
    folder: File,
    path: PathBuf,
}

/// Looks at a folder of HPS and at every folder above it; `None` where there is none.
///
/// # Errors
/// When it cannot be looked at, or somebody else can write in it or replace it.
pub fn check_folder(path: &Path, base: &Base, trust: Trust) -> Result<Option<Checked>, FileError> {
    match way(path, base) {
        Ok(place) => Checked::new(place.file, &place.metadata, place.path, trust).map(Some),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl Checked {
    fn new(folder: File, metadata: &Metadata, path: PathBuf, trust: Trust) -> Result<Self, FileError> {
        if !metadata.is_dir() {
            return Err(wrong_kind(&path, metadata, "a folder"));
        }
        check(&path, metadata, trust)?;
        Ok(Self { folder, path })
    }

    /// The same for a folder in it, which must not be a link; `None` where there is none.
    ///
    /// # Errors
    /// As [`check_folder`].
    pub fn check_folder(&self, name: &str, trust: Trust) -> Result<Option<Self>, FileError> {
        let path = self.path.join(name);
        let folder = match open_path(&self.folder, name.as_ref()) {
            Ok(folder) => folder,
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(IoError::new("read", &path, error).into()),
        };
        let metadata = folder.metadata().map_err(IoError::during("read", &path))?;
        Self::new(folder, &metadata, path, trust).map(Some)
    }
}

/// Looks at an open file by what the system says of it.
///
/// # Errors
/// When it is no regular file, or somebody else may have written it.
pub fn check_file(path: &Path, metadata: &Metadata, trust: Trust) -> Result<(), FileError> {
    if !metadata.is_file() {
        return Err(wrong_kind(path, metadata, "a regular file"));
    }
    check(path, metadata, trust)
}

/// Looks at the mode alone, of an open file that another program has as a user of its own, in a folder of root's.
///
/// # Errors
/// When others than its owner and root may have written it.
pub fn check_mode(path: &Path, metadata: &Metadata) -> Result<(), FileError> {
    mode_is_right(path, metadata, metadata.gid() == 0)
}

fn check(path: &Path, metadata: &Metadata, trust: Trust) -> Result<(), FileError> {
    if !may_own(metadata.uid(), trust) {
        return Err(wrong_owner(path, metadata.uid(), trust));
    }
    let group_writes = match trust {
        Trust::Root => false,
        Trust::Shared => may_share(metadata.gid()),
    };
    mode_is_right(path, metadata, group_writes)
}

fn mode_is_right(path: &Path, metadata: &Metadata, group_writes: bool) -> Result<(), FileError> {
    if metadata.mode() & 0o002 == 0 && (group_writes || metadata.mode() & 0o020 == 0) {
        return Ok(());
    }
    Err(wrong_mode(path, metadata, group_writes))
}

/// Who may have the folders on the way to a file of HPS. Older versions let the web server's group write some of them.
pub(super) fn rule() -> Rule {
    let me = rustix::process::geteuid().as_raw();
    Rule {
        user: may_own(me, Trust::Root).then_some(me),
        may_group_write: |metadata| metadata.gid() == 0 || may_share(metadata.gid()) && is_shared_way(metadata),
        is_named: false,
    }
}

fn way(path: &Path, base: &Base) -> Result<Place, FileError> {
    walk(path, rule()).map_err(|astray| in_words(astray, path, base))
}

/// What is wrong with the way to a file, `asked`.
pub(super) fn in_words(astray: Astray, asked: &Path, base: &Base) -> FileError {
    match astray {
        Astray::Io(error) => error.into(),
        // To give it to root would make its maker's choice root's own.
        Astray::Link { path, target, uid } => FileError::Untrusted {
            problem: format!(
                "this is a link to {}, and it belongs to user {}, expected root",
                target.display(),
                user_name(uid)
            ),
            mend: format!("find out who made it, then remove it: rm {}", path.display()),
            path,
        },
        Astray::Owner { path, uid } if base.is_own(&path) => wrong_owner(&path, uid, Trust::Root),
        // All of a lab moves, not one of its files.
        Astray::Owner { path, uid } if path != base.folder && base.folder.starts_with(&path) => {
            foreign_folder(&path, uid, &base.folder)
        }
        Astray::Owner { path, uid } => foreign_folder(&path, uid, asked),
        Astray::Mode { path, metadata, group_writes } => wrong_mode(&path, &metadata, group_writes),
    }
}

/// Older versions let the web server's group write folders that lead to its own.
fn is_shared_way(metadata: &Metadata) -> bool {
    metadata.mode() & 0o2000 != 0
}

pub(super) fn may_own(uid: u32, trust: Trust) -> bool {
    if uid == 0 {
        return true;
    }
    let me = rustix::process::geteuid().as_raw();
    let is_web = || users::web_user().is_some_and(|user| user.uid == uid);
    match trust {
        Trust::Root => uid == me && !is_web(),
        Trust::Shared => uid == me || is_web(),
    }
}

fn may_share(gid: u32) -> bool {
    gid == 0 || gid == rustix::process::getegid().as_raw() || users::web_user().is_some_and(|user| user.gid == gid)
}

pub(super) fn wrong_kind(path: &Path, metadata: &Metadata, expected: &str) -> FileError {
    let command = if metadata.is_dir() { "rmdir" } else { "rm" };
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!("this is {}, expected {expected}", what(metadata.file_type())),
        mend: format!("find out who made it, then remove it: {command} {}", path.display()),
    }
}

fn wrong_owner(path: &Path, uid: u32, trust: Trust) -> FileError {
    let shown = path.display();
    let owner = match trust {
        Trust::Root => "root".to_owned(),
        Trust::Shared => format!("root or {WEB_USER}"),
    };
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!("belongs to user {}, expected {owner}", user_name(uid)),
        // Never what a link leads to, should one be put there meanwhile.
        mend: format!("look at what it says, then give it to root: chown -h root:{WEB_USER} {shown}"),
    }
}

/// It leads to a file of HPS and has other things too, a person's for instance: it stays that person's, and the file moves.
pub(super) fn foreign_folder(path: &Path, uid: u32, asked: &Path) -> FileError {
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!(
            "belongs to user {}, expected root; that user can replace {}",
            user_name(uid),
            asked.display()
        ),
        mend: format!("move {} below a folder that only root can write", asked.display()),
    }
}

fn wrong_mode(path: &Path, metadata: &Metadata, group_writes: bool) -> FileError {
    let mode = metadata.mode() & 0o7777;
    let (who, bits) = match mode & 0o022 {
        0o020 => (format!("group {} can write it", metadata.gid()), "g-w"),
        0o002 => ("everybody can write it".to_owned(), "o-w"),
        _ if group_writes => ("everybody can write it".to_owned(), "o-w"),
        _ => ("everybody can write it".to_owned(), "go-w"),
    };
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!("{who} (mode {mode:04o})"),
        mend: format!("look at what it says, then take that right away: chmod {bits} {}", path.display()),
    }
}

#[cfg(test)]
#[path = "trusted_tests.rs"]
mod tests;
