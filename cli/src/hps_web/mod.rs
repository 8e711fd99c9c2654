// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps-web`: a page, a JSON API and metrics of this node, read-only.

mod access;
mod api;
mod become_user;
mod change;
mod http;
mod listen;
mod metrics;
mod page;
mod site;
mod token;
mod user;

use crate::program::{self, Exit};
use access::{Access, Key};
use anyhow::Context as _;
use change::Changes;
use clap::{Parser, Subcommand};
use hps::render::lighttpd::USER;
use http::{Limits, Reply, Request, Server};
use page::Templates;
use site::Current;
use std::path::PathBuf;
use std::sync::Arc;

/// Serve what HPS knows of hosts over HTTP: a page, a JSON API and metrics.
///
/// Alone it serves this machine: it listens on 127.0.0.1, and prints the address with a key of this run.
/// With --socket it serves lighttpd, which asks for the login; reload starts it so if the cluster file has [web].
/// It only reads. It needs no right of root except that of reading what host-state list reads.
/// hps-web user stores who may log in, hps-web token which programs may change something.
#[derive(Debug, Parser)]
#[command(
    name = "hps-web",
    version = program::VERSION,
    args_conflicts_with_subcommands = true,
    after_help = program::after_help(
        "\
Examples:
  hps-web                              prints the address to open in a browser
  hps-web --port 8080
  hps-web --socket /run/hps/web.sock   for lighttpd
  hps-web user add alice               let alice log in to the page of [web]",
        &[(Exit::Busy, "busy: the port or the socket is in use")]
    )
)]
pub struct Arguments {
    /// Listen on this port of 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8480, conflicts_with = "socket")]
    port: u16,
    /// Listen on a socket of the file system, for its user and group
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// With --socket, as root: make the socket for the group hps, then go on as user hps
    #[arg(long, value_name = "NAME", value_parser = [USER], requires = "socket", hide = true)]
    user: Option<String>,
    /// The socket of the helper that makes changes
    #[arg(long, value_name = "PATH", requires = "socket", hide = true)]
    changes: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    User(user::Arguments),
    Token(token::Arguments),
    #[command(hide = true)]
    ServeChanges(change::Serve),
    #[command(hide = true)]
    Act(change::Act),
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    // The command behind a change handles signals itself.
    if let Some(Command::Act(arguments)) = &arguments.command {
        return change::act(arguments);
    }
    let stop = program::interrupted()?;
    // Without a configuration there is nothing to serve: this says so at once.
    let store = program::open_store()?;
    match &arguments.command {
        Some(Command::User(arguments)) => return user::run(&store, arguments, &stop),
        Some(Command::Token(arguments)) => return token::run(&store, arguments),
        Some(Command::ServeChanges(arguments)) => return change::serve(arguments, stop),
        Some(Command::Act(_)) | None => drop(store),
    }
    let user = arguments.user.as_ref().map(|_| become_user::numbers(USER, &stop)).transpose()?;
    user.map_or(Ok(()), become_user::become_group)?;
    let (listener, access) = match &arguments.socket {
        Some(path) => (listen::unix(path)?, Access::Socket),
        None => {
            let key = Key::new().context("no random bytes")?;
            let (listener, address) = listen::loopback(arguments.port)?;
            program::print(format_args!("http://{address}/?key={}", key.reveal()))?;
            program::eprint("hps-web: open this address in a browser; end with Ctrl-C");
            (listener, Access::Key(key))
        }
    };
    user.map_or(Ok(()), become_user::become_user)?;
    let server = Server::new(listener, Limits::default())?;
    let current = site::start(server.publisher(), Arc::clone(&stop)).context("no further thread")?;
    let templates = Templates::new()?;
    let changes = Changes::new(arguments.changes.clone());
    server.run(move |request| answer(&current, &access, &templates, &changes, request), &stop)?;
    if let Some(path) = &arguments.socket {
        listen::remove(path);
    }
    Ok(Exit::Done)
}

fn answer(current: &Current, access: &Access, templates: &Templates, changes: &Changes, request: &Request) -> Reply {
    if let Some(refusal) = access.refusal(request) {
        return refusal;
    }
    if request.path.starts_with(api::BEGIN) {
        return api::answer(current, changes, request);
    }
    if request.path == "/metrics" {
        return metrics::answer(current, request);
    }
    page::answer(current, templates, request)
}
