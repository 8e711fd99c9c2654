// SPDX-License-Identifier: GPL-3.0-or-later
//! Granting the permission to install: once, until a time, with a name and a reason, and with a line in the history.

use super::address_use;
use super::complete;
use super::effective_permission::describe_wipe;
use super::operator::who;
use super::package_sources;
use super::permission_plan::Plan;
use super::prune::{free_places, prune_permissions};
use super::services_down;
use super::shim_reload;
use super::start;
use crate::power::Outcome;
use crate::program::{self, Exit};
use hps::config::{BootOrder, TypeFeature};
use hps::files::random;
use hps::host::{Event, Grant, Permission, PermissionId, PermissionSource};
use hps::media;
use hps::reservation::{Addresses, allocate};
use hps::store::{Role, Store};
use hps::types::{DiskName, Distro, Lifetime, Line, MacAddr, Timestamp};
use std::collections::BTreeSet;

/// A node reports `none` for a disk without a serial. So this word names no disk and may match several.
pub(super) fn serial(text: &str) -> Result<DiskName, String> {
    let serial: DiskName = text.parse().map_err(|e: hps::types::Invalid| e.to_string())?;
    if serial.identifies() {
        Ok(serial)
    } else {
        Err("names no disk: every disk without a serial has this word".to_owned())
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Terms {
    /// Operating system [default: that of the cluster]
    #[arg(long)]
    pub(super) distro: Option<Distro>,
    /// How long the permission is valid [default: the cluster's permission_lifetime]
    #[arg(long, value_name = "TIME", add = complete::times())]
    pub(super) expires: Option<Lifetime>,
    /// The reason, for the history
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) reason: Line,
    /// Show what would be permitted, and change nothing; exit code 10
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Then boot the host from the network now: switch it on, or off and on; see host-power
    #[arg(long)]
    pub(super) boot: bool,
    /// Answer in JSON: the permissions; with --dry-run what they would be
    #[arg(long)]
    pub(super) json: bool,
}

/// A permission in JSON.
#[derive(Debug, serde::Serialize)]
struct Granted<'a> {
    #[serde(flatten)]
    permission: &'a Permission,
    /// The services that the machine needs and that do not run.
    not_running: &'a [&'static str],
    /// With `--boot`: what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    power: Option<&'a Outcome>,
}

/// Grants the planned permissions, and prints a line for each host.
pub(super) fn grant(store: &Store, plans: Vec<Plan>, terms: &Terms) -> anyhow::Result<Exit> {
    warn(store, &plans, terms)?;
    if terms.boot {
        program::need_root()?;
        start::check(store, &plans)?;
    }
    if terms.dry_run {
        return preview(store, &plans, terms);
    }
    program::need_root()?;
    store.ended_marks().require_place()?;
    prune_permissions(store, &[]);
    free_places(store, false);
    let mut granted = Vec::new();
    let addresses = Addresses::new(store);
    for plan in &plans {
        granted.push(grant_one(store, &addresses, plan, terms)?);
    }
    address_use::report(&addresses);
    shim_reload::warn(store, plans.iter().map(|plan| (plan.mac, plan.label.as_str())));
    package_sources::warn(store, plans.iter().map(|plan| (plan.host_type, &plan.distro)));
    let not_running = services_down::warn(store);
    let macs: Vec<MacAddr> = granted.iter().map(|permission| permission.mac).collect();
    let (started, exit) = if terms.boot { start::start(store, &macs, terms.json)? } else { (Vec::new(), Exit::Done) };
    if terms.json {
        let started = started.iter().map(Some).chain(std::iter::repeat(None));
        let granted = granted.iter().zip(started).map(|(permission, power)| Granted {
            permission,
            not_running: &not_running,
            power,
        });
        program::print_json(&granted.collect::<Vec<_>>())?;
    }
    // Missing media may be there when the machine boots; until then it would stop with the same message.
    let missing: BTreeSet<String> = plans
        .iter()
        .filter_map(|p| media::source(store.paths.distros(), &p.distro, p.host_type, None).err())
        .map(|error| error.to_string())
        .collect();
    for missing in missing {
        program::eprint(format_args!("host-state: armed, but nothing can be installed yet: {missing}"));
    }
    Ok(exit)
}

fn preview(store: &Store, plans: &[Plan], terms: &Terms) -> anyhow::Result<Exit> {
    let ends = expires(store, terms, program::now());
    if terms.json {
        let would: Vec<serde_json::Value> = plans
            .iter()
            .map(|plan| {
                serde_json::json!({
                    "mac": plan.mac.colons(),
                    "host": plan.label,
                    "type": plan.host_type,
                    "profile": plan.profile,
                    "distro": plan.distro,
                    "wipe": plan.wipe,
                    "expires": ends,
                    "reason": terms.reason,
                    "subnet": plan.subnet.as_ref().map(|subnet| &subnet.name),
                    "was_installed": plan.was_installed,
                })
            })
            .collect();
        program::print_json(&would)?;
    } else {
        for plan in plans {
            let boot = if terms.boot { ", and would boot from the network now" } else { "" };
            program::print(format_args!("{} would be armed: {}{boot}", plan.label, describe(plan, ends)))?;
        }
    }
    Ok(if plans.is_empty() { Exit::Done } else { Exit::WouldChange })
}

