// SPDX-License-Identifier: GPL-3.0-or-later
//! A program that handles signals calls only what its flag can stop.
//! To see it fail: name `NEVER` in a file of `lib-hps/src/media`.

use crate::sources::{code, is_test, library, sources};

/// A program with handlers for signals waits for what it has called, unless that call looks at the flag that they set. So only these make
/// calls that no flag stops, and they are for programs without handlers: `reload`, `host-state check`, `cluster-configure` and alike.
#[test]
fn calls_that_no_flag_stops_are_of_programs_without_handlers() {
    const PLACES: [&str; 26] = [
        "exec/mod.rs",
        "exec/limit.rs",
        "exec/run.rs",
        "exec/bash.rs",
        "exec/chronyd.rs",
        "exec/dnsmasq.rs",
        "exec/ip.rs",
        "exec/ksvalidator.rs",
        "exec/lighttpd.rs",
        "exec/network_namespace.rs",
        "exec/services/detached.rs",
        "exec/services/supervisord.rs",
        "exec/services/systemd.rs",
        // What the preflight check of `reload` and `host-state check` reads.
        "packages/lists/mod.rs",
        "cli/src/layout.rs",
        "cli/src/other_dhcp.rs",
        "cluster_configure/fragments.rs",
        "host_state/check/page.rs",
        "host_state/readers.rs",
        "program/readers.rs",
        "self_test/stop.rs",
        "rehearse/stop.rs",
        "reload/page.rs",
        "reload/plan.rs",
        "reload/repair.rs",
        "reload/served_loaders.rs",
    ];
    let programs = library().join("../../cli/src");
    for file in [library(), programs].iter().flat_map(|place| sources(place)) {
        let path = file.to_string_lossy().into_owned();
        if is_test(&file) {
            continue;
        }
        let code = code(&std::fs::read_to_string(&file).unwrap());
        let never = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "NEVER");
        let listed = PLACES.iter().any(|place| path.ends_with(place));
        assert!(!never || listed, "{path} names NEVER: its caller may have handlers for signals, so take `stop`");
        let handlers = code.contains("program::interrupted()");
        assert!(!(handlers && never), "{path} has handlers for signals, and makes a call that they do not stop");
    }
}
