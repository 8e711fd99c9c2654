// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state add`.

use super::address_use;
use super::complete;
use super::known_type::known;
use super::operator::who;
use super::own_name;
use super::placed::placed;
use super::prune::free_places;
use crate::program::{self, Ended, Exit};
use hps::host::{Edit, Event, Host, HostState};
use hps::reservation::{Addresses, allocate, complete, reserve};
use hps::store::{Role, Store};
use hps::types::{HostName, HostType, Line, MacAddr, Profile, SubnetName};
use std::net::Ipv4Addr;

/// Add a host by its MAC. With --type the host also gets an address and a name.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state add 52:54:00:12:34:56
  host-state add 52:54:00:12:34:56 --type SCH
  host-state add 52:54:00:12:34:56 --type SCH --subnet rack2
  host-state add 52:54:00:12:34:56 --type SCH --name backup --address 10.0.0.17")]
pub(super) struct Arguments {
    /// MAC, in any spelling
    mac: MacAddr,
    /// Host name [default: the next free one of its type]
    #[arg(long)]
    name: Option<HostName>,
    /// Host type: SCH, TCH, CCH, DRH, PLAIN or one of the cluster file
    #[arg(value_parser = program::in_any_case::<HostType>, long = "type", value_name = "TYPE", add = complete::types())]
    host_type: Option<HostType>,
    /// Variant of the type
    #[arg(value_parser = program::in_any_case::<Profile>, long, requires = "host_type")]
    profile: Option<Profile>,
    /// Address [default: the first free one, if the host has a type]
    #[arg(long)]
    address: Option<Ipv4Addr>,
    /// Give an address of this [[subnet]] [default: the one that the machine has a lease of, otherwise the main network]
    #[arg(long, value_name = "NAME", conflicts_with = "address", requires = "host_type")]
    subnet: Option<SubnetName>,
    /// Show what would be added, and change nothing; exit code 10
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the record
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    known(store, arguments.host_type)?;
    let (mac, now) = (arguments.mac, program::now());
    free_places(store, arguments.dry_run);
    let edit = Edit {
        name: arguments.name.clone().map(Some),
        host_type: arguments.host_type.map(Some),
        profile: arguments.profile.map(Some),
        address: arguments.address.map(Some),
        ..Edit::default()
    };
    if let Some(host) = store.hosts().find(mac)?.filter(|host| !is_unfinished(host, &edit)) {
        // An `add` of the same values that was interrupted after it wrote the record.
        let is_the_same =
            store.hosts().preview_edit(mac, &edit, now).is_ok_and(|(_, after)| !after.differs_from(&host));
        if is_the_same
            && !arguments.dry_run
            && !complete(store, &host, &store.allocations().held()?, &who(), now)?.is_empty()
        {
            answer(&host, arguments)?;
            return Ok(Exit::Done);
        }
        return Err(Ended::error(
            Exit::Refused,
            format!(
                "{} is already a host of cluster {}; see: host-state show {}",
                mac.colons(),
                store.cluster.name,
                host.label()
            ),
        ));
    }
    let (_, preview) = store.hosts().preview_edit(mac, &edit, now)?;
    own_name::refuse(&edit, None)?;
    let subnet = match arguments.address {
        Some(_) => None,
        None => placed(store, mac, arguments.host_type, None, arguments.subnet.as_ref())?,
    };
    address_use::refuse(store, arguments.address.map(|_| &preview))?;
    let addresses = Addresses::new(store);
    if arguments.dry_run {
        let mut preview = preview;
        if let Some(host_type) = arguments.host_type {
            if preview.address.is_none() {
                preview.address = Some(addresses.first(mac, subnet.as_ref(), &who())?);
            }
            if preview.name.is_none() {
                preview.name = store.allocations().next_name(host_type, |_| true)?;
            }
        }
        address_use::report(&addresses);
        answer(&preview, arguments)?;
        return Ok(Exit::WouldChange);
    }
    let host = match arguments.host_type {
        Some(host_type) => {
            // A given address is claimed first; the other steps then find it in the record.
            if arguments.address.is_some() {
                store.hosts().edit(mac, &edit, &Line::lossy("added"), &who(), now)?;
            }
            let role = Role { host_type, profile: preview.profile, event: Event::TypeChosen };
            let host = allocate(&addresses, mac, role, arguments.name.as_ref(), subnet.as_ref(), &who(), now)?;
            address_use::report(&addresses);
            host
        }
        None => {
            let host = store.hosts().edit(mac, &edit, &Line::lossy("added"), &who(), now)?;
            reserve(store, &host)?;
            host
        }
    };
    answer(&host, arguments)?;
    Ok(Exit::Done)
}

/// Whether an `add` of these values was interrupted before the record was complete: it has no other values, and
/// something is missing.
fn is_unfinished(host: &Host, edit: &Edit) -> bool {
    fn fits<T: PartialEq>(has: Option<&T>, gets: &Option<Option<T>>) -> bool {
        has.is_none() || gets.as_ref().is_some_and(|gets| gets.as_ref() == has)
    }
    let fits = fits(host.name.as_ref(), &edit.name)
        && fits(host.host_type.as_ref(), &edit.host_type)
        && fits(host.address.as_ref(), &edit.address)
        && (host.profile.is_none() || host.host_type.is_some());
    let missing = (edit.name.is_some() && host.name.is_none())
        || (edit.address.is_some() && host.address.is_none())
        // The type sets its state.
        || edit.host_type.is_some();
    host.state() == HostState::Unconfigured && fits && missing
}

fn answer(host: &Host, arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.json {
        return program::print_json(host);
    }
    let word = if arguments.dry_run { "would be added" } else { "is added" };
    let values = [
        Some(host.state().to_string()),
        host.host_type.map(|t| t.to_string()),
        host.profile.map(|p| p.to_string()),
        host.address.map(|a| a.to_string()),
    ];
    let values: Vec<String> = values.into_iter().flatten().collect();
    let label = host.name.as_ref().map_or_else(|| host.mac().colons(), |n| format!("{n} ({})", host.mac().colons()));
    program::print(format_args!("{label} {word}: {}", values.join(", ")))?;
    Ok(())
}
