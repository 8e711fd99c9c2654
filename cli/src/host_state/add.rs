// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state add`.

use super::who;
use crate::program::{self, Ended, Exit};
use hps::host::Event;
use hps::reservation::place;
use hps::store::{Role, Store};
use hps::types::{HostName, HostType, MacAddr, Profile};

/// Add a host by its MAC; with a type it is given an address and a name too.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// MAC, in any spelling
    mac: MacAddr,
    /// Host name; without it the next free one of its type
    #[arg(long)]
    name: Option<HostName>,
    /// Host type: SCH, TCH, CCH or DRH
    #[arg(long = "type", value_name = "TYPE")]
    host_type: Option<HostType>,
    /// Variant of the type
    #[arg(long, requires = "host_type")]
    profile: Option<Profile>,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let (mac, now) = (arguments.mac, program::now());
    if store.host(mac)?.is_some() {
        return Err(Ended::error(
            Exit::Refused,
            format!("{} is already a host of cluster {}; see: host-state show {mac}", mac.colons(), store.cluster.name),
        ));
    }
    if let Some(name) = &arguments.name
        && store.mac_of(name)?.is_some()
    {
        return Err(Ended::error(Exit::Refused, format!("host name {name} belongs to another host")));
    }
    match arguments.host_type {
        Some(host_type) => {
            if let Some(profile) = arguments.profile.filter(|p| !host_type.profiles().contains(p)) {
                return Err(Ended::error(Exit::Refused, format!("{host_type} has no profile {profile}")));
            }
            let profile = arguments.profile.or_else(|| host_type.profiles().first().copied());
            let role = Role { host_type, profile, event: Event::TypeChosen };
            place(store, mac, role, arguments.name.as_ref(), &who(), now)?;
        }
        None => {
            store.create_host(mac, &who(), now)?;
            if let Some(name) = &arguments.name {
                store.name_host(mac, name, &who(), now)?;
            }
        }
    }
    Ok(Exit::Done)
}
