// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm` and `host-state reinstall`: give the permission to install, once, until a time, with a name and a reason.

use super::find::{HostArgument, Hosts, completer};
use super::who;
use crate::program::{self, Ended, Exit};
use hps::config::{Cluster, supported};
use hps::host::{Event, Grant, Host, HostState, Permission, PermissionId, PermissionSource};
use hps::media;
use hps::reservation::place;
use hps::store::{Role, Store, random};
use hps::types::{DiskSerial, Distro, HostType, Lifetime, Line, MacAddr, Profile};

/// Permit the installation of hosts, once, until a given time.
///
/// The next time the host boots from the network it is installed, without a key-press. A host that is not known yet is
/// added. Its disk must carry no signature, or be named with --wipe: a node refuses any other disk before it writes anything.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state arm 52:54:00:12:34:56 --type SCH --reason 'first storage host'
  host-state arm 'sch-[001-040]' --expires 2h
  host-state arm --hosts-from rack7.txt --type SCH --reason 'rack 7'
  host-state arm sch-003 --wipe S3Z8NB0K --dry-run")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Host type: SCH, TCH, CCH or DRH; without it the one of the host's record
    #[arg(long = "type", value_name = "TYPE")]
    host_type: Option<HostType>,
    /// Variant of the type; without it the record's, or the cluster's
    #[arg(long)]
    profile: Option<Profile>,
    #[command(flatten)]
    terms: Terms,
}

/// Permit a new installation of a host that was installed.
///
/// What is on its disk is lost. So the disk is named by its serial: no other one is wiped, whatever the machine says.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state reinstall sch-001
      names the disk that its last installation used
  host-state reinstall sch-001 --wipe S3Z8NB0K --reason 'new release'")]
