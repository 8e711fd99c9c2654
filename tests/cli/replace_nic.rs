// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state replace-nic`, and a known machine under an unknown card.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, add_to_cluster, boot, json, lease, reservation, rocky_node};
use crate::support::{Answer, Node};

const NEW: &str = "52:54:00:00:00:0a";
const UUID: &str = "4c4c4544-0051-3010-8052-b4c04f4e3732";

fn host_state(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-state", arguments)
}

fn show(node: &Node, host: &str) -> serde_json::Value {
    json(&host_state(node, &["show", host, "--json"]))
}

/// What dnsmasq offers to a machine with this card.
fn offer(node: &Node, mac: &str) -> String {
    let script = include_str!("dhcp_discover.py");
    let offer = node.run("python3", &["-c", script, mac, "7", "no", "request"]);
    offer.out.split(' ').next().unwrap_or_default().to_owned()
}

/// No system is published.
fn nothing_to_check(node: &Node) {
    let found = host_state(node, &["check"]).out;
    assert!(found.lines().all(|line| line.contains("is not published")), "{found}");
}

#[test]
fn a_new_first_card_keeps_record_address_permission_mark_history_and_logs() {
    let node = Node::served(PROGRAM);
    host_state(&node, &["add", MAC, "--type", "SCH"]).done();
    host_state(&node, &["set", MAC, &format!("macs={MAC},{}", MACS[1]), "state=INSTALLED"]).done();
    host_state(&node, &["arm", "sch-001", "--wipe", "S3Z8NB0K"]).done();
    lease(&node, MAC);
    boot(&node, MAC, "");
    node.run("reload", &["--stop"]).done();
    std::fs::write(node.path("srv/hps-config/state/dnsmasq.leases"), "").unwrap();
    node.run("reload", &[]).done();
    assert_eq!(offer(&node, MAC), "10.99.0.2");
    let before = show(&node, "sch-001");
    assert!(before["permission"].is_object(), "{before}");
    let pid = std::fs::read_to_string(node.path("run/hps/dnsmasq.pid")).unwrap();

    let files = node.snapshot("srv/hps-config/clusters");
    let dry = host_state(&node, &["replace-nic", "sch-001", MAC, NEW, "--dry-run"]);
    assert_eq!(dry.code, 10, "{dry:?}");
    assert!(dry.out.contains("-macs = [\"525400000001\"") && dry.out.contains("+macs = [\"52540000000a\""), "{dry:?}");
    assert_eq!(node.snapshot("srv/hps-config/clusters"), files);

    host_state(&node, &["replace-nic", "sch-001", MAC, NEW]).done();
    let after = show(&node, "sch-001");
    for key in ["name", "address", "state", "type", "profile", "ever_installed"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert_eq!(after["mac"], NEW);
    assert_eq!(after["permission"]["id"], before["permission"]["id"]);
    assert_eq!(after["permission"]["wipe"], before["permission"]["wipe"]);
    assert_eq!(reservation(&node, MAC), None);
    assert_eq!(reservation(&node, NEW).unwrap(), format!("{NEW},{},10.99.0.2,sch-001\n", MACS[1]));
    assert_eq!(offer(&node, NEW), "10.99.0.2", "the lease of the old card has ended");
    assert_eq!(std::fs::read_to_string(node.path("run/hps/dnsmasq.pid")).unwrap(), pid, "no restart");
    let history = host_state(&node, &["history", "sch-001"]).out;
    assert!(history.contains("armed") && history.contains("card replaced"), "{history}");
    assert!(!host_state(&node, &["log", "sch-001"]).out.is_empty());
    nothing_to_check(&node);
    // The old card is no host, and its disk is protected.
    host_state(&node, &["show", MAC]).fails(4, &[MAC]);
    assert!(node.path("srv/hps-config/state/ever-installed/525400000001").exists());
    assert!(node.path("srv/hps-config/state/ever-installed/52540000000a").exists());
    // The same command again.
    assert_eq!(host_state(&node, &["replace-nic", "sch-001", MAC, NEW]).code, 0);
    host_state(&node, &["set", "sch-001", "name=moved"]).done();
    host_state(&node, &["add", MACS[2], "--type", "SCH"]).done();
    assert_eq!(show(&node, MACS[2])["address"], "10.99.0.3");
}

#[test]
fn a_further_card_is_replaced_in_its_place_and_two_cards_change_places() {
    let node = Node::served(PROGRAM);
    let macs = |node: &Node| show(node, "sch-001")["macs"].clone();
    host_state(&node, &["add", MAC, "--type", "SCH"]).done();
    let all = [MAC, MACS[1], MACS[2]].join(",");
    host_state(&node, &["set", "sch-001", &format!("macs={all}")]).done();
    host_state(&node, &["replace-nic", "sch-001", MACS[1], NEW]).done();
    assert_eq!(macs(&node), serde_json::json!([MAC, NEW, MACS[2]]));
    // Another order is not taken in silence.
    host_state(&node, &["set", "sch-001", &format!("macs={NEW},{MAC}")]).fails(3, &["replace-nic", NEW, MAC]);
    host_state(&node, &["replace-nic", "sch-001", MAC, NEW]).done();
    assert_eq!(macs(&node), serde_json::json!([NEW, MAC, MACS[2]]));
    assert_eq!(show(&node, MAC)["mac"], NEW);
    nothing_to_check(&node);
}

/// Killed between the two records, and killed before an older version removed the permission.
#[test]
fn the_same_command_finishes_an_interrupted_one() {
    let node = Node::served(PROGRAM);
    host_state(&node, &["add", MAC, "--type", "SCH"]).done();
    host_state(&node, &["arm", "sch-001", "--wipe", "S3Z8NB0K"]).done();
    let clusters = node.path("srv/hps-config/clusters");
    let shell = |script: &str| {
        let answer = node.run("sh", &["-ec", script, "sh", clusters.to_str().unwrap()]);
        answer.done();
        answer.out
    };
    shell("cp -a $1 $1.before");
    host_state(&node, &["replace-nic", "sch-001", MAC, NEW]).done();
    shell(
        "cd $1; for f in $(find . -name 52540000000a.toml -path '*hosts*'); do cp -a $f $1.before/$f; done; cd /; mv $1 $1.after; mv $1.before $1",
    );
    for arguments in [["sch-001", MAC, NEW], ["sch-001", MAC, NEW]] {
        host_state(&node, &[&["replace-nic"], &arguments[..]].concat()).done();
        assert_eq!(show(&node, "sch-001")["mac"], NEW);
        host_state(&node, &["show", MAC]).fails(4, &[MAC]);
        assert_eq!(reservation(&node, MAC), None);
    }
    assert!(show(&node, "sch-001")["permission"].is_object());
    nothing_to_check(&node);
    let count = "find $1 -name 525400000001.toml -path '*permissions*' | wc -l";
    shell(
        "cd $1; f=$(find . -name 52540000000a.toml -path '*permissions*'); sed s/52540000000a/525400000001/ $f >${f%/*}/525400000001.toml; chmod --reference=$f ${f%/*}/525400000001.toml",
    );
    host_state(&node, &["replace-nic", "sch-001", MAC, NEW]).done();
    assert_eq!(shell(count).trim(), "0");
    assert!(show(&node, "sch-001")["permission"].is_object());
}

/// dnsmasq has a list of cards for it.
#[test]
fn a_boot_loader_of_the_host_needs_a_reload() {
    let node = rocky_node(&[]);
    host_state(&node, &["add", MAC, "--type", "SCH", "--name", "sch-001"]).done();
    add_to_cluster(&node, "\n[[boot_loader]]\nfile = \"ipxe.efi\"\nhosts = \"sch-001\"\nreason = \"it hangs\"\n");
    let set = host_state(&node, &["set", "sch-001", &format!("macs={MAC},{}", MACS[1])]);
    let replaced = host_state(&node, &["replace-nic", "sch-001", MAC, NEW]);
    let again = host_state(&node, &["replace-nic", "sch-001", MAC, NEW]);
    for answer in [set, replaced, again] {
        assert_eq!(answer.code, 0, "{answer:?}");
        assert!(answer.err.contains("boot_loader ipxe.efi") && answer.err.contains("run: reload"), "{answer:?}");
    }
}

#[test]
fn what_cannot_be_replaced_is_refused() {
    let node = Node::served(PROGRAM);
    host_state(&node, &["add", MAC, "--type", "SCH"]).done();
    host_state(&node, &["add", MACS[1], "--type", "SCH"]).done();
    let files = node.snapshot("srv/hps-config/clusters");
    for dry in [&["--dry-run"][..], &[]] {
        let replace = |old: &str, new: &str| host_state(&node, &[&["replace-nic", "sch-001", old, new], dry].concat());
        replace(MAC, MACS[1]).fails(3, &[MACS[1], "belongs to sch-002"]);
        replace(MACS[2], NEW).fails(3, &[MACS[2], MAC]);
        replace(MAC, MAC).fails(3, &[MAC]);
    }
    host_state(&node, &["replace-nic", "sch-009", MAC, NEW]).fails(4, &["sch-009"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters"), files);
}

/// With `enrolment = "menu"` too, where an unknown machine otherwise gets a record.
#[test]
fn a_known_machine_under_an_unknown_card_is_named() {
    for enrolment in ["armed", "menu"] {
        let node = Node::new(PROGRAM);
        node.configure(&["--enrolment", enrolment]).done();
        host_state(&node, &["add", MAC, "--type", "SCH"]).done();
        let firmware = format!("&uuid={UUID}&serial=7XK29N3");
        lease(&node, MAC);
        boot(&node, MAC, &firmware);
        let script = boot(&node, NEW, &firmware);
        assert!(!script.contains("sch-001"), "nothing proves the sender: {enrolment}: {script}");
        lease(&node, NEW);
        let script = boot(&node, NEW, &firmware);
        let words = ["sch-001", "UUID", MAC, NEW];
        assert!(words.iter().all(|word| script.contains(word)), "{enrolment}: {script}");
        for answer in [host_state(&node, &["pending"]), host_state(&node, &["explain", NEW])] {
            let text = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
            let command = format!("host-state replace-nic sch-001 {MAC} {NEW}");
            let further = format!("host-state set sch-001 macs={MAC},{NEW}");
            let words = ["says that it is sch-001 (same UUID)", &further, "only if the old card is gone", &command];
            assert!(words.iter().all(|word| text.contains(word)), "{enrolment}: {answer:?}");
        }
        host_state(&node, &["replace-nic", "sch-001", MAC, NEW]).done();
        assert_eq!(json(&host_state(&node, &["pending", "--json"])), serde_json::json!([]));
    }
}

/// A maker's list cannot have every placeholder.
#[test]
fn a_serial_of_two_machines_permits_neither() {
    let node = rocky_node(&[]);
    add_to_cluster(&node, "\n[[rule]]\nname = \"one\"\nserial = \"CHASSIS-7\"\ntype = \"SCH\"\n");
    let answer = |mac: &str| json(&host_state(&node, &["explain", mac, "--json"]))["answer"].clone();
    let ask = |mac: &str| {
        lease(&node, mac);
        boot(&node, mac, "&serial=CHASSIS-7")
    };
    ask(MAC);
    assert_eq!(answer(MAC), "enrol");
    ask(NEW);
    for (mac, other) in [(MAC, NEW), (NEW, MAC)] {
        assert_ne!(answer(mac), "enrol", "{mac}");
        let explained = host_state(&node, &["explain", mac]).out;
        let text = explained.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&format!("serial CHASSIS-7 identifies no machine: {other} reports it too")), "{text}");
    }
    let pending = host_state(&node, &["pending"]).out;
    assert!(pending.contains("serial CHASSIS-7 identifies no machine"), "{pending}");
}

#[test]
fn a_serial_permits_a_machine_that_asks_with_two_cards() {
    let node = rocky_node(&["--enrolment", "armed"]);
    add_to_cluster(&node, "\n[[rule]]\nname = \"one\"\nserial = \"SN77\"\ntype = \"SCH\"\n");
    for mac in [MAC, NEW] {
        lease(&node, mac);
        boot(&node, mac, &format!("&serial=SN77&uuid={UUID}"));
    }
    for mac in [MAC, NEW] {
        let explained = host_state(&node, &["explain", mac, "--json"]);
        assert_eq!(json(&explained)["answer"], "enrol", "{mac}: {explained:?}");
    }
}

/// The machine has no cable at its first card.
#[test]
fn the_installed_system_has_its_address_on_the_card_of_the_boot() {
    let node = rocky_node(&[]);
    host_state(&node, &["add", MAC, "--type", "SCH"]).done();
    host_state(&node, &["set", MAC, &format!("macs={MAC},{}", MACS[1])]).done();
    host_state(&node, &["arm", MAC]).done();
    lease(&node, MACS[1]);
    let script = boot(&node, MACS[1], "");
    let url = script.split_whitespace().find_map(|word| word.strip_prefix("inst.ks=")).expect("an installer");
    let answer = node.run("curl", &["-sS", url]).out;
    assert!(answer.contains(&format!("mac-address={}", MACS[1])), "{answer}");
    assert!(!answer.contains(&format!("mac-address={MAC}")), "{answer}");
}
