// SPDX-License-Identifier: GPL-3.0-or-later
//! What proves a request: the site key and the leases. The boot manager refuses files that others can write, and root
//! alone would not notice.

use super::findings::Findings;
use super::registry::Registry;

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    let paths = &registry.store.paths;
    check_key(registry, findings);
    if let Err(error) = registry.store.senders().leases() {
        let advice = "until this file can be read, no lease proves a sender; find out who changed it";
        findings.error(&paths.leases(), &error, advice);
    }
}

fn check_key(registry: &Registry<'_>, findings: &mut Findings) {
    let paths = &registry.store.paths;
    if let Err(error) = registry.store.site_key().read() {
        findings.error(
            &paths.site_key(),
            &error,
            "until it can be read, no machine is installed; restore it from a copy of this node. If it is lost, remove its remains and run reload, which makes a new key and ends what rules and windows permit to known machines",
        );
    }
}
