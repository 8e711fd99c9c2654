// SPDX-License-Identifier: GPL-3.0-or-later
//! Random requests thrown at a node: no panic, no secret, and what was installed keeps its disk.

use super::commands::LEGACY;
use super::rules::RULE;
use super::site::{MAC, OWN, Site, is_installer, is_local_boot, mac};
use crate::host::HostState;
use proptest::prelude::*;

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9_.:-]{0,20}",
        2 => any::<String>(),
        1 => "\\PC{0,40}",
        1 => proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| bytes.iter().map(|b| format!("%{b:02x}")).collect()),
        3 => proptest::sample::select(vec![
            "SCH", "TCH", "STORAGESINGLE", "INSTALLED", "UNCONFIGURED", "FAILED", "INSTALLING", "REINSTALL", "YES", "STATE",
            "TYPE", "HOSTNAME", "sch-001", "started", "installed", "failed", "1-9999999999-00", "install_SCH", "unconfigure",
            "reinstall", "enrol", "gave_up", "init_menu", "force_install_on",
        ]).prop_map(str::to_owned),
    ]
}

fn parameter() -> impl Strategy<Value = String> {
    let names = vec![
        "ticket",
        "token",
        "stage",
        "message",
        "menu_item",
        "hosttype",
        "status",
        "name",
        "value",
        "uuid",
        "serial",
        "product",
        "arch",
        "platform",
        "x",
    ];
    (prop_oneof![8 => proptest::sample::select(names).prop_map(str::to_owned), 1 => any::<String>()], value())
        .prop_map(|(name, value)| format!("{name}={value}"))
}

fn query() -> impl Strategy<Value = String> {
    let commands = vec![
        "init",
        "boot_action",
        "process_menu_item",
        "answer",
        "event",
        "log",
        "kickstart",
        "config_host",
        "set_status",
        "determine_state",
        "host_get_config",
        "set_host_name_value",
        "log_message",
    ];
    let macs = prop_oneof![
        6 => Just(MAC.to_owned()),
        1 => Just("52:54:00:00:00:01".to_owned()),
        1 => "5254000000[0-9a-f]{2}",
        1 => value(),
    ];
    let command = prop_oneof![9 => proptest::sample::select(commands).prop_map(str::to_owned), 1 => value()];
    let whole = (command, macs, proptest::collection::vec(parameter(), 0..4)).prop_map(|(command, mac, more)| {
        let mut parts = vec![format!("cmd={command}"), format!("mac={mac}")];
        parts.extend(more);
        parts.join("&")
    });
    prop_oneof![9 => whole, 1 => any::<String>()]
}

#[test]
fn whatever_is_thrown_at_it_an_installed_host_boots_its_disk() {
    let site = Site::with("menu", "", &format!("{LEGACY}{RULE}"));
    site.install(1);
    let remotes = prop_oneof![4 => Just(OWN), 1 => Just("10.0.0.77"), 1 => Just("")];
    let body = proptest::collection::vec(any::<u8>(), 0..200);
    let config = ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(query in query(), remote in remotes, body in body, json in any::<bool>())| {
        let response = site.handle(remote, &query, &body, json);
        let text = response.body_text();
        prop_assert!([200, 400, 403, 404, 409, 413].contains(&response.status()), "{} {}", response.status(), text);
        prop_assert!(!text.contains("HPS_TOKEN"), "{}", text);
        let mut written = Vec::new();
        response.write_to(&mut written).unwrap();
        let head = String::from_utf8_lossy(&written).split("\r\n\r\n").next().unwrap_or_default().to_owned();
        prop_assert!(head.lines().count() <= 5, "{}", head);
        let mac_installed = query.contains(MAC) || query.contains("52:54:00:00:00:01");
        prop_assert!(!(mac_installed && is_installer(&text)), "{}", text);
    });
    assert_ne!(site.state(), Some(HostState::Installing));
    assert!(site.store.installed_marks().installed(mac(), None).unwrap().ever());
    assert!(is_local_boot(&site.boot()));
}
