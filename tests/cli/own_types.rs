// SPDX-License-Identifier: GPL-3.0-or-later
//! Host types of the site's own, from the cluster file to the answer file, and a plain host, which is no storage host.

use crate::PROGRAM;
use crate::preflight::{CONTENTS, publish_images, publish_images_with};
use crate::setup::{CLUSTER, MAC, MACS, ROCKY, boot, choose, edit_record, json, lease, names, publish};
use crate::site_import::{exported, import};
use crate::support::{Answer, Node};
use hps::types::HostType;
use std::collections::BTreeMap;

const DEBIAN: &str = "x86_64-linux-debian-12";

fn web() -> HostType {
    "WEB".parse().unwrap()
}

/// Adds to the cluster file, as an editor does.
fn add_section(node: &Node, text: &str) {
    let file = node.path(CLUSTER);
    let before = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{before}\n{text}\n")).unwrap();
}

/// Behind the section of WEB.
const WITH_NGINX: &str = "packages = [\"nginx-light\"]\nservices = [\"nginx.service\"]\nports = [\"80/tcp\"]\n";

fn section(distro: &str) -> String {
    format!("[types.WEB]\nfrom = \"PLAIN\"\ntitle = \"Web server\"\nprefix = \"www\"\ndistro = \"{distro}\"\n")
}

/// A served node with storage hosts and WEB, both with this system.
fn node(distro: &str) -> Node {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={distro}")]).done();
    add_section(&node, &section(distro));
    node.run("reload", &[]);
    node
}

fn answer(node: &Node) -> Answer {
    node.run("host-state", &["render", MAC, "--part", "answer"])
}

#[test]
fn a_type_of_ones_own_becomes_an_answer_for_debian() {
    let node = node(DEBIAN);
    publish_images(&node, "nothing", &[(HostType::SCH, HostType::SCH), (web(), HostType::PLAIN)]);
    node.run("host-state", &["arm", MAC, "--type", "web"]).done();
    let answer = answer(&node);
    answer.done();
    let text = answer.out;
    for line in ["host_name=www-001\n", "host_type=WEB\n", "pool=none\n", "/WEB.tar.zst\n", "end\n"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("\nprofile=") && !text.contains("3260"), "it has nothing of a storage host: {text}");
    let shown = json(&node.run("host-state", &["show", MAC, "--json"]));
    assert_eq!(shown["type"], "WEB", "{shown}");
    let check = node.run("host-state", &["check"]);
    assert_eq!((check.code, check.out.as_str()), (0, ""), "the node's own script reads it: {check:?}");
}

/// `host-state check` reads the kickstart with ksvalidator and bash.
#[test]
fn a_type_of_ones_own_becomes_a_kickstart_for_rocky() {
    let node = node(ROCKY);
    publish(&node);
    node.run("host-state", &["arm", MAC, "--type", "WEB"]).done();
    let text = answer(&node).out;
    assert!(text.contains("--hostname=www-001."));
    let packages: Vec<&str> =
        text.split_once("%packages").unwrap().1.lines().skip(1).take_while(|line| *line != "%end").collect();
    assert_eq!(packages, ["@^minimal-environment", "curl", "rsyslog"], "nothing of a storage host");
    let file = node.path("web.ks");
    std::fs::write(&file, &text).unwrap();
    node.run("sh", &["-c", &format!("ksvalidator -v RHEL10 {}", file.display())]).done();
    let check = node.run("host-state", &["check", "--json"]);
    assert!(!check.out.contains("answer file") && !check.out.contains("ksvalidator"), "{check:?}");
}

