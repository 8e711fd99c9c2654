// SPDX-License-Identifier: GPL-3.0-or-later
//! A program of the site that switches hosts: a switched power strip, or a BMC with a protocol of its own.
//!
//! It gets everything in its environment: `HPS_POWER_ACTION` is `status`, `on`, `off`, `force-off` or `boot-network`,
//! `HPS_HOST` and `HPS_MAC` name the host, and `HPS_BOOT_MODE` is `bios`, `uefi` or empty. For `status` the last word
//! that it writes is `on`, `off` or `unknown`. It runs as the user of the web server, never as root.

use super::{BootHolds, Controller, Limits, PowerError, PowerState, Switch};
use crate::exec::User;
use crate::exec::site_command::{Called, ask};
use crate::types::{BootMode, Line, MacAddr};
use std::path::PathBuf;

#[derive(Debug)]
pub(super) struct SiteProgram {
    program: PathBuf,
    host: Line,
    mac: MacAddr,
    user: Option<User>,
    limits: Limits,
}

impl SiteProgram {
    pub(super) fn new(program: PathBuf, host: Line, mac: MacAddr, user: Option<User>, limits: Limits) -> Self {
        Self { program, host, mac, user, limits }
    }

    fn call(&self, action: &str, mode: Option<BootMode>) -> Result<String, PowerError> {
        self.limits.check()?;
        let environment = [
            ("HPS_POWER_ACTION", action.to_owned()),
            ("HPS_HOST", self.host.to_string()),
            ("HPS_MAC", self.mac.colons()),
            ("HPS_BOOT_MODE", mode.map_or("", BootMode::as_str).to_owned()),
        ];
        match ask(&self.program, &environment, self.user, self.limits.change, &self.limits.stop) {
            (Called::Done, words) => Ok(words),
            (Called::Failed(why), _) => Err(self.failed(why)),
            (Called::Stopped, _) => Err(PowerError::Stopped),
        }
    }

    fn failed(&self, why: Line) -> PowerError {
        PowerError::Program { program: Line::lossy(&self.program.display().to_string()), why }
    }
}

impl Controller for SiteProgram {
    fn state(&mut self) -> Result<PowerState, PowerError> {
        let words = self.call("status", None)?;
        match words.split_whitespace().last() {
            Some("on") => Ok(PowerState::On),
            Some("off") => Ok(PowerState::Off),
            Some("unknown") => Ok(PowerState::Unknown),
            other => {
                let word = other.unwrap_or("nothing").chars().take(40).collect::<String>();
                Err(self.failed(Line::lossy(&format!("answered status with {word}; expected on, off or unknown"))))
            }
        }
    }

    fn switch(&mut self, switch: Switch) -> Result<(), PowerError> {
        let action = match switch {
            Switch::On => "on",
            Switch::GracefulShutdown => "off",
            Switch::ForceOff => "force-off",
        };
        self.call(action, None).map(drop)
    }

    fn boot_from_network_once(&mut self, mode: Option<BootMode>) -> Result<BootHolds, PowerError> {
        self.call("boot-network", mode).map(|_| BootHolds::Unknown)
    }
}
