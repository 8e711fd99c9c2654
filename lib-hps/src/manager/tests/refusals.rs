// SPDX-License-Identifier: GPL-3.0-or-later
//! Bad tickets and tokens: counted where a host may be installed, and too many of them end its permission.

use super::site::{MAC, OWN, Site, is_installer, is_local_boot, mac};
use crate::boot_context::BootContext;
use crate::host::HostState;
use crate::manager::explain;
use crate::types::FirmwareInfo;

fn forged(site: &Site, command: &str, name: &str) -> u16 {
    let proof = "0".repeat(64);
    site.ask(&format!("cmd={command}&mac={MAC}&{name}=1-9999999999-{proof}&stage=installed")).status()
}

/// One of each, in turn.
fn bad(site: &Site, count: u32) {
    for number in 0..count {
        let (command, name) = [("answer", "ticket"), ("event", "token"), ("log", "token")][number as usize % 3];
        assert_eq!(forged(site, command, name), 403);
    }
}

#[test]
fn below_the_limit_nothing_changes() {
    let site = Site::with("armed", "max_refusals = 4", "");
    let id = site.arm(1);
    bad(&site, 3);
    assert_eq!(site.store.refusals().number(mac()).unwrap(), 3);
    assert!(!site.store.ended_marks().exists(&id).unwrap());
    assert!(is_installer(&site.boot()));
    assert_eq!(site.store.hosts().find(mac()).unwrap().unwrap().reason, None);
    assert!(site.log().contains("refused: ") && site.log().contains("from 10.0.0.2"), "{}", site.log());
    site.begin();
}

#[test]
fn at_the_limit_the_permission_ends_and_the_reason_says_so() {
    for begun in [false, true] {
        let site = Site::with("armed", "max_refusals = 4", "");
        let id = site.arm(1);
        if begun {
            site.begin();
        }
        bad(&site, 4);
        assert!(site.store.ended_marks().exists(&id).unwrap());
        let host = site.store.hosts().find(mac()).unwrap().unwrap();
        let reason = host.reason.unwrap();
        assert!(reason.as_str().contains("disarmed after 4 requests with a bad ticket or token"), "{reason}");
        assert!(reason.as_str().contains("host-state log sch-001"), "{reason}");
        assert!(!is_installer(&site.boot()));
        assert_eq!(site.state(), Some(if begun { HostState::Installing } else { HostState::Configured }));
        assert_eq!(site.boot().contains("menu_item=gave_up"), begun);
        // More of them write nothing more.
        let before = site.snapshot();
        bad(&site, 5);
        assert_eq!(site.snapshot(), before);
    }
}

#[test]
fn armed_again_it_is_counted_anew() {
    let site = Site::with("armed", "max_refusals = 2", "");
    site.arm(1);
    bad(&site, 2);
    assert!(!is_installer(&site.boot()));
    site.arm(2);
    bad(&site, 1);
    assert!(is_installer(&site.boot()));
    bad(&site, 1);
    assert!(!is_installer(&site.boot()));
}

#[test]
fn a_host_that_nothing_permits_is_not_counted() {
    let site = Site::with("armed", "max_refusals = 2", "");
    site.install(1);
    let before = site.snapshot();
    bad(&site, 6);
    assert_eq!(site.snapshot(), before);
    assert!(is_local_boot(&site.boot()));
    // Nor one that nobody knows.
    let site = Site::with("menu", "max_refusals = 2", "");
    let before = site.snapshot();
    bad(&site, 6);
    assert_eq!(site.snapshot(), before);
}

#[test]
fn zero_is_never() {
    let site = Site::with("armed", "max_refusals = 0", "");
    site.arm(1);
    bad(&site, 30);
    assert!(is_installer(&site.boot()));
}

#[test]
fn a_refusal_of_another_command_is_not_counted() {
    let site = Site::with("armed", "max_refusals = 1", "");
    site.arm(1);
    for query in
        ["cmd=kickstart&hosttype=SCH", "cmd=set_status&status=INSTALLED", "cmd=process_menu_item&menu_item=install_SCH"]
    {
        site.ask(&format!("{query}&mac={MAC}"));
    }
    assert!(is_installer(&site.boot()));
}

/// A machine may ask from another address than its own, and still be known.
#[test]
fn the_log_says_how_the_sender_is_known() {
    let site = Site::new("armed");
    site.arm(1);
    site.lease(MAC, "10.0.0.140");
    site.request("10.0.0.140", &format!("cmd=answer&mac={MAC}&ticket=nonsense"), b"");
    site.request("10.0.0.2", &format!("cmd=answer&mac={MAC}&ticket=nonsense"), b"");
    let log = site.log();
    assert!(log.contains("(from 10.0.0.140, known by its lease; the host has 10.0.0.2)"), "{log}");
    assert!(log.contains("(from 10.0.0.2, its own address; the host has 10.0.0.2)"), "{log}");
}

/// Whoever counts the last one may die before it writes anything else.
#[test]
fn the_count_decides_also_where_nothing_followed_it() {
    for begun in [false, true] {
        let site = Site::with("armed", "max_refusals = 4", "");
        let id = site.arm(1);
        if begun {
            site.begin();
        }
        bad(&site, 3);
        let permission = site.store.permissions().get(mac(), site.now()).unwrap().unwrap();
        site.store.refusals().count(&permission, 4).unwrap();
        assert!(!site.store.ended_marks().exists(&id).unwrap());
        assert!(!is_installer(&site.boot()));
        let machine = BootContext::load(&site.store, mac(), None, &FirmwareInfo::default(), site.now()).assumed();
        let explained = serde_json::to_string(&explain(&site.store, &machine, site.now())).unwrap();
        assert!(explained.contains("4 requests with a bad ticket or token"), "{explained}");
        // The next one does what should have followed, once.
        bad(&site, 1);
        assert!(site.store.ended_marks().exists(&id).unwrap());
        let reason = site.store.hosts().find(mac()).unwrap().unwrap().reason.unwrap();
        assert!(reason.as_str().contains("disarmed after 4 requests"), "{reason}");
        let before = site.snapshot();
        bad(&site, 3);
        assert_eq!(site.snapshot(), before);
        // Armed again it is installed, and the old one stays ended.
        if !begun {
            site.arm(2);
            assert!(is_installer(&site.boot()));
        }
    }
}

/// What a rule permits has no file: its count ends it for this machine all the same.
#[test]
fn the_count_ends_what_a_rule_permits() {
    let rule = "[[rule]]\nname = \"r\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n";
    let site = Site::with("armed", "max_refusals = 2", rule);
    site.lease(MAC, "10.0.0.140");
    site.request("10.0.0.140", &format!("cmd=process_menu_item&mac={MAC}&menu_item=enrol"), b"");
    assert!(is_installer(&site.boot()));
    bad(&site, 1);
    let machine = BootContext::load(&site.store, mac(), OWN.parse().ok(), &FirmwareInfo::default(), site.now());
    site.store.refusals().count(&machine.permission.unwrap(), 2).unwrap();
    assert!(!is_installer(&site.boot()));
    bad(&site, 1);
    assert!(!site.store.refusals().has_unmarked(mac()).unwrap());
    assert!(!is_installer(&site.boot()));
}
