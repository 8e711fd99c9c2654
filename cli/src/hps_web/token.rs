// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps-web token`: the tokens by which programs change something over the API. A token is printed once, and only its
//! digest is stored.

use crate::audit;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use clap::Subcommand;
use hps::files::random;
use hps::store::{Store, WebToken};
use hps::types::{Line, Timestamp, WebName, one_line};

/// Make, list and revoke tokens for changes over the API.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hps-web token create --name ci
  hps-web token list
  hps-web token revoke ci")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(Create),
    /// List the names of tokens
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token; it ends at once
    Revoke {
        /// Its name
        name: WebName,
        /// Show what would be revoked, and change nothing; exit code 10
        #[arg(long)]
        dry_run: bool,
    },
}

/// Make a token, and print it once.
///
/// Who has it can arm, disarm and switch hosts over the API, if the cluster file has web.changes.
/// Its name is in the audit and in the history of each host that it changes.
#[derive(Debug, clap::Args)]
struct Create {
    /// A name for it, such as that of the program that uses it
    #[arg(long)]
    name: WebName,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, serde::Serialize)]
struct Listed {
    name: WebName,
    created: Option<Timestamp>,
    created_by: Option<Line>,
    /// Why it does not count.
    problem: Option<String>,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    match &arguments.command {
        Command::Create(arguments) => create(store, arguments),
        Command::List { json } => list(store, *json),
        Command::Revoke { name, dry_run } => revoke(store, name, *dry_run),
    }
}

fn create(store: &Store, Create { name, json }: &Create) -> anyhow::Result<Exit> {
    let token = WebToken::new(random().context("no random bytes")?);
    if !store.web_tokens().create(name, &token, program::now(), Line::lossy(&program::operator()))? {
        let line = format!("there is a token {name} already; first: hps-web token revoke {name}");
        return Err(Ended::error(Exit::Refused, line));
    }
    note(store, &format!("token {name} made"));
    if *json {
        program::print_json(&serde_json::json!({ "name": name, "token": token.reveal() }))?;
    } else {
        program::print(token.reveal())?;
        program::eprint("hps-web: this is the only time that the token is shown; store it now");
    }
    if !store.cluster.web.changes {
        program::eprint("hps-web: it permits nothing until the cluster file has web.changes = true, and then: reload");
    }
    Ok(Exit::Done)
}

fn list(store: &Store, json: bool) -> anyhow::Result<Exit> {
    let tokens = store.web_tokens().list()?.into_iter().map(|(name, stored)| match stored {
        Ok(stored) => {
            Listed { name, created: Some(stored.created), created_by: Some(stored.created_by), problem: None }
        }
        Err(error) => Listed { name, created: None, created_by: None, problem: Some(one_line(&error)) },
    });
    let tokens: Vec<Listed> = tokens.collect();
    if json {
        program::print_json(&tokens)?;
        return Ok(Exit::Done);
    }
    for token in &tokens {
        let name = &token.name;
        match (&token.created, &token.created_by, &token.problem) {
            (Some(at), Some(by), _) => program::print(format_args!("{name}: made at {at} by {by}"))?,
            (_, _, problem) => {
                program::print(format_args!("{name}: does not count: {}", problem.as_deref().unwrap_or_default()))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn revoke(store: &Store, name: &WebName, dry_run: bool) -> anyhow::Result<Exit> {
    if !store.web_tokens().list()?.iter().any(|(known, _)| known == name) {
        return Err(Ended::error(Exit::NotFound, format!("there is no token {name}; see: hps-web token list")));
    }
    if dry_run {
        program::print(format_args!("token {name} would be revoked"))?;
        return Ok(Exit::WouldChange);
    }
    store.web_tokens().revoke(name)?;
    note(store, &format!("token {name} revoked"));
    program::print(format_args!("token {name} is revoked"))?;
    Ok(Exit::Done)
}

fn note(store: &Store, what: &str) {
    audit::note("hps-web", store.paths.conf(), &audit::line("hps-web", what));
}
