// SPDX-License-Identifier: GPL-3.0-or-later
//! Choices that begin or end an installation: a type at the menu, a machine that a rule permits and that asks for
//! address and name, a machine that gives up.
//!
//! The network cannot tell a person at the console from another program on the LAN. So a choice here counts only for a
//! host that was never installed, only if the cluster permits it, and only on a blank disk.

use super::boot::boot_response_now;
use crate::boot::Decision;
use crate::boot_context::BootContext;
use crate::config::Enrolment;
use crate::files::random;
use crate::host::{Event, Grant, Permission, PermissionId, PermissionSource};
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::Response;
use crate::reservation::{Addresses, allocate, ensure_reserved};
use crate::store::{Role, StoreError};
use crate::types::{HostType, Lifetime, Line, MacAddr, Profile};

/// A choice at the console counts for a short time only.
const MENU_PERMISSION: Lifetime = Lifetime::HOUR;

/// `install_<TYPE>` and `install_<TYPE>_<PROFILE>`.
pub(super) fn by_menu(
    context: &RequestContext<'_>,
    machine: &BootContext,
    host_type: HostType,
    profile: Option<Profile>,
) -> Result<Response, Failure> {
    let store = &context.store;
    let mac = machine.mac;
    if store.cluster.install.enrolment != Enrolment::Menu {
        let line = format!(
            "the menu of this cluster installs no hosts; on the provisioning node run: host-state arm {mac} --type {host_type}"
        );
        return Err(Failure::refused(line));
    }
    store.cluster.check_type(host_type)?;
    // The same rule as in decide(), checked here before anything is written.
    if machine.was_installed() {
        let line = format!(
            "this host was installed before; on the provisioning node run: host-state reinstall {mac} --wipe SERIAL"
        );
        return Err(Failure::refused(line));
    }
    RequestContext::require_proven(machine)?;
    let (profile, distro) = store.cluster.role(host_type, profile)?;
    let role = Role { host_type, profile, event: Event::TypeChosen };
    allocate(&Addresses::new(store), mac, role, None, context.subnet(), &context.who(), context.now)?;
    let grant = Grant {
        mac,
        host_type,
        profile,
        distro: distro.clone(),
        wipe: Vec::new(),
        given_by: context.who().as_line().clone(),
        given_at: context.now,
        expires: context.now.plus(MENU_PERMISSION),
        reason: Line::lossy("chosen at the console"),
    };
    let id = PermissionId::from_random(random().map_err(StoreError::from)?);
    store.permissions().give(&Permission::new(id, PermissionSource::Menu, grant))?;
    Ok(boot_response_now(context, machine.mac))
}

/// `enrol`: a rule permits this machine, which has no address and name yet. The rule is checked again.
pub(super) fn enrol(context: &RequestContext<'_>, machine: &BootContext) -> Result<Response, Failure> {
    let store = &context.store;
    let Decision::Enrol(_) = machine.decide(&store.cluster, context.now) else {
        // The machine has address and name by now, or the rule is gone: it gets the decision of now.
        if let Some(host) = machine.known().filter(|_| machine.identity.is_proven()) {
            ensure_reserved(store, host)?;
        }
        return Ok(boot_response_now(context, machine.mac));
    };
    RequestContext::require_proven(machine)?;
    let permission = machine.permission.as_ref().ok_or_else(|| Failure::refused("no rule permits this machine"))?;
    let role = Role { host_type: permission.host_type, profile: permission.profile, event: Event::Armed };
    allocate(&Addresses::new(store), machine.mac, role, None, context.subnet(), &context.who(), context.now)?;
    store.hosts().change(machine.mac, &context.who(), context.now, |host| {
        // The installer sends no firmware information. The stored one decides which rule fits.
        if !context.firmware.is_empty() {
            host.report_firmware(&context.firmware);
        }
        // Also if nothing else changes: no file of the permission would later show which rule it was.
        let by = format!("by {}", permission.giver_and_reason());
        Ok::<_, StoreError>(Some((Line::lossy("enrolled"), Some(Line::lossy(&by)))))
    })?;
    store.pending().forget(machine.mac)?;
    Ok(boot_response_now(context, machine.mac))
}

/// `gave_up`: the machine came back, and no further attempt is permitted. The boot decision is asked again.
pub(super) fn gave_up(context: &RequestContext<'_>, machine: &BootContext) -> Result<Response, Failure> {
    let Decision::GiveUp { attempts } = machine.decide(&context.store.cluster, context.now) else {
        return Err(Failure::not_now("this host may still be installed, or is not INSTALLING"));
    };
    RequestContext::require_proven(machine)?;
    fail_for_good(context, machine.mac, attempts)?;
    Ok(boot_response_now(context, machine.mac))
}

fn fail_for_good(context: &RequestContext<'_>, mac: MacAddr, attempts: u32) -> Result<(), Failure> {
    let reason = Line::lossy(&format!("the installation did not report its end (attempts: {attempts})"));
    let _locked = context.store.hosts().lock_installation(mac)?;
    let attempt = context.store.hosts().find(mac)?.and_then(|h| h.attempt);
    if let Some(attempt) = attempt {
        context.store.permissions().mark_used(attempt.permission_ref(), reason.as_str())?;
    }
    if let Some(permission) = context.store.permissions().get(mac, context.now)? {
        context.store.permissions().mark_used(&permission, reason.as_str())?;
    }
    context.store.hosts().change(mac, &context.who(), context.now, |host| {
        host.apply(Event::GaveUp, context.now).map_err(StoreError::refused(host))?;
        host.reason = Some(reason.clone());
        Ok::<_, Failure>(Some((Line::lossy("gave up"), Some(reason.clone()))))
    })?;
    Ok(())
}
