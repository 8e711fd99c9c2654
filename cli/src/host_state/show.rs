// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state show`.

use super::effective_permission::{EffectivePermission, has_rules};
use super::erase_protocol;
use super::find::Hosts;
use super::hardware::summary_rows;
use super::history::describe_line;
use super::node_task::task_rows;
use super::view::{View, describe_place, describe_stalled, or_dash};
use crate::program::{self, Ended, Exit};
use hps::hardware::HardwareRecord;
use hps::host::{ErasePermission, Erasure, HistoryLine, Host, Mark, assignment};
use hps::store::Store;
use hps::types::{Line, MacAddr, Timestamp, one_line};

/// Show all that is known of hosts.
///
/// With --shell the output is lines that a shell can source; all values are quoted.
/// All names are always there, empty if there is no value: HPS_HOST_NAME, _MAC (12 hex digits), _MACS (with colons, separated by blanks),
/// _STATE, _TYPE, _PROFILE, _ADDRESS, _UPDATED, _REASON, _EVER_INSTALLED (yes or no), _PERMISSION_EXPIRES (of a permission that counts), _ATTEMPT,
/// _DISTRO, _STAGE and _STALLED (yes or no).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state show sch-001
  host-state show 'sch-[001-003]' --json
  eval \"$(host-state show sch-001 --shell)\" && echo \"$HPS_HOST_ADDRESS\"")]
pub(crate) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Answer in JSON, with the newest 50 lines of the history; a list for several hosts
    #[arg(long)]
    json: bool,
    /// Answer in lines that a shell can source; for one host
    #[arg(long, conflicts_with = "json")]
    shell: bool,
}

impl Arguments {
    /// Refuses a file of hosts: a reader gives the text of their file, so that no file is opened for them as another
    /// user.
    ///
    /// # Errors
    /// [`Exit::Refused`].
    pub(super) fn refuse_file(&self) -> anyhow::Result<()> {
        if self.hosts.is_in_file() {
            return Err(Ended::error(Exit::Refused, "readers give a list on standard input: --hosts-from - < FILE"));
        }
        Ok(())
    }
}

/// The most lines of a history in an answer; `host-state history` has all.
const MAX_HISTORY: usize = 50;

/// All that is known of a host, in JSON.
#[derive(serde::Serialize)]
pub(crate) struct Whole {
    #[serde(flatten)]
    view: View,
    /// What the machine reported about itself; `null` also if it cannot be read.
    hardware: Option<HardwareRecord>,
    /// The permission to erase disks, if one counts by its time.
    erase_permission: Option<ErasePermission>,
    /// What was erased, the newest last; `null` if it cannot be read.
    erasures: Option<Vec<Erasure>>,
    /// The newest last; `null` if it cannot be read.
    history: Option<Vec<HistoryLine>>,
}

impl Whole {
    /// All that is known of the host now.
    ///
    /// # Errors
    /// When one of its files cannot be read.
    pub(crate) fn load(store: &Store, host: &Host, now: Timestamp) -> anyhow::Result<Self> {
        Self::new(store, host, &EffectivePermission::load(store, host, has_rules(store)?, now)?, now)
    }

    fn new(store: &Store, host: &Host, effective: &EffectivePermission, now: Timestamp) -> anyhow::Result<Self> {
        let history = newest(store, host, MAX_HISTORY);
        Ok(Self {
            view: View::new(store, host, effective, now)?,
            hardware: hardware(store, host),
            erase_permission: store.erasures().live_permission(host.mac(), now)?,
            erasures: store.erasures().protocol(host.mac()).ok().map(|protocol| protocol.erasures),
            history,
        })
    }
}

/// What the machine reported. A record that cannot be read is reported, and hides nothing else of the host.
fn hardware(store: &Store, host: &Host) -> Option<HardwareRecord> {
    match store.hardware().get(host.mac()) {
        Ok(record) => record,
        Err(error) => {
            program::eprint(format_args!("host-state: {}: {}", host.label(), one_line(&error)));
            None
        }
    }
}

