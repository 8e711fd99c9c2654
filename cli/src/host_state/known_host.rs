// SPDX-License-Identifier: GPL-3.0-or-later
//! A host with all that its view needs, read once and shown at any later time. What only time changes follows from the
//! time: that a permission expires, and that an installation is stalled.

use super::effective_permission::{EffectivePermission, has_rules};
use super::view::{View, hardware_losses};
use hps::config::StageLimits;
use hps::host::{Host, Installed, Permission};
use hps::store::{Store, StoreError};
use hps::types::Timestamp;

/// A host as it was when it was read.
#[derive(Debug, Clone)]
pub(crate) struct KnownHost {
    host: Host,
    installed: Installed,
    effective: EffectivePermission,
    hardware_losses: Vec<String>,
}

impl KnownHost {
    /// Whether rules or windows may permit a host something; asked once for many hosts.
    ///
    /// # Errors
    /// When the windows cannot be read.
    pub(crate) fn has_rules(store: &Store) -> Result<bool, StoreError> {
        has_rules(store)
    }

    /// Reads what belongs to the record. `rules` is the answer of [`KnownHost::has_rules`]. A permission that cannot be
    /// read leaves the host without one, with the reason.
    ///
    /// # Errors
    /// When the marks of its installations cannot be read.
    pub(crate) fn load(
        store: &Store,
        host: Host,
        rules: bool,
        now: Timestamp,
    ) -> Result<(Self, Option<StoreError>), StoreError> {
        let installed = store.installed_marks().installed_host(&host)?;
        let (effective, problem) = match EffectivePermission::load(store, &host, rules, now) {
            Ok(effective) => (effective, None),
            Err(error) => (EffectivePermission::default(), Some(error)),
        };
        let hardware_losses = hardware_losses(store, &host)?;
        Ok((Self { host, installed, effective, hardware_losses }, problem))
    }

    /// Its record.
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// The permission that was not used, of any age.
    pub(crate) fn permission(&self) -> Option<&Permission> {
        self.effective.permission.as_ref()
    }

    /// Whether a permission counts at this time.
    pub(crate) fn is_armed(&self, now: Timestamp) -> bool {
        self.effective.at(&self.installed, &self.host, now).current().is_some()
    }

    /// Its permission in a few words, as in a list; empty if it has none.
    pub(crate) fn summary(&self, now: Timestamp) -> String {
        self.effective.at(&self.installed, &self.host, now).summary(now)
    }

    /// All of its permission in words.
    pub(crate) fn describe_permission(&self, now: Timestamp) -> String {
        self.effective.at(&self.installed, &self.host, now).describe(now)
    }

    /// What is shown of it at this time.
    ///
    /// # Errors
    /// When a value of it has no form in JSON.
    pub(crate) fn view(&self, limits: &StageLimits, now: Timestamp) -> anyhow::Result<View> {
        let effective = self.effective.at(&self.installed, &self.host, now);
        let mut view = View::from_parts(&self.host, &self.installed, &effective, limits, now)?;
        view.hardware_losses.clone_from(&self.hardware_losses);
        Ok(view)
    }
}
