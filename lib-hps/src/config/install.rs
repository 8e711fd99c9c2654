// SPDX-License-Identifier: GPL-3.0-or-later
//! The `[install]` section of a cluster file: which machines may be installed, and what all installations have in
//! common.

use super::StageLimits;
use super::setting_error::SettingErrors;
use super::values::{CryptHash, SiteCommand, Timezone, UserName};
use crate::types::{Keyboard, Lifetime, SshKey, text_enum};
use serde::Deserialize;

text_enum! {
    /// Which machines may be installed without being armed.
    Enrolment, "enrolment",

    /// A person at the console of a machine that was never installed may choose.
    Menu = "menu",
    /// None: an unknown machine waits.
    Armed = "armed",
}

text_enum! {
    /// Where an installed system gets packages from.
    #[derive(Default)]
    PackageSources, "sources",

    /// A Debian host: Debian's archives too, where the cluster has a way out. Otherwise only this node.
    #[default]
    Auto = "auto",
    /// Only this node.
    Site = "site",
    /// The mirrors of its distribution too.
    Distribution = "distribution",
}

/// Settings of installations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallSettings {
    /// Which machines may be installed without being armed.
    #[serde(default = "menu")]
    pub enrolment: Enrolment,
    /// How often one permission may start an installation.
    #[serde(default = "max_attempts")]
    pub max_attempts: u32,
    /// After how many requests with a bad ticket or token the permission of a host ends; 0 means never.
    #[serde(default = "max_refusals")]
    pub max_refusals: u32,
    /// The lifetime of a permission without another time from the operator.
    #[serde(default = "permission_lifetime")]
    pub permission_lifetime: Lifetime,
    /// How long one attempt may take; then its tokens expire.
    #[serde(default = "attempt_lifetime")]
    pub attempt_lifetime: Lifetime,
    /// Smallest system disk, in GiB.
    #[serde(default = "disk_min_gib")]
    pub disk_min_gib: u32,
    /// Smallest memory, in MiB as Linux counts it (MemTotal), which is a few percent less than the installed memory.
    #[serde(default = "memory_min_mib")]
    pub memory_min_mib: u32,
    /// The administrator's account on every host.
    #[serde(default = "admin_user")]
    pub admin_user: UserName,
    /// The administrator's keys.
    pub ssh_keys: Vec<SshKey>,
    /// A crypt(5) hash for root; without it root has no password and cannot log in with one.
    #[serde(default)]
    pub root_password_hash: Option<CryptHash>,
    /// As in /usr/share/zoneinfo.
    #[serde(default = "timezone")]
    pub timezone: Timezone,
    /// The layout of consoles.
    #[serde(default)]
    pub keyboard: Keyboard,
    /// Where installed systems get packages from.
    #[serde(default)]
    pub sources: PackageSources,
    /// How long an installation may stay in a stage.
    #[serde(default)]
    pub stage_limits: StageLimits,
    /// Called when a host becomes INSTALLED or FAILED.
    #[serde(default)]
    pub notify: Option<SiteCommand>,
}

impl InstallSettings {
    /// The default.
    pub const MEMORY_MIN_MIB: u32 = 900;

    /// The defaults, with the administrator's keys.
    pub fn with_keys(ssh_keys: Vec<SshKey>) -> Self {
        Self {
            enrolment: menu(),
            max_attempts: max_attempts(),
            max_refusals: max_refusals(),
            permission_lifetime: permission_lifetime(),
            attempt_lifetime: attempt_lifetime(),
            disk_min_gib: disk_min_gib(),
            memory_min_mib: memory_min_mib(),
            admin_user: admin_user(),
            ssh_keys,
            root_password_hash: None,
            timezone: timezone(),
            keyboard: Keyboard::default(),
            sources: PackageSources::default(),
            stage_limits: StageLimits::default(),
            notify: None,
        }
    }

    /// Values that are not possible.
    pub(super) fn check(&self, found: &mut SettingErrors) {
        for (key, value, least, most) in [
            ("install.max_attempts", self.max_attempts, 1, 100),
            ("install.disk_min_gib", self.disk_min_gib, 1, 1_000_000),
            ("install.memory_min_mib", self.memory_min_mib, 0, 100_000_000),
        ] {
            if !(least..=most).contains(&value) {
                found.add(&[key], format!("{key} is {value}: expected {least} to {most}"));
            }
        }
        if self.ssh_keys.is_empty() && self.root_password_hash.is_none() {
            let problem = "install.ssh_keys is empty, so no login to a host would be possible; give the administrator's public key";
            found.add(&["install.ssh_keys", "install.root_password_hash"], problem.to_owned());
        }
    }
}

fn menu() -> Enrolment {
    Enrolment::Menu
}
fn max_attempts() -> u32 {
    3
}
/// An installer that restarts midway may use an ended ticket once or twice in an attempt.
fn max_refusals() -> u32 {
    20
}
fn permission_lifetime() -> Lifetime {
    Lifetime::DAY
}
fn attempt_lifetime() -> Lifetime {
    Lifetime::FOUR_HOURS
}
fn disk_min_gib() -> u32 {
    8
}
/// A machine with 1 GiB has this much, one with 512 MiB does not.
fn memory_min_mib() -> u32 {
    InstallSettings::MEMORY_MIN_MIB
}
fn admin_user() -> UserName {
    UserName::default()
}
fn timezone() -> Timezone {
    Timezone::default()
}