pub(super) struct Reinstall {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Debug, clap::Args)]
struct Terms {
    /// Operating system; without it the cluster's
    #[arg(long)]
    distro: Option<Distro>,
    /// A disk that may be wiped although it carries something, by its serial; for one host only
    #[arg(long, value_name = "SERIAL")]
    wipe: Vec<DiskSerial>,
    /// How long the permission lives; without it the cluster's permission_lifetime
    #[arg(long, value_name = "TIME")]
    expires: Option<Lifetime>,
    /// Why, for whoever reads it later
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: Line,
    /// Show what would be permitted, and permit nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What a host is to become.
#[derive(Debug)]
struct Plan {
    mac: MacAddr,
    host_type: HostType,
    profile: Option<Profile>,
    distro: Distro,
    was_installed: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let macs = arguments.hosts.macs(store)?;
    // Every host is looked at before the first one is armed.
    let plans = macs
        .into_iter()
        .map(|mac| plan(store, mac, arguments.host_type, arguments.profile, &arguments.terms))
        .collect::<anyhow::Result<Vec<Plan>>>()?;
    if plans.len() > 1 && !arguments.terms.wipe.is_empty() {
        return Err(Ended::error(Exit::Refused, "--wipe names a disk of one host, and several hosts are given"));
    }
    give(store, plans, &arguments.terms)
}

pub(super) fn reinstall(store: &Store, arguments: &Reinstall) -> anyhow::Result<Exit> {
    let host = arguments.host.host(store)?;
    let label = host.label();
    if host.host_type.is_none() {
        return Err(Ended::error(
            Exit::Refused,
            format!("{label} has no type; say what it is to become: host-state arm {label} --type TYPE"),
        ));
    }
    if arguments.terms.wipe.is_empty() {
        let disks: Vec<String> =
            host.attempt.iter().flat_map(|a| &a.disks).filter(|d| d.identifies()).map(ToString::to_string).collect();
        let known = if disks.is_empty() {
            "no disk of it is on record; see the label of the disk, or lsblk -o NAME,SERIAL on the host".to_owned()
        } else {
            format!("its last installation used: {}", disks.join(" "))
        };
        return Err(Ended::error(
            Exit::Refused,
            format!("{label}: name the disk that is to be wiped with --wipe SERIAL; {known}"),
        ));
    }
    let plan = plan(store, host.mac(), None, None, &arguments.terms)?;
    give(store, vec![plan], &arguments.terms)
}

fn plan(
    store: &Store,
    mac: MacAddr,
    host_type: Option<HostType>,
    profile: Option<Profile>,
    terms: &Terms,
) -> anyhow::Result<Plan> {
    let host = store.host(mac)?;
    let label = host.as_ref().map_or_else(|| mac.colons(), Host::label);
    refuse_installing(host.as_ref())?;
    let Some(becomes) = host_type.or_else(|| host.as_ref().and_then(|h| h.host_type)) else {
        return Err(Ended::error(Exit::Refused, format!("{label} has no type on record; give --type TYPE")));
    };
    // A profile on record belongs to the type on record.
    let recorded = host.as_ref().filter(|h| h.host_type == Some(becomes)).and_then(|h| h.profile);
    let (profile, distro) = role(&store.cluster, becomes, profile.or(recorded), terms)?;
    let marked = match &host {
        Some(host) => store.ever_installed_any(host)?,
        None => store.ever_installed(mac)?,
    };
    let was_installed = marked.is_some() || host.is_some_and(|h| h.state().has_system());
    Ok(Plan { mac, host_type: becomes, profile, distro, was_installed })
}

fn role(
    cluster: &Cluster,
    host_type: HostType,
    profile: Option<Profile>,
    terms: &Terms,
) -> anyhow::Result<(Option<Profile>, Distro)> {
    let (profile, distro) = cluster.role(host_type, profile).map_err(|why| Ended::error(Exit::Refused, why))?;
    if let Some(distro) = &terms.distro {
        supported(distro).map_err(|why| Ended::error(Exit::Refused, why))?;
    }
    Ok((profile, terms.distro.clone().unwrap_or_else(|| distro.clone())))
}

fn refuse_installing(host: Option<&Host>) -> anyhow::Result<()> {
    if let Some(host) = host.filter(|h| h.state() == HostState::Installing) {
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

fn give(store: &Store, plans: Vec<Plan>, terms: &Terms) -> anyhow::Result<Exit> {
    warn(store, &plans, terms);
    if terms.dry_run {
        for plan in &plans {
            let label = store.host(plan.mac)?.map_or_else(|| plan.mac.colons(), |h| h.label());
            program::say(format_args!("{label} would be armed: {}", in_words(plan, terms)))?;
        }
        return Ok(if plans.is_empty() { Exit::Done } else { Exit::WouldChange });
    }
    program::need_root()?;
    let mut given = Vec::new();
    for plan in &plans {
        given.push(arm(store, plan, terms)?);
    }
    if terms.json {
        program::say_json(&given)?;
    }
    // What is missing now may be there when the machine boots; until then it would stop, and say the same.
    let mut missing: Vec<String> = plans
        .iter()
        .filter_map(|p| media::source(store.paths.distros(), &p.distro, p.host_type, None).err())
        .map(|error| error.to_string())
        .collect();
    missing.dedup();
    for missing in missing {
        program::note(format_args!("host-state: armed, but nothing can be installed yet: {missing}"));
    }
    Ok(Exit::Done)
}

/// What is not wrong, and still worth a word.
fn warn(store: &Store, plans: &[Plan], terms: &Terms) {
    if !store.has_storage()
        && let Some(plan) = plans.iter().find(|p| p.host_type != HostType::Sch)
    {
        program::note(format_args!(
            "host-state: {} is not a storage host, and this cluster has none yet: what it stores will have no place",
            plan.mac.colons()
        ));
    }
    for plan in plans.iter().filter(|p| p.was_installed && terms.wipe.is_empty()) {
        program::note(format_args!(
            "host-state: {} was installed before: its disk is refused unless it was emptied since, or is named with --wipe SERIAL",
            plan.mac.colons()
        ));
    }
}

fn in_words(plan: &Plan, terms: &Terms) -> String {
    let profile = plan.profile.map_or_else(String::new, |p| format!(" {p}"));
    let wipe: Vec<String> = terms.wipe.iter().map(ToString::to_string).collect();
    let wipe = if wipe.is_empty() { String::new() } else { format!("; disks that may be wiped: {}", wipe.join(" ")) };
    format!("{}{profile} with {}{wipe}", plan.host_type, plan.distro)
}

fn arm(store: &Store, plan: &Plan, terms: &Terms) -> anyhow::Result<Permission> {
    let now = program::now();
    let Plan { mac, host_type, profile, .. } = *plan;
    // The address is reserved now and stays through the installation.
    let host = place(store, mac, Role { host_type, profile, event: Event::Armed }, None, &who(), now)?;
    let lifetime = terms.expires.unwrap_or(store.cluster.install.permission_lifetime);
    let grant = Grant {
        mac: host.mac(),
        host_type,
        profile,
        distro: plan.distro.clone(),
        wipe: terms.wipe.clone(),
        given_by: who().as_line().clone(),
        given_at: now,
        expires: now.plus(lifetime),
        reason: terms.reason.clone(),
    };
    let permission = Permission::new(PermissionId::from_random(random()?), PermissionSource::Operator, grant);
    store.reset_refusals(host.mac())?;
    store.forget_pending(mac)?;
    store.give_permission(&permission)?;
    if program::on_terminal() && !terms.json {
        program::note(format_args!(
            "host-state: {} ({}) will be installed at its next network boot, until {}: {}",
            host.label(),
            mac.colons(),
            permission.expires,
            in_words(plan, terms)
        ));
    }
    Ok(permission)
}
