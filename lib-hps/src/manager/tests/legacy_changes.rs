// SPDX-License-Identifier: GPL-3.0-or-later
//! Commands of the shell release that change a host: `config_host`, `set_status` and `set_host_name_value`.

use super::legacy::{ask, site};
use super::site::{MAC, is_installer, is_local_boot, mac};
use crate::host::{Event, HostState};
use crate::store::{EntryKind, Role};
use crate::types::HostType;

#[test]
fn config_host_gives_a_type_to_what_was_never_installed() {
    let site = site();
    site.store.hosts().create(mac(), &super::site::who(), site.now()).unwrap();
    assert_eq!(ask(&site, "config_host", "hosttype=XYZ").0, 400);
    assert_eq!(ask(&site, "config_host", "hosttype=TCH").0, 409, "this cluster installs none");
    assert_eq!(ask(&site, "config_host", "hosttype=SCH"), (200, format!("{MAC} set to SCH\n")));
    let host = site.store.hosts().find(mac()).unwrap().unwrap();
    assert_eq!((host.state(), host.host_type), (HostState::Configured, Some(HostType::SCH)));
    assert!(site.store.paths.host_entry(EntryKind::Reservation, mac()).is_file(), "its address is reserved");
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
            assert!(site.store.ended_marks().exists(&id).unwrap(), "{from} to {to}");
            let installed = from.has_system() || to == HostState::Installed;
            assert_eq!(
                site.store.installed_marks().installed(mac(), None).unwrap().ever(),
                installed,
                "{from} to {to}"
            );
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
    assert!(site.store.ended_marks().exists(&id).unwrap());
    assert!(is_local_boot(&site.boot()));
}

#[test]
fn set_host_name_value_takes_four_names() {
    let site = site();
    site.store.hosts().create(mac(), &super::site::who(), site.now()).unwrap();
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
    let host = site.store.hosts().find(mac()).unwrap().unwrap();
    assert_eq!(host.name.unwrap().as_str(), "sch-007");
    assert!(host.force_asked);
    let entry = std::fs::read_to_string(site.store.paths.host_entry(EntryKind::Reservation, mac())).unwrap();
    assert!(entry.contains("sch-007"), "{entry}");
    // A name has one holder.
    let other = "525400000002".parse().unwrap();
    let role = Role { host_type: HostType::SCH, profile: None, event: Event::TypeChosen };
    site.store
        .allocations()
        .allocate(other, role, Some(&"taken".parse().unwrap()), &[], &super::site::who(), site.now())
        .unwrap();
    assert_eq!(set("HOSTNAME", "taken").0, 409);
    assert_eq!(set("FORCE_INSTALL", "NO").0, 200);
    assert!(!site.store.hosts().find(mac()).unwrap().unwrap().force_asked);
    assert!(!is_installer(&site.boot()), "nothing of this permits anything");
}
