// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps-web`: a page, a JSON API and metrics of this node, read-only.

mod access;
mod api;
mod become_user;
mod http;
mod listen;
mod metrics;
mod page;
mod site;
mod user;

use crate::program::{self, Exit};
use access::{Access, Key};
use anyhow::Context as _;
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
/// hps-web user stores who may log in.
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
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    User(user::Arguments),
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let stop = program::interrupted()?;
    // Without a configuration there is nothing to serve: this says so at once.
    let store = program::open_store()?;
    if let Some(Command::User(arguments)) = &arguments.command {
        return user::run(&store, arguments, &stop);
    }
    drop(store);
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
    server.run(move |request| answer(&current, &access, &templates, request), &stop)?;
    if let Some(path) = &arguments.socket {
        listen::remove(path);
    }
    Ok(Exit::Done)
}

fn answer(current: &Current, access: &Access, templates: &Templates, request: &Request) -> Reply {
    if let Some(refusal) = access.refusal(request) {
        return refusal;
    }
    if request.path.starts_with(api::BEGIN) {
        return api::answer(current, request);
    }
    if request.path == "/metrics" {
        return metrics::answer(current, request);
    }
    page::answer(current, templates, request)
}
