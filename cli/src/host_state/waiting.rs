// SPDX-License-Identifier: GPL-3.0-or-later
//! One machine that waits for a person, as `host-state pending` shows it.

use super::elapsed::ago;
use hps::store::NetbootStage;
use hps::types::{ClientArchitecture, FirmwareInfo, Line, Timestamp};
use serde::Serialize;
use std::net::Ipv4Addr;

/// A machine that waits.
#[derive(Debug, Serialize)]
pub(crate) struct Waiting {
    pub(crate) mac: String,
    pub(crate) name: Option<String>,
    pub(crate) address: Option<Ipv4Addr>,
    pub(crate) since: Timestamp,
    pub(crate) asks: &'static str,
    pub(crate) firmware: FirmwareInfo,
    /// What its firmware says of it: that it is a known host with another card, or that a value identifies no machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
    /// Where its netboot ended, if it did not reach the boot manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) netboot: Option<Netboot>,
}

/// A netboot that did not reach the boot manager.
#[derive(Debug, Serialize)]
pub(crate) struct Netboot {
    pub(super) stage: NetbootStage,
    pub(super) architecture: Option<ClientArchitecture>,
    pub(super) architecture_name: Option<&'static str>,
    pub(super) vendor_class: Option<Line>,
    pub(super) last: Timestamp,
    /// Why, and what to do.
    pub(crate) problem: String,
}

impl Waiting {
    /// Its lines for people.
    pub(super) fn lines(&self, now: Timestamp) -> Vec<String> {
        let name = self.name.as_deref().unwrap_or("-");
        let address = self.address.map_or_else(|| "-".to_owned(), |a| a.to_string());
        let ago = ago(now.since(self.since));
        let mut lines = vec![format!("{} {name:<12} {address:<15} {ago:>8}  {}", self.mac, self.asks)];
        let firmware: Vec<String> = self.firmware.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let mut more = vec![firmware.join(" ")];
        more.extend(self.notes.iter().cloned());
        if let Some(netboot) = &self.netboot {
            more.push(netboot.problem.clone());
            let architecture = netboot.architecture.map(|architecture| format!("architecture {architecture}"));
            let vendor_class = netboot.vendor_class.as_ref().map(|text| format!("vendor class {text}"));
            more.push(architecture.into_iter().chain(vendor_class).collect::<Vec<_>>().join(", "));
        }
        more.retain(|line| !line.is_empty());
        lines.extend(more.into_iter().map(|line| format!("                  {line}")));
        lines
    }
}
