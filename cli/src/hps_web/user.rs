// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps-web user`: who may log in to the page. A password comes from a terminal without an echo, or from standard input;
//! it is in no argument, and only its hash is stored.

use crate::audit;
use crate::layout;
use crate::program::password::{Terminal, read_line};
use crate::program::{self, Ended, Exit};
use crate::reload::{LOCK_TIMEOUT, ReloadLock};
use clap::Subcommand;
use hps::exec::openssl;
use hps::store::Store;
use hps::types::WebName;
use std::sync::atomic::AtomicBool;

/// openssl reads no more of a password.
const MAX_BYTES: usize = 128;
const MIN_CHARACTERS: usize = 8;

/// Store, list and remove those who may log in to the page.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hps-web user add alice
  pass show hps/alice | hps-web user add alice
  hps-web user list
  hps-web user rm alice")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
    /// List those who may log in
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a login; it ends at once
    Rm {
        /// The name
        name: WebName,
        /// Show what would be removed, and change nothing; exit code 10
        #[arg(long)]
        dry_run: bool,
    },
}

/// Let a person log in to the page, or give a new password.
///
/// At a terminal the program asks for the password, without an echo.
/// Otherwise the first line of standard input is the password.
/// Who logs in sees the page, the API and the metrics, and changes nothing.
#[derive(Debug, clap::Args)]
struct Add {
    /// The name
    name: WebName,
    /// Show what would be stored, and change nothing; exit code 10
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments, stop: &AtomicBool) -> anyhow::Result<Exit> {
    program::need_root()?;
    match &arguments.command {
        Command::Add(Add { name, dry_run }) => add(store, name, *dry_run, stop),
        Command::List { json } => list(store, *json),
        Command::Rm { name, dry_run } => remove(store, name, *dry_run),
    }
}

fn add(store: &Store, name: &WebName, dry_run: bool, stop: &AtomicBool) -> anyhow::Result<Exit> {
    let is_known = store.web_users().list()?.contains(name);
    if dry_run {
        let what = if is_known { "would get a new password" } else { "could log in" };
        program::print(format_args!("{name} {what}"))?;
        return Ok(Exit::WouldChange);
    }
    let password = match Terminal::of_stdin() {
        Some(terminal) => {
            let password = terminal.ask_secret(&format!("Password of {name}: "), stop)?;
            if terminal.ask_secret("Password again: ", stop)? != password {
                return Err(Ended::error(Exit::Usage, "the passwords differ; nothing was stored"));
            }
            password
        }
        None => read_line()?,
    };
    check(&password)?;
    let hash = openssl::password_hash(&password, stop)?;
    let _lock = ReloadLock::wait(store.paths.conf(), "hps-web", LOCK_TIMEOUT)?;
    let is_new = store.web_users().put(name, &hash, Some(layout::web_group()?))?;
    let what = if is_new { "may log in now" } else { "has a new password" };
    note(store, &format!("{name} {what}"));
    program::print(format_args!("{name} {what}"))?;
    Ok(Exit::Done)
}

fn check(password: &str) -> anyhow::Result<()> {
    let refuse = |why: &str| Err(Ended::error(Exit::Usage, format!("the password {why}; nothing was stored")));
    if password.chars().count() < MIN_CHARACTERS {
        return refuse("has fewer than 8 characters");
    }
    if password.len() > MAX_BYTES {
        return refuse("has more than 128 bytes");
    }
    if password.chars().any(char::is_control) {
        return refuse("has a control character");
    }
    Ok(())
}

fn list(store: &Store, json: bool) -> anyhow::Result<Exit> {
    let names = store.web_users().list()?;
    if json {
        program::print_json(&names)?;
        return Ok(Exit::Done);
    }
    names.iter().try_for_each(program::print)?;
    Ok(Exit::Done)
}

fn remove(store: &Store, name: &WebName, dry_run: bool) -> anyhow::Result<Exit> {
    if !store.web_users().list()?.contains(name) {
        return Err(Ended::error(Exit::NotFound, format!("there is no login {name}; see: hps-web user list")));
    }
    if dry_run {
        program::print(format_args!("{name} could not log in any more"))?;
        return Ok(Exit::WouldChange);
    }
    let _lock = ReloadLock::wait(store.paths.conf(), "hps-web", LOCK_TIMEOUT)?;
    store.web_users().remove(name, Some(layout::web_group()?))?;
    note(store, &format!("{name} may not log in any more"));
    program::print(format_args!("{name} may not log in any more"))?;
    Ok(Exit::Done)
}

fn note(store: &Store, what: &str) {
    audit::note("hps-web", store.paths.conf(), &audit::line("hps-web", what));
}
