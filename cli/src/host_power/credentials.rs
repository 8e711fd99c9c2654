// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power credentials`: the users and passwords of BMCs. A password comes from a terminal without an echo, or from
//! standard input; it is in no argument, and no command prints it.

use crate::audit;
use crate::power::secret_name;
use crate::program::password::{Terminal, read_line};
use crate::program::{self, Ended, Exit};
use clap::Subcommand;
use hps::exec::systemd_creds;
use hps::store::{Store, StoredCredentials};
use hps::types::{BmcCredentials, CredentialsName};
use std::sync::atomic::AtomicBool;

/// Store, list and remove users and passwords of BMCs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power credentials set rack7
  host-power credentials list
  host-power credentials rm rack7")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Set(Set),
    /// List the names of credentials, and which hosts use them
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove credentials that no host uses
    Rm {
        /// Their name
        name: CredentialsName,
        /// Show what would be removed, and change nothing; exit code 10
        #[arg(long)]
        dry_run: bool,
    },
}

/// Store a user and a password under a name.
///
/// At a terminal the program asks for them, without an echo of the password.
/// Otherwise the first line of standard input is the user, unless --user names it, and the next line is the password.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power credentials set rack7
  pass show rack7/bmc | host-power credentials set rack7 --user ADMIN
  host-power credentials set rack7 --encrypt")]
struct Set {
    /// Their name, such as rack7
    name: CredentialsName,
    /// The user
    #[arg(long)]
    user: Option<String>,
    /// Encrypt them for this machine with systemd-creds; a copy on another machine cannot use them
    #[arg(long)]
    encrypt: bool,
}

#[derive(Debug, serde::Serialize)]
struct Listed {
    name: CredentialsName,
    encrypted: bool,
    hosts: Vec<String>,
}

pub(super) fn run(store: &Store, arguments: &Arguments, stop: &AtomicBool) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Set(arguments) => set(store, arguments, stop),
        Command::List { json } => list(store, *json),
        Command::Rm { name, dry_run } => remove(store, name, *dry_run),
    }
}

fn set(store: &Store, arguments: &Set, stop: &AtomicBool) -> anyhow::Result<Exit> {
    let name = &arguments.name;
    if arguments.encrypt && !systemd_creds::is_there() {
        let line = "systemd-creds is not installed; store them without --encrypt, or: apt-get install systemd";
        return Err(Ended::error(Exit::NotFound, line));
    }
    let (user, password) = match Terminal::of_stdin() {
        Some(terminal) => {
            let user = arguments.user.clone().map_or_else(|| terminal.ask("User: ", stop), Ok)?;
            let password = terminal.ask_secret("Password: ", stop)?;
            if terminal.ask_secret("Password again: ", stop)? != password {
                return Err(Ended::error(Exit::Usage, "the passwords differ; nothing was stored"));
            }
            (user, password)
        }
        None => (arguments.user.clone().map_or_else(read_line, Ok)?, read_line()?),
    };
    let credentials =
        BmcCredentials::new(&user, &password).map_err(|error| Ended::error(Exit::Usage, error.to_string()))?;
    let stored = if arguments.encrypt {
        let text = credentials.to_secret_text();
        StoredCredentials::Encrypted(systemd_creds::encrypt(&secret_name(name), text.as_bytes(), stop)?)
    } else {
        StoredCredentials::Plain(credentials)
    };
    store.credential_files().put(name, &stored)?;
    note(store, &format!("credentials {name} stored"));
    let how = if arguments.encrypt { ", encrypted for this machine" } else { "" };
    program::print(format_args!("credentials {name} are stored{how}"))?;
    Ok(Exit::Done)
}

fn list(store: &Store, json: bool) -> anyhow::Result<Exit> {
    let mut listed = Vec::new();
    for (name, encrypted) in store.credential_files().list()? {
        let hosts = users(store, &name)?;
        listed.push(Listed { name, encrypted, hosts });
    }
    if json {
        program::print_json(&listed)?;
        return Ok(Exit::Done);
    }
    for Listed { name, encrypted, hosts } in &listed {
        let how = if *encrypted { ", encrypted" } else { "" };
        let count = hosts.len();
        program::print(format_args!("{name}: {count} host{}{how}", if count == 1 { "" } else { "s" }))?;
    }
    Ok(Exit::Done)
}

fn remove(store: &Store, name: &CredentialsName, dry_run: bool) -> anyhow::Result<Exit> {
    if !store.credential_files().list()?.iter().any(|(known, _)| known == name) {
        let line = format!("there are no credentials {name}; see: host-power credentials list");
        return Err(Ended::error(Exit::NotFound, line));
    }
    if let Some(host) = users(store, name)?.first() {
        let line = format!("{host} uses the credentials {name}; first: host-power unset {host}");
        return Err(Ended::error(Exit::Refused, line));
    }
    if dry_run {
        program::print(format_args!("credentials {name} would be removed"))?;
        return Ok(Exit::WouldChange);
    }
    store.credential_files().remove(name)?;
    note(store, &format!("credentials {name} removed"));
    program::print(format_args!("credentials {name} are removed"))?;
    Ok(Exit::Done)
}

/// The hosts of the active cluster that use them.
fn users(store: &Store, name: &CredentialsName) -> anyhow::Result<Vec<String>> {
    let mut users = Vec::new();
    for mac in store.power_controls().list()? {
        if store.power_controls().get(mac)?.is_some_and(|control| control.credentials.as_ref() == Some(name)) {
            let host = store.hosts().find(mac).unwrap_or_default();
            users.push(host.map_or_else(|| mac.colons(), |host| host.label()));
        }
    }
    Ok(users)
}

fn note(store: &Store, what: &str) {
    audit::note("host-power", store.paths.conf(), &audit::line("host-power", what));
}
