// SPDX-License-Identifier: GPL-3.0-or-later
//! `--boot`: hosts that were just armed boot from the network now.

use super::permission_plan::Plan;
use crate::power::{self, Order, Outcome};
use crate::program::{self, Ended, Exit};
use hps::media;
use hps::power::{Change, Limits};
use hps::store::Store;
use hps::types::MacAddr;
use std::sync::atomic::AtomicBool;

/// How many hosts are switched at a time.
const AT_ONCE: usize = 16;

/// Checks, before the first host is armed, that each can be switched and would be served.
///
/// # Errors
/// [`Exit::NotFound`] for a host that HPS cannot switch; [`Exit::Refused`] if nothing would be installed.
pub(super) fn check(store: &Store, plans: &[Plan]) -> anyhow::Result<()> {
    let macs: Vec<MacAddr> = plans.iter().map(|plan| plan.mac).collect();
    power::ready(store, &macs, &AtomicBool::new(false))?;
    let down = crate::reload::services_down(store.paths.conf());
    if !down.is_empty() {
        let names = down.join(" and ");
        let line = format!("nothing is armed: {names} must run before a host is started; start with: reload");
        return Err(Ended::error(Exit::Refused, line));
    }
    for plan in plans {
        media::source(store.paths.distros(), &plan.distro, plan.host_type, None)
            .map_err(|error| Ended::error(Exit::Refused, format!("nothing is armed: {}: {error}", plan.label)))?;
    }
    Ok(())
}

/// Switches the hosts. The permissions stay, whatever comes of it.
///
/// # Errors
/// When a host cannot be switched any more, or stdout is closed.
pub(super) fn start(store: &Store, macs: &[MacAddr], quiet: bool) -> anyhow::Result<(Vec<Outcome>, Exit)> {
    let limits = Limits::new(program::interrupted()?);
    // Again: a new host has a name now.
    let hosts = power::ready(store, macs, &limits.stop)?;
    let order = Order { program: "host-state", action: "start", at_once: AT_ONCE, limits, quiet };
    power::run(store, &hosts, &order, |host| {
        // A machine without a system hears no shutdown.
        Change::BootOnce { mode: host.mode(None), start: Some(host.has_system) }
    })
}
