// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure` on a cluster that exists: what no flag names stays, and so do comments.

use crate::PROGRAM;
use crate::support::{ADDRESS, Node};

#[test]
fn a_change_keeps_what_no_flag_names() {
    let node = Node::served(PROGRAM);
    node.configure(&["--enrolment", "armed", "--console", "ttyS0,115200n8", "--ntp", "10.99.0.250"]).done();
    node.configure(&["--description", "the lab"]).done();
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    for kept in ["enrolment = \"armed\"", "ttyS0,115200n8", "10.99.0.250", "the lab", ADDRESS] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    // What no flag of it knows: rules, and the commands of the shell release.
    let rule = "\n[[rule]]\nname = \"rack\"\nmac_prefix = \"52:54\"\ntype = \"SCH\"\n[legacy]\nlog_message = true\n";
    let by_hand = text.split("\n[legacy]").next().unwrap().to_owned() + rule;
    std::fs::write(node.path("srv/hps-config/clusters/lab.cluster"), by_hand).unwrap();
    node.configure(&["--storage-networks", "2", "--syslog", "tcp:10.99.0.250"]).done();
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    for kept in ["\"rack\"", "log_message = true", "\"10.100.1.0/24\"", "vlan = 102", "\"tcp:10.99.0.250\"", "the lab"]
    {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    node.configure(&["--storage-networks", "1"]).done();
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    assert_eq!(text.matches("[[storage_network]]").count(), 1);
    assert_eq!(node.configure(&["--storage-networks", "6"]).code, 2);
}

/// Comments, order and layout of the file are its administrator's.
#[test]
fn one_changed_value_is_the_whole_diff() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let key = text.lines().find(|line| line.starts_with("ssh_keys")).unwrap().split('"').nth(1).unwrap();
    let own = format!(
        "# Rack 7: ask Kim\ntypes = {{ SCH = {{ distro = 'x86_64-linux-debian-12' }} }} # blue\nname='lab'\nversion = 1\n\n\
         [install]\nssh_keys = [\n  \"{key}\", # Kim\n]\nenrolment   =   \"menu\"   # until May\n\n\
         [network] # port 12\ndomain = \"lab.internal\"\n# half of it\nhost_range = \"10.99.0.2-10.99.0.127\"\n\
         dhcp_range = \"10.99.0.128-10.99.0.199\"\naddress = \"{ADDRESS}\"\ninterface = \"br0\"\n# end\n"
    );
    std::fs::write(&file, &own).unwrap();
    node.run("cluster-configure", &["--no-reload"]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), own);
    let shown = node.run("cluster-configure", &["--no-reload", "--dry-run", "--enrolment", "armed"]);
    let changed: Vec<&str> =
        shown.out.lines().filter(|l| l.starts_with(['+', '-']) && !l.contains(".cluster")).collect();
    assert_eq!(
        (shown.code, changed),
        (10, vec!["-enrolment   =   \"menu\"   # until May", "+enrolment   =   \"armed\"   # until May"])
    );
    node.run("cluster-configure", &["--no-reload", "--enrolment", "armed"]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), own.replace("\"menu\"", "\"armed\""));
    // A whole file is taken with its comments.
    let from = node.path("own.cluster");
    std::fs::write(&from, &own).unwrap();
    node.run("cluster-configure", &["--no-reload", "--from", &from.to_string_lossy()]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), own);
}

/// Another interface leads to another network, where a second DHCP server does harm.
#[test]
fn an_interface_that_is_not_there_now_stays() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap().replace("\"br0\" ", "\"eno9\"");
    assert!(text.contains("eno9"), "{text}");
    std::fs::write(&file, &text).unwrap();
    node.run("cluster-configure", &["--no-reload", "--enrolment", "armed"]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text.replace("\"menu\"", "\"armed\""));
}

#[test]
fn a_file_is_taken_and_a_bad_one_is_named() {
    let node = Node::served(PROGRAM);
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    let file = node.path("site.cluster");
    std::fs::write(&file, text.replace("\"lab\" ", "\"site\" ")).unwrap();
    let file = file.to_string_lossy().into_owned();
    node.run("cluster-configure", &["--from", &file]).fails(3, &["lab is the active cluster", "--activate"]);
    node.run("cluster-configure", &["--from", &file, "--activate"]).fails(0, &["lab is no longer active; site is"]);
    let active = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    assert_eq!(active.to_string_lossy(), "site.cluster");
    std::fs::write(&file, text.replace("http_port = 80", "http_prot = 80")).unwrap();
    let before = node.snapshot("srv/hps-config");
    node.run("cluster-configure", &["--from", &file]).fails(1, &["site.cluster", "line 21", "http_prot"]);
    assert_eq!(node.snapshot("srv/hps-config"), before);
}
