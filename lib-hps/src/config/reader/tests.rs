// SPDX-License-Identifier: GPL-3.0-or-later
//! A table of mistakes, each alone and several together; and files without mistakes, which mean what they mean to the toml crate.

use crate::config::{Cluster, ClusterError};
use proptest::prelude::*;

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

/// Line, column, and the message with the line's text.
fn mistakes(text: &str) -> Vec<(usize, String)> {
    match Cluster::parse(text) {
        Ok(_) => Vec::new(),
        Err(ClusterError::File(all)) => all.iter().map(|one| (one.line(), one.without_line())).collect(),
        Err(other) => panic!("{other}"),
    }
}

/// The lines of what follows `[types.SCH]` begin with 18.
fn with(more: &str) -> String {
    format!("{CLUSTER}{more}\n")
}

#[test]
fn each_kind_of_mistake_alone_is_one_line() {
    let two = "[[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"SCH\"\n";
    for (text, line, parts) in [
        (
            CLUSTER.replace("ssh_keys", "ssh_key"),
            14,
            ["[install]: unknown key ssh_key", "did you mean ssh_keys?", "(column 1: ssh_key = ["],
        ),
        (
            CLUSTER.replace("domain = ", "jumbo = true\ndomain = "),
            10,
            ["unknown key jumbo", "expected one of interface", "(column 1: jumbo"],
        ),
        (
            CLUSTER.replace("[network]", "[netwrok]"),
            5,
            ["the file: unknown key netwrok", "did you mean network?", "(column 2: [netwrok])"],
        ),
        (
            CLUSTER.replace("domain = \"lab.internal\"", ""),
            5,
            ["[network]: missing required key domain", "such as domain = ", "(column 1: [network])"],
        ),
        (
            CLUSTER.replace("version = 1", ""),
            1,
            ["the file: missing required key version", "version = 1", "(column 1: # The"],
        ),
        (
            CLUSTER.replace("[types.SCH]\ndistro = \"x86_64-linux-debian-12\"", ""),
            1,
            ["missing required key types", "", ""],
        ),
        (
            CLUSTER.replace("\"menu\"", "\"menu\"\nmax_attempts = \"3\""),
            14,
            ["install.max_attempts is \"3\"", "whole number without quotes", "(column 16: max_attempts"],
        ),
        (
            CLUSTER.replace("\"menu\"", "\"menu\"\nmax_attempts = -1"),
            14,
            ["install.max_attempts is -1", "whole number", "(column 16"],
        ),
        (CLUSTER.replace("\"menu\"", "7"), 13, ["install.enrolment is 7", "expected text in quotes", "(column 13"]),
        (
            CLUSTER.replace("\"menu\"", "\"menus\""),
            13,
            ["install.enrolment is \"menus\"", "expected menu or armed", "(column 13: enrolment"],
        ),
        (CLUSTER.replace("\"eth0\"", "1.5"), 6, ["network.interface is 1.5", "text in quotes", "(column 13"]),
        (
            CLUSTER.replace("\"eth0\"", "2026-01-01"),
            6,
            ["network.interface is 2026-01-01", "text in quotes", "(column 13"],
        ),
        (
            CLUSTER.replace("domain = ", "http_port = 65536\ndomain = "),
            10,
            ["network.http_port is 65536", "up to 65535", "(column 13"],
        ),
        (
            CLUSTER.replace("domain = ", "http_port = 99999999999999999999\ndomain = "),
            10,
            ["network.http_port", "up to 65535", "(column 13"],
        ),
        (
            CLUSTER.replace("domain = ", "dns = \"10.0.0.9\"\ndomain = "),
            10,
            ["network.dns is", "expected a list", "(column 7"],
        ),
        (
            CLUSTER.replace("domain = ", "dns = [\"10.0.0.9\", \"10.0.0.300\"]\ndomain = "),
            10,
            ["network.dns is \"10.0.0.300\"", "expected an IPv4 address, such as", "(column 20"],
        ),
        (
            CLUSTER.replace("domain = ", "gateway = \"\"\ndomain = "),
            10,
            ["network.gateway is \"\"", "expected an IPv4 address", "(column 11: gateway = \"\")"],
        ),
        (
            CLUSTER.replace("10.0.0.1/24", "10.0.0.1/33"),
            7,
            ["network.address is \"10.0.0.1/33\"", "length of its prefix", "(column 11"],
        ),
        (CLUSTER.replace("[types.SCH]", "[types.XXX]"), 16, ["types.XXX", "SCH", "(column 8: [types.XXX])"]),
        (
            CLUSTER.replace("[types.SCH]", "[types]\nSCH = 3\n[types.TCH]"),
            17,
            ["types.SCH is 3", "expected a table", "(column 7"],
        ),
        (with("[legacy]\nlog_message = \"yes\""), 19, ["legacy.log_message", "true or false", "(column 15"]),
        (
            with("[[rule]]\nname = \"r\"\nserail = \"1\"\ntype = \"SCH\""),
            20,
            ["[[rule]]: unknown key serail", "did you mean serial?", "(column 1"],
        ),
        (
            with("[[rule]]\nserial = \"1\"\ntype = \"SCH\""),
            18,
            ["[[rule]]: missing required key name", "", "(column 1: [[rule]])"],
        ),
        (
            with("[[storage_network]]\nname = \"a\"\nvlan = 5"),
            18,
            ["[[storage_network]]: missing required key network", "such as network", "(column 1"],
        ),
        (
            with("[[storage_network]]\nname = \"a\"\nnetwork = \"10.1.0.0/24\"\nvlan = 4095"),
            21,
            ["storage_network.vlan is 4095", "VLAN of 1 to 4094", "(column 8"],
        ),
        (
            with("[types.SCH.disks]\nroot_gib = 3"),
            19,
            ["types.SCH.disks.root_gib is 3", "expected 4 to 1000000", "(column 12"],
        ),
        (
            CLUSTER.replace("10.0.0.2-10.0.0.127", "10.0.1.2-10.0.1.9"),
            9,
            ["network.host_range", "outside the host addresses of 10.0.0.0/24", "(column 14: host_range"],
        ),
        (
            with(&format!("{two}{}", two.replace("\"r\"", "\"s\""))),
            22,
            ["rules r and s fit the same machines", "", "(column 1: [[rule]])"],
        ),
        // One network that is wrong for two types.
        (
            with(
                "[types.TCH]\ndistro = \"x86_64-linux-debian-12\"\n[[storage_network]]\nname = \"a\"\nnetwork = \"10.1.0.0/24\"",
            ),
            20,
            ["has no vlan", "", "(column 1"],
        ),
        (
            CLUSTER.replace("version = 1", "version = 2").replace("domain = ", "http_port = 0\ndomain = "),
            2,
            ["version is 2", "reads version 1", "(column 11"],
        ),
        // What is no TOML ends the reading.
        (CLUSTER.replace("\"lab\"", "lab"), 3, ["name is lab", "name = \"lab\"", "(column 8: name = lab)"]),
        (
            CLUSTER.replace("version = 1", "version = 1\nversion = 1"),
            3,
            ["version stands twice", "remove one", "(column 1: version = 1)"],
        ),
        (CLUSTER.replace("[install]", "[install"), 12, ["not TOML", "", ""]),
    ] {
        let found = mistakes(&text);
        assert_eq!(found.len(), 1, "{parts:?}: {found:?}");
        assert_eq!(found[0].0, line, "{found:?}");
        assert!(parts.iter().all(|part| found[0].1.contains(part)), "{parts:?}: {found:?}");
        assert!(!found[0].1.contains('\n'));
    }
}

