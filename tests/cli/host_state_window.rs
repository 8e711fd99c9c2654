// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state window`: machines that are installed without a permission of their own, for some hours.

use crate::PROGRAM;
use crate::setup::{MAC, ROCKY, boot, lease, publish};
use crate::support::{Node, SERVER};

#[test]
fn in_a_window_a_new_machine_is_installed_and_one_that_was_installed_is_not() {
    let node = Node::new(PROGRAM);
    node.configure(&["--enrolment", "armed", "--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    assert!(boot(&node, MAC, "&serial=S1&product=R640").contains("has no permission to install"));
    let waiting = host_state(&["pending"]).out;
    assert!(
        waiting.contains(MAC) && waiting.contains("unknown machine") && waiting.contains("product=R640"),
        "{waiting}"
    );

    let dry = host_state(&[
        "window",
        "open",
        "--type",
        "SCH",
        "--for",
        "2h",
        "--product",
        "R640",
        "--name",
        "rack7",
        "--dry-run",
    ]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    assert!(host_state(&["window", "list"]).out.is_empty());
    let open = ["window", "open", "--type", "SCH", "--for", "2h"];
    let open = |more: &[&str]| host_state(&[&open, more].concat());
    assert_eq!(open(&["--name", "rack7"]).code, 2, "which machines?");
    assert_eq!(open(&["--name", "rack7", "--any", "--product", "R640"]).code, 2);
    let opened = open(&["--product", "R640", "--name", "rack7"]);
    let said = "window rack7: until 20";
    assert!(opened.code == 0 && opened.out.starts_with(said) && opened.out.contains("product=R640"), "{}", opened.out);
    open(&["--any", "--name", "rack7"]).fails(3, &["a window is already called rack7"]);
    let tie = open(&["--product", "R640", "--name", "rack8"]);
    assert!(tie.code == 0 && tie.err.contains("window rack7 fits the same machines"), "{}", tie.err);
    assert_eq!(host_state(&["window", "close", "rack8", "--dry-run"]).code, 10);
    assert!(host_state(&["window", "list"]).out.contains("rack8"));
    host_state(&["window", "close", "rack8"]).done();
    let other = open(&["--any", "--name", "all", "--dry-run"]);
    assert!(other.code == 10 && !other.err.contains("same machines"), "{}", other.err);
    assert!(host_state(&["window", "list"]).out.contains("rack7"));

    assert!(boot(&node, MAC, "&product=other").contains("has no permission to install"));
    let script = boot(&node, MAC, "&product=R640");
    assert!(script.contains("menu_item=enrol"), "{script}");
    assert!(host_state(&["list"]).out.lines().count() <= 1, "asking moves nothing");
    let url =
        format!("http://{SERVER}/cgi-bin/boot_manager?cmd=process_menu_item&mac={MAC}&menu_item=enrol&product=R640");
    let script = node.run("curl", &["-sS", &url]).out;
    assert!(script.contains("inst.ks="), "{script}");
    assert!(host_state(&["list"]).out.contains("sch-001"));
    assert!(host_state(&["pending"]).out.is_empty());
    let why = host_state(&["explain", "sch-001"]).out;
    assert!(why.contains("given by window rack7"), "{why}");
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.contains("given by window rack7 of ") && show.contains("enrolled: by window rack7"), "{show}");
    assert!(host_state(&["list"]).out.contains("  armed by window rack7 for "), "{}", host_state(&["list"]).out);
    assert!(host_state(&["show", "sch-001", "--json"]).out.contains("\"source\": \"window\""));

    // Another one of the same product, which was installed in its life.
    let other = "52:54:00:00:00:02";
    host_state(&["add", other, "--type", "SCH"]).done();
    host_state(&["set", "sch-002", "state=INSTALLED"]).done();
    host_state(&["set", "sch-002", "state=UNCONFIGURED"]).done();
    lease(&node, other);
    let script = boot(&node, other, "&product=R640");
    assert!(script.contains("sanboot") && !script.contains("enrol"), "{script}");

    host_state(&["window", "close", "rack7"]).done();
    host_state(&["window", "close", "rack7"]).fails(4, &["rack7"]);
}
