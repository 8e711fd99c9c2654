// SPDX-License-Identifier: GPL-3.0-or-later
//! Every item of the menu, in every script that it can be asked in, as iPXE gets it. `HPS_BLESS=1 cargo test` writes the golden
//! files anew.

use super::site::{MAC, OWN, Site, is_installer, is_local_boot, mac, word_after};
use crate::host::HostState;
use crate::manager::Response;
use crate::store::EntryKind;

/// All that `boot::MenuItem` reads.
pub(super) const ITEMS: [&str; 21] = [
    "init_menu",
    "install_menu",
    "install_SCH",
    "install_SCH_STORAGESINGLE",
    "install_SCH_STORAGERAID",
    "install_TCH",
    "install_CCH",
    "install_DRH",
    "local_boot",
    "reboot",
    "show_ipxe",
    "show_host",
    "show_cluster",
    "show_paths",
    "recover_DRH",
    "rescue",
    "reinstall",
    "unconfigure",
    "force_install_on",
    "force_install_off",
    "gave_up",
];

/// Compares with a golden file of requests.
pub(super) fn golden(name: &str, text: &str) {
    crate::golden::golden("requests", name, text);
}

/// An answer as a golden file shows it. A permission given at the console has a random id, and so has its ticket.
pub(super) fn shown(title: &str, response: &Response) -> String {
    let mut body = response.body_text();
    if body.contains("ticket=") {
        body = body.replace(&word_after(&body, "ticket="), "TICKET");
    }
    let error = response.error().map_or_else(String::new, |e| format!(" X-HPS-Error: {e}"));
    format!("=== {title}: {}{error}\n{body}", response.status())
}

/// A site for each script: a machine that nobody knows and whose address proves nothing, one at the menu, one that failed, one
/// that is installed, one whose installation nothing permits any more.
fn script(name: &str) -> Site {
    let site = Site::new("menu");
    match name {
        "stranger" => {}
        "new" => {
            site.lease(MAC, OWN);
            site.boot();
        }
        "failed" => {
            site.arm(1);
            let token = site.begin();
            assert_eq!(site.report(&token, "failed", "disk vda carries ext4").status(), 200);
        }
        "installed" => site.install(1),
        _ => {
            site.arm(1);
            site.begin();
            site.end("test");
        }
    }
    site
}

#[test]
fn every_item_in_every_scene() {
    for name in ["stranger", "new", "failed", "installed", "given-up"] {
        let mut text = shown("boot_action", &script(name).ask(&format!("cmd=boot_action&mac={MAC}")));
        for item in ITEMS.into_iter().chain(["enrol"]) {
            let site = script(name);
            let before = (site.state(), site.snapshot());
            let response = site.item(item);
            text.push_str(&shown(item, &response));
            let body = response.body_text();
            assert!(body.starts_with("#!ipxe\n") && body.is_ascii(), "{name} {item}: {body}");
            assert_eq!(response.status(), 200, "{name} {item}");
            if response.error().is_some() {
                assert_eq!((site.state(), site.snapshot()), before, "{name} {item}: what is refused changes nothing");
            }
            if name == "installed" {
                assert!(!is_installer(&body), "{item}");
                assert!(is_local_boot(&site.boot()), "{item}");
            }
        }
        golden(&format!("menu-{name}"), &text);
    }
}

#[test]
fn every_item_is_known_and_nothing_else() {
    for item in ITEMS {
        assert!(item.parse::<crate::boot::MenuItem>().is_ok(), "{item}");
    }
    let site = script("new");
    let before = site.snapshot();
    for bad in
        ["", "INIT_MENU", "init_menu ", "install_", "install_SCH_", "install_SCH_X", "install_TCH_STORAGERAID", "%00"]
    {
        assert_eq!(site.item(bad).error(), Some("malformed"), "{bad}");
    }
    assert_eq!(site.snapshot(), before);
}

#[test]
fn at_the_console_of_a_new_machine() {
    let site = Site::new("menu");
    assert_eq!(site.item("install_SCH_STORAGESINGLE").error(), Some("refused"), "nothing proves who asks");
    site.lease(MAC, OWN);
    let menu = site.boot();
    assert!(menu.contains("item --key i install_menu"), "{menu}");
    assert_eq!(site.state(), Some(HostState::Unconfigured));
    let page = site.item("install_menu").body_text();
    assert!(page.contains("install_SCH_STORAGESINGLE") && page.contains("install_SCH_STORAGERAID"), "{page}");
    assert!(!page.contains("install_TCH"), "the cluster installs none: {page}");
    let script = site.item("install_SCH_STORAGESINGLE").body_text();
    assert!(is_installer(&script), "{script}");
    assert!(site.store.permissions().get(mac(), site.now()).unwrap().unwrap().require_blank);
    assert!(site.answer(&site.ticket()).body_text().contains("ANSWER[require_blank]='yes'"));
    assert!(site.store.paths.host_entry(EntryKind::Reservation, mac()).is_file(), "its address is reserved");
}

