// SPDX-License-Identifier: GPL-3.0-or-later
//! What a hostile client, or a machine that was taken over, tried.

use super::rules::RULE;
use super::site::{MAC, OWN, Site, is_local_boot, mac, token_in, who};
use crate::host::HostState;

/// A ticket is kept until the machine counts as installed: it begins nothing then.
#[test]
fn a_ticket_of_the_menu_begins_nothing_on_a_machine_that_was_installed_since() {
    let site = Site::new("menu");
    site.lease(MAC, OWN);
    site.boot();
    site.item("install_SCH");
    let ticket = site.ticket();
    site.store.installed_marks().mark_mac(mac(), site.now()).unwrap();
    assert!(is_local_boot(&site.boot()));
    assert_eq!(site.answer(&ticket).status(), 403);
    assert_ne!(site.state(), Some(HostState::Installing));
}

/// The permission of a rule is the same for ever, and a removed record counts its attempts anew.
#[test]
fn a_token_does_not_come_back_with_a_new_record() {
    let site = Site::with("menu", "", RULE);
    site.lease(MAC, OWN);
    site.item("enrol");
    let token = token_in(&site.answer(&site.ticket()).body_text());
    assert_eq!(site.report(&token, "started", "").status(), 200);
    std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
    site.pass("1m");
    site.item("enrol");
    let newer = token_in(&site.answer(&site.ticket()).body_text());
    assert_ne!(token, newer);
    assert_eq!(site.report(&token, "installed", "").status(), 403);
    assert_eq!(site.report(&newer, "started", "").status(), 200);
}

/// What is kept of a machine is not needed for its boot.
#[test]
fn a_node_that_cannot_write_lets_machines_boot_their_disks() {
    let site = Site::new("armed");
    site.lease(MAC, OWN);
    site.store.hosts().create(mac(), &who(), site.now()).unwrap();
    site.set_state(HostState::Installed);
    // A folder in the place of the lock: nobody can change the record, not even root.
    let lock = site.store.paths.hosts_dir().join(format!(".{MAC}.toml.lock"));
    let _was_one = std::fs::remove_file(&lock);
    std::fs::create_dir(&lock).unwrap();
    let response = site.ask(&format!("cmd=boot_action&mac={MAC}&serial=S1"));
    assert!(is_local_boot(&response.body_text()), "{}", response.body_text());
}

#[test]
fn reports_fill_no_record() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    for round in 0..4 {
        let serials: Vec<String> = (0..64).map(|n| format!("S{round}-{n}")).collect();
        assert_eq!(site.report(&token, "disks", &serials.join(",")).status(), 200);
    }
    assert_eq!(site.store.hosts().find(mac()).unwrap().unwrap().attempt.unwrap().disks.len(), 64);
}
