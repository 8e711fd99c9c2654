// SPDX-License-Identifier: GPL-3.0-or-later
//! Giving the permission to install: once, until a time, with a name and a reason, and with a line in the history.

use super::arm::{Plan, Terms};
use super::permit::wipe_in_words;
use super::who;
use crate::program::{self, Exit};
use hps::config::BootOrder;
use hps::files::random;
use hps::host::{Event, Grant, Permission, PermissionId, PermissionSource};
use hps::media;
use hps::reservation::place;
use hps::store::{Role, Store};
use hps::types::{HostType, Timestamp};
use std::collections::BTreeSet;

/// Gives what is planned, and answers with a line for each host.
pub(super) fn give(store: &Store, plans: Vec<Plan>, terms: &Terms) -> anyhow::Result<Exit> {
    warn(store, &plans, terms)?;
    if terms.dry_run {
        return preview(store, &plans, terms);
    }
    program::need_root()?;
    store.require_spent_dir()?;
    super::retire(store, &[]);
    let mut given = Vec::new();
    for plan in &plans {
        given.push(arm(store, plan, terms)?);
    }
    if terms.json {
        program::print_json(&given)?;
    }
    // What is missing now may be there when the machine boots; until then it would stop, and say the same.
    let missing: BTreeSet<String> = plans
        .iter()
        .filter_map(|p| media::source(store.paths.distros(), &p.distro, p.host_type, None).err())
        .map(|error| error.to_string())
        .collect();
    for missing in missing {
        program::eprint(format_args!("host-state: armed, but nothing can be installed yet: {missing}"));
    }
    Ok(Exit::Done)
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
                    "wipe": terms.wipe,
                    "expires": ends,
                    "reason": terms.reason,
                    "was_installed": plan.was_installed,
                })
            })
            .collect();
        program::print_json(&would)?;
    } else {
        for plan in plans {
            program::print(format_args!("{} would be armed: {}", plan.label, in_words(plan, terms, ends)))?;
        }
    }
    Ok(if plans.is_empty() { Exit::Done } else { Exit::WouldChange })
}

/// What is not wrong, and still worth a word.
fn warn(store: &Store, plans: &[Plan], terms: &Terms) -> anyhow::Result<()> {
    let now = program::now();
    if !store.has_storage()
        && let Some(plan) = plans.iter().find(|p| p.host_type != HostType::Sch)
    {
        program::eprint(format_args!(
            "host-state: {} is not a storage host, and this cluster has none yet: what it stores will have no place",
            plan.label
        ));
    }
    for plan in plans {
        if plan.was_installed && terms.wipe.is_empty() {
            program::eprint(format_args!(
                "host-state: {} was installed before: its disk is refused unless it was emptied since, or is named with --wipe SERIAL",
                plan.label
            ));
        }
        if plan.was_installed && store.cluster.boot.order == BootOrder::Disk {
            program::eprint(format_args!(
                "host-state: {}: the cluster file has hosts boot their disk first, so have it start from the network once: the key for the boot menu of its firmware (often F12), ipmitool chassis bootdev pxe options=efiboot, or on the host efibootmgr --bootnext NUMBER of its network entry",
                plan.label
            ));
        }
        let host = store.host(plan.mac)?;
        let installed = store.installed(plan.mac, host.as_ref())?;
        let old = store.permission(plan.mac, now)?;
        if let Some(old) = old.filter(|old| installed.objection(old, host.as_ref(), now).is_none()) {
            let wipe = wipe_in_words(&old.wipe).map_or_else(String::new, |wipe| format!(", which {wipe}"));
            program::eprint(format_args!(
                "host-state: {}: this replaces the permission given by {} until {}{wipe}",
                plan.label, old.given_by, old.expires
            ));
        }
    }
    Ok(())
}

fn expires(store: &Store, terms: &Terms, now: Timestamp) -> Timestamp {
    now.plus(terms.expires.unwrap_or(store.cluster.install.permission_lifetime))
}

fn in_words(plan: &Plan, terms: &Terms, ends: Timestamp) -> String {
    let profile = plan.profile.map_or_else(String::new, |p| format!(" {p}"));
    let wipe = wipe_in_words(&terms.wipe).map_or_else(String::new, |wipe| format!(", {wipe}"));
    format!("{}{profile} with {}, until {ends}{wipe}", plan.host_type, plan.distro)
}

fn arm(store: &Store, plan: &Plan, terms: &Terms) -> anyhow::Result<Permission> {
    let now = program::now();
    let Plan { mac, host_type, profile, .. } = *plan;
    // Before anything is written that says that it is armed.
    store.require_marks(mac, store.host(mac)?.as_ref())?;
    // The address is reserved now and stays through the installation.
    let host = place(store, mac, Role { host_type, profile, event: Event::Armed }, None, &who(), now)?;
    let grant = Grant {
        mac: host.mac(),
        host_type,
        profile,
        distro: plan.distro.clone(),
        wipe: terms.wipe.clone(),
        given_by: who().as_line().clone(),
        given_at: now,
        expires: expires(store, terms, now),
        reason: terms.reason.clone(),
    };
    let permission = Permission::new(PermissionId::from_random(random()?), PermissionSource::Operator, grant);
    let words = in_words(plan, terms, permission.expires);
    let reason = if terms.reason.as_str().is_empty() { String::new() } else { format!(": {}", terms.reason) };
    // Before it is given: no permission without a trace of who gave it.
    store.note_history(host.mac(), &who(), now, plan.what, &format!("{words}{reason}"))?;
    store.forget_pending(mac)?;
    let permission = store.give_permission(&permission)?;
    // Behind it: the permission that the count ended is gone, and is not brought back by this.
    store.reset_refusals(&permission)?;
    if !terms.json {
        let address = host.address.map_or_else(String::new, |a| format!(", {a}"));
        program::print(format_args!("{} ({}{address}) is armed: {words}", host.label(), mac.colons()))?;
    }
    Ok(permission)
}
