// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state discovered`: the machines that reported and are no hosts yet, by switch port; and their way to names and permissions.

use super::address_use;
use super::arm::plan;
use super::complete;
use super::grant::{Terms, grant};
use super::known_type::known;
use super::operator::who;
use super::placed::placed;
use super::prune::free_places;
use super::table::{Row, table};
use crate::program::{self, Ended, Exit, Tone};
use hps::hardware::{Hardware, NameRule};
use hps::host::{Event, HostState};
use hps::reservation::{Addresses, allocate};
use hps::store::{Role, Store};
use hps::types::{HostName, HostType, MacAddr, Profile, SubnetName, one_line};
use std::collections::BTreeMap;

/// List machines that reported their hardware and are not hosts yet, by switch port; name and arm them.
///
/// A machine is in the list until it has a type.
/// With --name each of them becomes a host of --type with that name; with --arm it may also be installed.
/// Everything is checked before the first one is named: a missing switch port, two equal names, a name in use.
///
/// In the name, {rack} is the name of the switch or --rack, {port} is the last number of the port,
/// {port:2} has at least two digits, and {switch}, {serial} and {mac} are what they say.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state discovered
  host-state discovered --name '{rack}-{port:2}' --type SCH --arm --dry-run
  host-state discovered --switch rack7-sw1 --rack r7 --name '{rack}-{port:2}' --type SCH --arm --boot")]
pub(crate) struct Arguments {
    /// Only machines at this switch
    #[arg(long, value_name = "NAME")]
    switch: Option<String>,
    /// Name them by this rule
    #[arg(long, value_name = "RULE", requires = "host_type")]
    name: Option<NameRule>,
    /// What {rack} is in the name [default: the name of the switch]
    #[arg(long, requires = "name")]
    rack: Option<String>,
    /// Host type: SCH, TCH, CCH, DRH, PLAIN or one of the cluster file
    #[arg(value_parser = program::in_any_case::<HostType>, long = "type", value_name = "TYPE", requires = "name", add = complete::types())]
    host_type: Option<HostType>,
    /// Variant of the type [default: that of the cluster]
    #[arg(value_parser = program::in_any_case::<Profile>, long, requires = "host_type")]
    profile: Option<Profile>,
    /// Give addresses of this [[subnet]] [default: the one that the machine has a lease of, otherwise the main network]
    #[arg(long, value_name = "NAME", requires = "host_type")]
    subnet: Option<SubnetName>,
    /// Permit their installation; their disks must be empty
    #[arg(long, requires = "name")]
    arm: bool,
    #[command(flatten)]
    terms: Terms,
}

/// A machine that reported and has no type.
#[derive(Debug)]
struct Found {
    mac: MacAddr,
    hardware: Hardware,
}

/// In JSON.
#[derive(Debug, serde::Serialize)]
struct Listed<'a> {
    mac: String,
    /// The name that it gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a HostName>,
    switch: Option<&'a str>,
    port: Option<&'a str>,
    hardware: &'a Hardware,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    known(store, arguments.host_type)?;
    let (found, exit) = found(store, arguments.switch.as_deref())?;
    let Some((rule, host_type)) = arguments.name.as_ref().zip(arguments.host_type) else {
        print(&found, &[], arguments.terms.json)?;
        return Ok(exit);
    };
    let names = names(store, &found, rule, arguments.rack.as_deref())?;
    for found in &found {
        // The rules for disks, types and systems are those of `arm`.
        plan(store, found.mac, Some(host_type), arguments.profile, arguments.subnet.as_ref(), &arguments.terms)?;
    }
    if arguments.terms.dry_run || found.is_empty() {
        print(&found, &names, arguments.terms.json)?;
        return Ok(if found.is_empty() { exit } else { Exit::WouldChange });
    }
    program::need_root()?;
    free_places(store, false);
    let addresses = Addresses::new(store);
    for (found, name) in found.iter().zip(&names) {
        let profile = store
            .cluster
            .role(host_type, arguments.profile)
            .map_err(|why| Ended::error(Exit::Refused, why.to_string()))?
            .0;
        let role = Role { host_type, profile, event: Event::TypeChosen };
        let subnet = placed(store, found.mac, Some(host_type), None, arguments.subnet.as_ref())?;
        let host = allocate(&addresses, found.mac, role, Some(name), subnet.as_ref(), &who(), program::now())?;
        store.pending().forget(found.mac)?;
        if !arguments.terms.json || !arguments.arm {
            program::print(format_args!("{} is named {}", found.mac.colons(), host.label()))?;
        }
    }
    address_use::report(&addresses);
    if !arguments.arm {
        return Ok(exit);
    }
    let plans = found
        .iter()
        .map(|found| plan(store, found.mac, Some(host_type), arguments.profile, None, &arguments.terms))
        .collect::<anyhow::Result<Vec<_>>>()?;
    grant(store, plans, &arguments.terms)
}

