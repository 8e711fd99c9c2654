// SPDX-License-Identifier: GPL-3.0-or-later
//! Other DHCP servers on the cluster's network.

use super::findings::{Findings, Severity};
use super::registry::Registry;
use crate::other_dhcp::{Heard, listen};
use hps::config::line_of_key;
use hps::exec::services::{self, Service};
use hps::store::cluster_text;
use hps::wire::disagreements;

/// `all` is whether notes are wanted.
pub(super) fn check(registry: &Registry<'_>, all: bool, findings: &mut Findings) {
    let (conf, cluster) = (registry.store.paths.conf(), &registry.store.cluster);
    let (network, file) = (&cluster.network, registry.store.paths.cluster_file());
    let runs = services::detect(conf).is_none_or(|manager| manager.is_running(Service::Dnsmasq));
    let others = match listen("host-state", &network.interface, runs) {
        Ok(Heard::Servers(others)) => others,
        Ok(Heard::Unconnected(_)) => return,
        Ok(Heard::Nothing(why)) => {
            if all {
                findings.note(&file, why, "machines of this network may get answers of other DHCP servers");
            }
            return;
        }
        Err(error) => {
            findings.problem(&file, None, format!("{error:#}"), "run host-state check again");
            return;
        }
    };
    let line = cluster_text(conf, &cluster.name).ok().and_then(|text| line_of_key(&text, "network.dhcp"));
    for why in disagreements(network, &others) {
        findings.add(Severity::Problem, &file, line, format!("{}: {why}", network.interface), &why.advice());
    }
}
