// SPDX-License-Identifier: GPL-3.0-or-later
//! A whole installation, recorded and sent again: whoever listened on the network can do that, and must win nothing.

use super::commands::LEGACY;
use super::rules::RULE;
use super::site::{MAC, OWN, Sent, Site, is_installer, is_local_boot, mac, token_in};
use crate::host::HostState;

/// How the installation came about.
#[derive(Debug, Clone, Copy)]
enum By {
    Operator,
    Menu,
    Rule,
    /// The commands of the shell release.
    Shell,
}

/// Installs a machine, and returns the node with every request of it.
fn recorded(by: By) -> (Site, Vec<Sent>) {
    let tables = if matches!(by, By::Rule) { format!("{LEGACY}{RULE}") } else { LEGACY.to_owned() };
    let site = Site::with("menu", "", &tables);
    site.lease(MAC, OWN);
    site.ask("cmd=init");
    site.boot();
    match by {
        By::Operator | By::Shell => drop(site.arm(1)),
        By::Menu => {
            site.item("init_menu");
            site.item("install_menu");
            assert!(is_installer(&site.item("install_SCH_STORAGESINGLE").body_text()));
        }
        By::Rule => assert!(is_installer(&site.item("enrol").body_text())),
    }
    let kickstart = format!("cmd=kickstart&mac={MAC}&hosttype=SCH");
    let ticket = site.ticket();
    let fetch = || if matches!(by, By::Shell) { site.ask(&kickstart) } else { site.answer(&ticket) };
    let text = fetch().body_text();
    assert_eq!(fetch().body_text(), text);
    let token = token_in(&text);
    for (stage, message) in
        [("started", ""), ("disks", "QM00001"), ("partitioned", ""), ("packages", ""), ("configured", "")]
    {
        assert_eq!(site.report(&token, stage, message).status(), 200);
    }
    site.request(OWN, &format!("cmd=log&mac={MAC}&token={token}"), b"the installer's log\n");
    site.ask(&format!("cmd=log_message&mac={MAC}&message=done"));
    site.ask(&format!("cmd=host_get_config&mac={MAC}"));
    if matches!(by, By::Shell) {
        assert_eq!(site.ask(&format!("cmd=set_status&mac={MAC}&status=INSTALLED")).status(), 200);
    } else {
        assert_eq!(site.report(&token, "installed", "").status(), 200);
    }
    assert!(is_local_boot(&site.boot()));
    assert_eq!(site.state(), Some(HostState::Installed));
    let sent = site.sent.borrow().clone();
    assert!(sent.len() >= 14, "{sent:?}");
    (site, sent)
}

/// Sends them again; each time the machine must boot its disk, and `state` must be what it was.
fn replay(site: &Site, sent: &[Sent], state: &[Option<HostState>], when: &str) {
    for (remote, query, body) in sent {
        let text = site.handle(remote, query, body, false).body_text();
        assert!(!is_installer(&text) && !text.contains("HPS_TOKEN"), "{when}: {query}: {text}");
        let boot = site.handle(OWN, &format!("cmd=boot_action&mac={MAC}"), b"", false).body_text();
        assert!(is_local_boot(&boot), "{when}: {query}: {boot}");
        assert!(state.contains(&site.state()), "{when}: {query}: {:?}", site.state());
    }
}

/// An order that is the same each time (Knuth's multiplier, TAOCP 3.3.4).
fn shuffled(sent: &[Sent], seed: u64) -> Vec<Sent> {
    let mut keyed: Vec<(u64, &Sent)> = Vec::new();
    let mut number = seed;
    for request in sent {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        keyed.push((number >> 20, request));
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, request)| request.clone()).collect()
}

#[test]
fn an_installation_that_is_sent_again_installs_nothing() {
    for by in [By::Operator, By::Menu, By::Rule, By::Shell] {
        let (mut site, sent) = recorded(by);
        let installed = [Some(HostState::Installed)];
        replay(&site, &sent, &installed, &format!("{by:?}, in order"));
        for seed in 1..=4 {
            replay(&site, &shuffled(&sent, seed), &installed, &format!("{by:?}, shuffled {seed}"));
        }
        site.pass("2d");
        replay(&site, &sent, &installed, &format!("{by:?}, two days later"));

        // The record says nothing any more, or is gone: the mark is not.
        assert_eq!(site.item("unconfigure").error(), None);
        let unconfigured = [Some(HostState::Unconfigured)];
        replay(&site, &sent, &unconfigured, &format!("{by:?}, unconfigured"));
        replay(&site, &shuffled(&sent, 5), &unconfigured, &format!("{by:?}, unconfigured, shuffled"));
        std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
        let removed = [None, Some(HostState::Unconfigured)];
        replay(&site, &sent, &removed, &format!("{by:?}, removed"));
        replay(&site, &shuffled(&sent, 6), &removed, &format!("{by:?}, removed, shuffled"));

        for enrolment in ["menu", "armed"] {
            site.new_cluster(enrolment, enrolment, &format!("{LEGACY}{RULE}"));
            replay(&site, &sent, &removed, &format!("{by:?}, a new cluster with {enrolment}"));
            replay(&site, &shuffled(&sent, 7), &removed, &format!("{by:?}, a new cluster with {enrolment}, shuffled"));
        }
    }
}

#[test]
fn an_installation_that_is_sent_again_before_its_end_is_no_second_one() {
    let site = Site::with("menu", "max_refusals = 0", "");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "started", "").status(), 200);
    let sent = site.sent.borrow().clone();
    let before = site.snapshot();
    for seed in 0..4 {
        for (remote, query, body) in shuffled(&sent, seed) {
            site.handle(&remote, &query, &body, false);
            assert_eq!(site.snapshot(), before, "{query}");
        }
    }
    assert_eq!(site.report(&token, "installed", "").status(), 200, "the one that runs goes on");
}
