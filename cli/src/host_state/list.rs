// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state list`.

use super::complete;
use super::effective_permission::{EffectivePermission, has_rules};
use super::elapsed::{ago, elapsed};
use super::find::{completer, macs_of, refs_of};
use super::host_word::HostWord;
use super::known_type::known;
use super::list_format::{Field, Format};
use super::prune::prune_permissions;
use super::table::{Row, table};
use super::view::{View, describe_place, describe_stage, describe_stalled, hardware_losses, or_dash};
use crate::program::{self, Exit, Tone};
use hps::host::{Host, HostState};
use hps::reservation::Gap;
use hps::store::{Store, StoreError};
use hps::types::one_line;
use hps::types::{HostType, Stage, Timestamp};

/// List the hosts of the active cluster, or those that match.
///
/// NOTE is the reason of a state, the stage of an installation, the installed system, or what a machine lost.
/// Hosts that are FAILED come first, unless --sort names an order.
/// On a terminal the sum of each state follows, and what failed is red (unless NO_COLOR is set).
///
/// With --stalled only hosts whose installation stays in one stage longer than the cluster's limit.
/// The limits are [install.stage_limits] in the cluster file.
/// The exit code is then 1 if there are such hosts, 0 if not.
/// A record that cannot be read is reported on stderr; without --stalled the exit code is then 1.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state list
  host-state list --state FAILED,REINSTALL
  host-state list 'sch-[001-040]' --type SCH,TCH --json
  host-state list --sort updated
  host-state list --format '{name} {state} {address}'
  host-state list --state FAILED --format '{mac}' > failed    for --hosts-from of other commands
  out=$(host-state list --stalled) || echo \"$out\" | mail -s 'stalled hosts' root    from cron")]
