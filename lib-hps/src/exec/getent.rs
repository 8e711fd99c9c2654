// SPDX-License-Identifier: GPL-3.0-or-later
//! `getent`: the users and groups of this machine, from all that `/etc/nsswitch.conf` names.

use super::ending::well;
use super::error::ExecError;
use super::limit::Limit;
use super::run::Run;
use super::user::User;
use std::sync::atomic::AtomicBool;

/// The line of `name` in a database (`passwd`, `group`); `None` if there is no such name.
///
/// # Errors
/// When it cannot be called, or `stop` is set meanwhile: that tells nothing about the name.
pub fn line(database: &str, name: &str, stop: &AtomicBool) -> Result<Option<String>, ExecError> {
    /// Its exit code for an unknown name.
    const NO_SUCH_NAME: i32 = 2;
    let output = Run::new("getent", "libc-bin").args([database, name]).ended(Limit::CHECK, stop)?;
    if output.status.code() == Some(NO_SUCH_NAME) {
        return Ok(None);
    }
    let output = well("getent", output)?;
    let text = String::from_utf8(output.stdout);
    text.map(Some).map_err(|_| ExecError::Output { program: "getent", problem: "not UTF-8".to_owned() })
}

/// The user `name` and its group, by number; `None` if there is no such user, or if it is root.
///
/// # Errors
/// Those of [`line`].
pub fn unprivileged(name: &str, stop: &AtomicBool) -> Result<Option<User>, ExecError> {
    let line = line("passwd", name, stop)?.unwrap_or_default();
    let mut numbers = line.trim().split(':').skip(2).map_while(|field| field.parse().ok());
    Ok(match (numbers.next(), numbers.next()) {
        (Some(uid), Some(gid)) if uid != 0 => Some(User { uid, gid }),
        _ => None,
    })
}
