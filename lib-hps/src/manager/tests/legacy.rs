// SPDX-License-Identifier: GPL-3.0-or-later
//! Commands of the shell release: refused unless they are switched on, and never a way to an installation.

use super::commands::LEGACY;
use super::site::{MAC, OWN, Site, mac};

const COMMANDS: [(&str, &str); 7] = [
    ("kickstart", "hosttype=SCH"),
    ("config_host", "hosttype=SCH"),
    ("set_status", "status=UNCONFIGURED"),
    ("determine_state", ""),
    ("host_get_config", ""),
    ("set_host_name_value", "name=HOSTNAME&value=x"),
    ("log_message", "message=x"),
];

pub(super) fn site() -> Site {
    Site::with("armed", "", LEGACY)
}

pub(super) fn ask(site: &Site, command: &str, more: &str) -> (u16, String) {
    let response = site.ask(&format!("cmd={command}&mac={MAC}&{more}"));
    (response.status(), response.body_text())
}

#[test]
fn each_is_off_and_has_its_own_switch() {
    for (on, _) in COMMANDS {
        let site = Site::with("armed", "", &format!("[legacy]\n{on} = true\n"));
        site.store.hosts().create(mac(), &super::site::who(), site.now()).unwrap();
        let before = site.snapshot();
        for (command, more) in COMMANDS.into_iter().filter(|(command, _)| *command != on) {
            assert_eq!(ask(&site, command, more), (403, "refused\n".to_owned()), "{command} with {on}");
        }
        assert_eq!(site.snapshot(), before);
        let more = COMMANDS.into_iter().find(|(command, _)| *command == on).unwrap().1;
        // Nothing permits an installation here, so that one is refused all the same.
        assert_eq!(ask(&site, on, more).0, if on == "kickstart" { 403 } else { 200 }, "{on}");
    }
}

#[test]
fn a_machine_that_nobody_knows_is_not_made_known_by_its_name() {
    let site = site();
    site.lease(MAC, OWN);
    let before = site.snapshot();
    for (command, more) in COMMANDS {
        let expected = if command == "kickstart" { 403 } else { 404 };
        assert_eq!(ask(&site, command, more).0, expected, "{command}");
    }
    assert_eq!(site.snapshot(), before);
}

#[test]
fn what_is_asked_by_name_is_told_by_name() {
    let site = site();
    site.arm(1);
    assert_eq!(ask(&site, "determine_state", ""), (200, "CONFIGURED\n".to_owned()));
    for spelling in ["52:54:00:00:00:01", "52-54-00-00-00-01", "525400000001"] {
        assert_eq!(site.ask(&format!("cmd=determine_state&mac={spelling}")).body_text(), "CONFIGURED\n");
    }
    let json = site.handle(OWN, &format!("cmd=determine_state&mac={MAC}"), b"", true).body_text();
    assert_eq!(json, "{\"result\":\"CONFIGURED\"}\n");
    let (status, record) = ask(&site, "host_get_config", "");
    let expected = "STATE=\"CONFIGURED\"\nTYPE=\"SCH\"\nPROFILE=\"STORAGESINGLE\"\nIP=\"10.0.0.2\"\nNETMASK=\"255.255.255.0\"\nHOSTNAME=\"sch-001\"\nFORCE_INSTALL=\"NO\"\nUPDATED=\"2026-11-22 10:00:30 UTC\"\n";
    assert_eq!((status, record.as_str()), (200, expected));
    let json = site.handle(OWN, &format!("cmd=host_get_config&mac={MAC}"), b"", true).body_text();
    assert!(json.contains("\"HOSTNAME\":\"sch-001\""), "{json}");
}

#[test]
fn a_message_is_one_line_that_nobody_takes_for_another() {
    let site = site();
    site.arm(1);
    let before = site.snapshot();
    let hostile = "message=done%0a2026-11-22T10:00:00Z%20525400000001%20-%20stage%20installed:%20";
    assert_eq!(ask(&site, "log_message", hostile), (200, "Log updated\n".to_owned()));
    let log = site.log();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("525400000001 sch-001 message from 10.0.0.2: done 2026"), "{log}");
    assert_eq!(ask(&site, "log_message", "").0, 400);
    assert_eq!(site.snapshot(), before);
}
