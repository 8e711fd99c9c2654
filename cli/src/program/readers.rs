// SPDX-License-Identifier: GPL-3.0-or-later
//! People who may read without being root: the members of a group. sudo starts `hps-read` for them as the web server's
//! user, who may read records, histories and logs anyway (decision 146).

use super::exit::{Ended, Exit, ONLY_ROOT, is_for_root};
use super::site::conf_path;
use anyhow::Context as _;
use hps::config::DEFAULT_CONF;
use hps::exec::{ExecError, NEVER, getent, sudo};
use hps::files::WEB_USER;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The group, which the package makes.
const GROUP: &str = "hps-read";
/// The program that its members may start by sudo, in the folder of this one.
pub(super) const PROGRAM: &str = "hps-read";

/// What the group is to the person who runs this program.
enum Membership {
    /// They are a member.
    Member,
    /// They are one since this login began.
    FromNextLogin,
    /// They are none.
    Stranger,
    /// There is no such group.
    NoGroup,
}

/// Replaces this process by `hps-read` with these arguments, if the person is a member of the group. For root it does
/// nothing, and for a configuration elsewhere, such as a lab: what a member chooses is not read as another user.
///
/// # Errors
/// When `hps-read` or sudo is missing.
pub fn read_as_member(words: impl IntoIterator<Item = OsString>) -> anyhow::Result<()> {
    if !may_be_reader() || !matches!(membership()?, Membership::Member) {
        return Ok(());
    }
    let program = program()?;
    let error = sudo::replace_process_as(WEB_USER, &program, words);
    Err(error).with_context(|| format!("members of the group {GROUP} read with sudo"))
}

/// The names of hosts for a shell that completes words, if the person is a member of the group.
pub fn host_names_for_member() -> Option<Vec<String>> {
    if !may_be_reader() || !matches!(membership(), Ok(Membership::Member)) {
        return None;
    }
    let text = sudo::text_as(WEB_USER, &program().ok()?, "names", &NEVER).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

/// Says in an error that a command which only reads is for root, how to become a reader. Other errors stay.
pub fn with_way_to_read(error: anyhow::Error) -> anyhow::Error {
    if !is_for_root(&error) || !may_be_reader() {
        return error;
    }
    let person = super::operator();
    let way = match membership() {
        Ok(Membership::FromNextLogin) => format!("you are a member of the group {GROUP}; log in again"),
        Ok(Membership::Stranger) => {
            format!("{ONLY_ROOT}, or become a member of the group {GROUP}: sudo adduser {person} {GROUP}")
        }
        _ => return error,
    };
    Ended::error(Exit::Refused, format!("{way} ({error:#})"))
}

fn may_be_reader() -> bool {
    !rustix::process::geteuid().is_root() && conf_path() == Path::new(DEFAULT_CONF)
}

fn program() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("the path of this program is not known")?;
    let path = here.with_file_name(PROGRAM);
    if path.is_file() {
        return Ok(path);
    }
    let line = format!("{}: no such file; install all programs of HPS in one folder", path.display());
    Err(Ended::error(Exit::NotFound, line))
}

fn membership() -> Result<Membership, ExecError> {
    let Some(line) = getent::line("group", GROUP, &NEVER)? else { return Ok(Membership::NoGroup) };
    let mut fields = line.trim().split(':').skip(2);
    let number: Option<u32> = fields.next().and_then(|field| field.parse().ok());
    let Some(number) = number else { return Ok(Membership::NoGroup) };
    // No list of groups is longer than what the system keeps.
    let own = rustix::process::getgroups().unwrap_or_default();
    if rustix::process::getegid().as_raw() == number || own.iter().any(|group| group.as_raw() == number) {
        return Ok(Membership::Member);
    }
    let person = super::operator();
    let is_listed = fields.next().is_some_and(|members| members.split(',').any(|member| member == person));
    Ok(if is_listed { Membership::FromNextLogin } else { Membership::Stranger })
}
