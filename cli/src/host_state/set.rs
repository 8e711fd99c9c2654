// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state set`.

use super::find::HostArgument;
use super::who;
use crate::change::Change;
use crate::program::{self, Ended, Exit};
use hps::host::{Event, Host, HostState};
use hps::reservation::reserve;
use hps::store::{Access, Store, StoreError};
use hps::types::{HostName, Line, Timestamp};
use std::str::FromStr;

/// Change values of a host: name, state, reason.
///
/// A state that says a system is on the disk (INSTALLED, REINSTALL, ACTIVE) is remembered for good: such a machine boots
/// its disk whatever else happens, until it is armed.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// MAC or host name
    host: HostArgument,
    /// name=NAME, state=STATE or reason=TEXT
    #[arg(required = true, value_name = "KEY=VALUE")]
    values: Vec<Value>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone)]
enum Value {
    Name(HostName),
    State(HostState),
    Reason(Line),
}

impl FromStr for Value {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
        match key {
            "name" => value.parse().map(Self::Name).map_err(|e| format!("{e}")),
            "state" => value.parse().map(Self::State).map_err(|e| format!("{e}")),
            "reason" => value.parse().map(Self::Reason).map_err(|e| format!("{e}")),
            _ => Err("expected name=, state= or reason=".to_owned()),
        }
    }
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let host = arguments.host.host(store)?;
    let now = program::now();
    let mut after = host.clone();
    for value in &arguments.values {
        value.apply(&mut after, now)?;
    }
    let change =
        Change::of(store.paths.host(host.mac()).path().to_path_buf(), after.to_text().into_bytes(), Access::Group)?;
    refuse(store, &host, &arguments.values)?;
    // A state that is said again still ends a permission.
    let says_state = arguments.values.iter().any(|v| matches!(v, Value::State(_)));
    let ends = if says_state { store.permission(host.mac(), now)? } else { None };
    if !after.differs_from(&host) && ends.is_none() {
        return Ok(Exit::Done);
    }
    let diff = change.diff();
    if !diff.is_empty() && after.differs_from(&host) {
        program::say(diff.trim_end())?;
    }
    if let Some(permission) = &ends {
        program::say(format_args!(
            "the permission given by {} until {} ends",
            permission.given_by, permission.expires
        ))?;
    }
    if arguments.dry_run {
        return Ok(Exit::WouldChange);
    }
    // Before the record: whoever reads it sees no permission that it contradicts.
    if let Some(permission) = ends {
        store.spend_permission(&permission.id, "state set by hand")?;
    }
    write(store, &host, &arguments.values, now)
}

/// Whatever is refused is refused before anything is shown or written.
fn refuse(store: &Store, host: &Host, values: &[Value]) -> anyhow::Result<()> {
    for value in values {
        match value {
            Value::State(HostState::Installing) => {
                let why = "INSTALLING is a state that only an installer brings; arm the host instead";
                return Err(Ended::error(Exit::Refused, why));
            }
            Value::Name(name) if store.mac_of(name)?.is_some_and(|mac| mac != host.mac()) => {
                return Err(Ended::error(Exit::Refused, format!("host name {name} belongs to another host")));
            }
            _ => {}
        }
    }
    Ok(())
}

fn write(store: &Store, host: &Host, values: &[Value], now: Timestamp) -> anyhow::Result<Exit> {
    let mac = host.mac();
    for value in values {
        if let Value::Name(name) = value {
            store.name_host(mac, name, &who(), now)?;
        }
    }
    let others: Vec<&Value> = values.iter().filter(|v| !matches!(v, Value::Name(_))).collect();
    // Before the record says so: a machine that has a system must not be without the mark for a moment.
    if others.iter().any(|v| matches!(v, Value::State(state) if state.has_system())) {
        for mac in host.macs() {
            store.mark_ever_installed(mac, now)?;
        }
    }
    if !others.is_empty() {
        store.change_host(mac, &who(), now, |host| {
            for value in &others {
                value.apply(host, now)?;
            }
            Ok::<_, anyhow::Error>(Some((Line::lossy("set by hand"), None)))
        })?;
    }
    if let Some(host) = store.host(mac)? {
        reserve(store, &host)?;
        crate::reload::reread_hosts(store.paths.conf())?;
    }
    Ok(Exit::Done)
}

impl Value {
    fn apply(&self, host: &mut Host, now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Name(name) => host.name = Some(name.clone()),
            Self::State(state) => {
                let label = host.label();
                host.apply(Event::SetByOperator(*state), now)
                    .map_err(|refused| StoreError::Refused { host: label, refused })?;
            }
            Self::Reason(reason) => host.reason = (!reason.as_str().is_empty()).then(|| reason.clone()),
        }
        Ok(())
    }
}
