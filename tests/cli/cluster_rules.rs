// SPDX-License-Identifier: GPL-3.0-or-later
//! `[[rule]]` in the cluster file: what it permits, and where that is shown.

use crate::PROGRAM;
use crate::setup::MAC;
use crate::support::Node;

#[test]
fn what_a_rule_permits_is_shown_until_it_is_used_up() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let rule = "\n[[rule]]\nname = \"rack 9\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n";
    std::fs::write(&file, format!("{text}{rule}")).unwrap();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    let show = || host_state(&["show", "sch-001"]).out;
    assert!(show().contains("given by rule rack 9: mac_prefix="), "{}", show());
    assert!(host_state(&["list"]).out.contains("  armed by rule rack 9\n"), "{}", host_state(&["list"]).out);
    // As at the menu, with the state that says so it ends.
    let set = host_state(&["set", "sch-001", "state=UNCONFIGURED"]);
    assert!(set.code == 0 && set.out.contains("given by rule rack 9"), "{}", set.out);
    let show = show();
    assert!(show.contains("permission      none\n") && show.contains("disarmed: state set by hand"), "{show}");
    assert!(show.contains("type            -\n") && show.contains("profile         -\n"), "{show}");
    // Two that contradict each other are said.
    let open = ["window", "open", "--type", "SCH", "--for", "2h", "--mac-prefix", "52:54:00", "--name", "now"];
    let opened = host_state(&open);
    assert!(opened.code == 0 && opened.err.contains("rule rack 9 fits the same machines"), "{}", opened.err);
    host_state(&["add", "52:54:00:00:00:02"]).done();
    let show = host_state(&["show", "52:54:00:00:00:02"]).out;
    assert!(show.contains("permission      none: rule rack 9 and window now of "), "{show}");
}