#[test]
fn all_mistakes_come_in_one_run_in_the_order_of_the_file() {
    let text = CLUSTER
        .replace("10.0.0.2-10.0.0.127", "10.0.1.2-10.0.1.9")
        .replace("domain = \"lab.internal\"", "gateway = \"10.0.0.300\"\nhttp_port = \"80\"")
        .replace("enrolment", "enrollment");
    let lines: Vec<usize> = mistakes(&text).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [5, 9, 10, 11, 14]);
    // In a section whose name is wrong, too.
    let lines: Vec<usize> = mistakes(&text.replace("[network]", "[netwrok]")).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [5, 5, 9, 10, 11, 14]);
    let many: String = (0..50).map(|number| format!("key{number} = 1\n")).collect();
    assert_eq!(mistakes(&format!("{many}{CLUSTER}")).len(), 20);
}

/// A check does not count where one of its settings is a sample, or was left out.
#[test]
fn one_mistake_does_not_make_others() {
    for text in [
        CLUSTER.replace("10.0.0.1/24", "10.0.0.1"),
        CLUSTER.replace("10.0.0.2-10.0.0.127", "x"),
        CLUSTER.replace("ssh-ed25519", "ssh-none"),
        CLUSTER.replace("10.0.0.", "10.7.0.").replace("10.7.0.1/24", "10.7.0.1/245"),
        with("[[rule]]\nname = \"r\"\nmac = \"x\"\ntype = \"SCH\""),
        with("[[rule]]\nname = \"r\"\nvendor = \"x\"\ntype = \"SCH\""),
        with("[types.SCH.disks]\nsystem = \"max=9G\"\n").replace("[install]", "[install]\ndisk_min_gib = \"x\""),
        with(
            "[types.DRH]\ndistro = \"x86_64-linux-debian-12\"\n[types.DRH.disks]\nvolumes = \"zfs\"\nroot_gib = \"40\"",
        ),
        with(
            "[types.SCH.network]\nnics = [0, 1]\n[[storage_network]]\nname = \"a\"\nnetwork = \"10.1.0.0/24\"\nvlan = 3",
        ),
        with("[[storage_network]]\nname = \"a\"\nnetwork = \"10.1.0.0/24\"\nvlan = \"3\""),
    ] {
        let found = mistakes(&text);
        assert_eq!(found.len(), 1, "{text}\n{found:?}");
    }
}

