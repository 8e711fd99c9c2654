// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power` by IPMI against the real `ipmi_sim`, by wake-on-LAN, and by a program of the site.

use crate::PROGRAM;
use crate::bmc::{IPMI_PASSWORD, IPMI_PORT, IpmiSim, credentials};
use crate::setup::MAC;
use crate::support::{Answer, INTERFACE, Node, SERVER};

fn one() -> Node {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node
}

fn power(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-power", arguments)
}

#[test]
fn ipmi_switches_and_boots_from_the_network() {
    let node = one();
    let sim = IpmiSim::new(&node);
    credentials(&node, "rack7", IPMI_PASSWORD);
    let url = format!("ipmi://{SERVER}:{IPMI_PORT}");
    // ipmi_sim does not report its suites, which ipmitool waits for.
    power(&node, &["set", "sch-001", &url, "--credentials", "rack7", "--cipher-suite", "3"]).done();
    assert_eq!(power(&node, &["status", "sch-001"]).out, "sch-001: off\n");
    power(&node, &["boot-once", "sch-001", "--boot-mode", "uefi", "--now"]).done();
    assert_eq!((sim.read("power").as_str(), sim.read("boot").as_str()), ("1", "pxe"));
    power(&node, &["off", "sch-001"]).done();
    assert_eq!(sim.read("power"), "0");
    assert!(sim.read("log").contains("set shutdown"));
    std::fs::write(sim.state.join("lie"), "").unwrap();
    power(&node, &["on", "sch-001", "--timeout", "1s"]).fails(1, &["sch-001", "accepted On, but still reports off"]);
    std::fs::remove_file(sim.state.join("lie")).unwrap();

    credentials(&node, "rack7", "falsch");
    let wrong = power(&node, &["on", "sch-001"]);
    wrong.fails(1, &["sch-001", "does not accept the user or the password", "host-power credentials set rack7"]);
    assert!(!wrong.err.contains("falsch"));
    assert_eq!(sim.read("power"), "0");
    power(&node, &["set", "sch-001", "--cipher-suite", "1"]).fails(2, &["expected 3 or 17"]);
}

#[test]
fn the_password_is_in_no_argument_and_no_environment_of_ipmitool() {
    let node = one();
    credentials(&node, "rack7", "geheim-fuer-alle");
    let url = format!("ipmi://{SERVER}:{IPMI_PORT}");
    power(&node, &["set", "sch-001", &url, "--credentials", "rack7"]).done();
    let folder = node.path("programs");
    std::fs::create_dir(&folder).unwrap();
    let script = "#!/bin/sh\n{ tr '\\0' ' ' < /proc/$$/cmdline; env; } > /tmp/seen\ncat /dev/stdin > /tmp/given\necho Chassis Power is on\n";
    let script = script.replace("/tmp", node.folder.path().to_str().unwrap());
    std::fs::write(folder.join("ipmitool"), script).unwrap();
    std::fs::set_permissions(folder.join("ipmitool"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = node.command_with(&folder, "host-power").args(["status", "sch-001"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read_to_string(node.path("given")).unwrap(), "geheim-fuer-alle\n");
    let seen = std::fs::read_to_string(node.path("seen")).unwrap();
    assert!(seen.contains("lanplus") && !seen.contains("geheim"), "{seen}");
}

#[test]
fn wake_on_lan_sends_the_packet_on_the_interface_of_the_cluster_and_switches_nothing_off() {
    let node = one();
    power(&node, &["set", "sch-001", "wake-on-lan:"]).done();
    let listen = "import socket,sys\ns=socket.socket(socket.AF_PACKET,socket.SOCK_DGRAM,socket.htons(0x0003))\n\
                  s.bind((sys.argv[1],0))\ns.settimeout(15)\nopen(sys.argv[2],'w').close()\n\
                  while True:\n p=s.recv(2048)\n if p[-102:-96]==b'\\xff'*6:\n  print(p[-6:].hex());break\n";
    let ready = node.path("listening");
    let mut command = node.command("python3");
    command.args(["-c", listen, INTERFACE]).arg(&ready).stdout(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    while !ready.exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(power(&node, &["on", "sch-001"]).out, "sch-001: unknown\n");
    let heard = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&heard.stdout), "525400000001\n");
    power(&node, &["off", "sch-001", "--force"]).fails(1, &["wake-on-lan cannot switch a host off"]);
    power(&node, &["boot-once", "sch-001"]).fails(1, &["put the network first in the firmware"]);
    power(&node, &["boot-once", "sch-001", "--now"]).done();
}

#[test]
fn a_program_of_the_site_is_not_root_and_nobody_else_can_have_written_it() {
    let node = one();
    let folder = node.path("site");
    std::fs::create_dir(&folder).unwrap();
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap()
    };
    let (program, state) = (folder.join("pdu"), node.path("pdu-state"));
    std::fs::create_dir(&state).unwrap();
    open(&state, 0o777);
    let script = "#!/bin/sh\ncd STATE\necho $(id -un) $HPS_POWER_ACTION $HPS_HOST $HPS_MAC $HPS_BOOT_MODE >> log\n\
                  case $HPS_POWER_ACTION in status) cat power;; on) echo on > power;; force-off) echo off > power;; off) exit 3;; esac\n";
    std::fs::write(&program, script.replace("STATE", state.to_str().unwrap())).unwrap();
    open(&program, 0o755);
    std::fs::write(state.join("power"), "off\n").unwrap();
    open(&state.join("power"), 0o666);
    power(&node, &["set", "sch-001", &format!("command:{}", program.display())]).done();
    power(&node, &["boot-once", "sch-001", "--now", "--boot-mode", "uefi"]).done();
    let log = std::fs::read_to_string(state.join("log")).unwrap();
    assert!(log.starts_with(&format!("hps boot-network sch-001 {MAC} uefi\nhps status")), "{log}");
    assert!(log.contains(&format!("hps on sch-001 {MAC}\n")), "{log}");
    power(&node, &["off", "sch-001"]).fails(1, &["pdu failed (exit code 3)"]);
    power(&node, &["off", "sch-001", "--force"]).done();
    open(&program, 0o777);
    power(&node, &["on", "sch-001"]).fails(1, &["pdu is not called", "chmod go-w"]);
}
