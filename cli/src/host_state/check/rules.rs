// SPDX-License-Identifier: GPL-3.0-or-later
//! Rules of the cluster file that can fit no machine.

use super::findings::Findings;
use super::registry::Registry;

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    let store = registry.store;
    for rule in &store.cluster.rules {
        let Some((key, value)) = rule.placeholder() else { continue };
        let name = &rule.name;
        findings.problem(
            &store.paths.cluster_file(),
            None,
            format!("rule {name}: {key} {value} is what makers leave in many machines, so it names none and the rule permits nothing"),
            "name the machines by mac or mac_prefix",
        );
    }
}
