// SPDX-License-Identifier: GPL-3.0-or-later
//! Shim and GRUB of an installation tree: which host is offered them, and what the boot manager answers who came
//! through which shim.

use crate::boot_loader::{FILES, OTHER_MAC, fetched, offered_to};
use crate::setup::{MAC, ROCKY, boot, edit_cluster, rocky_node};
use crate::support::{Node, SERVER};
use hps::types::Sha256Digest;

const LINE: &str = "x86_64-linux-rockylinux-10";

/// A node with Debian's shim and GRUB, whose tree has its own.
fn node() -> Node {
    let node = rocky_node(&[]);
    edit_cluster(&node, "loader = \"ipxe\"", "loader = \"grub\"");
    FILES.into_iter().for_each(|file| fetched(&node, file));
    let tree = node.path("srv/hps-resources/distros").join(ROCKY);
    std::fs::create_dir_all(tree.join("EFI/BOOT")).unwrap();
    let mut inventory = "# HPS inventory, version 1\n".to_owned();
    for (name, text) in [("EFI/BOOT/BOOTX64.EFI", "its shim"), ("EFI/BOOT/grubx64.efi", "its GRUB")] {
        std::fs::write(tree.join(name), text).unwrap();
        inventory.push_str(&format!("{}  {name}\n", Sha256Digest::hash(text.as_bytes())));
    }
    std::fs::write(tree.join(".hps-inventory"), inventory).unwrap();
    node.run("host-state", &["add", MAC, "--type", "SCH", "--name", "sch-001"]).done();
    node.run("reload", &[]).done();
    node
}

fn arm(node: &Node, distro: &str) -> bool {
    let armed = node.run("host-state", &["arm", MAC, "--distro", distro]);
    armed.done();
    armed.err.contains("run: reload")
}

fn explained(node: &Node) -> bool {
    node.run("host-state", &["explain", MAC]).out.contains("Run: reload")
}

#[test]
fn a_host_is_offered_the_shim_of_the_tree_that_it_is_installed_from() {
    let node = node();
    let offered = |mac: &str, architecture: &str| offered_to(&node, mac, architecture);
    assert_eq!(offered(MAC, "7"), "shimx64.efi", "nothing is to be installed");
    assert!(!explained(&node));
    assert!(arm(&node, ROCKY) && explained(&node));
    assert_eq!(node.run("reload", &["--dry-run"]).code, 10);
    node.run("reload", &[]).done();
    assert!(!explained(&node) && !arm(&node, ROCKY));
    for architecture in ["7", "9"] {
        assert_eq!(offered(MAC, architecture), format!("{LINE}/BOOTX64.EFI"));
        assert_eq!(offered(OTHER_MAC, architecture), "shimx64.efi");
    }
    // The shim looks for its GRUB in the folder that the header names.
    let configuration = std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    assert!(configuration.contains("\ndhcp-no-override\n"), "{configuration}");
    assert_eq!(offered(MAC, "16"), format!("http://{SERVER}/boot/{LINE}/BOOTX64.EFI"));
    assert_eq!(offered(MAC, "0"), "undionly.kpxe");
    assert_eq!(offered(MAC, "11"), "");
    let fetch = |url: String| node.run("curl", &["-sS", &url]).out;
    for below in [format!("tftp://{SERVER}"), format!("http://{SERVER}/boot")] {
        assert_eq!(fetch(format!("{below}/{LINE}/BOOTX64.EFI")), "its shim");
        assert_eq!(fetch(format!("{below}/{LINE}/grubx64.efi")), "its GRUB");
        assert!(fetch(format!("{below}/{LINE}/grub.cfg")).contains(&format!("&shim={LINE}")));
    }
    // Its other system is Debian, whose kernel this shim refuses.
    assert!(arm(&node, "x86_64-linux-debian-12"));
    node.run("reload", &[]).done();
    assert_eq!(offered(MAC, "7"), "shimx64.efi");
    // A host with a loader of its own keeps it.
    arm(&node, ROCKY);
    edit_cluster(&node, "loader = \"grub\"", "loader = \"ipxe\"");
    node.run("reload", &[]).done();
    assert_eq!(offered(MAC, "7"), "snponly.efi");
}

#[test]
fn secure_boot_refuses_before_a_disk_is_touched_until_the_shim_is_the_right_one() {
    let node = node();
    let asks = |more: &str| boot(&node, MAC, &format!("&loader=grub{more}"));
    let own = format!("&shim={LINE}");
    arm(&node, ROCKY);
    let refused = |script: &str, missing: &str| {
        assert!(script.contains(&format!("missing={missing}&")), "{script}");
        assert!(script.contains("if ! [ \"$shim_lock\" = y ]; then\n  if linux "), "{script}");
    };
    refused(&asks(""), "kernel-key");
    node.run("reload", &[]).done();
    refused(&asks(""), "other-shim");
    refused(&asks("&shim=x86_64-linux-almalinux-10"), "other-shim");
    let started = asks(&own);
    assert!(started.contains("\nif linux ") && !started.contains("missing="), "{started}");
    // The report of the page makes the host FAILED.
    let page = asks("");
    let report = page.split('\'').find(|word| word.contains("cmd=unsupported")).unwrap();
    let report = report.replace(&format!("(http,{SERVER})"), &format!("http://{SERVER}"));
    let answer = node.run("curl", &["-sS", &report]).out;
    assert!(answer.contains("FAILED"), "{answer}");
    let shown = node.run("host-state", &["show", MAC]).out;
    assert!(shown.contains("FAILED") && shown.contains("restart the machine"), "{shown}");
}

#[test]
fn a_changed_shim_is_not_served_and_the_others_boot() {
    let node = node();
    arm(&node, ROCKY);
    let tree = node.path("srv/hps-resources/distros").join(ROCKY);
    std::fs::write(tree.join("EFI/BOOT/grubx64.efi"), "changed").unwrap();
    node.run("reload", &[]).fails(1, &[LINE, "not as it was published", "--verify"]);
    assert_eq!(offered_to(&node, MAC, "7"), "shimx64.efi");
}
