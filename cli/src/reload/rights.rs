// SPDX-License-Identifier: GPL-3.0-or-later
//! Files with other permissions than the table of what HPS owns.
//!
//! An editor or a umask may remove a permission of the web server's user; then machines get an error. A mistake may
//! also show a secret to every user. Both are corrected if the file belongs to root or the web server's user. Files
//! outside the table are not touched.

use super::owned_files::{OwnedFile, owned_files};
use crate::program::Site;
use hps::exec::User;
use hps::files::user_name;
use hps::render::lighttpd::USER;
use rustix::fs::{Mode, OFlags};
use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::Path;

/// Why the permissions of a file stay unchanged.
#[derive(Debug, thiserror::Error)]
pub(super) enum RightsError {
    /// It belongs neither to root nor to the web server's user.
    #[error(
        "{path}: belongs to user {owner}{others}; it should have mode {mode:04o}; check its content, then give it to root: chown -h root:{group} {path}"
    )]
    NotOurs { path: String, owner: String, others: String, mode: u32, group: &'static str },
    #[error("{what}; {after} cannot be set: {problem}")]
    Set { what: String, after: String, problem: std::io::Error },
}

/// A file or folder with other permissions than the table of what HPS owns.
#[derive(Debug)]
pub(super) struct WrongRights {
    place: OwnedFile,
    user: User,
    mode: u32,
    uid: u32,
    gid: u32,
    /// How many more of the same line of the table belong to another user, if this one does.
    others: usize,
}

/// The bits of group and others that `wanted` withholds. The publisher of the file decides on the bits to execute.
fn excess(mode: u32, place: &OwnedFile) -> u32 {
    let whole = |class: u32| if place.mode & class == 0 { class } else { class & 0o022 };
    mode & !place.mode & (whole(0o070) | whole(0o007))
}

impl WrongRights {
    fn find(place: OwnedFile, user: User) -> Option<Self> {
        let metadata = place.path.symlink_metadata().ok()?;
        if metadata.is_dir() != place.is_folder || !(metadata.is_file() || metadata.is_dir()) {
            return None;
        }
        let (mode, uid, gid) = (metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
        let wrong = Self { place, user, mode, uid, gid, others: 0 };
        (wrong.is_narrow() || excess(mode, &wrong.place) != 0 || !wrong.is_ours()).then_some(wrong)
    }

    /// Whether its readers lack something.
    fn is_narrow(&self) -> bool {
        let wanted = self.place.mode;
        if wanted & 0o077 == 0 {
            return false;
        }
        let by_group = self.place.group && !self.place.for_all;
        let needed = if by_group { wanted >> 3 & 7 } else { wanted & 7 };
        let shift = match self {
            _ if self.place.for_all => 0,
            _ if self.uid == self.user.uid => 6,
            _ if self.gid == self.user.gid => 3,
            _ => 0,
        };
        let has = self.mode >> shift & 7;
        has & needed != needed
    }

    /// Whether root or the web server's user owns it: files of other users are theirs.
    fn is_ours(&self) -> bool {
        self.uid == 0 || self.uid == self.user.uid
    }

    /// The mode that it should have.
    fn wanted(&self) -> u32 {
        let wanted = self.place.mode;
        if self.place.is_folder || wanted & 0o007 == 0 {
            return wanted;
        }
        (self.mode | wanted) & !excess(self.mode, &self.place)
    }

    fn what(&self) -> String {
        let rights = format!("(mode {:04o}, owner {}, group {})", self.mode, self.uid, self.gid);
        let path = self.place.path.display();
        if self.is_narrow() {
            let who = if self.place.for_all { "dnsmasq" } else { USER };
            return format!("{path}: user {who} cannot read it {rights}");
        }
        format!("{path}: too many users can read or write it {rights}")
    }

    fn after(&self) -> String {
        let group = if self.place.group { format!(" and group {USER}") } else { String::new() };
        format!("mode {:04o}{group}", self.wanted())
    }

    fn check_owner(&self) -> Result<(), RightsError> {
        if self.is_ours() {
            return Ok(());
        }
        let others = match self.others {
            0 => String::new(),
            count => format!(", like {count} other files in the same place"),
        };
        Err(RightsError::NotOurs {
            path: self.place.path.display().to_string(),
            owner: user_name(self.uid),
            others,
            mode: self.wanted(),
            group: if self.place.group { USER } else { "root" },
        })
    }

    /// What [`WrongRights::repair`] would do.
    ///
    /// # Errors
    /// [`RightsError::NotOurs`].
    pub(super) fn preview(&self) -> Result<String, RightsError> {
        self.check_owner()?;
        Ok(format!("{}; it would get {}", self.what(), self.after()))
    }

    /// Sets the permissions of the table. Returns what was done.
    ///
    /// # Errors
    /// [`RightsError`].
    pub(super) fn repair(&self) -> Result<String, RightsError> {
        self.check_owner()?;
        let (what, after) = (self.what(), self.after());
        match self.set() {
            Ok(()) => Ok(format!("{what}; it has {after} now")),
            Err(problem) => Err(RightsError::Set { what, after, problem }),
        }
    }

    /// The web server's user writes to some of these folders: no link is followed, and a file with another name is not
    /// touched.
    fn set(&self) -> std::io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(&self.place.path, flags, Mode::empty())?);
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.nlink() != 1 {
            return Err(std::io::Error::other("it has a second name"));
        }
        if metadata.uid() != self.uid || !(metadata.is_file() || metadata.is_dir()) {
            return Err(std::io::Error::other("it has changed"));
        }
        if self.place.group {
            fchown(&file, None, Some(self.user.gid))?;
        }
        file.set_permissions(Permissions::from_mode(self.wanted()))
    }
}

/// All wrong ones. For files of other users, the first one of each line of the table represents the rest.
pub(super) fn look(site: &Site, user: User) -> Vec<WrongRights> {
    let mut found: Vec<WrongRights> = Vec::new();
    for wrong in owned_files(&site.path, &site.conf).into_iter().filter_map(|place| WrongRights::find(place, user)) {
        let same = |known: &&mut WrongRights| !known.is_ours() && known.place.line == wrong.place.line;
        match found.iter_mut().find(same).filter(|_| !wrong.is_ours()) {
            Some(first) => first.others += 1,
            None => found.push(wrong),
        }
    }
    found
}

/// Folders above ours that the web server's user cannot enter. They may belong to the system, so they are only
/// reported.
pub(super) fn closed_folders(site: &Site, user: User) -> Vec<String> {
    let above: BTreeSet<&Path> =
        site.conf.dirs().flat_map(|(_, path)| path.ancestors()).chain(site.path.ancestors().skip(1)).collect();
    let closed = |path: &&Path| {
        path.metadata().is_ok_and(|metadata| {
            let shift = if metadata.uid() == user.uid {
                6
            } else if metadata.gid() == user.gid {
                3
            } else {
                0
            };
            (metadata.mode() >> shift) & 1 == 0
        })
    };
    let describe = |path: &Path| {
        format!("{0}: user {USER} cannot enter this folder; correct it with: chmod o+x {0}", path.display())
    };
    above.into_iter().filter(closed).map(describe).collect()
}
