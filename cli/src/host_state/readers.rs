// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether the boot manager, which runs as the web server's user, can read its files. Root can read everything, and
//! would not notice.

use crate::layout;
use crate::program;
use hps::exec::NEVER;
use hps::exec::User;
use hps::render::lighttpd::USER;
use hps::store::Store;
use hps::types::MacAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file that the web server's user cannot read, and the reason.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The file.
    pub(super) file: PathBuf,
    /// The file itself, or a folder above it that the user cannot enter.
    at: PathBuf,
    mode: u32,
    uid: u32,
    gid: u32,
}

impl Unreadable {
    /// What is wrong, with the file.
    pub(super) fn problem(&self) -> String {
        format!("the web server's user {USER} cannot read {}: {}", self.file.display(), self.why())
    }

    /// What is wrong.
    pub(super) fn why(&self) -> String {
        let at = if self.at == self.file { String::new() } else { format!("{} has ", self.at.display()) };
        format!("{at}mode {:o}, user {} and group {}", self.mode & 0o7777, self.uid, self.gid)
    }

    /// What to do.
    pub(super) fn advice(&self) -> String {
        let at = self.at.display();
        if self.at == self.file { format!("chgrp {USER} {at} && chmod g+r {at}") } else { format!("chmod o+x {at}") }
    }
}

/// Those of the files that the web server's user cannot read. Missing files are left out. If that user does not exist
/// yet, the list is empty.
pub(super) fn unreadable(files: &[PathBuf]) -> Vec<Unreadable> {
    let Ok(user) = layout::web_user(&NEVER) else { return Vec::new() };
    files.iter().filter_map(|file| one(file, user)).collect()
}

fn one(file: &Path, user: User) -> Option<Unreadable> {
    // From the root down: the first folder that the user cannot enter.
    let mut places: Vec<&Path> = file.ancestors().collect();
    places.reverse();
    for at in places {
        let metadata = at.metadata().ok()?;
        let (mode, uid, gid) = (metadata.mode(), metadata.uid(), metadata.gid());
        let needed = if metadata.is_dir() { 0o1 } else { 0o4 };
        let class = if uid == user.uid {
            6
        } else if gid == user.gid {
            3
        } else {
            0
        };
        if mode >> class & needed == 0 {
            return Some(Unreadable { file: file.to_path_buf(), at: at.to_path_buf(), mode, uid, gid });
        }
    }
    None
}

/// The files for every machine.
pub(super) fn files_of_node(store: &Store) -> Vec<PathBuf> {
    let paths = &store.paths;
    // A bad window is reported elsewhere.
    let windows = store.windows().not_closed().unwrap_or_default();
    let windows = windows.iter().map(|window| paths.window(&window.id).path().to_path_buf());
    let profiles = store.site_profiles().files().unwrap_or_default().into_iter().map(|(path, _)| path);
    let always = [program::conf_path(), paths.cluster_file(), paths.site_key()];
    always.into_iter().chain(windows).chain(profiles).collect()
}

/// The files for one machine, with those for every machine.
pub(super) fn files_of_host(store: &Store, mac: MacAddr) -> Vec<PathBuf> {
    let mut files = files_of_node(store);
    files.extend(own_files(store, mac));
    files
}

/// The files for one machine alone.
pub(super) fn own_files(store: &Store, mac: MacAddr) -> Vec<PathBuf> {
    let paths = &store.paths;
    let keys = [paths.host(mac), paths.permission(mac), paths.menu_permission(mac), paths.ever_installed(mac)];
    keys.iter().map(|key| key.path().to_path_buf()).collect()
}
