// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state window`: a time in which machines without a permission of their own may be installed, for a rack that is
//! switched on now.

use super::complete;
use super::elapsed::ago;
use super::known_type::known;
use super::operator::who;
use super::services_down;
use crate::audit;
use crate::program::{self, Ended, Exit};
use hps::config::{Rule, supported};
use hps::files::random;
use hps::host::{AuditLine, PermissionId, Window};
use hps::store::Store;
use hps::types::{Distro, HostType, Lifetime, Line, MacPrefix, Profile, Timestamp};

/// Permit machines that were never installed, without naming them, for a time.
///
/// A window installs each matching machine once, and only on disks that are empty.
/// The machine itself reports the values that must match, so keep a window short and narrow.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state window open --type SCH --for 2h --mac-prefix 52:54:00 --reason 'rack 7'
  host-state window list
  host-state window close rack7")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Open a window
    Open(Open),
    /// List windows
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Close a window, before its time or after it
    Close {
        /// Its name
        #[arg(add = complete::windows())]
        name: Line,
        /// Show which window would close, and change nothing; exit code 10
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("machines").required(true).multiple(true))]
struct Open {
    /// Host type: SCH, TCH, CCH, DRH, PLAIN or one of the cluster file
    #[arg(value_parser = program::in_any_case::<HostType>, long = "type", value_name = "TYPE", add = complete::types())]
    host_type: HostType,
    /// Variant of the type [default: that of the cluster]
    #[arg(value_parser = program::in_any_case::<Profile>, long)]
    profile: Option<Profile>,
    /// Operating system [default: that of the cluster]
    #[arg(long)]
    distro: Option<Distro>,
    /// How long the window stays open
    #[arg(long = "for", value_name = "TIME", add = complete::times())]
    lifetime: Lifetime,
    /// Only machines whose MAC begins with this
    #[arg(long, group = "machines")]
    mac_prefix: Option<MacPrefix>,
    /// Only machines whose firmware reports this product name
    #[arg(long, group = "machines")]
    product: Option<Line>,
    /// Every machine that was never installed
    #[arg(long, group = "machines", conflicts_with_all = ["mac_prefix", "product"])]
    any: bool,
    /// The name of the window in messages
    #[arg(long)]
    name: Option<Line>,
    /// The reason, for the history
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: Line,
    /// Show what would be permitted, and change nothing; exit code 10
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the window, as window list has it
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Whether it changes nothing.
    pub(super) fn only_lists(&self) -> bool {
        matches!(self.command, Command::List { .. })
    }
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Open(open) => self::open(store, open),
        Command::List { json } => list(store, *json),
        Command::Close { name, dry_run } => close(store, name, *dry_run),
    }
}

fn open(store: &Store, arguments: &Open) -> anyhow::Result<Exit> {
    known(store, Some(arguments.host_type))?;
    store
        .cluster
        .role(arguments.host_type, arguments.profile)
        .map_err(|why| Ended::error(Exit::Refused, why.to_string()))?;
    if let Some(distro) = &arguments.distro {
        supported(distro).map_err(|why| Ended::error(Exit::Refused, why.to_string()))?;
    }
    let id = PermissionId::from_random(random()?);
    let name = arguments.name.clone().unwrap_or_else(|| Line::lossy(id.as_str().get(..8).unwrap_or_default()));
    if name.as_str().is_empty() {
        return Err(Ended::error(Exit::Usage, "--name is empty; leave it out, or give a name for messages"));
    }
    let windows = store.windows().not_closed()?;
    if windows.iter().any(|w| w.rule.name == name) {
        return Err(Ended::error(
            Exit::Refused,
            format!("a window is already called {name}; choose another name, or: host-state window close {name}"),
        ));
    }
    let rule = Rule {
        name: name.clone(),
        mac: None,
        mac_prefix: arguments.mac_prefix.clone(),
        uuid: None,
        serial: None,
        product: arguments.product.clone(),
        host_type: arguments.host_type,
        profile: arguments.profile,
        distro: arguments.distro.clone(),
    };
    let now = program::now();
    let who = who();
    let reason = arguments.reason.as_str();
    let opened_by =
        if reason.is_empty() { who.as_line().clone() } else { Line::lossy(&format!("{}: {reason}", who.as_line())) };
    ties(store, &windows, &rule, now);
    let window = Window::new(id, rule, opened_by, now, now.plus(arguments.lifetime));
    if arguments.dry_run {
        answer(&window, arguments.json)?;
        return Ok(Exit::WouldChange);
    }
    program::need_root()?;
    store.windows().open(&window)?;
    let words = Line::lossy(&describe(&window));
    note(store, "window opened", words);
    answer(&window, arguments.json)?;
    services_down::warn(store);
    Ok(Exit::Done)
}

fn answer(window: &Window, json: bool) -> anyhow::Result<()> {
    if json { program::print_json(window) } else { Ok(program::print(describe(window))?) }
}

/// The rules and windows that this one would contradict: a machine that fits two equally narrow ones is stopped.
fn ties(store: &Store, windows: &[Window], rule: &Rule, now: Timestamp) {
    let open = windows.iter().filter(|w| w.is_open(now)).map(|w| ("window", &w.rule));
    let rules = store.cluster.rules.iter().map(|rule| ("rule", rule));
    for (what, other) in open.chain(rules).filter(|(_, other)| other.ties_with(rule)) {
        program::eprint(format_args!(
            "host-state: {what} {} fits the same machines, and neither is narrower: while both count, a machine that fits \
             is stopped",
            other.name
        ));
    }
}

fn note(store: &Store, what: &str, words: Line) {
    let line = AuditLine {
        cluster: Some(store.cluster.name.clone()),
        note: Some(words),
        ..AuditLine::new(program::now(), who(), what)
    };
    audit::note("host-state", store.paths.conf(), &line);
}

fn describe(window: &Window) -> String {
    let rule = &window.rule;
    let profile = rule.profile.map_or_else(String::new, |p| format!(" {p}"));
    format!(
        "window {}: until {} every machine that was never installed and fits \"{}\" becomes {}{profile}, opened by {}",
        rule.name,
        window.closes,
        rule.conditions(),
        rule.host_type,
        window.opened_by
    )
}

pub(super) fn list(store: &Store, json: bool) -> anyhow::Result<Exit> {
    let windows = store.windows().not_closed()?;
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

fn close(store: &Store, name: &Line, dry_run: bool) -> anyhow::Result<Exit> {
    if !dry_run {
        program::need_root()?;
    }
    // A closed window whose file is there again, or still, is removed too; for a name, an open window comes first.
    let closed = store.windows().closed()?.into_iter().map(|(window, _)| window);
    let windows: Vec<Window> = store.windows().not_closed()?.into_iter().chain(closed).collect();
    let Some(window) = windows.iter().find(|w| w.rule.name == *name) else {
        return Err(Ended::error(Exit::NotFound, format!("no window is called {name}; see: host-state window list")));
    };
    if dry_run {
        program::print(format_args!("would close {}", describe(window)))?;
        return Ok(Exit::WouldChange);
    }
    store.windows().close(&window.id, &format!("closed by {}", who().as_line()))?;
    note(store, "window closed", window.rule.name.clone());
    Ok(Exit::Done)
}
