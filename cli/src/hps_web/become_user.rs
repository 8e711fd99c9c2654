// SPDX-License-Identifier: GPL-3.0-or-later
//! From root to another user, for good. The socket was made before, in a folder where only root can make one: so no
//! program of that user can take its place.

use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::exec::User;
use hps::exec::getent;
use rustix::process::{DumpableBehavior, Gid, Uid, set_dumpable_behavior};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::sync::atomic::AtomicBool;

/// The numbers of a user.
///
/// # Errors
/// When there is no such user, or it is root.
pub(super) fn numbers(name: &'static str, stop: &AtomicBool) -> anyhow::Result<User> {
    getent::unprivileged(name, stop)?
        .ok_or_else(|| Ended::error(Exit::NotFound, format!("the user {name} is missing; reload makes it")))
}

/// Becomes the group alone: what is made then belongs to root and this group.
///
/// # Errors
/// When the caller is not root.
pub(super) fn become_group(user: User) -> anyhow::Result<()> {
    let group = Gid::from_raw(user.gid);
    set_thread_groups(&[group]).and_then(|()| set_thread_res_gid(group, group, group)).context("--user needs root")
}

/// Becomes the user. There is no other thread yet, and each later one is of this user. No other process of the user may
/// look into this one.
///
/// # Errors
/// When the caller is not root.
pub(super) fn become_user(user: User) -> anyhow::Result<()> {
    let uid = Uid::from_raw(user.uid);
    set_thread_res_uid(uid, uid, uid).context("--user needs root")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("the process cannot be closed to others")
}