pub(crate) struct Arguments {
    /// MACs, host names, addresses, or ranges of names such as 'sch-[001-040]' [default: all hosts]
    #[arg(add = completer())]
    host: Vec<HostWord>,
    /// Only hosts in one of these states, separated by commas
    #[arg(value_parser = program::in_any_case::<HostState>, long, value_name = "STATE", value_delimiter = ',', add = complete::states())]
    state: Vec<HostState>,
    /// Only hosts of one of these types, separated by commas
    #[arg(value_parser = program::in_any_case::<HostType>, long = "type", value_name = "TYPE", value_delimiter = ',', add = complete::types())]
    host_type: Vec<HostType>,
    /// Only hosts whose installation is stalled; exit code 1 if there are any
    #[arg(long)]
    stalled: bool,
    /// In which order; hosts without a value are last, and the newest change is first [default: FAILED, then by name]
    #[arg(long, value_name = "ORDER")]
    sort: Option<Order>,
    /// A line for each host, without a heading: text with {name}, {mac}, {state}, {type}, {profile}, {address}, {system},
    /// {stage}, {attempt}, {updated}, {age}, {reason}, {note}; a missing value is -, and {{ is a brace
    #[arg(long, value_name = "TEXT", conflicts_with = "json")]
    format: Option<Format>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Order {
    Name,
    Mac,
    State,
    Type,
    Address,
    Updated,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = program::now();
    arguments.host_type.iter().try_for_each(|host_type| known(store, Some(*host_type)))?;
    let (hosts, mut exit) = read(store, arguments, now)?;
    let rules = match has_rules(store) {
        Ok(rules) => rules,
        Err(error) if program::is_denied(&error) => return Err(error.into()),
        Err(error) => {
            program::eprint(format_args!("host-state: {}", one_line(&error)));
            exit = Exit::Failed;
            false
        }
    };
    let mut permissions = Vec::new();
    for host in &hosts {
        match EffectivePermission::load(store, host, rules, now) {
            Ok(effective) => permissions.push(effective),
            Err(error) if program::is_denied(&error) => return Err(error.into()),
            Err(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                exit = Exit::Failed;
                permissions.push(EffectivePermission::default());
            }
        }
    }
    for host in &hosts {
        match store.hosts().unfinished_move(host) {
            Ok(None) => {}
            Ok(Some(_)) => program::eprint(format_args!(
                "host-state: {} is {}: {}; reload completes it",
                host.label(),
                host.state(),
                Gap::History
            )),
            Err(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                exit = Exit::Failed;
            }
        }
    }
    // Read first, so that permissions that expired since the last run are reported once.
    prune_permissions(store, &[]);
    if arguments.json {
        let views = hosts
            .iter()
            .zip(&permissions)
            .map(|(host, effective)| View::new(store, host, effective, now))
            .collect::<anyhow::Result<Vec<_>>>()?;
        program::print_json(&views)?;
    } else if let Some(format) = &arguments.format {
        for (host, effective) in hosts.iter().zip(&permissions) {
            let note = note(store, host, effective, now)?;
            program::print(format.line(|field| value(host, field, &note, now)))?;
        }
    } else if !arguments.stalled || !hosts.is_empty() {
        let heading = ["NAME", "MAC", "STATE", "TYPE", "ADDRESS", "NOTE"].map(str::to_owned);
        let mut rows = vec![Row { cells: heading, tone: Tone::Plain }];
        for (host, effective) in hosts.iter().zip(&permissions) {
            rows.push(row(store, host, effective, now)?);
        }
        match program::terminal_width() {
            Some(width) if width < NARROW => table(&rows.into_iter().map(narrow).collect::<Vec<_>>())?,
            _ => table(&rows)?,
        }
        // A script counts for itself.
        if hosts.len() > 1 && program::terminal_width().is_some() {
            program::print(sums(&hosts))?;
        }
    }
    if arguments.stalled && !hosts.is_empty() {
        program::eprint(format_args!(
            "host-state: {} stalled. Check the console and: host-state log HOST. Restart the machine to try again; \
             to give up: host-state set HOST state=FAILED",
            if hosts.len() == 1 { "1 host is".to_owned() } else { format!("{} hosts are", hosts.len()) }
        ));
        return Ok(Exit::Failed);
    }
    if hosts.is_empty() && exit == Exit::Done && !arguments.json && !arguments.stalled {
        program::eprint(format_args!("host-state: no host of cluster {} to list", store.cluster.name));
    }
    Ok(exit)
}

/// The hosts that match. A bad record is reported and matches nothing.
fn read(store: &Store, arguments: &Arguments, now: Timestamp) -> anyhow::Result<(Vec<Host>, Exit)> {
    let wanted = match arguments.host.as_slice() {
        [] => None,
        patterns => Some(macs_of(store, &refs_of(store, patterns)?)?),
    };
    let mut exit = Exit::Done;
    let mut hosts = Vec::new();
    let mut unreadable = Vec::new();
    for file in store.hosts().list()? {
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&file.mac)) {
            continue;
        }
        match file.host {
            Ok(host) => hosts.push(host),
            Err(error) if program::is_denied(&error) => return Err(error.into()),
            Err(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                unreadable.push(file.mac);
                // With --stalled, 1 means that a host is stalled. Bad records are the task of `check`.
                exit = if arguments.stalled { exit } else { Exit::Failed };
            }
        }
    }
    if let Some(wanted) = wanted {
        for mac in wanted.iter().filter(|mac| !unreadable.contains(mac) && hosts.iter().all(|h| h.mac() != **mac)) {
            program::eprint(format_args!("host-state: no host {} to list", mac.colons()));
            exit = if exit == Exit::Done { Exit::NotFound } else { exit };
        }
    }
    let limits = &store.cluster.install.stage_limits;
    hosts.retain(|host| {
        (arguments.state.is_empty() || arguments.state.contains(&host.state()))
            && (arguments.host_type.is_empty() || host.host_type.is_some_and(|t| arguments.host_type.contains(&t)))
            && (!arguments.stalled || host.stalled(limits, now).is_some())
    });
    sort(&mut hosts, arguments.sort.unwrap_or(Order::Name), |host| host);
    if arguments.sort.is_none() {
        hosts.sort_by_key(|host| host.state() != HostState::Failed);
    }
    Ok((hosts, exit))
}

/// What a person looks for in a list of many.
fn tone(host: &Host, stalled: bool) -> Tone {
    match host.state() {
        HostState::Failed => Tone::Bad,
        HostState::Installing if stalled => Tone::Bad,
        HostState::Installing => Tone::Busy,
        _ => Tone::Plain,
    }
}

/// A value of a host in a line of --format.
fn value(host: &Host, field: Field, note: &str, now: Timestamp) -> String {
    let attempt = host.attempt.as_ref();
    let since = now.since(host.updated);
    match field {
        Field::Name => or_dash(host.name.as_ref()),
        Field::Mac => host.mac().colons(),
        Field::State => host.state().to_string(),
        Field::Type => or_dash(host.host_type),
        Field::Profile => or_dash(host.profile),
        Field::Address => or_dash(host.address),
        Field::System => or_dash(attempt.map(|attempt| &attempt.distro)),
        Field::Stage => or_dash(attempt.and_then(|attempt| attempt.stage()).map(|stage| stage.stage)),
        Field::Attempt => or_dash(attempt.map(|attempt| attempt.number)),
        Field::Updated => host.updated.to_string(),
        Field::Age => elapsed(since),
        Field::Reason => or_dash(host.reason.as_ref()),
        Field::Note => or_dash(Some(note).filter(|note| !note.is_empty())),
    }
}