/// The section adds to what the type is made from; the image must have it.
#[test]
fn packages_services_and_ports_of_a_type_are_in_the_answer_for_debian() {
    let node = node(DEBIAN);
    add_section(&node, WITH_NGINX);
    let both = [(HostType::SCH, HostType::SCH), (web(), HostType::PLAIN)];
    publish_images(&node, "nothing", &both);
    let arm = || node.run("host-state", &["arm", MAC, "--type", "web"]);
    arm().fails(3, &["the image WEB", "lacks the package nginx-light of [types.WEB]", "build-image"]);
    let check = node.run("host-state", &["check"]);
    assert!(check.out.contains("image lacks") && check.out.contains("names: nginx-light"), "{check:?}");
    let site = BTreeMap::from([(web(), ["nginx-light".to_owned()].into())]);
    let contents = format!("{CONTENTS}unit nftables.service\nunit nginx.service\n");
    publish_images_with(&node, "nothing", &both, site, &contents);
    arm().done();
    let text = answer(&node).out;
    for line in ["nginx.service\n", "tcp dport 80 accept"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let check = node.run("host-state", &["check"]);
    assert_eq!((check.code, check.out.as_str()), (0, ""), "{check:?}");
}

#[test]
fn packages_services_and_ports_of_a_type_are_in_the_kickstart_for_rocky() {
    let node = node(ROCKY);
    add_section(&node, WITH_NGINX);
    publish(&node);
    node.run("host-state", &["arm", MAC, "--type", "WEB"]).done();
    let text = answer(&node).out;
    for line in ["\nnginx-light\n", " --port=80:tcp", "systemctl enable nginx.service\n"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_type_of_ones_own_has_its_name_in_dns_and_moves_with_the_site() {
    let node = node(DEBIAN);
    add_section(&node, WITH_NGINX);
    node.run("reload", &[]).done();
    node.run("host-state", &["add", MAC, "--type", "WEB"]).done();
    let asked =
        || node.run("python3", &["-c", include_str!("dns_query.py"), crate::support::SERVER, "www-001.lab.internal"]);
    let address = json(&node.run("host-state", &["show", MAC, "--json"]))["address"].as_str().unwrap().to_owned();
    let begun = std::time::Instant::now();
    while asked().out.trim() != address {
        assert!(begun.elapsed() < std::time::Duration::from_secs(15), "{:?}", asked());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let file = exported(&node, &[]);
    let other = Node::new(PROGRAM);
    import(&other, &file, &["--yes"]).done();
    let moved = json(&other.run("host-state", &["show", MAC, "--json"]));
    assert_eq!((&moved["type"], &moved["name"]), (&"WEB".into(), &"www-001".into()), "{moved}");
    let cluster = std::fs::read_to_string(other.path(CLUSTER)).unwrap();
    assert!(cluster.contains("packages = [\"nginx-light\"]"), "{cluster}");
}

/// At once: not after all questions, and before a name of an image is made of it.
#[test]
fn cluster_configure_proposes_the_type_that_was_meant() {
    let node = node(DEBIAN);
    for flag in [&["--system", "WBE=debian-12"][..], &["--type", "WBE=x86_64-linux-debian-12"]] {
        let refused = node.run("cluster-configure", &[flag, &["--dry-run"]].concat());
        refused.fails(2, &["WBE is no host type of HPS", "did you mean WEB?"]);
    }
    node.run("cluster-configure", &["--system", "web=debian-13", "--no-reload"]).done();
    assert!(std::fs::read_to_string(node.path(CLUSTER)).unwrap().contains("x86_64-linux-debian-13"));
    let file = node.path("answers.toml");
    std::fs::write(&file, "name = \"new\"\nsystem = \"SHC=debian-12\"\n").unwrap();
    let refused = node.run("cluster-configure", &["--from", &file.display().to_string(), "--dry-run"]);
    assert!(refused.code != 0 && refused.err.contains("did you mean SCH?"), "{refused:?}");
}

#[test]
fn a_plain_host_and_a_type_of_ones_own_are_at_the_menu_from_the_first_host_on() {
    let node = node(DEBIAN);
    add_section(&node, &format!("[types.PLAIN]\ndistro = \"{DEBIAN}\"\n[types.TCH]\ndistro = \"{DEBIAN}\"\n"));
    publish_images(&node, "nothing", &[(HostType::PLAIN, HostType::PLAIN), (web(), HostType::PLAIN)]);
    lease(&node, MAC);
    let menu = choose(&node, MAC, "install_menu", "");
    for line in ["item --key p install_PLAIN [p] Plain host PLAIN, ", "item --key 1 install_WEB [1] Web server WEB, "] {
        assert!(menu.contains(line), "{line}: {menu}");
    }
    assert!(!menu.contains("install_TCH"), "{menu}");
    let chosen = choose(&node, MAC, "install_WEB", "");
    assert!(chosen.contains("kernel "), "{chosen}");
    let shown = json(&node.run("host-state", &["show", MAC, "--json"]));
    assert_eq!((&shown["type"], &shown["name"]), (&"WEB".into(), &"www-001".into()), "{shown}");
    for item in ["install_WBE", "install_WEB_STORAGERAID"] {
        let refused = choose(&node, MACS[1], item, "");
        assert!(!refused.contains("kernel "), "{item}: {refused}");
    }
}

#[test]
fn a_type_is_typed_in_any_case_and_a_wrong_one_gets_advice() {
    let node = node(DEBIAN);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MACS[0], "--type", "web"]).done();
    host_state(&["add", MACS[1], "--type", "Plain"]).done();
    host_state(&["set", MACS[1], "type=WEB"]).done();
    assert_eq!(names(&host_state(&["list", "--type", "wEb"])), ["plain-001", "www-001"]);
    for wrong in [
        &["add", MACS[2], "--type", "WBE"][..],
        &["arm", MACS[2], "--type", "wbe"],
        &["window", "open", "--type", "WBE", "--for", "1h", "--any"],
        &["set", MACS[0], "type=WBE"],
        &["list", "--type", "WBE"],
    ] {
        host_state(wrong).fails(2, &["WBE is no host type of HPS", "[types.WBE]", "did you mean WEB?"]);
    }
    host_state(&["arm", MACS[2], "--type", "X"]).fails(2, &["expected one of SCH, TCH, CCH, DRH, PLAIN, WEB"]);
    let shapeless = host_state(&["arm", MACS[2], "--type", "a-b"]);
    assert!(shapeless.code == 2 && shapeless.err.contains("A-Z and 0-9"), "{shapeless:?}");
    host_state(&["arm", MACS[2], "--type", "TCH"]).fails(3, &["has no [types.TCH]"]);
    let list = node.path("hosts.csv");
    std::fs::write(&list, format!("mac,type\n{},web\n{},WBE\n", MACS[2], MACS[3])).unwrap();
    let list = list.to_string_lossy().into_owned();
    let wrong = host_state(&["import", &list]);
    let line = wrong.err.lines().find(|line| line.contains("hosts.csv:3: ")).unwrap_or_default();
    assert!(wrong.code == 3 && line.ends_with("did you mean WEB?"), "{wrong:?}");
    std::fs::write(&list, format!("mac,type\n{},web\n", MACS[2])).unwrap();
    host_state(&["import", &list]).done();
    assert_eq!(names(&host_state(&["list", "--type", "WEB"])).len(), 3);
}

#[test]
fn a_type_that_hosts_have_is_not_removed() {
    let node = node(DEBIAN);
    node.run("host-state", &["add", MACS[0], "--type", "WEB"]).done();
    node.run("host-state", &["add", MACS[1], "--type", "SCH"]).done();
    let edit = |script: &str| {
        let editor = node.path("editor");
        std::fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut command = node.command("cluster-configure");
        command.arg("edit").env_remove("VISUAL").env("EDITOR", editor).stdin(std::process::Stdio::null());
        Answer::from_output(command.output().unwrap())
    };
    let remove = "sed -i '/^.types.WEB.$/,$d' \"$1\"";
    edit(remove).fails(3, &["[types.WEB] cannot be removed: www-001", "host-state set www-001 type=TYPE"]);
    edit("sed -i 's/types.WEB/types.WEBB/' \"$1\"").fails(3, &["[types.WEB] cannot be removed"]);

    // By hand it is only noticed.
    let file = node.path(CLUSTER);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.split_once("[types.WEB]").unwrap().0).unwrap();
    let check = node.run("host-state", &["check"]);
    assert_eq!(check.code, 1, "{check:?}");
    let line = check.out.lines().find(|line| line.contains("525400000001.toml:")).unwrap_or_default();
    assert!(line.contains("type WEB is no host type") && line.contains("[types.WEB]"), "{check:?}");
    let show = node.run("host-state", &["show", MACS[0]]);
    show.fails(1, &["525400000001.toml", "WEB"]);
    node.run("host-state", &["show", MACS[1]]).done();
    node.run("host-state", &["add", MACS[2], "--type", "SCH"]).done();

    std::fs::write(&file, &text).unwrap();
    node.run("host-state", &["set", "www-001", "type=SCH"]).done();
    edit(remove).fails(0, &["is saved"]);
}

/// The promise of the boot decision holds for it too: what was installed boots its disk.
#[test]
fn a_machine_of_an_unknown_type_boots_its_disk_if_it_was_ever_installed() {
    let node = node(DEBIAN);
    for mac in &MACS[..2] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
    node.run("host-state", &["set", MACS[0], "state=INSTALLED"]).done();
    for mac in &MACS[..2] {
        edit_record(&node, mac, "\"SCH\"", "\"WBE\"");
    }
    let installed = boot(&node, MACS[0], "");
    assert!(installed.contains("boots its disk") && !installed.contains("kernel "), "{installed}");
    let new = boot(&node, MACS[1], "");
    assert!(new.contains("cannot be read") && new.contains("WBE") && !new.contains("kernel "), "{new}");
}