/// Screens of machines show messages about the cluster file.
#[test]
fn no_message_has_the_hash_of_a_password() {
    let hash = "$6$saltsalt$abcdefghijklmnop";
    for text in [
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\nroot_password_hash = \"{hash}\"")),
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\nroot_password_hash = {hash}")),
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\nroot_password_hsah = \"{hash}\"")),
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\npasswd = '{hash}'")),
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\nroot_password_hash = [\n'{hash}']")),
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\nroot_password_hash = '''\n{hash}'''")),
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\nroot_password_hash = '''\n{hash}\n\u{1}'''")),
        CLUSTER.replace("\"menu\"", &format!("\"menu\"\nstage_limits = {{ root_password_hash = '{hash}' }}")),
        CLUSTER.replace("\"menu\"", &format!("'{hash}'")),
    ] {
        let error = Cluster::parse(&text).unwrap_err().to_string();
        assert!(!error.contains("saltsalt"), "{error}");
    }
}

/// A key that must be given and has no sample would end the reading of the file.
#[test]
fn every_required_key_has_a_sample() {
    let whole = with(
        "[[storage_network]]\nname = \"a\"\nnetwork = \"10.1.0.0/24\"\nvlan = 5\n[[rule]]\nname = \"r\"\ntype = \"SCH\"\nserial = \"1\"",
    );
    assert_eq!(mistakes(&whole), []);
    for (number, line) in whole.lines().enumerate().filter(|(_, line)| line.contains(" = ")) {
        let without: Vec<&str> =
            whole.lines().enumerate().filter(|(n, _)| *n != number).map(|(_, line)| line).collect();
        // The second mistake is found behind the first.
        let text =
            without.join("\n").replace("enrolment = \"menu\"", "enrolment = \"x\"") + "\n[boot]\nmenu_timeout = 1\n";
        let required = toml::from_str::<Cluster>(&without.join("\n")).is_err();
        let found = mistakes(&text);
        let more = if line.starts_with("enrolment") { 1 } else { 2 };
        let contradicts = line.starts_with("vlan") || line.starts_with("serial");
        assert_eq!(found.len(), more + usize::from(required || contradicts), "{line}: {found:?}");
    }
}

/// A file with a line replaced or left out.
fn changed() -> impl Strategy<Value = String> {
    let lines: Vec<String> = CLUSTER.lines().map(str::to_owned).collect();
    let line = prop_oneof![
        Just(String::new()),
        "[a-z_]{1,12} = (true|-?[0-9]{1,6}|\"[a-z0-9./-]{0,16}\"|\\[[0-9]{0,3}\\]|\\{\\})",
        "\\[{1,2}[a-zA-Z_.]{1,20}\\]{1,2}",
        "[ -~]{0,30}",
        Just("[[rule]]".to_owned()),
        Just("types = { SCH = { distro = 'x86_64-linux-debian-13' } }".to_owned()),
    ];
    proptest::collection::vec((0..lines.len(), line), 0..4).prop_map(move |changes| {
        let mut lines = lines.clone();
        for (at, line) in changes {
            lines[at] = line;
        }
        lines.join("\n")
    })
}

proptest! {
    #[test]
    fn no_file_ends_the_reader(text in changed()) {
        let plain = toml::from_str::<Cluster>(&text);
        match (Cluster::parse(&text), plain) {
            (Ok(ours), plain) => prop_assert_eq!(Some(ours), plain.ok()),
            (Err(ClusterError::File(_)), Ok(plain)) => prop_assert_ne!(plain.contradictions(), Vec::new()),
            (Err(_), Err(_)) => {}
            (Err(other), Ok(_)) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn no_text_ends_the_reader(text in "[ -~\n\"\\[\\]={}.]{0,200}") {
        let _only_looks = Cluster::parse(&text);
    }
}
