// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether users other than root can change a file or a folder.

use crate::files::{PathFault, PathRule, walk_to_folder};
use std::fs::{File, Metadata};
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A path that leads to the open file itself, even if another file has its name by now.
pub(in crate::media) fn place_of(file: &impl AsFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd()))
}

/// Which users other than root can change it, in words. An ACL that lets others write shows in the mode of the group.
pub(in crate::media) fn change_by_others(metadata: &Metadata) -> Option<String> {
    // In tests, a developer's own files; programs that publish run as root.
    if metadata.uid() != 0 && metadata.uid() != rustix::process::geteuid().as_raw() {
        return Some(belongs_to(metadata.uid()));
    }
    (metadata.mode() & 0o022 != 0).then(|| changed_by_others(metadata))
}

/// The first folder or link on a path, or its end, that users other than root can change, and why.
pub(in crate::media) fn others_on_the_way(folder: &Path) -> std::io::Result<Option<(PathBuf, String)>> {
    let rule = PathRule::for_user(rustix::process::geteuid().as_raw());
    match walk_to_folder(&std::path::absolute(folder)?, rule, false) {
        Ok(_) => Ok(None),
        Err(PathFault::Io(error)) => Err(error.into_reason()),
        Err(PathFault::Link { path, uid, .. } | PathFault::Owner { path, uid }) => Ok(Some((path, belongs_to(uid)))),
        Err(PathFault::Mode { path, metadata, .. }) => Ok(Some((path, changed_by_others(&metadata)))),
    }
}

fn belongs_to(uid: u32) -> String {
    format!("belongs to user {uid}")
}

fn changed_by_others(metadata: &Metadata) -> String {
    format!("can be changed by others (mode {:04o})", metadata.mode() & 0o7777)
}

/// Whether only the kernel of this machine writes the file system; a file system from a server or from a program of a
/// user may change at any time.
pub(super) fn is_local(file: &File) -> std::io::Result<bool> {
    // linux/magic.h: ext4, XFS, Btrfs, F2FS, tmpfs, overlay, ISO 9660, UDF, FAT, exFAT, SquashFS; ZFS.
    const LOCAL: [u64; 12] = [
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0x0102_1994,
        0x794c_7630,
        0x9660,
        0x1501_3346,
        0x4d44,
        0x2011_bab0,
        0x7371_7368,
        0x2fc1_2fc1,
    ];
    const LOOP: u32 = 7;
    let kind = rustix::fs::fstatfs(file)?.f_type.try_into().unwrap_or(0u64);
    // The file behind a loop device may belong to another user.
    let is_loop = rustix::fs::major(file.metadata()?.dev()) == LOOP;
    Ok(LOCAL.contains(&kind) && !is_loop)
}
