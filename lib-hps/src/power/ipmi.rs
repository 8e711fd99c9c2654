// SPDX-License-Identifier: GPL-3.0-or-later
//! IPMI 2.0, by ipmitool. There is no session between two commands.

use super::{BootHolds, Controller, Limits, PowerError, PowerState, Switch};
use crate::exec::ipmitool::{self, IpmitoolError};
use crate::types::{BmcAddress, BmcCredentials, BootMode, CredentialsName, Line};

/// RMCP+ (IPMI 2.0, 13.1.2).
const PORT: u16 = 623;

#[derive(Debug)]
pub(super) struct Ipmi {
    address: BmcAddress,
    name: CredentialsName,
    credentials: BmcCredentials,
    cipher_suite: Option<u8>,
    limits: Limits,
}

impl Ipmi {
    pub(super) fn new(
        address: BmcAddress,
        name: CredentialsName,
        credentials: BmcCredentials,
        cipher_suite: Option<u8>,
        limits: Limits,
    ) -> Self {
        Self { address, name, credentials, cipher_suite, limits }
    }

    fn run(&self, what: &'static str, command: &[&str]) -> Result<String, PowerError> {
        self.limits.check()?;
        let target = target_of(&self.address, self.address.port(), &self.credentials, self.cipher_suite);
        ipmitool::run(target, command, &self.limits.stop)
            .map_err(|error| bmc_error(error, self.address.clone(), self.name.clone(), what))
    }

    fn answer(&self, text: &str) -> PowerError {
        let words: String = text.chars().take(100).collect();
        PowerError::Answer { address: self.address.clone(), why: Line::lossy(&words) }
    }
}

/// Where ipmitool finds a BMC.
pub(super) fn target_of<'a>(
    address: &'a BmcAddress,
    port: Option<u16>,
    credentials: &'a BmcCredentials,
    cipher_suite: Option<u8>,
) -> ipmitool::Target<'a> {
    ipmitool::Target { host: address.host(), port: port.unwrap_or(PORT), credentials, cipher_suite }
}

/// What ipmitool says, as an error of the BMC that was asked to do `what`.
pub(super) fn bmc_error(
    error: IpmitoolError,
    address: BmcAddress,
    name: CredentialsName,
    what: &'static str,
) -> PowerError {
    match error {
        IpmitoolError::Exec(crate::exec::ExecError::Stopped { .. }) => PowerError::Stopped,
        IpmitoolError::Exec(error) => error.into(),
        IpmitoolError::Silent => PowerError::Unreachable { address, why: Line::lossy("no answer by IPMI") },
        IpmitoolError::Credentials => PowerError::Credentials { address, credentials: name },
        IpmitoolError::Privilege => {
            let why = Line::lossy("IPMI refuses the privilege level ADMINISTRATOR");
            PowerError::Forbidden { address, credentials: name, why }
        }
        error @ IpmitoolError::CipherSuite => {
            let why = format!("{error}; try the other one with: host-power set HOST --cipher-suite 3 (or 17)");
            PowerError::Refused { address, what, why: Line::lossy(&why) }
        }
        IpmitoolError::ConsoleInUse => PowerError::ConsoleInUse { address },
        IpmitoolError::Other(why) => PowerError::Refused { address, what, why },
    }
}

impl Controller for Ipmi {
    fn state(&mut self) -> Result<PowerState, PowerError> {
        let text = self.run("report its power state", &["chassis", "power", "status"])?;
        let state = text.lines().find_map(|line| line.trim().strip_prefix("Chassis Power is "));
        match state {
            Some("on") => Ok(PowerState::On),
            Some("off") => Ok(PowerState::Off),
            _ => Err(self.answer(&text)),
        }
    }

    fn switch(&mut self, switch: Switch) -> Result<(), PowerError> {
        let word = match switch {
            Switch::On => "on",
            Switch::GracefulShutdown => "soft",
            Switch::ForceOff => "off",
        };
        self.run("switch the power", &["chassis", "power", word]).map(drop)
    }

    fn boot_from_network_once(&mut self, mode: Option<BootMode>) -> Result<BootHolds, PowerError> {
        // Without "persistent" the flags hold for one boot.
        let command: &[&str] = match mode {
            Some(BootMode::Uefi) => &["chassis", "bootdev", "pxe", "options=efiboot"],
            Some(BootMode::Bios) | None => &["chassis", "bootdev", "pxe"],
        };
        self.run("boot from the network", command)?;
        // Boot flags are parameter 5 (IPMI 2.0, table 28-14).
        let text = self.run("report its boot setting", &["chassis", "bootparam", "get", "5"])?;
        let selector = text.lines().find_map(|line| line.trim().strip_prefix("- Boot Device Selector :"));
        match selector.map(str::trim) {
            Some("Force PXE") if text.contains("apply to all future boots") => Ok(BootHolds::Always),
            Some("Force PXE") => Ok(BootHolds::Once),
            Some(other) => Err(PowerError::BootUnchanged { address: self.address.clone(), found: Line::lossy(other) }),
            None => Err(self.answer(&text)),
        }
    }
}
