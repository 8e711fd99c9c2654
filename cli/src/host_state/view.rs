// SPDX-License-Identifier: GPL-3.0-or-later
//! What is shown of a host, the same for people and for JSON.

use super::permit::{Permit, source};
use hps::host::{Attempt, Host, Permission, Stalled};
use hps::store::Store;
use hps::types::Timestamp;
use serde::Serialize;

/// A host as JSON gives it. The names of its fields are an interface.
#[derive(Debug, Serialize)]
pub(super) struct View<'a> {
    #[serde(flatten)]
    host: &'a Host,
    mac: String,
    pub(super) ever_installed: bool,
    /// When a list brought it, where nobody else says that it was installed.
    pub(super) imported: Option<Timestamp>,
    pub(super) stalled: Option<Stalled>,
    permission: Option<PermissionView<'a>>,
}

#[derive(Debug, Serialize)]
struct PermissionView<'a> {
    #[serde(flatten)]
    permission: &'a Permission,
    /// `operator`, `rule`, `window` or `menu`.
    source: &'static str,
    expired: bool,
    counts: bool,
    why_not: Option<String>,
}

impl<'a> View<'a> {
    /// What is known of the host.
    pub(super) fn new(store: &Store, host: &'a Host, permit: &'a Permit, now: Timestamp) -> anyhow::Result<Self> {
        let installed = store.installed_host(host)?;
        Ok(Self {
            host,
            mac: host.mac().colons(),
            ever_installed: installed.ever(),
            imported: installed.imported(),
            stalled: host.stalled(&store.cluster.install.stage_limits, now),
            permission: permit.permission.as_ref().map(|permission| PermissionView {
                permission,
                source: source(permission),
                expired: !permission.is_current(now),
                counts: permit.dead.is_none(),
                why_not: permit.dead.as_ref().map(ToString::to_string),
            }),
        })
    }
}

/// The newest stage, and since when.
pub(super) fn stage_in_words(attempt: &Attempt, now: Timestamp) -> String {
    match attempt.stage() {
        Some(stage) => format!("{} {}", stage.stage, ago(now.since(stage.at))),
        None => format!("begun {}", ago(now.since(attempt.since))),
    }
}

/// `STALLED in packages for 3h, limit 2h`.
pub(super) fn stalled_in_words(stalled: &Stalled) -> String {
    format!("STALLED in {} for {}, limit {}", stalled.stage_name(), length(stalled.seconds), stalled.limit)
}

/// `3m ago`.
pub(super) fn ago(seconds: u64) -> String {
    format!("{} ago", length(seconds))
}

/// `3m`, in a unit of which there is at least one, and of days at least two.
pub(super) fn length(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// `-` for nothing.
pub(super) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| v.to_string())
}
