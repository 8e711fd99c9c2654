// SPDX-License-Identifier: GPL-3.0-or-later
//! Who may have written a file of HPS: owners and groups.

use super::path_rule::PathRule;
use super::users;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// Who may have written a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Root alone.
    Root,
    /// Root and the web server's user, which has the file or is in its group.
    Shared,
}

/// Who may have the folders on the way to a file of HPS. Older versions let the web server's group write some of them.
pub(super) fn rule() -> PathRule {
    let me = rustix::process::geteuid().as_raw();
    PathRule {
        user: may_own(me, Trust::Root).then_some(me),
        may_group_write: |metadata| metadata.gid() == 0 || may_share(metadata.gid()) && is_shared_way(metadata),
        is_named: false,
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

pub(super) fn may_share(gid: u32) -> bool {
    gid == 0 || gid == rustix::process::getegid().as_raw() || users::web_user().is_some_and(|user| user.gid == gid)
}
