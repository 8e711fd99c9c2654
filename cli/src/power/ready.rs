// SPDX-License-Identifier: GPL-3.0-or-later
//! Everything that switching a host needs, collected before the first host is touched.

use super::credentials;
use crate::layout;
use crate::program::{Ended, Exit};
use hps::config::PowerControl;
use hps::exec::User;
use hps::host::Host;
use hps::power::Target;
use hps::store::Store;
use hps::types::{BmcCredentials, BootMode, ConsoleSource, CredentialsName, InterfaceName, MacAddr, PowerProtocol};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// A host that can be switched.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) mac: MacAddr,
    /// Its name in messages.
    pub(crate) label: String,
    pub(crate) control: PowerControl,
    /// Whether its record says that a system is on its disk, which deserves a shutdown.
    pub(crate) has_system: bool,
    /// The firmware mode in which it booted last, by its own word.
    reported_mode: Option<BootMode>,
    credentials: Option<BmcCredentials>,
    interface: InterfaceName,
    user: Option<User>,
}

impl Ready {
    /// For the controller.
    pub(crate) fn target(&self) -> Target<'_> {
        Target {
            label: &self.label,
            mac: self.mac,
            control: &self.control,
            credentials: self.credentials.as_ref(),
            interface: &self.interface,
            user: self.user,
        }
    }

    /// The firmware mode to boot in: what the administrator says counts before what the machine says.
    pub(crate) fn mode(&self, given: Option<BootMode>) -> Option<BootMode> {
        given.or(self.control.boot_mode).or(self.reported_mode)
    }
}

/// Collects the hosts. All of them must be ready, or none is touched.
///
/// # Errors
/// [`Exit::NotFound`] with a line for each host that HPS cannot switch, or whose credentials are missing.
pub(crate) fn ready(store: &Store, macs: &[MacAddr], stop: &AtomicBool) -> anyhow::Result<Vec<Ready>> {
    let mut known: BTreeMap<CredentialsName, BmcCredentials> = BTreeMap::new();
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    let mut user = None;
    for mac in macs {
        // A record that cannot be read does not keep its host from being switched off.
        let host = store.hosts().find(*mac).unwrap_or_default();
        let label = host.as_ref().map_or_else(|| mac.colons(), Host::label);
        let Some(control) = store.power_controls().get(*mac)? else {
            missing.push(format!(
                "{label}: HPS does not know how to switch it; store that with: host-power set {label} redfish://ADDRESS --credentials NAME"
            ));
            continue;
        };
        if let Some(name) = control.credentials.as_ref().filter(|name| !known.contains_key(*name)) {
            match credentials::load(store, name, stop) {
                Ok(credentials) => drop(known.insert(name.clone(), credentials)),
                Err(error) => {
                    missing.push(format!("{label}: {error:#}"));
                    continue;
                }
            }
        }
        let is_of_site =
            control.protocol == PowerProtocol::Command || matches!(control.console, Some(ConsoleSource::Command(_)));
        if is_of_site && user.is_none() && rustix::process::geteuid().is_root() {
            user = Some(layout::web_user(stop)?);
        }
        found.push(Ready {
            mac: *mac,
            label,
            has_system: host.as_ref().is_some_and(|host| host.state().has_system()),
            reported_mode: host
                .as_ref()
                .and_then(|host| host.firmware.platform.as_ref())
                .and_then(|platform| BootMode::from_platform(platform.as_str())),
            credentials: control.credentials.as_ref().and_then(|name| known.get(name)).cloned(),
            user: user.filter(|_| is_of_site),
            control,
            interface: store.cluster.network.interface.clone(),
        });
    }
    Ended::errors(Exit::NotFound, missing).map_or(Ok(found), Err)
}