/// The machines, in the order of switch and port; and 1 if a record could not be read.
fn found(store: &Store, switch: Option<&str>) -> anyhow::Result<(Vec<Found>, Exit)> {
    let (mut found, mut exit) = (Vec::new(), Exit::Done);
    for file in store.hardware().list()? {
        match file.record {
            Ok(record) if is_new(store, file.mac)? => found.push(Found { mac: file.mac, hardware: record.now }),
            Ok(_) => {}
            Err(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                exit = Exit::Failed;
            }
        }
    }
    found.retain(|found| switch.is_none_or(|wanted| found.place().is_some_and(|(switch, _)| switch == wanted)));
    found.sort_by_key(|found| found.place().map_or((String::new(), Vec::new()), |(s, p)| (s.to_owned(), ordered(p))));
    Ok((found, exit))
}

/// A machine without a record, or whose record has no type, that was never installed.
fn is_new(store: &Store, mac: MacAddr) -> anyhow::Result<bool> {
    // A bad record is of a host.
    let Ok(host) = store.hosts().find(mac) else { return Ok(false) };
    let bare = host.as_ref().is_none_or(|host| host.state() == HostState::Unconfigured && host.retired.is_none());
    Ok(bare && !store.installed_marks().installed(mac, host.as_ref())?.ever())
}

impl Found {
    fn place(&self) -> Option<(&str, &str)> {
        self.hardware.switch_port(self.mac).map(|port| (port.switch.as_str(), port.port.as_str()))
    }
}

/// A port as text and numbers, so that port 2 comes before port 10.
fn ordered(port: &str) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = vec![(String::new(), 0)];
    for c in port.chars() {
        let Some((text, number)) = parts.last_mut() else { break };
        match c.to_digit(10) {
            Some(digit) => *number = number.saturating_mul(10).saturating_add(u64::from(digit)),
            None if *number > 0 => parts.push((c.to_string(), 0)),
            None => text.push(c),
        }
    }
    parts
}

/// The name of each; all that is wrong, if something is.
fn names(store: &Store, found: &[Found], rule: &NameRule, rack: Option<&str>) -> anyhow::Result<Vec<HostName>> {
    let (mut names, mut problems) = (Vec::new(), Vec::new());
    let mut users: BTreeMap<HostName, MacAddr> = BTreeMap::new();
    for found in found {
        let mac = found.mac.colons();
        match rule.name(found.mac, &found.hardware, rack) {
            Err(why) => problems.push(format!("{mac}: {why}")),
            Ok(name) => {
                if let Some(other) = users.insert(name.clone(), found.mac) {
                    problems.push(format!("{mac} and {} would both be called {name}", other.colons()));
                }
                if let Some(other) = store.hosts().mac_by_name(&name)?.filter(|other| *other != found.mac) {
                    problems.push(format!("{mac}: the name {name} belongs to {}", other.colons()));
                }
                names.push(name);
            }
        }
    }
    if problems.is_empty() {
        return Ok(names);
    }
    let why = format!("no machine is named by {rule}: {}; see: host-state discovered", problems.join("; "));
    Err(Ended::error(Exit::Refused, why))
}

fn print(found: &[Found], names: &[HostName], json: bool) -> anyhow::Result<()> {
    let names = names.iter().map(Some).chain(std::iter::repeat(None));
    let all = found.iter().zip(names);
    if json {
        let listed = all.map(|(found, name)| Listed {
            mac: found.mac.colons(),
            name,
            switch: found.place().map(|(switch, _)| switch),
            port: found.place().map(|(_, port)| port),
            hardware: &found.hardware,
        });
        return program::print_json(&listed.collect::<Vec<_>>());
    }
    let heading = ["SWITCH", "PORT", "MAC", "NAME", "MODEL", "SERIAL", "MEMORY", "DISKS"].map(str::to_owned);
    let mut rows = vec![Row { cells: heading, tone: Tone::Plain }];
    rows.extend(all.map(|(found, name)| row(found, name)));
    if rows.len() > 1 {
        table(&rows)?;
    }
    Ok(())
}

fn row(found: &Found, name: Option<&HostName>) -> Row<8> {
    let (board, dash) = (&found.hardware.board, || "-".to_owned());
    let (switch, port) = found.place().unwrap_or(("-", "-"));
    let disks = found.hardware.disks.iter().filter(|disk| disk.is_usable());
    let (count, bytes) =
        disks.fold((0u32, 0u64), |(n, sum), disk| (n + 1, sum.saturating_add(disk.bytes.unwrap_or(0))));
    Row {
        cells: [
            switch.to_owned(),
            port.to_owned(),
            found.mac.colons(),
            name.map_or_else(dash, ToString::to_string),
            board.product.as_ref().map_or_else(dash, ToString::to_string),
            board.serial.as_ref().map_or_else(dash, ToString::to_string),
            found.hardware.memory_mib.map_or_else(dash, |mib| format!("{mib} MiB")),
            format!("{count} ({} GiB)", bytes >> 30),
        ],
        tone: Tone::Plain,
    }
}
