// SPDX-License-Identifier: GPL-3.0-or-later
//! Commands of the shell release: refused unless they are switched on, and never a way to an installation.

use super::errors::LEGACY;
use super::site::{MAC, OWN, Site, is_installer, is_local_boot, mac, token_in};
use crate::host::{Event, HostState};
use crate::store::Role;
use crate::types::HostType;

const COMMANDS: [(&str, &str); 7] = [
    ("kickstart", "hosttype=SCH"),
    ("config_host", "hosttype=SCH"),
    ("set_status", "status=UNCONFIGURED"),
    ("determine_state", ""),
    ("host_get_config", ""),
    ("set_host_name_value", "name=HOSTNAME&value=x"),
    ("log_message", "message=x"),
];

fn site() -> Site {
    Site::with("armed", "", LEGACY)
}

fn ask(site: &Site, command: &str, more: &str) -> (u16, String) {
    let response = site.ask(&format!("cmd={command}&mac={MAC}&{more}"));
    (response.status(), response.body_text())
}

#[test]
fn each_is_off_and_has_its_own_switch() {
    for (on, _) in COMMANDS {
        let site = Site::with("armed", "", &format!("[legacy]\n{on} = true\n"));
        site.store.create_host(mac(), &super::site::who(), site.now()).unwrap();
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

#[test]
fn config_host_gives_a_type_to_what_was_never_installed() {
    let site = site();
    site.store.create_host(mac(), &super::site::who(), site.now()).unwrap();
    assert_eq!(ask(&site, "config_host", "hosttype=XYZ").0, 400);
    assert_eq!(ask(&site, "config_host", "hosttype=TCH").0, 409, "this cluster installs none");
    assert_eq!(ask(&site, "config_host", "hosttype=SCH"), (200, format!("{MAC} set to SCH\n")));
    let host = site.store.host(mac()).unwrap().unwrap();
    assert_eq!((host.state(), host.host_type), (HostState::Configured, Some(HostType::Sch)));
    assert!(site.store.paths.dhcp_host(mac()).is_file(), "its address is reserved");
    assert!(!is_installer(&site.boot()), "and nothing is permitted");
}

#[test]
fn an_installed_or_installing_host_keeps_type_and_name() {
    let changes = [
        ("config_host", "hosttype=SCH"),
        ("set_host_name_value", "name=HOSTNAME&value=other"),
        ("set_host_name_value", "name=TYPE&value=SCH"),
        ("set_host_name_value", "name=PROFILE&value=STORAGESINGLE"),
        ("set_host_name_value", "name=FORCE_INSTALL&value=YES"),
        ("set_host_name_value", "name=STATE&value=UNCONFIGURED"),
    ];
    for state in [HostState::Installing, HostState::Installed, HostState::Reinstall, HostState::Active] {
        let site = site();
        site.arm(1);
        site.begin();
        site.set_state(state);
        let before = site.snapshot();
        for (command, more) in changes {
            assert_eq!(ask(&site, command, more).0, 409, "{state} {command} {more}");
        }
        assert_eq!(site.snapshot(), before, "{state}");
    }
    // Nor does it help that the record says nothing of it any more.
    let site = site();
    site.install(1);
    assert_eq!(ask(&site, "set_status", "status=UNCONFIGURED").0, 200);
    let before = site.snapshot();
    for (command, more) in changes {
        assert_eq!(ask(&site, command, more).0, 409, "{command} {more}");
    }
    assert_eq!(site.snapshot(), before);
}

#[test]
fn set_status_ends_an_installation_and_begins_none() {
    for from in HostState::ALL {
        for to in HostState::ALL {
            let site = site();
            let id = site.arm(1);
            let ticket = site.ticket();
            let token = site.begin();
            site.set_state(from);
            let before = site.snapshot();
            let (status, text) = ask(&site, "set_status", &format!("status={to}"));
            let taken = match (from, to) {
                (HostState::Installing, HostState::Installed | HostState::Failed) => true,
                (HostState::Installing, _) => false,
                (_, HostState::Unconfigured) => true,
                _ => false,
            };
            if !taken {
                assert_eq!((status, site.snapshot()), (409, before), "{from} to {to}");
                continue;
            }
            assert_eq!((status, text), (200, format!("{MAC} set to {to}\n")), "{from} to {to}");
            assert_eq!(site.state(), Some(to));
            assert!(site.store.is_spent(&id).unwrap(), "{from} to {to}");
            let installed = from.has_system() || to == HostState::Installed;
            assert_eq!(site.store.installed(mac(), None).unwrap().ever(), installed, "{from} to {to}");
            assert_eq!(is_local_boot(&site.boot()), installed, "{from} to {to}");
            assert!(!is_installer(&site.boot()), "{from} to {to}");
            assert_eq!(site.answer(&ticket).status(), 403);
            assert!(matches!(site.report(&token, "started", "").status(), 403 | 409));
        }
    }
    let site = site();
    site.arm(1);
    for bad in ["status=", "status=installed", "status=GONE", ""] {
        assert_eq!(ask(&site, "set_status", bad).0, 400, "{bad}");
    }
}

/// The mark is made before the record says it: whatever dies in between leaves a host that boots its disk.
#[test]
fn set_status_marks_before_it_records() {
    let site = site();
    let id = site.arm(1);
    site.begin();
    let history = site.store.paths.host(mac());
    let text = std::fs::read_to_string(history.path()).unwrap();
    assert_eq!(ask(&site, "set_status", "status=INSTALLED").0, 200);
    // As if the process had died before it wrote the record.
    std::fs::write(history.path(), text).unwrap();
    assert_eq!(site.state(), Some(HostState::Installing));
    assert!(site.store.is_spent(&id).unwrap());
    assert!(is_local_boot(&site.boot()));
}

#[test]
fn set_host_name_value_takes_four_names() {
    let site = site();
    site.store.create_host(mac(), &super::site::who(), site.now()).unwrap();
    let set = |name: &str, value: &str| ask(&site, "set_host_name_value", &format!("name={name}&value={value}"));
    let before = site.snapshot();
    for name in ["STATE", "IP", "NETMASK", "UPDATED", "state", "", "PATH"] {
        assert_eq!(set(name, "x").0, 409, "{name}");
    }
    for (name, value) in [
        ("HOSTNAME", "a%20b"),
        ("HOSTNAME", "../x"),
        ("HOSTNAME", "ignore"),
        ("HOSTNAME", ""),
        ("FORCE_INSTALL", "yes"),
        ("TYPE", "XYZ"),
        ("PROFILE", "X"),
    ] {
        let expected = 400;
        assert_eq!(set(name, value).0, expected, "{name}={value}");
    }
    assert_eq!(set("PROFILE", "STORAGESINGLE").0, 409, "it has no type yet");
    assert_eq!(site.snapshot(), before);

    assert_eq!(set("TYPE", "SCH"), (200, format!("{MAC} set TYPE to SCH\n")));
    assert_eq!(set("PROFILE", "STORAGESINGLE"), (200, format!("{MAC} set PROFILE to STORAGESINGLE\n")));
    assert_eq!(set("PROFILE", "STORAGERAID"), (200, format!("{MAC} set PROFILE to STORAGERAID\n")));
    assert_eq!(set("HOSTNAME", "SCH-007"), (200, format!("{MAC} set HOSTNAME to sch-007\n")));
    assert_eq!(set("FORCE_INSTALL", "YES"), (200, format!("{MAC} set FORCE_INSTALL to YES\n")));
    let host = site.store.host(mac()).unwrap().unwrap();
    assert_eq!(host.name.unwrap().as_str(), "sch-007");
    assert!(host.force_asked);
    let entry = std::fs::read_to_string(site.store.paths.dhcp_host(mac())).unwrap();
    assert!(entry.contains("sch-007"), "{entry}");
    // A name has one holder.
    let other = "525400000002".parse().unwrap();
    let role = Role { host_type: HostType::Sch, profile: None, event: Event::TypeChosen };
    site.store.place_host(other, role, Some(&"taken".parse().unwrap()), &super::site::who(), site.now()).unwrap();
    assert_eq!(set("HOSTNAME", "taken").0, 409);
    assert_eq!(set("FORCE_INSTALL", "NO").0, 200);
    assert!(!site.store.host(mac()).unwrap().unwrap().force_asked);
    assert!(!is_installer(&site.boot()), "nothing of this permits anything");
}

#[test]
fn kickstart_is_the_answer_file_for_the_address_of_the_host() {
    let site = site();
    let stranger = |site: &Site| site.request("10.0.0.77", &format!("cmd=kickstart&mac={MAC}&hosttype=SCH"), b"");
    assert_eq!(ask(&site, "kickstart", "hosttype=SCH").0, 403, "nothing is permitted");
    site.arm(1);
    let before = site.snapshot();
    assert_eq!(stranger(&site).status(), 403);
    assert_eq!(ask(&site, "kickstart", "").0, 400);
    assert_eq!(ask(&site, "kickstart", "hosttype=TCH").0, 403, "not what is permitted");
    assert_eq!(site.snapshot(), before);

    let (status, first) = ask(&site, "kickstart", "hosttype=SCH");
    assert_eq!((status, site.state()), (200, Some(HostState::Installing)));
    assert_eq!(ask(&site, "kickstart", "hosttype=SCH"), (200, first.clone()), "the same bytes");
    assert_eq!(stranger(&site).status(), 403);
    let token = token_in(&first);
    assert_eq!(site.report(&token, "started", "").status(), 200);
    // A machine that asks again after it reported came back: another attempt, which is counted.
    let second = ask(&site, "kickstart", "hosttype=SCH").1;
    assert_ne!(second, first);
    assert_eq!(site.report(&token, "disks", "QM1").status(), 403, "the token of the first attempt is dead");
    assert_eq!(site.report(&token_in(&second), "installed", "").status(), 200);
    let before = site.snapshot();
    for _ in 0..3 {
        assert_eq!(ask(&site, "kickstart", "hosttype=SCH").0, 403);
    }
    assert_eq!(site.snapshot(), before);
    assert_eq!(site.state(), Some(HostState::Installed));
}

#[test]
fn kickstart_is_the_same_attempt_as_the_ticket_began() {
    let site = site();
    site.arm(1);
    let ticket = site.ticket();
    let first = site.answer(&ticket).body_text();
    assert_eq!(ask(&site, "kickstart", "hosttype=SCH").1, first);
    assert_eq!(site.answer(&ticket).body_text(), first);
}

#[test]
fn kickstart_counts_attempts() {
    let site = site();
    site.arm(1);
    for attempt in 1..=3 {
        let (status, text) = ask(&site, "kickstart", "hosttype=SCH");
        assert_eq!(status, 200, "attempt {attempt}");
        assert_eq!(ask(&site, "kickstart", "hosttype=SCH"), (200, text.clone()), "attempt {attempt} again");
        assert_eq!(site.store.host(mac()).unwrap().unwrap().attempt.unwrap().number, attempt);
        if attempt == 1 {
            assert_eq!(site.report(&token_in(&text), "started", "").status(), 200);
        } else {
            // It never reports, and comes back later than a ticket would live. The operator is patient.
            site.pass("1h");
            let path = site.store.paths.permission(mac());
            let text = std::fs::read_to_string(path.path()).unwrap();
            let permission = site.store.permission(mac(), site.now()).unwrap().unwrap();
            let later = site.now().plus("1h".parse().unwrap());
            std::fs::write(path.path(), text.replace(&permission.expires.to_string(), &later.to_string())).unwrap();
        }
    }
    let before = site.snapshot();
    assert_eq!(ask(&site, "kickstart", "hosttype=SCH").0, 403);
    assert_eq!(site.snapshot(), before);
    assert!(site.boot().contains("menu_item=gave_up"));
}

#[test]
fn kickstart_asks_for_a_place_before_it_begins() {
    let rule = format!("{LEGACY}[[rule]]\nname = \"rack\"\nmac_prefix = \"5254\"\ntype = \"SCH\"\n");
    let site = Site::with("armed", "", &rule);
    site.lease(MAC, OWN);
    let before = site.snapshot();
    assert_eq!(ask(&site, "kickstart", "hosttype=SCH").0, 403, "a rule permits it, and it has no address yet");
    assert_eq!(site.snapshot(), before);
}
