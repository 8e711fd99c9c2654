// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state discover`: machines look at themselves, and report what they are made of.

use super::complete;
use super::elapsed::ago;
use super::find::{completer, macs_of, refs_of};
use super::host_word::HostWord;
use super::node_task::{TaskTerms, ask_or_cancel};
use super::operator::who;
use super::services_down;
use crate::audit;
use crate::program::{self, Ended, Exit};
use hps::boot_context::node_environment;
use hps::files::random;
use hps::host::{AuditLine, DiscoveryWindow, NodeTask, PermissionId};
use hps::store::Store;
use hps::types::{FirmwareInfo, Lifetime, Line, MacPrefix, one_line};

/// Ask machines to look at their hardware and report it, once, at their next start from the network.
///
/// The machine starts the node environment, which writes on no disk, mounts nothing and assembles no array.
/// Then it restarts, and does what it would have done without the request.
/// A machine that restarts before its report is not asked again by itself.
///
/// With --window every unknown machine is asked that starts while the window is open.
/// The window permits no installation.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state discover sch-001
  host-state discover 'sch-[001-040]' --then off --reason 'stock-taking'
  host-state discover sch-001 --cancel
  host-state discover --window rack7 --for 2h
  host-state discover --windows
  host-state discovered")]
pub(crate) struct Arguments {
    /// MACs, host names, addresses, or ranges of names such as 'sch-[001-040]'
    #[arg(required_unless_present_any = ["window", "windows"], add = completer())]
    host: Vec<HostWord>,
    #[command(flatten)]
    terms: TaskTerms,
    /// Open a discovery window of this name, for unknown machines
    #[arg(long, value_name = "NAME", conflicts_with_all = ["host", "cancel", "expires", "reason"])]
    window: Option<Line>,
    /// How long the window stays open
    #[arg(long = "for", value_name = "TIME", requires = "window", default_value = "2h", add = complete::times())]
    lifetime: Lifetime,
    /// With --window: only machines whose MAC begins with this
    #[arg(long, requires = "window")]
    mac_prefix: Option<MacPrefix>,
    /// With --window: close it
    #[arg(long, requires = "window", conflicts_with = "mac_prefix")]
    close: bool,
    /// List the discovery windows
    #[arg(long, conflicts_with_all = ["host", "window", "cancel", "expires", "reason", "dry_run"])]
    windows: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.windows {
        return list(store, arguments.terms.json);
    }
    match &arguments.window {
        Some(name) if arguments.close => close(store, name, arguments.terms.dry_run),
        Some(name) => open(store, name, arguments),
        None => {
            let macs = macs_of(store, &refs_of(store, &arguments.host)?)?;
            ask_or_cancel(store, &macs, |_| NodeTask::Discover, &arguments.terms)
        }
    }
}

fn open(store: &Store, name: &Line, arguments: &Arguments) -> anyhow::Result<Exit> {
    if name.as_str().is_empty() {
        return Err(Ended::error(Exit::Usage, "--window is empty; give a name for messages"));
    }
    node_environment(store, None, &FirmwareInfo::default())
        .map_err(|error| Ended::error(Exit::Refused, one_line(&error)))?;
    let windows = store.tasks().windows()?;
    if windows.iter().any(|window| window.name == *name) {
        let why = format!(
            "a discovery window is already called {name}; choose another name, or: host-state discover --window {name} --close"
        );
        return Err(Ended::error(Exit::Refused, why));
    }
    let now = program::now();
    let window = DiscoveryWindow::new(
        PermissionId::from_random(random()?),
        name.clone(),
        who().as_line().clone(),
        (now, now.plus(arguments.lifetime)),
        arguments.mac_prefix.clone(),
        arguments.terms.then,
    );
    if !arguments.terms.dry_run {
        program::need_root()?;
        store.ended_marks().require_place()?;
        store.tasks().open_window(&window)?;
        note(store, "discovery window opened", &window);
        services_down::warn(store);
    }
    if arguments.terms.json {
        program::print_json(&window)?;
    } else {
        program::print(describe(&window))?;
    }
    Ok(if arguments.terms.dry_run { Exit::WouldChange } else { Exit::Done })
}

fn close(store: &Store, name: &Line, dry_run: bool) -> anyhow::Result<Exit> {
    let windows = store.tasks().windows()?;
    let Some(window) = windows.iter().find(|window| window.name == *name) else {
        let why = format!("no discovery window is called {name}; see: host-state discover --windows");
        return Err(Ended::error(Exit::NotFound, why));
    };
    if dry_run {
        program::print(format_args!("would close {}", describe(window)))?;
        return Ok(Exit::WouldChange);
    }
    program::need_root()?;
    store.tasks().close_window(&window.id, &format!("closed by {}", who().as_line()))?;
    note(store, "discovery window closed", window);
    Ok(Exit::Done)
}

fn list(store: &Store, json: bool) -> anyhow::Result<Exit> {
    let windows = store.tasks().windows()?;
    if json {
        program::print_json(&windows)?;
        return Ok(Exit::Done);
    }
    let now = program::now();
    for window in &windows {
        let state =
            if window.is_open(now) { "open".to_owned() } else { format!("closed {}", ago(now.since(window.closes))) };
        program::print_text(program::wrapped(&format!("{state:<16} {}", describe(window)), 17))?;
    }
    Ok(Exit::Done)
}

fn describe(window: &DiscoveryWindow) -> String {
    let which =
        window.mac_prefix.as_ref().map_or_else(String::new, |prefix| format!(" whose MAC begins with {prefix}"));
    format!(
        "discovery window {}: until {} every unknown machine{which} looks at its hardware once, opened by {}",
        window.name, window.closes, window.opened_by
    )
}

fn note(store: &Store, what: &str, window: &DiscoveryWindow) {
    let line = AuditLine {
        cluster: Some(store.cluster.name.clone()),
        note: Some(window.name.clone()),
        ..AuditLine::new(program::now(), who(), what)
    };
    audit::note("host-state", store.paths.conf(), &line);
}
