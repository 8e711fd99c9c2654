// SPDX-License-Identifier: GPL-3.0-or-later
//! A host that is to be switched, and its controller.

use super::ipmi::Ipmi;
use super::redfish::Redfish;
use super::site_program::SiteProgram;
use super::wake_on_lan::WakeOnLan;
use super::{Controller, Limits, PowerError};
use crate::config::PowerControl;
use crate::exec::User;
use crate::types::{BmcAddress, BmcCredentials, CredentialsName, InterfaceName, Line, MacAddr, PowerProtocol};

/// A host, and what its controller needs.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// Its name in messages and for the site's program.
    pub label: &'a str,
    /// The MAC that names its record.
    pub mac: MacAddr,
    /// How it is switched.
    pub control: &'a PowerControl,
    /// The user and the password, if the protocol needs them.
    pub credentials: Option<&'a BmcCredentials>,
    /// The interface to the cluster's network.
    pub interface: &'a InterfaceName,
    /// As whom the site's program runs.
    pub user: Option<User>,
}

impl Target<'_> {
    /// The address of its BMC and the name of its credentials, which the check of the settings has seen.
    pub(super) fn bmc(&self) -> Result<(BmcAddress, CredentialsName, BmcCredentials), PowerError> {
        let control = self.control;
        match (&control.address, &control.credentials, self.credentials) {
            (Some(address), Some(name), Some(credentials)) => Ok((address.clone(), name.clone(), credentials.clone())),
            _ => Err(PowerError::Unsupported {
                protocol: control.protocol,
                what: "work without an address and credentials",
                instead: "",
            }),
        }
    }
}

/// Opens the controller of a host. A BMC is asked who it is, and a session is opened; it ends with the controller.
///
/// # Errors
/// When the BMC cannot be reached, is another one, or does not accept the credentials.
pub fn open<'a>(target: &Target<'a>, limits: &Limits) -> Result<Box<dyn Controller + 'a>, PowerError> {
    let control = target.control;
    Ok(match control.protocol {
        PowerProtocol::Redfish => {
            let (address, name, credentials) = target.bmc()?;
            Box::new(Redfish::open(control, address, name, credentials, limits.clone())?)
        }
        PowerProtocol::Ipmi => {
            let (address, name, credentials) = target.bmc()?;
            Box::new(Ipmi::new(address, name, credentials, control.cipher_suite, limits.clone()))
        }
        PowerProtocol::WakeOnLan => {
            let to = control.address.as_ref().and_then(|address| address.host().parse().ok());
            Box::new(WakeOnLan::new(target.mac, target.interface.clone(), to))
        }
        PowerProtocol::Command => {
            let command = control.command.as_ref().map(|command| command.as_str()).unwrap_or_default();
            let label = Line::lossy(target.label);
            Box::new(SiteProgram::new(command.into(), label, target.mac, target.user, limits.clone()))
        }
    })
}