/// The newest lines of a history, the last of them the newest. A history that cannot be read is reported, and hides
/// nothing else of the host.
fn newest(store: &Store, host: &Host, most: usize) -> Option<Vec<HistoryLine>> {
    match store.journal().history(host.mac()) {
        Ok(mut lines) => {
            lines.drain(..lines.len().saturating_sub(most));
            Some(lines)
        }
        Err(error) => {
            program::eprint(format_args!("host-state: {}: {}", host.label(), one_line(&error)));
            None
        }
    }
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let hosts = arguments.hosts.records(store)?;
    let now = program::now();
    let rules = has_rules(store)?;
    let permissions =
        hosts.iter().map(|h| EffectivePermission::load(store, h, rules, now)).collect::<Result<Vec<_>, _>>()?;
    let shown: Vec<(&Host, &EffectivePermission)> = hosts.iter().zip(&permissions).collect();
    let mut is_whole = true;
    match shown.as_slice() {
        several if arguments.json => {
            let views =
                several.iter().map(|(h, p)| Whole::new(store, h, p, now)).collect::<anyhow::Result<Vec<_>>>()?;
            is_whole = views.iter().all(|whole| whole.history.is_some());
            match views.as_slice() {
                [one] => program::print_json(one)?,
                views => program::print_json(&views)?,
            }
        }
        [(host, effective)] if arguments.shell => program::print_text(shell(store, host, effective, now)?.trim_end())?,
        _ if arguments.shell => {
            return Err(Ended::error(
                Exit::Refused,
                "--shell shows only one host, because each host would set the same names",
            ));
        }
        several => {
            for (number, (host, effective)) in several.iter().enumerate() {
                if number > 0 {
                    program::print("")?;
                }
                is_whole &= people(store, host, effective, now)?;
            }
        }
    }
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

fn macs(host: &Host) -> String {
    host.macs().map(MacAddr::colons).collect::<Vec<_>>().join(" ")
}

fn shell(store: &Store, host: &Host, effective: &EffectivePermission, now: Timestamp) -> anyhow::Result<String> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let view = View::new(store, host, effective, now)?;
    let attempt = host.attempt.as_ref();
    let current = effective.current();
    let values = [
        ("NAME", text(host.name.as_ref().map(ToString::to_string))),
        ("MAC", host.mac().to_string()),
        ("MACS", macs(host)),
        ("STATE", host.state().to_string()),
        ("TYPE", text(host.host_type.map(|t| t.to_string()))),
        ("PROFILE", text(host.profile.map(|p| p.to_string()))),
        ("ADDRESS", text(host.address.map(|a| a.to_string()))),
        ("UPDATED", host.updated.to_string()),
        ("REASON", text(host.reason.as_ref().map(ToString::to_string))),
        ("EVER_INSTALLED", yes(view.ever_installed)),
        ("PERMISSION_EXPIRES", text(current.map(|p| p.expires.to_string()))),
        ("ATTEMPT", text(attempt.map(|a| a.number.to_string()))),
        ("DISTRO", text(attempt.map(|a| a.distro.to_string()))),
        ("STAGE", text(attempt.and_then(|a| a.stage()).map(|s| s.stage.to_string()))),
        ("STALLED", yes(view.stalled.is_some())),
    ];
    Ok(values.iter().map(|(name, value)| assignment(&format!("HPS_HOST_{name}"), value)).collect())
}

/// Whether anything shows that its disk has a system, and what.
fn ever_installed(store: &Store, host: &Host) -> anyhow::Result<String> {
    let installed = store.installed_marks().installed_host(host)?;
    if let Some(at) = installed.imported() {
        return Ok(format!("yes: imported at {at} with a list, without --new-machines"));
    }
    Ok(match (installed.ever(), installed.is_marked()) {
        (false, _) => "no".to_owned(),
        // It may never have been installed.
        (true, true) if installed.last().is_some_and(Mark::is_retirement) => installed.to_string(),
        (true, false) if host.state().has_system() => format!("yes: its state is {}", host.state()),
        (true, _) => "yes".to_owned(),
    })
}