/// Notes on surprising but correct settings.
fn warn(store: &Store, plans: &[Plan], terms: &Terms) -> anyhow::Result<()> {
    let now = program::now();
    warn_of_addresses(store, plans)?;
    if !store.hosts().has_storage()
        && let Some(plan) = plans.iter().find(|p| store.cluster.type_has(p.host_type, TypeFeature::NeedsStorage))
    {
        program::eprint(format_args!(
            "host-state: {} is not a storage host, and this cluster has no storage host yet for its data",
            plan.label
        ));
    }
    for plan in plans {
        if plan.was_installed && plan.wipe.is_empty() {
            program::eprint(format_args!(
                "host-state: {} was installed before: its disk is refused unless it was emptied since then or is named with --wipe SERIAL",
                plan.label
            ));
        }
        if plan.was_installed && store.cluster.boot.order == BootOrder::Disk && !terms.boot {
            program::eprint(format_args!(
                "host-state: {}: with this cluster file hosts boot their disk first, so start it from the network once: with host-power boot-once {} --now, with the boot menu of its firmware (often F12), or on the host with efibootmgr --bootnext NUMBER of its network entry",
                plan.label, plan.label
            ));
        }
        let host = store.hosts().find(plan.mac)?;
        let installed = store.installed_marks().installed(plan.mac, host.as_ref())?;
        let old = store.permissions().get(plan.mac, now)?;
        if let Some(old) = old.filter(|old| installed.objection(old, host.as_ref(), now).is_none()) {
            let wipe = describe_wipe(&old.wipe).map_or_else(String::new, |wipe| format!(", which {wipe}"));
            program::eprint(format_args!(
                "host-state: {}: this replaces the permission given by {} until {}{wipe}",
                plan.label, old.given_by, old.expires
            ));
        }
    }
    Ok(())
}

/// A host keeps its address, whichever machine uses it now.
fn warn_of_addresses(store: &Store, plans: &[Plan]) -> anyhow::Result<()> {
    let hosts = plans.iter().map(|plan| store.hosts().find(plan.mac)).collect::<Result<Vec<_>, _>>()?;
    for conflict in address_use::used_by_others(store, hosts.iter().flatten().filter(|host| host.address.is_some())) {
        let host = &conflict.host;
        program::eprint(format_args!(
            "host-state: {host}: its address {}; find that machine, or: host-state set {host} address=ADDRESS",
            conflict.used
        ));
    }
    Ok(())
}

fn expires(store: &Store, terms: &Terms, now: Timestamp) -> Timestamp {
    now.plus(terms.expires.unwrap_or(store.cluster.install.permission_lifetime))
}

/// What a plan permits, and until when if it were given now.
pub(super) fn describe_plan(store: &Store, plan: &Plan, terms: &Terms) -> String {
    describe(plan, expires(store, terms, program::now()))
}

fn describe(plan: &Plan, ends: Timestamp) -> String {
    let profile = plan.profile.map_or_else(String::new, |p| format!(" {p}"));
    let wipe = describe_wipe(&plan.wipe).map_or_else(String::new, |wipe| format!(", {wipe}"));
    format!("{}{profile} with {}, until {ends}{wipe}", plan.host_type, plan.distro)
}

fn grant_one(store: &Store, addresses: &Addresses<'_>, plan: &Plan, terms: &Terms) -> anyhow::Result<Permission> {
    let now = program::now();
    let Plan { mac, host_type, profile, .. } = *plan;
    // Before any report that it is armed.
    store.installed_marks().require_readable(mac, store.hosts().find(mac)?.as_ref())?;
    // The address is reserved now and stays through the installation.
    let role = Role { host_type, profile, event: Event::Armed };
    let host = allocate(addresses, mac, role, None, plan.subnet.as_ref(), &who(), now)?;
    let grant = Grant {
        mac: host.mac(),
        host_type,
        profile,
        distro: plan.distro.clone(),
        wipe: plan.wipe.clone(),
        given_by: who().as_line().clone(),
        given_at: now,
        expires: expires(store, terms, now),
        reason: terms.reason.clone(),
    };
    let permission = Permission::new(PermissionId::from_random(random()?), PermissionSource::Operator, grant);
    let description = describe(plan, permission.expires);
    let reason = if terms.reason.as_str().is_empty() { String::new() } else { format!(": {}", terms.reason) };
    // Before it is given: a permission must not exist without a trace of the person who gave it.
    store.journal().note(host.mac(), &who(), now, plan.what, &format!("{description}{reason}"))?;
    store.pending().forget(mac)?;
    let permission = store.permissions().give(&permission)?;
    // After it: the permission that the count ended is gone, and this does not bring it back.
    store.refusals().reset(&permission)?;
    if !terms.json {
        let address = host.address.map_or_else(String::new, |a| format!(", {a}"));
        program::print(format_args!("{} ({}{address}) is armed: {description}", host.label(), mac.colons()))?;
    }
    Ok(permission)
}