/// Terminals with fewer columns have no room for MACs beside names.
const NARROW: usize = 80;

/// The row without the MAC, which is the name of a host without one.
fn narrow(row: Row<6>) -> Row<5> {
    let [name, mac, state, host_type, address, note] = row.cells;
    let name = if name == "-" { mac } else { name };
    Row { cells: [name, state, host_type, address, note], tone: row.tone }
}

fn row(store: &Store, host: &Host, effective: &EffectivePermission, now: Timestamp) -> Result<Row<6>, StoreError> {
    let stalled = host.stalled(&store.cluster.install.stage_limits, now).is_some();
    Ok(Row {
        cells: [
            or_dash(host.name.as_ref()),
            host.mac().colons(),
            host.state().to_string(),
            or_dash(host.host_type),
            or_dash(host.address),
            note(store, host, effective, now)?,
        ],
        tone: tone(host, stalled),
    })
}

/// What else a person wants to know of a host, in one line.
fn note(store: &Store, host: &Host, effective: &EffectivePermission, now: Timestamp) -> Result<String, StoreError> {
    let stalled = host.stalled(&store.cluster.install.stage_limits, now);
    let note = match (host.state(), &host.attempt) {
        (HostState::Installing, Some(attempt)) => match &stalled {
            Some(stalled) => describe_stalled(stalled),
            None => describe_stage(attempt, now),
        },
        _ => host.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let armed = if host.state() == HostState::Installing { String::new() } else { effective.summary(now) };
    let retired = host.retired.map_or_else(String::new, |_| format!("retired, {}", describe_place(host)));
    let notes: Vec<String> =
        [retired, system(host, now).unwrap_or_default(), armed, note, hardware_losses(store, host)?.join("; ")]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
    Ok(notes.join("; "))
}

/// The system that HPS installed, and when.
fn system(host: &Host, now: Timestamp) -> Option<String> {
    let attempt = host.attempt.as_ref().filter(|_| host.state() == HostState::Installed)?;
    let end = attempt.stages.iter().find(|stage| stage.stage == Stage::Installed)?;
    Some(format!("{} {}", attempt.distro, ago(now.since(end.at))))
}

/// `203 hosts: 200 INSTALLED, 3 FAILED`.
fn sums(hosts: &[Host]) -> String {
    let count = |state: HostState| hosts.iter().filter(|host| host.state() == state).count();
    let states = HostState::ALL.into_iter().map(|state| (state, count(state))).filter(|(_, count)| *count > 0);
    let parts: Vec<String> = states.map(|(state, count)| format!("{count} {state}")).collect();
    format!("{} hosts: {}", hosts.len(), parts.join(", "))
}

/// Names in the order of people: `r2` before `r10`.
fn by_people(text: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.len() - rest.trim_start_matches(|c: char| !c.is_ascii_digit()).len();
        let (letters, after) = rest.split_at(word);
        let (digits, after) =
            after.split_at(after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len());
        parts.push((letters.to_owned(), digits.parse().unwrap_or(u64::MAX)));
        rest = after;
    }
    parts
}

/// Sorts what has hosts.
pub(crate) fn sort<T>(hosts: &mut [T], order: Order, host_of: impl Fn(&T) -> &Host) {
    let name = |one: &T| {
        let host = host_of(one);
        let name = host.name.as_ref().map(|name| by_people(name.as_str()));
        (name.is_none(), name, host.mac())
    };
    match order {
        Order::Name => hosts.sort_by_cached_key(name),
        Order::Mac => hosts.sort_by_key(|one| host_of(one).mac()),
        Order::State => hosts.sort_by_cached_key(|one| (host_of(one).state(), name(one))),
        Order::Type => hosts.sort_by_cached_key(|one| {
            let kind = host_of(one).host_type;
            (kind.is_none(), kind, name(one))
        }),
        Order::Address => hosts.sort_by_cached_key(|one| {
            let address = host_of(one).address;
            (address.is_none(), address, name(one))
        }),
        Order::Updated => hosts.sort_by_cached_key(|one| (std::cmp::Reverse(host_of(one).updated), name(one))),
    }
}

#[cfg(test)]
mod tests {
    use super::by_people;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["r10-b", "r2-a", "r10-a", "r2", "sch-001", "7", "r", "r99999999999999999999"];
        names.sort_by_key(|name| by_people(name));
        assert_eq!(names, ["7", "r2", "r2-a", "r10-a", "r10-b", "r", "r99999999999999999999", "sch-001"]);
    }
}
