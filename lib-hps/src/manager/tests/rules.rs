// SPDX-License-Identifier: GPL-3.0-or-later
//! Rules and windows: a machine that nobody named is installed once in its life, and never a second time.

use super::site::{MAC, OWN, Site, is_installer, is_local_boot, mac, token_in, who};
use crate::config::Rule;
use crate::host::{HostState, PermissionId, Window};
use crate::store::EntryKind;
use crate::types::Line;

pub(super) const RULE: &str = "[[rule]]\nname = \"rack\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n";

fn ruled(enrolment: &str) -> Site {
    let site = Site::with(enrolment, "", RULE);
    site.lease(MAC, OWN);
    site
}

fn window(site: &Site, number: u8) {
    let rule: Rule = toml::from_str("name = \"now\"\ntype = \"SCH\"\n").unwrap();
    let closes = site.now().plus("2h".parse().unwrap());
    let id = PermissionId::from_random([number; 16]);
    site.store.windows().open(&Window::new(id, rule, Line::lossy("root"), site.now(), closes)).unwrap();
}

/// From power-on to the installer, as the scripts lead it. Returns the token.
fn enrol(site: &Site) -> String {
    let script = site.boot();
    assert!(script.contains("menu_item=enrol"), "{script}");
    assert_eq!(site.store.hosts().find(mac()).unwrap().and_then(|h| h.address), None, "asking places no host");
    let script = site.item("enrol").body_text();
    assert!(is_installer(&script), "{script}");
    let history = site.store.journal().history(mac()).unwrap();
    let line = history.iter().find(|l| l.what.as_str() == "enrolled").unwrap();
    let note = line.note.as_ref().unwrap().as_str();
    assert!(note.starts_with("by rule rack: mac_prefix=") || note.starts_with("by window now of root"), "{note}");
    let text = site.answer(&site.ticket()).body_text();
    assert!(text.contains("ANSWER[require_blank]='yes'"), "machines of a rule are installed on blank disks only");
    token_in(&text)
}

fn installs_nothing(site: &Site) {
    for _ in 0..2 {
        assert!(!is_installer(&site.boot()));
        assert!(!is_installer(&site.item("enrol").body_text()));
    }
}

#[test]
fn from_power_on_to_its_own_disk_for_ever() {
    for enrolment in ["menu", "armed"] {
        let site = ruled(enrolment);
        let token = enrol(&site);
        assert_eq!(site.report(&token, "installed", "").status(), 200);
        for _ in 0..3 {
            assert!(is_local_boot(&site.boot()));
            assert!(is_local_boot(&site.item("enrol").body_text()));
            assert_eq!(site.state(), Some(HostState::Installed));
        }
        // Nor when the record is gone, nor when a window is open besides.
        window(&site, 1);
        assert!(is_local_boot(&site.boot()));
        std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
        assert!(is_local_boot(&site.boot()));
        assert!(is_local_boot(&site.item("enrol").body_text()));
    }
}

/// Whoever gave the machine its place died behind the record: the next request makes the reservation.
#[test]
fn a_reservation_that_was_not_written_is_made_before_the_installation() {
    let site = ruled("armed");
    enrol(&site);
    let reservation = site.store.paths.host_entry(EntryKind::Reservation, mac());
    let whole = std::fs::read_to_string(&reservation).unwrap();
    std::fs::remove_file(&reservation).unwrap();
    assert!(is_installer(&site.item("enrol").body_text()));
    assert_eq!(std::fs::read_to_string(&reservation).unwrap(), whole);
    std::fs::remove_file(&reservation).unwrap();
    assert_eq!(site.answer(&site.ticket()).status(), 200);
    assert_eq!(std::fs::read_to_string(&reservation).unwrap(), whole);
}

