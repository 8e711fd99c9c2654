// SPDX-License-Identifier: GPL-3.0-or-later
//! Addresses of hosts that other machines use: by a question on the network, and by the log of dnsmasq.

use super::findings::Findings;
use super::registry::Registry;
use crate::program;
use hps::reservation::conflicts;
use hps::types::one_line;
use hps::wire::{AddressProbe, WireError};

/// `all` is whether notes are wanted.
pub(super) fn check(registry: &Registry<'_>, all: bool, findings: &mut Findings) {
    let (store, file) = (registry.store, registry.store.paths.cluster_file());
    match conflicts(&AddressProbe::new(&store.cluster.network), &registry.hosts) {
        Ok(found) => {
            for conflict in found {
                let host = &conflict.host;
                let advice = format!(
                    "give that machine another address; if it is this host with a new card: host-state replace-nic {host} OLD NEW"
                );
                let record = store.paths.host(conflict.mac);
                findings.problem(record.path(), None, format!("address {conflict}"), &advice);
            }
        }
        Err(error @ (WireError::Down { .. } | WireError::NoInterface { .. })) => {
            if all {
                findings.note(&file, one_line(&error), "machines may use addresses of hosts");
            }
        }
        Err(error) => findings.problem(&file, None, one_line(&error), "run host-state check again"),
    }
    let log = store.paths.dnsmasq_log();
    match store.netboots().address_troubles(program::now()) {
        Ok(troubles) => {
            for trouble in troubles {
                let advice = "find the machine that uses the address: arping -D ADDRESS, or the tables of the switch";
                findings.problem(&log, None, trouble.to_string(), advice);
            }
        }
        Err(error) => findings.error(&log, &error, "correct it, then run host-state check again"),
    }
}
