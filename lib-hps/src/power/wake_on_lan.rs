// SPDX-License-Identifier: GPL-3.0-or-later
//! Wake-on-LAN. It can only switch on, and nothing answers.

use super::{BootHolds, Controller, PowerError, PowerState, Switch};
use crate::types::{BootMode, InterfaceName, MacAddr, PowerProtocol};
use crate::wire::wake;
use std::net::Ipv4Addr;

#[derive(Debug)]
pub(super) struct WakeOnLan {
    mac: MacAddr,
    interface: InterfaceName,
    to: Option<Ipv4Addr>,
}

impl WakeOnLan {
    pub(super) fn new(mac: MacAddr, interface: InterfaceName, to: Option<Ipv4Addr>) -> Self {
        Self { mac, interface, to }
    }
}

fn cannot(what: &'static str, instead: &'static str) -> PowerError {
    PowerError::Unsupported { protocol: PowerProtocol::WakeOnLan, what, instead }
}

impl Controller for WakeOnLan {
    fn state(&mut self) -> Result<PowerState, PowerError> {
        Ok(PowerState::Unknown)
    }

    fn switch(&mut self, switch: Switch) -> Result<(), PowerError> {
        match switch {
            Switch::On => Ok(wake(&self.interface, self.mac, self.to)?),
            Switch::GracefulShutdown | Switch::ForceOff => {
                Err(cannot("switch a host off", "; shut it down by ssh, or switch it off by hand"))
            }
        }
    }

    fn boot_from_network_once(&mut self, _: Option<BootMode>) -> Result<BootHolds, PowerError> {
        Err(cannot("choose the boot device", "; put the network first in the firmware of the host"))
    }

    fn knows_state(&self) -> bool {
        false
    }
}
