// SPDX-License-Identifier: GPL-3.0-or-later
//! What proves a request, the site key and the leases: the boot manager refuses what others can write, and root would not notice.

use super::findings::Findings;
use super::registry::Registry;

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    let paths = &registry.store.paths;
    check_key(registry, findings);
    if let Err(error) = registry.store.senders().leases() {
        let advice = "until dnsmasq's leases can be read, none proves who sends a request; look who has changed it";
        findings.error(&paths.leases(), &error, advice);
    }
}

fn check_key(registry: &Registry<'_>, findings: &mut Findings) {
    let paths = &registry.store.paths;
    if let Err(error) = registry.store.site_key().read() {
        findings.error(
            &paths.site_key(),
            &error,
            "until it can be read, no machine is installed; put it back from a copy of this node. Where it is lost, remove what is left of it and run reload, which makes another and ends what rules and windows permit to known machines",
        );
    }
}
