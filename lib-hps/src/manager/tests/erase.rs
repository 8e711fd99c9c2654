// SPDX-License-Identifier: GPL-3.0-or-later
//! An erase by the wire: who gets the disks, what is reported, and what becomes of the host.

use super::site::{MAC, OWN, Site, mac, who};
use crate::host::{EraseGrant, ErasePermission, EraseProtocol, EraseResult, Erasure, HostState, PermissionId};
use crate::types::Line;

/// A permission to erase two disks of the host, as root gives it.
fn permit(site: &Site, number: u8) -> ErasePermission {
    let host = site.store.hosts().find(mac()).unwrap().unwrap();
    let grant = EraseGrant {
        disks: vec!["S1".parse().unwrap(), "S2".parse().unwrap()],
        given_by: Line::lossy("root with host-state"),
        given_at: site.now(),
        expires: site.now().plus("1h".parse().unwrap()),
        reason: Line::lossy("sold"),
    };
    let permission = ErasePermission::new(PermissionId::from_random([number; 16]), &host, grant);
    site.store.erasures().give(&permission, &host).unwrap()
}

/// A site with a host that was installed.
fn site() -> Site {
    let site = Site::new("armed");
    site.install(1);
    site.pass("1h");
    site
}

fn fetch(site: &Site, ticket: &str) -> (u16, String) {
    let answer = site.ask(&format!("cmd=erase&mac={MAC}&ticket={ticket}"));
    (answer.status(), answer.body_text())
}

fn begin(site: &Site) -> String {
    let (status, text) = fetch(site, &site.ticket());
    assert_eq!(status, 200, "{text}");
    token_of(&text)
}

fn token_of(text: &str) -> String {
    text.lines().find_map(|line| line.strip_prefix("token=")).unwrap_or_else(|| panic!("{text}")).to_owned()
}

fn report(site: &Site, token: &str, what: &str) -> u16 {
    site.ask(&format!("cmd=erase_report&mac={MAC}&token={token}&{what}")).status()
}

fn disk(serial: &str, result: &str, verified: &str) -> String {
    format!(
        "step=disk&disk={serial}&model=ST4&bytes=4096&method=overwrite&seconds=7&verified={verified}&result={result}&message="
    )
}

fn protocol(site: &Site) -> EraseProtocol {
    site.store.erasures().protocol(mac()).unwrap()
}

fn last(site: &Site) -> Erasure {
    protocol(site).erasures.pop().unwrap()
}

#[test]
fn the_machine_gets_exactly_the_disks_of_the_permission_and_reports_each() {
    let site = site();
    assert!(!site.boot().contains("hps.mode=erase"));
    permit(&site, 7);
    let script = site.boot();
    assert!(script.contains("hps.mode=erase") && script.contains("ERASING"), "{script}");
    assert!(script.contains("S1 S2") && script.contains("sold"), "{script}");
    let ticket = site.ticket();
    let (status, text) = fetch(&site, &ticket);
    assert_eq!(status, 200, "{text}");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("token=")).collect();
    assert_eq!(lines, ["hps-erase 1", "mac=525400000001", "attempt=1", "disk=S1", "disk=S2", "end"]);
    let token = token_of(&text);
    assert_eq!(fetch(&site, &ticket).0, 200, "after a lost reply");
    assert_eq!(last(&site).attempts, 1);

    assert_eq!(report(&site, &token, "step=progress&message=50%25"), 200);
    assert_eq!(fetch(&site, &ticket).0, 403, "it has reported");
    assert_eq!(report(&site, &token, &disk("S1", "erased", "zeroes")), 200);
    assert_eq!(report(&site, &token, &disk("S1", "erased", "zeroes")), 200, "after a lost reply");
    assert_eq!(report(&site, &token, &disk("S1", "failed", "no")), 409, "the first word counts");
    assert_eq!(report(&site, &token, &disk("S3", "erased", "zeroes")), 403, "no disk of the permission");
    assert_eq!(report(&site, &token, "step=end&result=erased"), 409, "one disk is missing");
    assert_eq!(site.state(), Some(HostState::Installed));
    assert_eq!(report(&site, &token, &disk("S2", "erased", "changed")), 200);
    assert_eq!(report(&site, &token, "step=end&result=erased"), 200);
    assert_eq!(report(&site, &token, "step=end&result=erased"), 200, "after a lost reply");
    assert_eq!(report(&site, &token, "step=end&result=failed"), 409);

    let host = site.store.hosts().find(mac()).unwrap().unwrap();
    assert_eq!(host.state(), HostState::Unconfigured);
    assert!(host.host_type.is_some() && host.name.is_some(), "its place stays: {host:?}");
    assert!(host.reason.unwrap().as_str().contains("S1 S2"));
    assert!(site.store.installed_marks().installed(mac(), None).unwrap().ever());
    assert!(!site.boot().contains("hps.mode="), "it is neither erased again nor installed");
    let erasure = last(&site);
    assert_eq!((erasure.result, erasure.disks.len()), (Some(EraseResult::Erased), 2));
    let history = site.store.journal().history(mac()).unwrap();
    let words: Vec<&str> = history.iter().map(|line| line.what.as_str()).collect();
    assert_eq!(words[words.len() - 4..], ["erase begins", "disk erased", "disk erased", "erase complete"]);
}

