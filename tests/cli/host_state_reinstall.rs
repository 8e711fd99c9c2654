// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state reinstall`: a machine that has a system is installed again, on the disk that is named.

use crate::PROGRAM;
use crate::setup::{CLUSTER, MAC, MACS, edit_cluster, edit_record, json, three};
use crate::support::{Answer, Node};
use crate::terminal::Terminal;

/// A node with sch-001, which is INSTALLED.
fn installed() -> Node {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    node
}

/// The same, and its record knows the disk of its system.
fn installed_on_s3z8() -> Node {
    let node = installed();
    edit_record(&node, MAC, "state = ", "system_disks = [\"S3Z8\"]\nstate = ");
    node
}

fn reinstall(node: &Node, more: &[&str]) -> Answer {
    node.run("host-state", &[&["reinstall", "sch-001"], more].concat())
}

#[test]
fn the_disk_must_be_named() {
    let node = installed();
    reinstall(&node, &[]).fails(3, &["sch-001", "--wipe SERIAL", "no disk"]);
    edit_record(&node, MAC, "state = ", "system_disks = [\"S3Z8\"]\nstate = ");
    reinstall(&node, &[]).fails(3, &["S3Z8"]);
    assert!(node.run("host-state", &["show", "sch-001"]).out.contains("installed on    S3Z8\n"));
}

#[test]
fn a_disk_that_is_not_that_of_the_last_installation_is_mentioned() {
    let node = installed_on_s3z8();
    let wrong = reinstall(&node, &["--wipe", "WRONG"]);
    assert_eq!(wrong.code, 0, "{}", wrong.err);
    assert!(wrong.err.contains("WRONG") && wrong.err.contains("S3Z8"), "{}", wrong.err);
    let right = reinstall(&node, &["--wipe", "S3Z8"]);
    assert!(right.code == 0 && !right.err.contains("last installation"), "{}", right.err);
}

#[test]
fn a_system_that_this_version_cannot_install_is_refused() {
    let node = installed_on_s3z8();
    reinstall(&node, &["--wipe", "S3Z8", "--distro", "x86_64-linux-debian-11"]).fails(3, &["debian-11"]);
    assert!(!node.path("srv/hps-config/clusters/lab/permissions/525400000001.toml").exists());
}

#[test]
fn the_permission_names_the_disk_and_needs_no_blank_one() {
    let node = installed_on_s3z8();
    let armed = reinstall(&node, &["--wipe", "S3Z8", "--reason", "new release", "--json"]);
    assert_eq!(armed.code, 0, "{}", armed.err);
    assert!(json(&armed).to_string().contains("\"S3Z8\""), "{}", armed.out);
    let file = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab/permissions/525400000001.toml")).unwrap();
    assert!(file.contains("wipe = [\"S3Z8\"]") && file.contains("require_blank = false"), "{file}");
    let last = node.run("host-state", &["history", "sch-001", "--lines", "1"]).out;
    assert!(last.contains(" INSTALLED reinstall: SCH ") && last.contains("may wipe S3Z8: new release"), "{last}");
}

/// Where a machine boots its disk first, nothing happens until it starts from the network once.
#[test]
fn where_the_disk_is_first_the_way_to_the_network_is_named() {
    const ONCE: &str = "efibootmgr --bootnext";
    let node = installed_on_s3z8();
    let armed = reinstall(&node, &["--wipe", "S3Z8"]);
    assert!(armed.code == 0 && !armed.err.contains(ONCE), "the network is first: {}", armed.err);
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    assert!(text.contains("\norder = \"network\""), "{text}");
    edit_cluster(&node, "order = \"network\"", "order = \"disk\"");
    let armed = reinstall(&node, &["--wipe", "S3Z8", "--dry-run"]);
    for way in ["F12", "host-power boot-once sch-001 --now", ONCE] {
        assert!(armed.err.contains(way), "{way}: {}", armed.err);
    }
    let new = node.run("host-state", &["arm", MACS[1], "--type", "SCH", "--dry-run"]);
    assert!(!new.err.contains(ONCE), "a machine without a system starts from the network by itself: {}", new.err);
}