#[test]
fn what_failed_is_not_armed_again_by_the_same_rule() {
    let mut site = ruled("armed");
    let token = enrol(&site);
    assert_eq!(site.report(&token, "failed", "disk vda carries ext4").status(), 200);
    installs_nothing(&site);
    assert_eq!(site.state(), Some(HostState::Failed));
    // The rule under another name, or split in two, is the same rule to it.
    site.set("armed", "", &RULE.replace("rack", "renamed"));
    installs_nothing(&site);
    site.set("armed", "", &format!("{RULE}[[rule]]\nname = \"one\"\nmac = \"{MAC}\"\ntype = \"SCH\"\n"));
    installs_nothing(&site);
    // An operator may, and so may a window, which an operator opens; a rule that is used up is still the narrower one.
    window(&site, 1);
    installs_nothing(&site);
    site.set("armed", "", "");
    assert!(is_installer(&site.boot()));
}

#[test]
fn what_a_rule_gave_once_is_used_up_whatever_became_of_the_record() {
    // The record is gone, and with it the attempt.
    let site = ruled("armed");
    let token = enrol(&site);
    assert_eq!(site.report(&token, "failed", "x").status(), 200);
    std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
    installs_nothing(&site);
    // The record has another attempt.
    let site = ruled("armed");
    let token = enrol(&site);
    assert_eq!(site.report(&token, "failed", "x").status(), 200);
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "failed", "x").status(), 200);
    installs_nothing(&site);
}

#[test]
fn unconfigure_ends_what_a_rule_or_a_window_gives() {
    for by_rule in [false, true] {
        let site = if by_rule { ruled("armed") } else { Site::new("armed") };
        site.lease(MAC, OWN);
        if !by_rule {
            window(&site, 1);
        }
        assert!(is_installer(&site.item("enrol").body_text()));
        assert_eq!(site.item("unconfigure").error(), None);
        assert_eq!(site.state(), Some(HostState::Unconfigured));
        installs_nothing(&site);
    }
}

#[test]
fn a_window_permits_each_machine_once() {
    let site = Site::new("armed");
    site.lease(MAC, OWN);
    window(&site, 1);
    let token = enrol(&site);
    assert_eq!(site.report(&token, "failed", "x").status(), 200);
    installs_nothing(&site);
    window(&site, 2);
    let Some(id) = site.store.windows().not_closed().unwrap().first().map(|w| w.id.clone()) else {
        panic!("no window")
    };
    site.store.windows().close(&id, "closed").unwrap();
    assert!(is_installer(&site.boot()), "another window is another permission");
    site.pass("2h");
    assert!(!is_installer(&site.boot()), "closed");
}

#[test]
fn a_window_that_is_closed_or_a_rule_that_is_gone_permits_nothing() {
    let mut site = ruled("armed");
    window(&site, 1);
    let script = site.boot();
    assert!(script.contains("menu_item=enrol"), "{script}");
    site.pass("3h");
    site.set("armed", "", "");
    let before = site.store.hosts().find(mac()).unwrap();
    assert!(site.item("enrol").body_text().contains("has no permission to install"), "the rule is asked again");
    assert_eq!(site.store.hosts().find(mac()).unwrap(), before);
}

#[test]
fn a_rule_never_arms_what_was_ever_installed_or_imported() {
    // Another cluster installed it, or an import brought it: the mark says so, whatever the record says.
    for state in [None, Some(HostState::Unconfigured), Some(HostState::Configured), Some(HostState::Failed)] {
        let site = ruled("armed");
        window(&site, 1);
        if let Some(state) = state {
            site.store.hosts().create(mac(), &who(), site.now()).unwrap();
            site.set_state(state);
        }
        site.store.installed_marks().mark_mac(mac(), site.now()).unwrap();
        assert!(is_local_boot(&site.boot()), "{state:?}");
        assert!(is_local_boot(&site.item("enrol").body_text()), "{state:?}");
    }
    for state in [HostState::Installed, HostState::Reinstall, HostState::Active] {
        let site = ruled("armed");
        site.store.hosts().create(mac(), &who(), site.now()).unwrap();
        site.set_state(state);
        assert!(is_local_boot(&site.boot()), "{state}");
        assert!(is_local_boot(&site.item("enrol").body_text()), "{state}");
        assert_eq!(site.state(), Some(state));
    }
}