#[test]
fn only_root_and_only_this_machine() {
    let site = site();
    let permission = permit(&site, 7);
    let ticket = site.ticket();
    let foreign = site.request("10.0.0.9", &format!("cmd=boot_action&mac={MAC}"), b"").body_text();
    assert!(!foreign.contains("hps.mode=erase"), "{foreign}");
    assert_eq!(fetch(&site, &format!("1-1-{}", "a".repeat(64))).0, 403);
    assert_eq!(site.answer(&ticket).status(), 403, "it is no ticket for an installation");
    let token = begin(&site);
    assert_eq!(report(&site, &ticket, "step=progress&message=x"), 403, "a ticket is no token");
    assert_eq!(site.report(&token, "installed", "").status(), 403);
    // What the web server's user may write makes no permission.
    site.store.erasures().end(&permission, "cancelled").unwrap();
    let text = permission.to_text();
    for folder in [site.store.paths.erase_protocols_dir(), site.store.paths.menu_permissions_dir()] {
        std::fs::write(folder.join(format!("{MAC}.toml")), &text).unwrap();
    }
    assert!(!site.boot().contains("hps.mode=erase"));
}

#[test]
fn a_refused_erase_leaves_the_host_as_it_is_and_a_failed_one_does_not() {
    let site = site();
    permit(&site, 7);
    let token = begin(&site);
    let why = "step=end&result=refused&message=no+disk+has+the+serial+S2".replace('+', "%20");
    assert_eq!(report(&site, &token, &why), 200);
    assert_eq!(site.state(), Some(HostState::Installed));
    assert!(!site.boot().contains("hps.mode=erase"), "used once");
    assert_eq!(last(&site).why.unwrap().as_str(), "no disk has the serial S2");

    permit(&site, 8);
    let token = begin(&site);
    assert_eq!(report(&site, &token, &disk("S1", "failed", "no")), 200);
    assert_eq!(report(&site, &token, "step=end&result=failed&message=S1:%20no"), 200);
    assert_eq!(site.state(), Some(HostState::Failed));
    let host = site.store.hosts().find(mac()).unwrap().unwrap();
    assert_eq!(host.reason.unwrap().as_str(), "the erase failed: S1: no");
    assert_eq!(protocol(&site).erasures.len(), 2);
}

#[test]
fn a_machine_that_starts_again_goes_on_and_not_for_ever() {
    let site = site();
    permit(&site, 7);
    let first = begin(&site);
    assert_eq!(report(&site, &first, &disk("S1", "erased", "zeroes")), 200);
    let second = begin(&site);
    assert_eq!(report(&site, &first, &disk("S2", "erased", "zeroes")), 403, "its attempt is over");
    assert!(last(&site).disks.is_empty(), "each attempt reports every disk");
    assert_eq!(report(&site, &second, "step=progress&message=x"), 200);
    begin(&site);
    assert!(!site.boot().contains("hps.mode=erase"), "three attempts were begun");
}

#[test]
fn an_installation_or_the_time_ends_it() {
    let site = site();
    permit(&site, 7);
    site.pass("1h");
    assert!(!site.boot().contains("hps.mode=erase"), "expired");
    permit(&site, 8);
    site.permit(2);
    assert!(site.boot().contains("hps.mode=erase"), "before an installation");
    site.set_state(HostState::Installing);
    assert!(!site.boot().contains("hps.mode=erase"));
    site.set_state(HostState::Installed);
    site.store.hosts().retire(mac(), site.now(), &Line::lossy(""), &who(), site.now()).unwrap();
    assert!(!site.boot().contains("hps.mode=erase"), "the machine has another mark");
    assert_eq!(site.request(OWN, &format!("cmd=erase&mac={MAC}"), b"").status(), 400);
}
