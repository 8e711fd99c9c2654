// SPDX-License-Identifier: GPL-3.0-or-later
//! Values of the cluster file beside what is in the system that a host gets: refused before an installer is served.

use crate::PROGRAM;
use crate::preflight::publish_image;
use crate::setup::{CLUSTER, MAC, json};
use crate::support::Node;

const BUILD: &str = "srv/hps-resources/distros/x86_64-linux-debian-12/20261122T110203Z";

/// The cluster file with another value, and the number of its line.
fn with(node: &Node, text: &str, key: &str, value: &str) -> usize {
    let line = text.lines().position(|line| line.starts_with(&format!("{key} = "))).unwrap();
    let changed = text
        .lines()
        .enumerate()
        .map(|(number, old)| if number == line { format!("{key} = \"{value}\"\n") } else { format!("{old}\n") });
    std::fs::write(node.path(CLUSTER), changed.collect::<String>()).unwrap();
    line + 1
}

/// A node with a published image and an armed host, which would get the installer.
fn armed() -> Node {
    let node = Node::unserved(PROGRAM);
    publish_image(&node, "nothing");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    assert_eq!(explain(&node)["answer"], "install");
    node
}

fn explain(node: &Node) -> serde_json::Value {
    json(&node.run("host-state", &["explain", MAC, "--json"]))
}

/// The installer is not served, for a reason that has these words.
#[track_caller]
fn is_stopped(node: &Node, words: &[&str]) {
    let why = explain(node);
    assert_ne!(why["answer"], "install", "{why}");
    let text = node.run("host-state", &["explain", MAC]).out;
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
}

#[test]
fn what_the_image_does_not_take_is_refused_before_it_is_served() {
    let node = Node::served(PROGRAM);
    publish_image(&node, "nothing");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let good = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    for (key, value, words) in [
        ("admin_user", "operator", ["install.admin_user is \"operator\"", "the image SCH", "has a user of that name"]),
        (
            "admin_user",
            "staff",
            ["install.admin_user is \"staff\"", "build 20261122T110203Z", "has a group of that name"],
        ),
        (
            "timezone",
            "US/Pacific",
            ["install.timezone is \"US/Pacific\"", "x86_64-linux-debian-12", "no such time zone"],
        ),
        ("keyboard", "fr", ["install.keyboard is \"fr\"", "x86_64-linux-debian-12", "no such keyboard layout"]),
    ] {
        let line = with(&node, &good, key, value);
        let check = node.run("host-state", &["check"]);
        let place = format!("lab.cluster:{line}: ");
        let found = check.out.lines().any(|l| l.contains(&place) && words.iter().all(|word| l.contains(word)));
        assert!(check.code == 1 && found, "{check:?}");
        node.run("reload", &[]).fails(1, &words);
        node.run("host-state", &["arm", MAC]).fails(3, &words);
        // What was permitted before stops too: nothing is wiped.
        is_stopped(&node, &words);
        let script = node.run("host-state", &["render", MAC]).out;
        assert!(!script.contains("hps.mode=install"), "{script}");
    }
    std::fs::write(node.path(CLUSTER), &good).unwrap();
    node.run("host-state", &["arm", MAC]).done();
    assert_eq!(explain(&node)["answer"], "install");
}

/// A build of an older version has no list: that is reported, and stops nobody.
#[test]
fn an_image_without_a_list_of_its_contents_is_a_note() {
    let node = armed();
    let good = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    std::fs::remove_file(node.path(BUILD).join("contents-SCH.txt")).unwrap();
    with(&node, &good, "timezone", "US/Pacific");
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 0 && check.out.contains("note: ") && check.out.contains("were not checked"), "{check:?}");
    assert_eq!(explain(&node)["answer"], "install");
}

#[test]
fn an_image_without_a_list_is_known_to_have_the_layout_of_the_kernel_alone() {
    let node = armed();
    let good = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    std::fs::remove_file(node.path(BUILD).join("contents-SCH.txt")).unwrap();
    with(&node, &good, "keyboard", "de");
    let words = ["install.keyboard is \"de\"", "build-image --distro x86_64-linux-debian-12"];
    is_stopped(&node, &words);
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && words.iter().all(|word| check.out.contains(word)), "{check:?}");
}

#[test]
fn an_image_without_a_package_of_a_site_profile_is_not_served() {
    let node = armed();
    let profile = |package: &str| {
        let path = node.path("srv/hps-config/clusters/lab/profiles/tools.toml");
        std::fs::write(path, format!("version = 1\ntypes = [\"SCH\"]\npackages = [\"{package}\"]\n")).unwrap();
    };
    profile("libc6");
    assert_eq!(explain(&node)["answer"], "install");
    profile("htop");
    is_stopped(
        &node,
        &["the image SCH", "package htop of site profile", "build-image --distro x86_64-linux-debian-12"],
    );
}

