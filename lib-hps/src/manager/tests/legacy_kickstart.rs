// SPDX-License-Identifier: GPL-3.0-or-later
//! `kickstart` of the shell release: the answer file, for the address of a host that is permitted.

use super::commands::LEGACY;
use super::legacy::{ask, site};
use super::site::{MAC, OWN, Site, mac, token_in};
use crate::host::HostState;

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
        assert_eq!(site.store.hosts().find(mac()).unwrap().unwrap().attempt.unwrap().number, attempt);
        if attempt == 1 {
            assert_eq!(site.report(&token_in(&text), "started", "").status(), 200);
        } else {
            // It never reports, and comes back later than a ticket would live. The operator is patient.
            site.pass("1h");
            let path = site.store.paths.permission(mac());
            let text = std::fs::read_to_string(path.path()).unwrap();
            let permission = site.store.permissions().get(mac(), site.now()).unwrap().unwrap();
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
