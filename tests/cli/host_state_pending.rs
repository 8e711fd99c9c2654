// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state pending`: machines that wait for a person.

use crate::PROGRAM;
use crate::setup::{MAC, ROCKY, boot, lease, publish};
use crate::support::{Node, SERVER};

/// Only a machine that asked, that has no system and that nothing installs by itself waits for a person.
#[test]
fn who_waits_and_who_does_not() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let pending = || host_state(&["pending"]).out;
    let unconfigured = |name: &str| host_state(&["set", name, "state=UNCONFIGURED"]).done();
    host_state(&["add", "52:54:00:00:00:02", "--type", "SCH"]).done();
    unconfigured("sch-001");
    assert_eq!(pending(), "", "added by hand, and it never asked");
    lease(&node, MAC);
    boot(&node, MAC, "");
    assert!(pending().contains("nothing chosen"), "{}", pending());
    // A window installs it without anybody's help.
    host_state(&["window", "open", "--type", "SCH", "--for", "2h", "--any", "--name", "rack7"]).done();
    assert_eq!(pending(), "");
    host_state(&["window", "close", "rack7"]).done();
    assert!(pending().contains(MAC));
    host_state(&["set", MAC, "state=INSTALLED"]).done();
    host_state(&["set", MAC, "state=UNCONFIGURED"]).done();
    assert_eq!(pending(), "", "it has a system");
    // Armed with no disk named, its console can still request that; a permission that names one grants it.
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    assert_eq!(pending(), "");
    let url =
        format!("http://{SERVER}/cgi-bin/boot_manager?cmd=process_menu_item&mac={MAC}&menu_item=force_install_on");
    node.run("curl", &["-sS", &url]).done();
    assert!(pending().contains("requests that a disk be wiped"), "{}", pending());
    host_state(&["arm", MAC, "--type", "SCH", "--wipe", "S1"]).done();
    assert_eq!(pending(), "");
}