#[test]
fn an_image_without_a_unit_or_a_package_of_a_site_profile_is_not_armed() {
    let node = Node::served(PROGRAM);
    publish_image(&node, "nothing");
    let list = node.path(BUILD).join("contents-SCH.txt");
    let contents = std::fs::read_to_string(&list).unwrap();
    let profile = |text: &str| {
        let path = node.path("srv/hps-config/clusters/lab/profiles/tools.toml");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("version = 1\ntypes = [\"SCH\"]\n{text}\n")).unwrap();
    };
    let arm = || node.run("host-state", &["arm", MAC, "--type", "SCH"]);
    profile("packages = [\"htop\"]");
    arm().fails(3, &["lacks the package htop of site profile", "build-image --distro x86_64-linux-debian-12"]);
    profile("services = [\"backup.timer\"]");
    // A list of an older version has no units: that is not known, and stops nobody.
    arm().done();
    let check = node.run("host-state", &["check"]);
    assert!(check.out.contains("the units of site profile tools were not checked"), "{check:?}");
    node.run("host-state", &["disarm", MAC]).done();
    std::fs::write(&list, format!("{contents}unit getty@.service\nunit ssh.service\n")).unwrap();
    arm().fails(
        3,
        &[
            "the image SCH of x86_64-linux-debian-12",
            "lacks the unit backup.timer of site profile tools",
            "build-image --distro",
        ],
    );
    let check = node.run("host-state", &["check"]);
    assert!(check.out.contains("lacks units of site profile tools: backup.timer"), "{check:?}");
    // What the profile brings itself is there, and so are instances of a template.
    profile(
        "services = [\"backup.timer\", \"getty@tty1.service\"]\n[[file]]\npath = \"/etc/systemd/system/backup.timer\"\ntext = \"\"",
    );
    arm().done();
}

/// A file of an earlier version may have such a rule: what else is installed, and who boots a disk, must not stop for it.
#[test]
fn a_rule_for_disks_that_means_nothing_stops_its_type_alone() {
    let node = Node::served(PROGRAM);
    publish_image(&node, "nothing");
    let explain = || node.run("host-state", &["explain", MAC]).out;
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    assert!(explain().contains("start the installer"), "{}", explain());
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let with = |rule: &str| {
        let (begin, end) = text.split_once("\n[types.SCH.disks]\n").unwrap();
        let end = end.split_once("\n[").map_or("", |(_, rest)| rest);
        std::fs::write(&file, format!("{begin}\n[types.SCH.disks]\nsystem = \"{rule}\"\n\n[{end}")).unwrap();
    };
    with("serial=none");
    let words = ["types.SCH.disks.system", "a disk without a serial has no name", "no SCH is installed"];
    node.run("reload", &["--dry-run"]).fails(1, &words);
    let reload = node.run("reload", &[]);
    assert!(reload.code == 1 && words.iter().all(|word| reload.err.contains(word)), "{reload:?}");
    let again = node.run("reload", &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((json["changed"].clone(), json["problems"].as_array().unwrap().len()), (serde_json::json!([]), 1));
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && words.iter().all(|word| check.out.contains(word)), "{check:?}");
    let said = explain();
    assert!(!said.contains("start the installer") && said.contains("types.SCH.disks.system"), "{said}");
    node.run("host-state", &["disarm", MAC]).done();
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).fails(3, &words[..2]);
    with("not-serial=none");
    node.run("reload", &[]).done();
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
}

#[test]
fn a_unit_that_another_site_profile_of_the_host_brings_is_there() {
    let node = Node::served(PROGRAM);
    publish_image(&node, "nothing");
    let list = node.path(BUILD).join("contents-SCH.txt");
    let contents = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, format!("{contents}unit ssh.service\n")).unwrap();
    let profile = |name: &str, text: &str| {
        let path = node.path("srv/hps-config/clusters/lab/profiles").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("version = 1\n{text}\n")).unwrap();
    };
    let file = |path: &str| format!("types = [\"SCH\"]\n[[file]]\npath = \"{path}\"\ntext = \"\"");
    let arm = || node.run("host-state", &["arm", MAC, "--type", "SCH"]);
    let check = || node.run("host-state", &["check"]);
    const LACKS: &str = "lacks units of site profile extra: x.service";
    for (path, mode) in [("/etc/systemd/system/x.service", ""), ("/etc/init.d/x", "\nmode = \"0755\"")] {
        profile("base.toml", &format!("{}{mode}", file(path)));
        profile("extra.toml", "types = [\"SCH\"]\nservices = [\"x.service\"]");
        arm().done();
        assert!(!check().out.contains("lacks units"), "{path}: {:?}", check());
        node.run("host-state", &["disarm", MAC]).done();
    }
    // systemd makes no unit of a script that cannot be run.
    profile("base.toml", &file("/etc/init.d/x"));
    arm().fails(3, &["lacks the unit x.service of site profile extra"]);
    // The other profile is another type's.
    profile("base.toml", &file("/etc/systemd/system/x.service").replace("SCH", "TCH"));
    assert!(check().out.contains(LACKS), "{:?}", check());
    arm().fails(3, &["lacks the unit x.service of site profile extra"]);
    // A profile for single hosts counts for those of the type that are known.
    profile("extra.toml", &format!("hosts = [\"{MAC}\"]"));
    arm().done();
    profile("extra.toml", &format!("hosts = [\"{MAC}\"]\nservices = [\"x.service\"]"));
    assert!(check().out.contains(LACKS), "{:?}", check());
    profile("extra.toml", "hosts = [\"525400ffff99\"]\nservices = [\"x.service\"]");
    assert!(!check().out.contains("lacks units"), "{:?}", check());
}

#[test]
fn a_kickstart_makes_no_user_that_the_system_has() {
    let node = Node::served(PROGRAM);
    let rocky = "x86_64-linux-rockylinux-10.1";
    let tree = node.path("srv/hps-resources/distros").join(rocky);
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(tree.join(name), name).unwrap();
    }
    let good = std::fs::read_to_string(node.path(CLUSTER)).unwrap().replace("x86_64-linux-debian-12", rocky);
    let words = ["install.admin_user is \"operator\"", rocky, "has a user or a group of the system"];
    with(&node, &good, "admin_user", "operator");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).fails(3, &words);
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && words.iter().all(|word| check.out.contains(word)), "{check:?}");
    std::fs::write(node.path(CLUSTER), &good).unwrap();
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
}
