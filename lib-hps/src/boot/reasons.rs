// SPDX-License-Identifier: GPL-3.0-or-later
//! The facts of a decision in words, for its trace.

use crate::host::{Host, Permission, PermissionSource};

/// A record: its state and what it is to become.
pub(super) fn describe_record(host: Option<&Host>) -> String {
    let Some(host) = host else { return "there is none".to_owned() };
    let mut words = format!("{} is {}", host.label(), host.state());
    if let Some(host_type) = host.host_type {
        words.push_str(&format!(", {host_type}{}", host.profile.map_or_else(String::new, |p| format!(" {p}"))));
    }
    if let Some(address) = host.address {
        words.push_str(&format!(", {address}"));
    }
    if let Some(reason) = &host.reason {
        words.push_str(&format!(": {reason}"));
    }
    words
}

/// Who gave a permission, when, why and for what.
pub(crate) fn describe_permission(permission: &Permission) -> String {
    let reason = permission.reason.as_str();
    let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let given = match permission.source {
        PermissionSource::Operator => format!("given by {} at {}{why}", permission.given_by, permission.given_at),
        PermissionSource::Rule => format!("given by {}{why}", permission.given_by),
        PermissionSource::Menu => format!("chosen at the console at {}, {}", permission.given_at, permission.given_by),
    };
    let profile = permission.profile.map_or_else(String::new, |profile| format!(" {profile}"));
    format!("{given} for {}{profile} with {}", permission.host_type, permission.distro)
}

/// Which disk the system may be installed on.
pub(super) fn describe_disk(permission: &Permission) -> String {
    if permission.require_blank {
        return "only on a blank disk".to_owned();
    }
    let serials: Vec<&str> = permission.wipe.iter().map(|s| s.as_str()).collect();
    if serials.is_empty() { "on an empty disk".to_owned() } else { format!("may wipe {}", serials.join(" ")) }
}
