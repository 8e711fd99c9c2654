// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that the web server's user, or dnsmasq's, cannot read: an editor or a umask took the right away. Machines would be told
//! that the boot manager is not able to answer. What is ours is mended.

use crate::program::Site;
use hps::config::Dir;
use hps::exec::site_command::User;
use hps::render::lighttpd::USER;
use hps::store::Store;
use rustix::fs::{Mode, OFlags};
use std::collections::BTreeSet;
use std::fs::{File, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// Who must be able to do what with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// The web server's user reads and writes it, by its group.
    Shared,
    /// The web server's user reads it, and nobody else but root has to: by its group.
    Secret,
    /// The web server's user reads it.
    Read,
    /// Everybody reads it: dnsmasq has a user of its own.
    World,
    /// The web server's user runs it, or enters it.
    Run,
}

impl Need {
    /// What the user needs, as one digit of a mode.
    fn digit(self) -> u32 {
        match self {
            Self::Shared => 6,
            Self::Secret | Self::Read | Self::World => 4,
            Self::Run => 5,
        }
    }

    /// The mode that gives it.
    fn mode(self, before: u32) -> u32 {
        match self {
            Self::Shared => 0o660,
            Self::Secret => 0o640,
            Self::Read | Self::World => before | 0o644,
            Self::Run => before | 0o755,
        }
    }

    fn by_group(self) -> bool {
        matches!(self, Self::Shared | Self::Secret)
    }

    fn is_met(self, metadata: &Metadata, user: User) -> bool {
        let mode = metadata.mode();
        let shift = match self {
            Self::World => 0,
            _ if metadata.uid() == user.uid => 6,
            _ if metadata.gid() == user.gid => 3,
            _ => 0,
        };
        (mode >> shift) & self.digit() == self.digit()
    }
}

/// A file or folder whose rights are too narrow.
#[derive(Debug)]
pub(super) struct Narrow {
    path: PathBuf,
    need: Need,
    user: User,
    mode: u32,
    uid: u32,
    gid: u32,
}

impl Narrow {
    fn find(path: &Path, need: Need, user: User) -> Option<Self> {
        let metadata = path.symlink_metadata().ok()?;
        let kind = metadata.is_file() || (need == Need::Run && metadata.is_dir());
        let narrow = || {
            let (mode, uid, gid) = (metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
            Self { path: path.to_path_buf(), need, user, mode, uid, gid }
        };
        (kind && !need.is_met(&metadata, user)).then(narrow)
    }

    /// Whether root or the web server's user has it: what belongs to somebody else is that person's.
    fn is_ours(&self) -> bool {
        self.uid == 0 || self.uid == self.user.uid
    }

    fn what(&self) -> String {
        let who = if self.need == Need::World { "dnsmasq" } else { USER };
        format!(
            "{}: user {who} cannot read it (mode {:04o}, owner {}, group {})",
            self.path.display(),
            self.mode,
            self.uid,
            self.gid
        )
    }

    fn after(&self) -> String {
        let group = if self.need.by_group() { format!(" and group {USER}") } else { String::new() };
        format!("mode {:04o}{group}", self.need.mode(self.mode))
    }

    /// What `reload` would do about it, and whether it can.
    pub(super) fn would(&self) -> Result<String, String> {
        if self.is_ours() {
            return Ok(format!("{}; it would get {}", self.what(), self.after()));
        }
        Err(format!("{}; it belongs to somebody else: give it {}", self.what(), self.after()))
    }

    /// Gives it the rights that it needs.
    pub(super) fn mend(&self) -> Result<String, String> {
        self.would()?;
        self.widen().map_err(|error| format!("{}; {} cannot be given: {error}", self.what(), self.after()))?;
        Ok(format!("{}; it has {} now", self.what(), self.after()))
    }

    /// The web server's user writes some of these folders: no link is followed, and nothing with another name is touched.
    fn widen(&self) -> std::io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(&self.path, flags, Mode::empty())?);
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.nlink() != 1 {
            return Err(std::io::Error::other("it has a second name"));
        }
        if metadata.uid() != self.uid || !(metadata.is_file() || metadata.is_dir()) {
            return Err(std::io::Error::other("it has changed"));
        }
        if self.need.by_group() {
            fchown(&file, None, Some(self.user.gid))?;
        }
        file.set_permissions(Permissions::from_mode(self.need.mode(self.mode)))
    }
}

/// All that is too narrow.
pub(super) fn look(site: &Site, store: &Store, user: User) -> Vec<Narrow> {
    let (conf, paths) = (&site.conf, &store.paths);
    let mut wanted: Vec<(PathBuf, Need)> = vec![
        (site.path.clone(), Need::Read),
        (paths.cluster_file(), Need::Secret),
        (paths.site_key(), Need::Secret),
        (conf.dir(Dir::HttpCgi).join("boot_manager"), Need::Run),
    ];
    for folder in paths.shared_dirs() {
        wanted.extend(files(&folder).filter(|path| !is_temporary(path)).map(|path| (path, Need::Shared)));
    }
    for folder in [paths.permissions_dir(), paths.windows_dir(), paths.site_profiles_dir()] {
        wanted.extend(files(&folder).filter(|path| !is_hidden(path)).map(|path| (path, Need::Secret)));
    }
    for folder in [paths.dhcp_hosts_dir(), conf.dir(Dir::Tftp).to_path_buf()] {
        wanted.extend(files(&folder).filter(|path| !is_hidden(path)).map(|path| (path, Need::World)));
    }
    for folder in entries(paths.distros()).filter(|path| path.is_dir() && !is_hidden(path)) {
        published(&folder, 0, &mut wanted);
    }
    wanted.iter().filter_map(|(path, need)| Narrow::find(path, *need, user)).collect()
}

/// Folders above ours that do not let the web server's user through. They may be the system's, and so they are only said.
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
    let words = |path: &Path| {
        format!("{0}: user {USER} cannot enter this folder; let it through: chmod o+x {0}", path.display())
    };
    above.into_iter().filter(closed).map(words).collect()
}

/// A published tree: its list, and what lies near it. Trees of distributions go deeper; nobody edits there.
fn published(folder: &Path, depth: u32, wanted: &mut Vec<(PathBuf, Need)>) {
    wanted.push((folder.to_path_buf(), Need::Run));
    for path in entries(folder).filter(|path| !path.is_symlink()) {
        if path.is_dir() && depth < 2 && !is_hidden(&path) {
            published(&path, depth + 1, wanted);
        } else if path.is_file() && !path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("lock")) {
            wanted.push((path, Need::Read));
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    entries(folder).filter(|path| path.symlink_metadata().is_ok_and(|m| m.is_file()))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// It belongs to a process that writes it just now.
fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".hps-"))
}
