// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state`.

use crate::PROGRAM;
use crate::support::{Node, SERVER};
use std::net::{Ipv4Addr, UdpSocket};

const MAC: &str = "52:54:00:00:00:01";

#[test]
fn an_armed_host_has_a_name_an_address_and_a_permission() {
    let node = Node::served(PROGRAM);
    let armed = node.run("host-state", &["arm", MAC, "--type", "SCH", "--reason", "first host", "--json"]);
    assert_eq!(armed.code, 0, "{}", armed.err);
    let shown = node.run("host-state", &["show", "SCH-001", "--json"]).out;
    for part in [
        "\"name\": \"sch-001\"",
        "\"state\": \"CONFIGURED\"",
        "\"address\": \"10.99.0.2\"",
        "\"reason\": \"first host\"",
        "\"mac\": \"52:54:00:00:00:01\"",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let list = node.run("host-state", &["list"]).out;
    assert!(
        list.lines()
            .nth(1)
            .unwrap()
            .starts_with("sch-001  52:54:00:00:00:01  CONFIGURED  SCH   10.99.0.2  armed for 2"),
        "{list}"
    );
    // dnsmasq answers with that name at once, without a signal.
    let found = node.run("curl", &["-sS", "--max-time", "2", "-o", "/dev/null", &format!("http://{SERVER}/nothing")]);
    assert_eq!(found.code, 0);
    let log = std::fs::read_to_string(node.path("srv/log/dnsmasq.log")).unwrap();
    assert!(log.contains("dhcp-hosts.lab/525400000001"), "{log}");
    assert!(!log.contains("duplicate"), "{log}");
}

#[test]
fn what_cannot_be_is_refused_in_one_line() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["show", "sch-009"]).fails(4, &["no host of cluster lab is called sch-009"]);
    host_state(&["show", MAC]).fails(4, &["has no host 52:54:00:00:00:01"]);
    host_state(&["arm", MAC, "--type", "TCH"]).fails(3, &["installs no TCH"]);
    host_state(&["arm", MAC, "--type", "TCH", "--profile", "STORAGERAID"]).fails(3, &["installs no TCH"]);
    host_state(&["log", "sch-001"]).fails(4, &["sch-001"]);
    assert_eq!(host_state(&["arm", "not a mac", "--type", "SCH"]).code, 2);
    host_state(&["arm", MAC]).fails(3, &["has no type on record; give --type"]);
    assert!(node.snapshot("srv/hps-config/clusters/lab/hosts").is_empty());
    assert_eq!(host_state(&["add", MAC, "--name", "first"]).code, 0);
    host_state(&["add", MAC]).fails(3, &["already a host"]);
    host_state(&["add", "52:54:00:00:00:02", "--type", "SCH", "--name", "first"])
        .fails(3, &["first belongs to host 52:54:00:00:00:01"]);
    host_state(&["set", "first", "state=INSTALLING"]).fails(3, &["only an installer"]);
}

/// A program that dies behind the empty record leaves what `add` without values makes: the same command completes it, once.
#[test]
fn an_add_that_was_cut_short_is_completed() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC]).done();
    let add = ["add", MAC, "--type", "SCH", "--name", "backup", "--address", "10.99.0.9"];
    host_state(&add).done();
    let show = host_state(&["show", "backup"]).out;
    assert!(show.contains("CONFIGURED") && show.contains("10.99.0.9"), "{show}");
    let reservation = node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001");
    assert!(std::fs::read_to_string(reservation).unwrap().contains("10.99.0.9"));
    host_state(&add).fails(3, &["is already a host"]);
    host_state(&["add", MAC, "--type", "SCH", "--name", "other"]).fails(3, &["is already a host"]);
}

/// Linux keeps 64 characters of a name with its domain, and Anaconda refuses more behind the wipe.
#[test]
fn a_name_that_is_too_long_with_its_domain_is_refused_with_the_sum() {
    let node = Node::new(PROGRAM);
    // "sch-99999" and the dot leave 54.
    let domain = |length: usize| format!("{}.internal", "d".repeat(length - ".internal".len()));
    let words = ["network.domain ", "has 55 characters: expected at most 54", "are 65"];
    node.configure(&["--domain", &domain(55)]).fails(1, &words);
    node.configure(&["--domain", &domain(54)]).done();
    let name = |length: usize| "n".repeat(length);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let long = name(10);
    let words = ["(10)", "(54)", "are 65 characters", "at most 64"];
    host_state(&["add", MAC, "--name", &long]).fails(3, &words);
    host_state(&["add", MAC, "--name", &long, "--type", "SCH"]).fails(3, &words);
    let list = node.path("hosts.csv");
    std::fs::write(&list, format!("mac,name\n525400000001,{long}\n")).unwrap();
    let imported = host_state(&["import", &list.display().to_string()]);
    assert!(imported.code == 3 && words.iter().all(|word| imported.err.contains(word)), "{imported:?}");
    assert!(node.snapshot("srv/hps-config/clusters/lab/hosts").is_empty());
    host_state(&["add", MAC, "--name", &name(9), "--type", "SCH"]).done();
    host_state(&["set", MAC, &format!("name={long}")]).fails(3, &words);
    // A record of before, or a domain that was changed by hand since.
    let file = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace(&name(9), &name(63));
    std::fs::write(&file, text).unwrap();
    let (old, words) = (name(63), ["(63)", "are 118 characters", "name=NAME"]);
    host_state(&["arm", &old]).fails(3, &words);
    let check = host_state(&["check"]);
    assert!(check.code == 1 && words.iter().all(|word| check.out.contains(word)), "{check:?}");
    // It can be read, and corrected.
    host_state(&["set", MAC, "reason=long"]).done();
    host_state(&["set", MAC, "name=short"]).done();
    host_state(&["arm", "short"]).done();
}

