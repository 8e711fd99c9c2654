// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power` by Redfish: what is switched, what is noted, and what a BMC that misbehaves leads to.

use crate::PROGRAM;
use crate::bmc::{Bmc, PASSWORD, Sushy, certificate, credentials};
use crate::setup::{MAC, MACS, json};
use crate::support::{Answer, Node, SERVER};
use std::time::{Duration, Instant};

/// A node with sch-001, whose BMC is known and accepted.
fn one() -> (Node, Bmc) {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let (pem, fingerprint) = certificate(node.folder.path(), "bmc.pem");
    let bmc = Bmc::new(&node, 8443, Some(&pem));
    credentials(&node, "rack7", PASSWORD);
    power(&node, &["set", "sch-001", &bmc.url(), "--credentials", "rack7", "--fingerprint", &fingerprint]).done();
    (node, bmc)
}

fn power(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-power", arguments)
}

#[test]
fn a_host_is_switched_and_each_change_has_a_name_in_history_and_audit() {
    let (node, bmc) = one();
    assert_eq!(power(&node, &["status", "sch-001"]).out, "sch-001: off\n");
    assert_eq!(power(&node, &["on", "sch-001"]).out, "sch-001: on\n");
    assert_eq!(bmc.read("power"), "on");
    assert_eq!(power(&node, &["on", "SCH-001"]).out, "sch-001: on already\n");
    bmc.log();
    power(&node, &["off", "10.99.0.2"]).done();
    assert!(bmc.log().contains("reset GracefulShutdown"));
    power(&node, &["on", "sch-001"]).done();
    power(&node, &["cycle", MAC, "--force"]).done();
    let log = bmc.log();
    assert!(log.contains("reset ForceOff\n") && log.ends_with("DELETE /redfish/v1/SessionService/Sessions/1"), "{log}");
    assert_eq!((bmc.read("power").as_str(), bmc.read("sessions").as_str()), ("on", "0"), "no session is left");
    for command in [&["history", "sch-001"][..], &["audit"]] {
        let text = node.run("host-state", command).out;
        for words in ["power on", "power off", "power cycle", "with host-power"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert!(!text.contains("power status"), "{text}");
    }
}

#[test]
fn the_next_boot_is_from_the_network_in_the_firmware_mode_that_is_known() {
    let (node, bmc) = one();
    power(&node, &["boot-once", "sch-001"]).done();
    assert_eq!((bmc.read("boot").as_str(), bmc.read("power").as_str()), ("Pxe Once", "off"));
    power(&node, &["boot-once", "sch-001", "--boot-mode", "bios", "--now"]).done();
    assert_eq!((bmc.read("boot").as_str(), bmc.read("power").as_str()), ("Pxe Once Legacy", "on"));
    power(&node, &["set", "sch-001", "--boot-mode", "uefi"]).done();
    bmc.log();
    let now = power(&node, &["boot-once", "sch-001", "--now", "--json"]);
    assert_eq!((bmc.read("boot").as_str(), bmc.read("power").as_str()), ("Pxe Once UEFI", "on"));
    assert!(bmc.log().contains("reset ForceOff"), "a machine without a system hears no shutdown");
    let answer = &json(&now)[0];
    assert_eq!((&answer["result"], &answer["state"], &answer["mac"]), (&"done".into(), &"on".into(), &MAC.into()));
}

#[test]
fn a_wrong_password_is_tried_once_and_printed_nowhere() {
    let (node, bmc) = one();
    let secret = "falsch-und-geheim";
    credentials(&node, "rack7", secret);
    bmc.log();
    let answer = power(&node, &["on", "sch-001"]);
    answer.fails(1, &["sch-001", "does not accept the user or the password", "host-power credentials set rack7"]);
    assert_eq!(bmc.log().matches("POST").count(), 1, "one try: accounts lock");
    bmc.write("faults", "no-sessions");
    power(&node, &["on", "sch-001"]).fails(1, &["does not accept the user or the password"]);
    assert_eq!(bmc.log().matches("Systems").count(), 1);
    let history = node.run("host-state", &["history", "sch-001", "--json"]).out;
    assert!(history.contains("power on failed"), "{history}");
    let shown = power(&node, &["show", "--json"]).out + &power(&node, &["credentials", "list", "--json"]).out;
    let own = node.path("srv/hps-config/state/bmc-credentials/rack7");
    for (path, bytes) in node.snapshot("srv").iter().filter(|(path, _)| *path != own) {
        assert!(!String::from_utf8_lossy(bytes).contains(secret), "{}", path.display());
    }
    assert!(!(history + &shown + &answer.err).contains(secret));
}

#[test]
fn a_certificate_that_changed_gets_no_password() {
    let (node, mut bmc) = one();
    let (pem, fingerprint) = certificate(node.folder.path(), "other.pem");
    bmc.restart(&node, &pem);
    bmc.log();
    let plain = fingerprint.replace(':', "").to_lowercase();
    power(&node, &["status", "sch-001"])
        .fails(1, &["the certificate of the BMC has changed", &plain, "host-power set sch-001 --new-certificate"]);
    assert_eq!(bmc.log(), "", "nothing was asked");
    // Without a terminal nobody can accept it.
    let set = power(&node, &["set", "sch-001", "--new-certificate"]);
    assert!(set.code == 3 && set.err.contains(&fingerprint) && set.err.contains(&plain), "{}", set.err);
    power(&node, &["set", "sch-001", "--new-certificate", "--accept-certificate"]).done();
    assert_eq!(power(&node, &["status", "sch-001"]).out, "sch-001: off\n");
}

#[test]
fn a_bmc_that_misbehaves_is_one_line_with_the_reason() {
    let (node, bmc) = one();
    for (faults, command, words) in [
        ("lie", &["on", "--timeout", "1s"][..], "accepted On, but still reports off after 1 seconds"),
        ("drop-boot", &["boot-once"], "its setting reads Disabled None UEFI"),
        ("conflict", &["boot-once"], "another program changed the boot setting"),
        ("task-fails", &["on"], "ended as Exception: The power supply is missing."),
        ("elsewhere", &["status"], "links to \"https://10.99.0.77/redfish/v1/\", which is not on this BMC"),
        ("large", &["status"], "more than 2 MiB"),
        ("garbage", &["status"], "no document of Redfish"),
        (
            "two-systems",
            &["status"],
            "the systems 437XR1138R2 other; name one with: host-power set sch-001 --system ID",
        ),
        ("forbidden", &["status"], "The user has no right to do this."),
        ("no-sessions forbidden", &["status"], "HTTP 403"),
    ] {
        bmc.write("faults", faults);
        let answer = power(&node, &[command, &["sch-001"]].concat());
        answer.fails(1, &["host-power: sch-001: ", words]);
        assert_eq!(bmc.read("sessions"), "0", "{faults}: its session is ended");
    }
    assert_eq!(bmc.read("power"), "off");
}

#[test]
fn what_some_bmcs_do_otherwise_works_too() {
    let (node, bmc) = one();
    for (faults, command, log) in [
        ("conflict-once", &["boot-once"][..], "boot {"),
        ("task", &["on"], "reset On"),
        ("no-sessions", &["off", "--force"], "reset ForceOff"),
        ("info", &["on"], "reset On"),
        ("no-force", &["off"], "reset GracefulShutdown"),
    ] {
        bmc.write("faults", faults);
        bmc.log();
        power(&node, &[command, &["sch-001"]].concat()).done();
        assert!(bmc.log().contains(log), "{faults}");
    }
    bmc.write("faults", "two-systems");
    power(&node, &["set", "sch-001", "--system", "437XR1138R2"]).done();
    power(&node, &["status", "sch-001"]).done();
    bmc.write("faults", "no-force");
    power(&node, &["on", "sch-001"]).done();
    power(&node, &["off", "--force", "sch-001"]).fails(1, &["it allows only: On, GracefulShutdown"]);
}

#[test]
fn a_bmc_that_hangs_stops_no_other_and_ctrl_c_ends_the_wait_at_once() {
    let (node, bmc) = one();
    node.run("host-state", &["add", MACS[1], "--type", "SCH"]).done();
    let (pem, fingerprint) = certificate(node.folder.path(), "second.pem");
    let hung = Bmc::new(&node, 8444, Some(&pem));
    hung.write("faults", "hang");
    power(&node, &["set", "sch-002", &hung.url(), "--credentials", "rack7", "--fingerprint", &fingerprint]).done();
    let answer = power(&node, &["on", "sch-001", "sch-002", "--timeout", "2s"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, "sch-001: on\n"));
    assert!(answer.err.contains("sch-002") && answer.err.contains("did not answer within 2 seconds"), "{answer:?}");
    assert!(answer.err.ends_with("host-power: 1 failed, 1 on\n"), "{answer:?}");
    assert_eq!(bmc.read("power"), "on");

    let child = node.command("host-power").args(["status", "sch-002"]).stderr(std::process::Stdio::piped()).spawn();
    let child = child.unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let begun = Instant::now();
    node.run("kill", &["-INT", &child.id().to_string()]).done();
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(String::from_utf8_lossy(&output.stderr).contains("sch-002: stopped"), "{output:?}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn all_hosts_are_ready_or_none_is_touched() {
    let (node, bmc) = one();
    node.run("host-state", &["add", MACS[1], "--type", "SCH"]).done();
    bmc.log();
    power(&node, &["on", "sch-001", "sch-002"])
        .fails(4, &["sch-002: HPS does not know how to switch it", "host-power set sch-002"]);
    let dry = power(&node, &["off", "sch-001", "--dry-run"]);
    assert_eq!((dry.code, dry.out), (10, format!("sch-001 would be switched off, by redfish at {SERVER}:8443\n")));
    assert_eq!(bmc.log(), "");
    assert_eq!(power(&node, &["on", "sch-009"]).code, 4);
    std::fs::remove_file(node.path("srv/hps-config/state/bmc-credentials/rack7")).unwrap();
    power(&node, &["on", "sch-001"]).fails(4, &["sch-001: there are no credentials rack7"]);
    assert_eq!(bmc.log(), "");
}

#[test]
fn settings_follow_their_host_and_go_with_it() {
    let (node, _bmc) = one();
    let folder = "srv/hps-config/clusters/lab/bmc";
    let names = || {
        let mut names: Vec<String> = node
            .snapshot(folder)
            .iter()
            .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        names.retain(|name| !name.starts_with('.'));
        names
    };
    assert_eq!(names(), ["525400000001.toml"]);
    node.run("host-state", &["replace-nic", "sch-001", MAC, MACS[3]]).done();
    assert_eq!(names(), ["525400000004.toml"]);
    power(&node, &["status", "sch-001"]).done();
    assert!(node.run("host-state", &["rm", "sch-001"]).out.contains("bmc/525400000004.toml"));
    assert_eq!(names(), [""; 0]);
    // A machine that is not known yet can have settings too.
    power(&node, &["set", MACS[1], "wake-on-lan:"]).done();
    assert_eq!(power(&node, &["show"]).out, format!("{}: wake-on-lan\n", MACS[1]));
    power(&node, &["credentials", "rm", "rack7"]).done();
    power(&node, &["unset", MACS[1]]).done();
    assert_eq!(names(), [""; 0]);
}

#[test]
fn only_a_file_of_root_alone_says_where_credentials_go() {
    let (node, bmc) = one();
    let path = node.path("srv/hps-config/clusters/lab/bmc/525400000001.toml");
    let mode = |path: &std::path::Path| {
        std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777
    };
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    bmc.log();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o660)).unwrap();
    assert_eq!(power(&node, &["status", "sch-001"]).code, 3);
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::set_permissions(path.parent().unwrap(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    assert_eq!(power(&node, &["status", "sch-001"]).code, 3);
    assert_eq!(bmc.log(), "");
}

#[test]
fn the_emulator_of_others_is_switched_too() {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let (pem, fingerprint) = certificate(node.folder.path(), "sushy.pem");
    let _sushy = Sushy::new(&node, 8000, &pem);
    credentials(&node, "lab", "falsch");
    let url = format!("redfish://{SERVER}:8000");
    power(&node, &["set", "sch-001", &url, "--credentials", "lab", "--fingerprint", &fingerprint]).done();
    power(&node, &["status", "sch-001"]).fails(1, &["does not accept the user or the password"]);
    credentials(&node, "lab", PASSWORD);
    // It does not know "once", and the line says so.
    let boot = power(&node, &["boot-once", "sch-001", "--boot-mode", "bios"]);
    assert_eq!(boot.code, 0, "{boot:?}");
    assert!(boot.out.contains("at each start") && boot.out.ends_with("off\n"), "{boot:?}");
    // It needs up to eleven seconds.
    assert_eq!(power(&node, &["on", "sch-001"]).out, "sch-001: on\n");
    assert_eq!(power(&node, &["status", "sch-001"]).out, "sch-001: on\n");
}
