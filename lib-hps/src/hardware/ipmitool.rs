// SPDX-License-Identifier: GPL-3.0-or-later
//! `ipmitool lan print` and `ipmitool mc info`: the management controller.

use super::part::Bmc;
use super::value::{pair, value};
use std::net::Ipv4Addr;

/// Adds what one output says about the controller.
pub(super) fn read(lines: &[&str], bmc: &mut Option<Bmc>) {
    let mut found = bmc.take().unwrap_or_default();
    for (key, text) in lines.iter().filter_map(|line| pair(line)) {
        match key {
            // A controller without an address reports one of zeros.
            "IP Address" => found.address = text.parse().ok().filter(|a: &Ipv4Addr| !a.is_unspecified()),
            "MAC Address" => found.mac = text.parse().ok(),
            "Firmware Revision" => found.firmware = value(text),
            _ => {}
        }
    }
    *bmc = (found != Bmc::default()).then_some(found);
}
