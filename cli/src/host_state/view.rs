// SPDX-License-Identifier: GPL-3.0-or-later
//! The values of a host that are shown, the same for people and for JSON.

use super::effective_permission::{EffectivePermission, source};
use super::elapsed::{ago, elapsed};
use hps::config::StageLimits;
use hps::host::{Attempt, Host, Installed, Permission, Stalled};
use hps::store::{Store, StoreError};
use hps::types::{MacAddr, Timestamp};
use serde::Serialize;

/// A host as JSON gives it. The names of its fields are an interface.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    #[serde(flatten)]
    host: serde_json::Value,
    mac: String,
    pub(super) ever_installed: bool,
    /// When a list brought it, if only lists mark it as installed.
    pub(super) imported: Option<Timestamp>,
    pub(super) stalled: Option<Stalled>,
    permission: Option<PermissionView>,
    /// What is gone, smaller or failing since an earlier report of the machine.
    pub(super) hardware_losses: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PermissionView {
    #[serde(flatten)]
    permission: serde_json::Value,
    /// `operator`, `rule`, `window` or `menu`.
    source: &'static str,
    expired: bool,
    counts: bool,
    why_not: Option<String>,
}

impl View {
    /// The known facts of the host.
    pub(super) fn new(
        store: &Store,
        host: &Host,
        effective: &EffectivePermission,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let installed = store.installed_marks().installed_host(host)?;
        let view = Self::from_parts(host, &installed, effective, &store.cluster.install.stage_limits, now)?;
        Ok(Self { hardware_losses: hardware_losses(store, host)?, ..view })
    }

    /// The same from facts that were read before, without the hardware.
    pub(super) fn from_parts(
        host: &Host,
        installed: &Installed,
        effective: &EffectivePermission,
        limits: &StageLimits,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let mut values = serde_json::to_value(host)?;
        // The record has MACs as names of files; an answer spells all of them in one way.
        if let Some(macs) = values.get_mut("macs") {
            *macs = host.macs().map(MacAddr::colons).collect();
        }
        let permission = effective.permission.as_ref();
        let permission = permission.map(|permission| PermissionView::new(permission, effective, now)).transpose()?;
        Ok(Self {
            host: values,
            mac: host.mac().colons(),
            ever_installed: installed.ever(),
            imported: installed.imported(),
            stalled: host.stalled(limits, now),
            permission,
            hardware_losses: Vec::new(),
        })
    }
}

/// What a person should look at. A record that cannot be read is the task of `check`.
pub(super) fn hardware_losses(store: &Store, host: &Host) -> Result<Vec<String>, StoreError> {
    match store.hardware().losses(host.mac()) {
        Ok(losses) => Ok(losses.iter().map(ToString::to_string).collect()),
        Err(error) if error.was_read() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

impl PermissionView {
    fn new(permission: &Permission, effective: &EffectivePermission, now: Timestamp) -> anyhow::Result<Self> {
        let mut values = serde_json::to_value(permission)?;
        if let Some(mac) = values.get_mut("mac") {
            *mac = permission.mac.colons().into();
        }
        Ok(Self {
            permission: values,
            source: source(permission),
            expired: !permission.is_current(now),
            counts: effective.dead.is_none(),
            why_not: effective.dead.as_ref().map(ToString::to_string),
        })
    }
}

/// The newest stage, and since when.
pub(crate) fn describe_stage(attempt: &Attempt, now: Timestamp) -> String {
    match attempt.stage() {
        Some(stage) => format!("{} {}", stage.stage, ago(now.since(stage.at))),
        None => format!("begun {}", ago(now.since(attempt.since))),
    }
}

/// `STALLED in packages for 3h, limit 2h`.
pub(crate) fn describe_stalled(stalled: &Stalled) -> String {
    format!("STALLED in {} for {}, limit {}", stalled.stage_name(), elapsed(stalled.seconds), stalled.limit)
}

/// What becomes of name and address of a retired host; empty for another one.
pub(super) fn describe_place(host: &Host) -> String {
    match host.retired {
        None => String::new(),
        Some(_) if host.name.is_none() && host.address.is_none() => "name and address are free".to_owned(),
        Some(retired) => format!("name and address are kept until {}", retired.free_at),
    }
}

/// `-` for a missing value.
pub(super) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| v.to_string())
}
