// SPDX-License-Identifier: GPL-3.0-or-later
//! Commands of the shell release. Each is answered only if the `[legacy]` table of the cluster file switches it on.
//!
//! They trust the MAC of the query, so none of them can lead to an installation by itself. They give no permission, and
//! a host that was ever installed keeps its type and its name. docs/reference/legacy.md names the price of each.

use super::{answer, console_requests, report};
use crate::boot_context::BootContext;
use crate::host::{Edit, Event, Host, HostState};
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::{Problem, Response};
use crate::reservation::{Addresses, allocate, reserve};
use crate::store::{Role, StoreError};
use crate::types::{HostName, HostType, Line, Profile, Stage, one_line};
use std::fmt::Display;

type Command = fn(&RequestContext<'_>) -> Result<Response, Failure>;

/// A command of the shell release, by its name on the wire.
pub(crate) fn legacy(command: &str) -> Option<Command> {
    Some(match command {
        "kickstart" => kickstart,
        "config_host" => config_host,
        "set_status" => set_status,
        "determine_state" => determine_state,
        "host_get_config" => host_get_config,
        "set_host_name_value" => set_host_name_value,
        "log_message" => log_message,
        _ => return None,
    })
}

/// The answer file of a host, for the host itself: its address serves instead of the ticket.
fn kickstart(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let machine = context.boot_context(context.mac()?);
    let host_type = host_type(context, context.parameter("hosttype")?)?;
    if machine.permission.as_ref().is_some_and(|p| p.host_type != host_type) {
        return Err(Failure::refused(format!("{host_type} is not the type that its permission names")));
    }
    answer::to_proven_sender(context, &machine)
}

fn determine_state(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let state = known(context)?.1.state();
    Ok(Response::done(state.as_str(), context.request.json))
}

/// The record under the names that the shell release had, as lines that a shell can source.
fn host_get_config(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let (_, host) = known(context)?;
    let text = |value: Option<&dyn Display>| value.map(ToString::to_string).unwrap_or_default();
    let cluster = &context.store.cluster;
    let place = cluster.placement_of_host(host.address);
    let updated = host.updated.to_string().replace('T', " ").replace('Z', " UTC");
    let pairs = [
        ("STATE", host.state().to_string()),
        ("TYPE", text(host.host_type.as_ref().map(|v| v as &dyn Display))),
        ("PROFILE", text(host.profile.as_ref().map(|v| v as &dyn Display))),
        ("IP", text(host.address.as_ref().map(|v| v as &dyn Display))),
        ("NETMASK", place.network().netmask().to_string()),
        ("HOSTNAME", text(host.name.as_ref().map(|v| v as &dyn Display))),
        ("FORCE_INSTALL", if host.force_asked { "YES" } else { "NO" }.to_owned()),
        ("UPDATED", updated),
    ];
    Ok(Response::pairs(&pairs, context.request.json))
}

fn log_message(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let (_, host) = known(context)?;
    let message = context.parameter("message")?;
    let from = context.request.remote.map_or_else(|| "by hand".to_owned(), |a| format!("from {a}"));
    // Marked, so that it cannot be confused with a line of the boot manager itself.
    let line = Line::lossy(&format!("message {from}: {message}"));
    context.store.journal().log(host.mac(), host.name.as_ref().map(HostName::as_str), &line, context.now)?;
    Ok(Response::done("Log updated", context.request.json))
}

/// A type that HPS or the cluster has.
fn host_type(context: &RequestContext<'_>, text: &str) -> Result<HostType, Failure> {
    let host_type: HostType = text.parse()?;
    context.store.cluster.check_type(host_type)?;
    Ok(host_type)
}

fn config_host(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let host_type = host_type(context, context.parameter("hosttype")?)?;
    let host = never_installed(context)?;
    let profile = host.profile.filter(|p| context.store.cluster.has_profile(host_type, *p));
    become_type(context, &host, host_type, profile)?;
    Ok(Response::done(&format!("{} set to {host_type}", host.mac()), context.request.json))
}

/// Ends a running installation, or makes a host ready for another choice. It does nothing else.
fn set_status(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let status: HostState = context.parameter("status")?.parse()?;
    let (_, host) = known(context)?;
    let said = Line::lossy(&format!("{status} was set by set_status, {}", context.who().as_line()));
    match (host.state(), status) {
        (HostState::Installing, HostState::Installed) => {
            report::record(context, &host, &report::Report::new(Stage::Installed, &said))?;
        }
        (HostState::Installing, HostState::Failed) => {
            report::record(context, &host, &report::Report::new(Stage::Failed, &said))?
        }
        // An INSTALLING host does not accept this.
        (_, HostState::Unconfigured) => {
            console_requests::unconfigure(context, host.mac(), "unconfigured by set_status")?
        }
        (state, _) => {
            return Err(Failure::not_now(format!("a host that is {state} cannot be set to {status} by a request")));
        }
    }
    Ok(Response::done(&format!("{} set to {status}", host.mac()), context.request.json))
}

fn set_host_name_value(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let (name, value) = (context.parameter("name")?, context.parameter("value")?);
    let host = never_installed(context)?;
    let taken = match name {
        "HOSTNAME" => rename(context, &host, value)?.to_string(),
        "FORCE_INSTALL" => {
            let asked = match value {
                "YES" => true,
                "NO" => false,
                _ => return Err(Failure::new(Problem::Malformed, "FORCE_INSTALL: expected YES or NO")),
            };
            console_requests::record_force(context, host.mac(), asked)?;
            value.to_owned()
        }
        "TYPE" => {
            let host_type = host_type(context, value)?;
            let profile = host.profile.filter(|p| context.store.cluster.has_profile(host_type, *p));
            become_type(context, &host, host_type, profile)?;
            host_type.to_string()
        }
        "PROFILE" => {
            let profile: Profile = value.parse()?;
            let host_type = host
                .host_type
                .ok_or_else(|| Failure::not_now("it has no type yet, so it has no PROFILE; set TYPE first"))?;
            become_type(context, &host, host_type, Some(profile))?;
            profile.to_string()
        }
        _ => return Err(Failure::not_now("a request can set only HOSTNAME, FORCE_INSTALL, TYPE and PROFILE")),
    };
    Ok(Response::done(&format!("{} set {name} to {taken}", host.mac()), context.request.json))
}

/// The shell release wrote names in upper case; a name is the same in both (RFC 4343).
fn rename(context: &RequestContext<'_>, host: &Host, value: &str) -> Result<HostName, Failure> {
    let name: HostName = value.to_ascii_lowercase().parse()?;
    let edit = Edit { name: Some(Some(name.clone())), ..Edit::default() };
    let what = Line::lossy("named");
    let renamed = context.store.hosts().edit(host.mac(), &edit, &what, &context.who(), context.now).map_err(taken)?;
    reserve(&context.store, &renamed)?;
    Ok(name)
}

fn become_type(
    context: &RequestContext<'_>,
    host: &Host,
    host_type: HostType,
    profile: Option<Profile>,
) -> Result<(), Failure> {
    let (profile, _) = context.store.cluster.role(host_type, profile)?;
    let role = Role { host_type, profile, event: Event::TypeChosen };
    let addresses = Addresses::new(&context.store);
    allocate(&addresses, host.mac(), role, None, context.subnet(), &context.who(), context.now).map_err(taken)?;
    Ok(())
}

/// If another host has the name or the address, this node works as it should.
fn taken(error: StoreError) -> Failure {
    match error {
        StoreError::Taken(why) => Failure::not_now(why),
        StoreError::Edit { problem, .. } => Failure::not_now(problem),
        other => other.into(),
    }
}

/// A host that has a record. A MAC without one leaves nothing behind.
fn known(context: &RequestContext<'_>) -> Result<(BootContext, Host), Failure> {
    let machine = context.boot_context(context.mac()?);
    match &machine.host {
        Ok(Some(host)) => {
            let host = host.clone();
            Ok((machine, host))
        }
        Ok(None) => Err(Failure::new(Problem::NotKnown, "there is no record of it")),
        Err(error) => Err(Failure::new(Problem::NotAble, one_line(error))),
    }
}

fn never_installed(context: &RequestContext<'_>) -> Result<Host, Failure> {
    let (machine, host) = known(context)?;
    if machine.was_installed() {
        return Err(Failure::not_now("this host was installed before: only host-state can change it"));
    }
    if host.state() == HostState::Installing {
        return Err(Failure::not_now("an installation runs"));
    }
    Ok(host)
}