#[test]
fn with_enrolment_armed_the_menu_installs_nothing() {
    let site = Site::new("armed");
    site.lease(MAC, OWN);
    let before = site.snapshot();
    assert_eq!(site.item("install_SCH_STORAGESINGLE").error(), Some("refused"));
    assert_eq!(site.snapshot(), before);
}

#[test]
fn a_wish_permits_nothing() {
    for item in ["reinstall", "force_install_on", "force_install_off", "unconfigure"] {
        let site = Site::new("menu");
        site.install(1);
        assert_eq!(site.item(item).error(), None, "{item}");
        assert!(is_local_boot(&site.boot()), "{item}");
        assert_eq!(site.item("install_SCH_STORAGESINGLE").error(), Some("refused"), "{item}");
        assert!(is_local_boot(&site.boot()), "{item}");
    }
}

#[test]
fn unconfigure_ends_the_permission() {
    let site = Site::new("menu");
    site.arm(1);
    assert!(is_installer(&site.boot()));
    let ticket = site.ticket();
    assert_eq!(site.item("unconfigure").error(), None);
    assert_eq!(site.state(), Some(HostState::Unconfigured));
    assert!(!is_installer(&site.boot()));
    assert_eq!(site.answer(&ticket).status(), 403);
    let stranger = site.request("10.0.0.77", &format!("cmd=process_menu_item&mac={MAC}&menu_item=unconfigure"), b"");
    assert_eq!(stranger.error(), Some("refused"));
}

#[test]
fn where_records_are_too_many_a_machine_stays_unknown() {
    let site = Site::new("menu");
    site.lease(MAC, OWN);
    for number in 0..8 + 1024 {
        std::fs::write(site.store.paths.hosts_dir().join(format!("5254ff{number:06x}.toml")), "").unwrap();
    }
    site.boot();
    assert!(site.store.hosts().find(mac()).unwrap().is_none());
    assert_eq!(site.store.pending().list().unwrap().waiting.len(), 1);
}

#[test]
fn a_wish_is_taken_once_a_minute() {
    let site = Site::new("menu");
    site.install(1);
    assert_eq!(site.item("force_install_on").error(), None);
    let before = site.snapshot();
    for item in ["force_install_off", "force_install_on", "force_install_off"] {
        assert_eq!(site.item(item).error(), Some("not-now"), "{item}");
    }
    assert_eq!(site.snapshot(), before);
    site.pass("2m");
    assert_eq!(site.item("force_install_off").error(), None);
    // A choice and its end leave a mark each time.
    let site = Site::new("menu");
    site.lease(MAC, OWN);
    for _ in 0..20 {
        let _whatever = (site.item("install_SCH_STORAGESINGLE"), site.item("unconfigure"));
    }
    assert_eq!(std::fs::read_dir(site.store.paths.spent_dir()).unwrap().count(), 1);
    site.pass("8d");
    assert_eq!(site.store.mark_upkeep().clear_expired(site.now()).unwrap(), 1);
}

/// Anybody on the network can make such choices in any number. Whatever ends them, the mark goes when it is not needed any more.
#[test]
fn the_mark_of_a_choice_at_the_console_goes_whatever_ended_it() {
    type End = (&'static str, fn(&Site));
    let ends: [End; 4] = [
        ("failed", |site| drop(site.report(&site.begin(), "failed", "no disk"))),
        ("installed", |site| drop(site.report(&site.begin(), "installed", ""))),
        ("unsupported", |site| {
            let unsupported = format!("cmd=unsupported&mac={MAC}&ticket={}&missing=x86-64-v3", site.ticket());
            assert_eq!(site.ask(&unsupported).error(), None);
        }),
        ("gave up", |site| {
            site.begin();
            site.pass("2h");
            assert_eq!(site.item("gave_up").error(), None);
        }),
    ];
    for (how, end) in ends {
        let site = Site::new("menu");
        site.lease(MAC, OWN);
        let marks = || std::fs::read_dir(site.store.paths.spent_dir()).unwrap().count();
        for time in 1..=5 {
            site.item("install_SCH_STORAGESINGLE");
            end(&site);
            assert_eq!(marks(), if how == "installed" { 1 } else { time }, "{how}");
            if how == "installed" {
                break;
            }
        }
        site.pass("30d");
        let made = marks();
        assert_eq!((site.store.mark_upkeep().clear_expired(site.now()).unwrap(), marks()), (made, 0), "{how}");
    }
}
