// SPDX-License-Identifier: GPL-3.0-or-later
//! What the page of a host shows of its hardware. A machine sends these values, so they are text whatever they are.

use super::Web;
use crate::setup::{rocky_node, three};

#[test]
fn the_hardware_of_a_host_and_the_plan_of_its_disks_are_text() {
    let node = rocky_node(&[]);
    three(&node);
    let path = node.path("srv/hps-config/clusters/lab/hardware/525400000001.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let disk = "[[now.disks]]\nname = \"sda\"\nserial = \"A1\"\nbytes = 4000787030016\nmodel = \"<script>alert(1)</script>\"\n";
    let text = "version = 1\n[now]\nat = \"2026-11-30T10:00:00Z\"\noccasion = \"installation\"\nmemory_mib = 16000\n";
    std::fs::write(&path, format!("{text}{disk}")).unwrap();
    let web = Web::behind_socket(&node);
    node.run("host-state", &["arm", "sch-001", "--reason", "test"]).done();
    let page = web.get("/hosts/sch-001");
    assert!(page.contains(">Hardware</h2>") && page.contains("16000 MiB") && page.contains("serial A1"), "{page}");
    assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"), "{page}");
    assert!(page.contains("Plan of disks") && page.contains("<th scope=\"row\">A1</th>"), "{page}");
    assert!(!web.get("/hosts/sch-002").contains(">Hardware</h2>"));
    // A record that cannot be read is named, and the rest of the page is there.
    std::fs::write(&path, "version = 9\n").unwrap();
    let page = web.get("/hosts/sch-001");
    assert!(page.contains(">History</h2>") && page.contains("525400000001.toml"), "{page}");
}