#[test]
fn who_is_not_the_machine_is_given_nothing() {
    let site = ruled("armed");
    let before = site.snapshot();
    for command in ["boot_action", "process_menu_item&menu_item=enrol"] {
        let response = site.request("10.0.0.77", &format!("cmd={command}&mac={MAC}"), b"");
        assert!(!is_installer(&response.body_text()));
    }
    assert_eq!(site.snapshot(), before);
}

#[test]
fn two_rules_that_mean_the_same_machine_stop_it() {
    let tie = "[[rule]]\nname = \"a\"\nserial = \"S1\"\ntype = \"SCH\"\n[[rule]]\nname = \"b\"\nserial = \"S1\"\nproduct = \"P\"\ntype = \"SCH\"\n[[rule]]\nname = \"c\"\nserial = \"S1\"\nmac_prefix = \"52\"\ntype = \"SCH\"\n";
    let site = Site::with("menu", "", tie);
    site.lease(MAC, OWN);
    let ask = |firmware: &str| site.ask(&format!("cmd=boot_action&mac={MAC}&{firmware}")).body_text();
    assert!(ask("serial=S1&product=P").contains("menu_item=enrol"), "c is narrower than b, and b than a");
    let mut site = Site::with("menu", "", "[[rule]]\nname = \"a\"\nproduct = \"P\"\ntype = \"SCH\"\n");
    site.lease(MAC, OWN);
    site.set("menu", "", "[[rule]]\nname = \"a\"\nuuid = \"U\"\nserial = \"S\"\nproduct = \"P\"\ntype = \"SCH\"\n");
    window(&site, 1);
    let rule: Rule = toml::from_str("name = \"w2\"\ntype = \"SCH\"\n").unwrap();
    let closes = site.now().plus("2h".parse().unwrap());
    let other = Window::new(PermissionId::from_random([2; 16]), rule, Line::lossy("root"), site.now(), closes);
    site.store.windows().open(&other).unwrap();
    let script = site.boot().replace("\necho ", " ");
    assert!(script.contains("window now of root") && script.contains("window w2 of root"), "{script}");
    assert!(!is_installer(&script));
}

/// Nor does it cost more with more records: they are not read for it.
#[test]
fn a_sender_that_proved_nothing_learns_nothing_of_other_machines() {
    let serial = "[[rule]]\nname = \"one\"\nserial = \"SN-77\"\ntype = \"SCH\"\n";
    let site = Site::with("armed", "", serial);
    let ask = |remote: &str| {
        let query = format!("cmd=boot_action&mac={MAC}&serial=SN-77");
        site.request(remote, &query, b"").body_text()
    };
    let unproven = ask("10.0.0.99");
    assert!(unproven.contains("not proven") && !unproven.contains("menu_item=enrol"), "{unproven}");
    site.lease(MAC, OWN);
    assert!(ask(OWN).contains("menu_item=enrol"));
    // Another machine with this serial, in other letters.
    let other = "525400000099".parse().unwrap();
    site.store.hosts().create(other, &who(), site.now()).unwrap();
    let path = site.store.paths.host(other);
    let text = std::fs::read_to_string(path.path()).unwrap();
    std::fs::write(path.path(), format!("{text}\n[firmware]\nserial = \"sn-77\"\n")).unwrap();
    let proven = ask(OWN);
    assert!(!proven.contains("menu_item=enrol"), "{proven}");
    assert_eq!(ask("10.0.0.99"), unproven);
    // As a person may write it.
    std::fs::write(path.path(), format!("{text}\n[firmware]\nserial = \"\\u0073n-77\"\n")).unwrap();
    assert!(!ask(OWN).contains("menu_item=enrol"));
}
