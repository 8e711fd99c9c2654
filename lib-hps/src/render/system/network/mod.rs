// SPDX-License-Identifier: GPL-3.0-or-later
//! The network of a host: its cards by their MACs (the kernel's names do not matter), bonds, bridge, VLANs, addresses.
//! There is a form for systemd-networkd (Debian) and one for NetworkManager (Rocky, AlmaLinux).

mod keyfile;
mod networkd;
mod plan;

use super::error::SystemError;
use super::placed_file::{MADE, PlacedFile};
use super::target_system::TargetSystem;
use crate::types::Method;
use plan::Plan;

/// The files for it.
///
/// # Errors
/// A card that is missing in the record.
pub(super) fn files(host: &TargetSystem<'_>) -> Result<Vec<PlacedFile>, SystemError> {
    let plan = Plan::new(host.cluster, host.host, host.host_type(), host.address, host.interface)?;
    Ok(match host.family() {
        Method::Image => {
            let mut files = networkd::files(&plan);
            files.push(resolv_conf(&plan));
            files
        }
        Method::Kickstart => keyfile::files(&plan),
    })
}

fn resolv_conf(plan: &Plan) -> PlacedFile {
    let mut text = format!("{MADE}search {}\n", plan.domain);
    for server in &plan.name_servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    PlacedFile::new("etc/resolv.conf", text)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
