// SPDX-License-Identifier: GPL-3.0-or-later
//! What permits the installation of a machine: files of permissions, rules of the cluster file, and open windows.

use crate::boot::token::SiteKey;
use crate::boot::{PermittingRule, RuleError, choose, fitting};
use crate::host::{Host, HostState, Permission};
use crate::store::{SharedValue, Store, StoreError};
use crate::types::{FirmwareInfo, MacAddr, Timestamp};
use std::path::PathBuf;

/// Why the permissions of a machine are not known.
#[derive(Debug, thiserror::Error)]
pub enum PermittedError {
    /// A file could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A rule or window names what this cluster does not install.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Two rules or windows fit the machine, and neither is narrower.
    #[error("{0}")]
    Tie(String),
}

/// Everything that permits the installation of a machine and was not used, of any age, whether it counts now or not. A
/// program that ends permissions ends all of them.
#[derive(Debug, Default)]
pub struct Permitted {
    /// The files of both folders, then rules and windows.
    pub permissions: Vec<Permission>,
    /// What could not be read: there may be more permissions. While there is a problem, no program may report that none
    /// is left.
    pub problems: Vec<PermittedError>,
}

impl Permitted {
    /// Loads it for a machine whose firmware reports this. `mac` names the record, where there is one.
    pub fn load(store: &Store, mac: MacAddr, firmware: &FirmwareInfo, now: Timestamp) -> Self {
        let (mut permissions, unreadable) = store.permissions().unmarked_and_unreadable(mac);
        let mut problems: Vec<PermittedError> = unreadable.into_iter().map(PermittedError::Store).collect();
        match permitted_by_rules(store, mac, firmware, now) {
            Ok(ruled) => permissions.extend(ruled),
            Err(problem) => problems.push(problem),
        }
        Self { permissions, problems }
    }

    /// All of it, or why that is not known.
    ///
    /// # Errors
    /// The first of the problems.
    pub fn all(self) -> Result<Vec<Permission>, PermittedError> {
        self.problems.into_iter().next().map_or(Ok(self.permissions), Err)
    }
}

/// Everything by which rules and windows permit a MAC and that was not used, the narrower and the wider. If only the
/// narrowest ended, the next one would count.
///
/// # Errors
/// When a file cannot be read, or a rule names what this cluster does not install.
pub fn permitted_by_rules(
    store: &Store,
    mac: MacAddr,
    firmware: &FirmwareInfo,
    now: Timestamp,
) -> Result<Vec<Permission>, PermittedError> {
    permitted_with(store, || store.site_key().read(), mac, firmware, now)
}

/// The same with the site key that `key` returns. It is called only if a rule or window fits the machine, because ids
/// follow from the key.
///
/// # Errors
/// Those of [`permitted_by_rules`].
pub fn permitted_with(
    store: &Store,
    key: impl FnOnce() -> Result<SiteKey, StoreError>,
    mac: MacAddr,
    firmware: &FirmwareInfo,
    now: Timestamp,
) -> Result<Vec<Permission>, PermittedError> {
    let windows = store.windows().not_closed()?;
    let fitting = fitting(&store.cluster.rules, &windows, mac, firmware, now);
    if fitting.is_empty() {
        return Ok(Vec::new());
    }
    let key = key()?;
    let mut permissions: Vec<Permission> = Vec::new();
    for arming in fitting {
        let permission = arming.permission(&key, &store.cluster, mac, now)?;
        let known = permissions.iter().any(|p| p.id == permission.id);
        if !known && !store.ended_marks().exists(&permission.id)? {
            permissions.push(permission);
        }
    }
    Ok(permissions)
}

/// What the narrowest rule or window permits a machine.
#[derive(Debug, Default)]
pub(crate) struct RuleMatch {
    /// Its permission.
    pub(crate) permission: Option<Permission>,
    /// Its permission, if that was used.
    pub(crate) used_up: Option<Permission>,
    /// The file of the rule or window; both files, if two contradict each other.
    pub(crate) files: Vec<PathBuf>,
    /// Values of the machine that a rule or window names, and that another machine reports too.
    pub(crate) shared: Vec<SharedValue>,
    /// Why the rules do not give an answer.
    pub(crate) problem: Option<PermittedError>,
}

impl RuleMatch {
    /// Asks the rules and the open windows. A serial or UUID that another machine reports too fits no rule; a host that
    /// is being installed already keeps its rule. Nothing is installed for a sender that proved nothing, so for it
    /// (`asks_others` is false) the other machines are not read: any machine of the network could make that work.
    pub(crate) fn find(
        store: &Store,
        mac: MacAddr,
        host: Option<&Host>,
        firmware: &FirmwareInfo,
        asks_others: bool,
        now: Timestamp,
    ) -> Self {
        let mut found = Self::default();
        if let Err(problem) = found.look(store, mac, host, firmware, asks_others, now) {
            found.problem = Some(problem);
        }
        found
    }

    fn look(
        &mut self,
        store: &Store,
        mac: MacAddr,
        host: Option<&Host>,
        firmware: &FirmwareInfo,
        asks_others: bool,
        now: Timestamp,
    ) -> Result<(), PermittedError> {
        let windows = store.windows().not_closed().inspect_err(|_| self.files.push(store.paths.windows_dir()))?;
        let mut firmware = firmware.clone();
        let fits = fitting(&store.cluster.rules, &windows, mac, &firmware, now);
        let is_new = host.is_none_or(|host| host.state() != HostState::Installing);
        if asks_others && is_new && fits.iter().any(PermittingRule::is_by_serial_or_uuid) {
            let own: Vec<MacAddr> = host.map_or_else(|| vec![mac], |host| host.macs().collect());
            self.shared = store.same_firmware_as(&firmware)?.shared(&firmware, &own, now);
            for shared in &self.shared {
                *(if shared.key == "serial" { &mut firmware.serial } else { &mut firmware.uuid }) = None;
            }
        }
        let chosen = choose(&store.cluster.rules, &windows, mac, &firmware, now).map_err(|tie| {
            self.files = vec![file_of(store, &tie.0), file_of(store, &tie.1)];
            self.files.dedup();
            PermittedError::Tie(tie.to_string())
        })?;
        let Some(arming) = chosen else { return Ok(()) };
        self.files.push(file_of(store, &arming));
        let key = store.site_key().read()?;
        let permission = arming.permission(&key, &store.cluster, mac, now)?;
        let ended = store.permissions().is_ended(&permission)?;
        *(if ended { &mut self.used_up } else { &mut self.permission }) = Some(permission);
        Ok(())
    }
}

fn file_of(store: &Store, arming: &PermittingRule<'_>) -> PathBuf {
    arming.window().map_or_else(|| store.paths.cluster_file(), |id| store.paths.window(id).path().to_path_buf())
}
