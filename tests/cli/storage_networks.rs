// SPDX-License-Identifier: GPL-3.0-or-later
//! Storage networks: the cards that one counts on.

use crate::setup::{MAC, add_to_cluster};
use crate::site_profiles::{answer, node};

#[test]
fn cards_that_a_record_lacks_are_asked_for_when_it_is_armed() {
    let node = node();
    add_to_cluster(
        &node,
        "\n[[storage_network]]\nname = \"fast\"\nnetwork = \"10.5.0.0/24\"\nnics = [2]\nmtu = 9000\n",
    );
    node.run("host-state", &["arm", MAC, "--type", "SCH"])
        .fails(3, &["a SCH of cluster lab has 2 network cards, but the record of 52:54:00:00:00:01 has 1", "macs="]);
    // The preflight check reads what hosts with them would be served.
    node.run("reload", &[]).done();
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-001", "macs=525400000001,525400000002"]).done();
    node.run("host-state", &["arm", "sch-001"]).done();
    let text = answer(&node).out;
    assert!(text.contains("'mac-address=52:54:00:00:00:02'") && text.contains("'address1=10.5.0.2/24'"), "{text}");
    // A card that is taken away after that stops the machine, and says so.
    node.run("host-state", &["unset", "sch-001", "macs"]).done();
    let why = node.run("host-state", &["explain", "sch-001"]).out;
    assert!(why.contains("has 2 network cards, but the record of sch-001 has 1"), "{why}");
}