#[test]
fn a_full_range_is_said() {
    let node = Node::new(PROGRAM);
    node.configure(&["--host-range", "10.99.0.2-10.99.0.3"]).done();
    for mac in [MAC, "52:54:00:00:00:02"] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
    node.run("host-state", &["add", "52:54:00:00:00:03", "--type", "SCH"])
        .fails(1, &["no free address", "10.99.0.2-10.99.0.3", "widen"]);
}

#[test]
fn a_change_is_shown_and_a_dry_run_is_only_that() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let dry = node.run("host-state", &["set", "sch-001", "name=backup", "state=INSTALLED", "--dry-run"]);
    assert_eq!(dry.code, 10);
    assert!(
        dry.out.contains("-name = \"sch-001\"\n+name = \"backup\"") || dry.out.contains("+name = \"backup\""),
        "{}",
        dry.out
    );
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before);
    node.run("host-state", &["set", "sch-001", "name=backup", "state=INSTALLED"]).done();
    assert_eq!(node.run("host-state", &["set", "backup", "state=INSTALLED"]).code, 0, "nothing to do");
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={MAC}");
    assert!(node.run("curl", &["-sS", &url]).out.contains("sanboot"), "it boots its disk");
    assert!(node.run("host-state", &["show", MAC]).out.contains("ever installed  yes"));
}

#[test]
fn watch_tells_what_happens_and_ends() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let late = node.run("host-state", &["watch", "sch-001", "--until", "INSTALLED", "--timeout", "1s"]);
    assert_eq!(late.code, 1);
    assert!(late.out.contains("sch-001 is CONFIGURED"), "{}", late.out);
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    let there = node.run("host-state", &["watch", "sch-001", "--until", "INSTALLED", "--timeout", "9s"]);
    assert_eq!((there.code, there.out.contains("sch-001 is INSTALLED")), (0, true));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let node = Node::served(PROGRAM);
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let script = format!("{} list | true; exit ${{PIPESTATUS[0]}}", program.display());
    let answer = node.run("bash", &["-c", &script]);
    assert_eq!(
        (answer.code, answer.err.as_str().lines().filter(|l| l.contains("panicked")).count()),
        (0, 0),
        "{}",
        answer.err
    );
}

/// A small DHCP client (RFC 2131): the answer to a DISCOVER is read far enough to see address and boot file.
#[test]
fn dnsmasq_offers_the_reserved_address_and_the_boot_file() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let script = include_str!("dhcp_discover.py");
    for (arch, ipxe, expected) in [
        ("0", "no", "undionly.kpxe"),
        ("7", "no", "snponly.efi"),
        ("9", "no", "snponly.efi"),
        ("16", "no", "http://10.99.0.1/boot/snponly.efi"),
        ("0", "yes", "http://10.99.0.1/cgi-bin/boot_manager?cmd=init"),
    ] {
        let offer = node.run("python3", &["-c", script, MAC, arch, ipxe]);
        assert_eq!(offer.code, 0, "{}", offer.err);
        assert_eq!(offer.out.trim(), format!("10.99.0.2 {expected}"), "architecture {arch}, iPXE {ipxe}");
    }
    let stranger = node.run("python3", &["-c", script, "52:54:00:00:00:99", "7", "no"]).out;
    let address: Ipv4Addr = stranger.split(' ').next().unwrap().parse().unwrap();
    assert!(address.octets()[3] >= 128, "an unknown machine gets an address of the other range: {address}");
    let _unused = UdpSocket::bind("127.0.0.1:0");
}

#[test]
fn a_renamed_host_is_renamed_for_dnsmasq_too() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let name = || node.run("python3", &["-c", include_str!("dhcp_discover.py"), MAC, "0", "no"]).err;
    assert_eq!(name().trim(), "sch-001");
    node.run("host-state", &["set", "sch-001", "name=backup"]).done();
    // The signal is sent when the program ends; dnsmasq takes it in its own time.
    let begun = std::time::Instant::now();
    while name().trim() != "backup" {
        assert!(
            begun.elapsed().as_secs() < 20,
            "{}",
            std::fs::read_to_string(node.path("srv/log/dnsmasq.log")).unwrap()
        );
    }
}

#[test]
fn a_state_set_by_hand_ends_a_permission() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    assert!(node.run("host-state", &["list"]).out.contains("armed for"));
    let ended = node.run("host-state", &["set", "sch-001", "state=INSTALLED"]);
    assert!(ended.code == 0 && ended.out.contains("the permission given by"), "{}{}", ended.out, ended.err);
    assert!(!node.run("host-state", &["list"]).out.contains("armed for"));
    assert!(node.run("host-state", &["show", "sch-001", "--json"]).out.contains("\"permission\": null"));
}
