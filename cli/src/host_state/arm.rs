// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm`: gives the permission to install, once, until a time, with a name and a reason.

use super::find::HostArgument;
use super::who;
use crate::program::{self, Ended, Exit};
use hps::config::{Cluster, supported};
use hps::host::{Event, Grant, HostState, Permission, PermissionId, PermissionSource};
use hps::media;
use hps::reservation::place;
use hps::store::{Role, Store, random};
use hps::types::{Distro, HostType, Lifetime, Line, MacAddr, Profile};

/// Permit the installation of hosts, once, until a given time.
///
/// The next time the host boots from the network it is installed, without a key-press. A host that is not known yet is
/// added. Its disk must carry no signature: a node refuses any other disk before it writes anything.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// MACs or host names
    #[arg(required = true)]
    host: Vec<HostArgument>,
    /// Host type: SCH, TCH, CCH or DRH
    #[arg(long = "type", value_name = "TYPE")]
    host_type: HostType,
    /// Variant of the type; without it the cluster's
    #[arg(long)]
    profile: Option<Profile>,
    /// Operating system; without it the cluster's
    #[arg(long)]
    distro: Option<Distro>,
    /// How long the permission lives; without it the cluster's permission_lifetime
    #[arg(long, value_name = "TIME")]
    expires: Option<Lifetime>,
    /// Why, for whoever reads it later
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: Line,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    let (profile, distro) = role(&store.cluster, arguments)?;
    // Every host is found before the first one is armed.
    let macs = arguments.host.iter().map(|h| h.mac(store)).collect::<anyhow::Result<Vec<MacAddr>>>()?;
    for mac in &macs {
        refuse_installing(store, *mac)?;
    }
    let mut given = Vec::new();
    for mac in macs {
        given.push(arm(store, arguments, mac, profile, &distro)?);
    }
    if arguments.json {
        program::say_json(&given)?;
    }
    // What is missing now may be there when the machine boots; until then it would stop, and say the same.
    if let Err(missing) = media::source(store.paths.distros(), &distro, arguments.host_type, None) {
        program::note(format_args!("host-state: armed, but nothing can be installed yet: {missing}"));
    }
    Ok(Exit::Done)
}

fn role(cluster: &Cluster, arguments: &Arguments) -> anyhow::Result<(Option<Profile>, Distro)> {
    let (profile, distro) =
        cluster.role(arguments.host_type, arguments.profile).map_err(|why| Ended::error(Exit::Refused, why))?;
    if let Some(distro) = &arguments.distro {
        supported(distro).map_err(|why| Ended::error(Exit::Refused, why))?;
    }
    Ok((profile, arguments.distro.clone().unwrap_or_else(|| distro.clone())))
}

fn refuse_installing(store: &Store, mac: MacAddr) -> anyhow::Result<()> {
    if let Some(host) = store.host(mac)?.filter(|h| h.state() == HostState::Installing) {
        let label = host.label();
        return Err(Ended::error(
            Exit::Refused,
            format!(
                "{label} is INSTALLING; if that installation is dead: host-state set {label} state=FAILED, then arm it again"
            ),
        ));
    }
    Ok(())
}

fn arm(
    store: &Store,
    arguments: &Arguments,
    mac: MacAddr,
    profile: Option<Profile>,
    distro: &Distro,
) -> anyhow::Result<Permission> {
    let now = program::now();
    let host_type = arguments.host_type;
    // The address is reserved now and stays through the installation.
    let host = place(store, mac, Role { host_type, profile, event: Event::Armed }, None, &who(), now)?;
    let lifetime = arguments.expires.unwrap_or(store.cluster.install.permission_lifetime);
    let grant = Grant {
        mac,
        host_type,
        profile,
        distro: distro.clone(),
        wipe: Vec::new(),
        given_by: who().as_line().clone(),
        given_at: now,
        expires: now.plus(lifetime),
        reason: arguments.reason.clone(),
    };
    let permission = Permission::new(PermissionId::from_random(random()?), PermissionSource::Operator, grant);
    store.give_permission(&permission)?;
    if program::on_terminal() && !arguments.json {
        program::note(format_args!(
            "host-state: {} ({}) will be installed as {host_type} with {distro} at its next network boot, until {}",
            host.label(),
            mac.colons(),
            permission.expires
        ));
    }
    Ok(permission)
}