/// What its boot loader told of it last.
fn told(host: &Host) -> Vec<(&'static str, String)> {
    let told = &host.firmware;
    let value = |value: &Option<Line>| value.as_ref().map(ToString::to_string);
    let processor = host.cpu.map(|cpu| cpu.to_string()).or_else(|| value(&told.arch));
    let boot = match (processor, value(&told.platform)) {
        (Some(cpu), Some(platform)) => Some(format!("{cpu}, {platform}")),
        (cpu, platform) => cpu.or(platform),
    };
    let rows = [
        ("product", value(&told.product)),
        ("serial", value(&told.serial)),
        ("uuid", value(&told.uuid)),
        ("processor", boot),
    ];
    rows.into_iter().filter_map(|(title, value)| Some((title, value?))).collect()
}

/// Prints it, and returns whether all of it can be read.
fn people(store: &Store, host: &Host, effective: &EffectivePermission, now: Timestamp) -> anyhow::Result<bool> {
    let mut rows: Vec<(&str, String)> = vec![
        ("name", or_dash(host.name.as_ref())),
        ("mac", macs(host)),
        ("state", host.state().to_string()),
        ("type", or_dash(host.host_type)),
        ("profile", or_dash(host.profile)),
        ("address", or_dash(host.address)),
        ("updated", host.updated.to_string()),
        ("ever installed", ever_installed(store, host)?),
    ];
    if let Some(retired) = &host.retired {
        rows.push(("retired", format!("{}; {}", retired.at, describe_place(host))));
    }
    if let Some(local) = host.local {
        rows.push(("local", local.to_string()));
    }
    if let Some(reason) = &host.reason {
        rows.push(("reason", reason.to_string()));
    }
    rows.extend(told(host));
    match store.hardware().get(host.mac()) {
        Ok(record) => rows.extend(record.iter().flat_map(summary_rows)),
        Err(error) => rows.push(("hardware", one_line(&error))),
    }
    rows.extend(task_rows(store, host.mac()));
    rows.push(("permission", effective.describe(now)));
    if let Some(erase) = store.erasures().live_permission(host.mac(), now)? {
        let text = format!("{}, given by {} until {}", erase.serials(), erase.given_by, erase.expires);
        rows.push(("may erase", text));
    }
    match store.erasures().protocol(host.mac()) {
        Ok(protocol) => rows.extend(erase_protocol::summary_rows(&protocol)),
        Err(error) => rows.push(("erase", one_line(&error))),
    }
    let system = host.last_disks();
    if !system.is_empty() {
        rows.push(("installed on", system.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")));
    }
    if let Some(key) = host.proven_host_key() {
        rows.push(("ssh host key", key.to_string()));
    }
    if let Some(attempt) = &host.attempt {
        let build = attempt.build.as_ref().map_or_else(String::new, |b| format!(" build {b}"));
        let packages = attempt.packages.as_ref().map_or_else(String::new, |d| format!(" local packages {d}"));
        rows.push((
            "attempt",
            format!(
                "{}, {} of {} of its permission, {}{build}{packages}, begun {}",
                attempt.number,
                attempt.of_permission,
                store.cluster.install.max_attempts,
                attempt.distro,
                attempt.since
            ),
        ));
        if let Some(what) = &attempt.contradicted {
            rows.push(("contradicted", format!("a report was refused: {what}")));
        }
        if !attempt.disks.is_empty() {
            rows.push(("disks", attempt.disks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")));
        }
        for stage in &attempt.stages {
            rows.push(("  stage", format!("{:<12} {:>5}s  {}", stage.stage, stage.at.since(attempt.since), stage.at)));
        }
    }
    if let Some(stalled) = host.stalled(&store.cluster.install.stage_limits, now) {
        let label = host.label();
        rows.push((
            "stalled",
            format!(
                "{}; look at its console and at: host-state log {label}; restart the machine to try again, or give up: \
                 host-state set {label} state=FAILED",
                describe_stalled(&stalled)
            ),
        ));
    }
    for (key, value) in rows {
        program::print_text(program::wrapped(&format!("{key:<15} {value}"), 16))?;
    }
    let history = newest(store, host, 5);
    for line in history.iter().flatten() {
        program::print_text(program::wrapped(&format!("{:<15} {}", "history", describe_line(line)), 18))?;
    }
    Ok(history.is_some())
}