/// A rack of three that is INSTALLED: two records have the disks of the last installation.
fn rack() -> Node {
    let node = Node::unserved(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-[001-003]", "state=INSTALLED"]).done();
    edit_record(&node, MACS[0], "state = ", "system_disks = [\"S1A\", \"S1B\"]\nstate = ");
    edit_record(&node, MACS[1], "state = ", "system_disks = [\"S2A\"]\nstate = ");
    node
}

fn permitted(node: &Node) -> usize {
    std::fs::read_dir(node.path("srv/hps-config/clusters/lab/permissions"))
        .map_or(0, |folder| folder.filter(|file| file.as_ref().unwrap().path().extension().is_some()).count())
}

fn wiped(node: &Node, mac: &str) -> Vec<String> {
    let permission = node.path(&format!("srv/hps-config/clusters/lab/permissions/{}.toml", mac.replace(':', "")));
    let permission: toml::Table = std::fs::read_to_string(permission).unwrap().parse().unwrap();
    permission["wipe"].as_array().unwrap().iter().map(|disk| disk.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_rack_is_installed_again_on_the_disks_of_its_records() {
    let node = rack();
    let all = ["reinstall", "sch-[001-003]"];
    node.run("host-state", &all)
        .fails(3, &["--wipe last", "sch-001: S1A S1B; sch-002: S2A; sch-003: no disk in its record"]);
    node.run("host-state", &[&all[..], &["--wipe", "S1A"]].concat()).fails(3, &["one host", "--wipe last"]);
    let unknown = node.run("host-state", &[&all[..], &["--wipe", "last", "--yes"]].concat());
    unknown.fails(3, &["sch-003", "host-state reinstall sch-003 --wipe SERIAL"]);

    let two = ["reinstall", "sch-[001-002]", "--wipe", "last"];
    node.run("host-state", &[&two[..], &["--wipe", "S1A", "--yes"]].concat()).fails(3, &["not both"]);
    let dry = node.run("host-state", &[&two[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, 10, "{dry:?}");
    assert!(dry.out.contains("sch-001 would be armed") && dry.out.contains("may wipe S1A S1B\n"), "{dry:?}");
    node.run("host-state", &two).fails(2, &["--dry-run", "--yes", "nothing was changed"]);
    assert_eq!(permitted(&node), 0);

    node.run("host-state", &[&two[..], &["--yes"]].concat()).done();
    assert_eq!(permitted(&node), 2);
    assert_eq!(wiped(&node, MACS[0]), ["S1A", "S1B"]);
    assert_eq!(wiped(&node, MACS[1]), ["S2A"]);
}

#[test]
fn a_person_sees_every_disk_and_is_asked_once() {
    let node = rack();
    let arguments = ["reinstall", "sch-[001-002]", "--wipe", "last"];
    let question = "Install 2 hosts again, so that the content of 3 disks is lost? yes or no [no]";
    let no = Terminal::at_program(&node, "host-state", &arguments).run(&[(question, "")]);
    assert!(no.code == Some(1) && no.text.contains("nothing was changed"), "{no:?}");
    for shown in ["sch-001 (52:54:00:00:00:01)", "may wipe S1A S1B", "sch-002 (52:54:00:00:00:02)", "may wipe S2A"] {
        assert!(no.text.contains(shown), "{shown}: {no:?}");
    }
    let gone = Terminal::at_program(&node, "host-state", &arguments).run(&[(question, "\u{3}")]);
    assert!(gone.code != Some(0) && gone.left == 0, "{gone:?}");
    assert_eq!(permitted(&node), 0);
    let yes = Terminal::at_program(&node, "host-state", &arguments).run(&[(question, "yes")]);
    assert!(yes.code == Some(0) && yes.text.matches("yes or no").count() == 1, "{yes:?}");
    assert_eq!(permitted(&node), 2);
}
