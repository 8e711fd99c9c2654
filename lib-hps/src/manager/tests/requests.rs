// SPDX-License-Identifier: GPL-3.0-or-later
//! The table "Other requests" of docs/reference/boot.md: for each line and each state of it a node is made, the request is
//! sent, and answer and new state are what the line says.

use super::commands::LEGACY;
use super::menu::ITEMS;
use super::rules::RULE;
use super::site::{MAC, OWN, Site, is_installer, is_local_boot, mac, who};
use super::tables::{fits, reference, table, words};
use crate::boot::token::Purpose;
use crate::host::{HostState, PermissionId};
use crate::manager::Response;
use std::collections::{BTreeMap, BTreeSet};

const STATES: [&str; 9] = [
    "none",
    "UNCONFIGURED",
    "CONFIGURED",
    "INSTALLING",
    "INSTALLED",
    "REINSTALL",
    "FAILED",
    "ACTIVE",
    "installed once",
];

/// What of the column "with" makes a node another one; the rest makes the request another one.
const SETTINGS: [&str; 6] = ["own address", "enrolment armed", "switched on", "a rule", "reported", "later"];

/// A node whose host stands in `state`, with or without a live permission.
fn node(state: &str, live: bool, with: &BTreeSet<&str>) -> Site {
    let enrolment = if with.contains("enrolment armed") { "armed" } else { "menu" };
    let legacy = if with.contains("switched on") { LEGACY } else { "" };
    let rule = if with.contains("a rule") { RULE } else { "" };
    // Refusals have tests of their own.
    let site = Site::with(enrolment, "max_refusals = 0", &format!("{legacy}{rule}"));
    if with.contains("own address") {
        site.lease(MAC, OWN);
    }
    let target = if state == "installed once" { Some(HostState::Unconfigured) } else { state.parse().ok() };
    match state {
        "none" => {}
        "UNCONFIGURED" => drop(site.store.hosts().create(mac(), &who(), site.now()).unwrap()),
        "CONFIGURED" => {
            site.arm(1);
            site.end("test");
        }
        _ => {
            site.arm(1);
            let token = site.begin();
            match state {
                "INSTALLING" if with.contains("reported") => drop(site.report(&token, "started", "")),
                "INSTALLING" => {}
                "FAILED" => drop(site.report(&token, "failed", "test")),
                _ => drop(site.report(&token, "installed", "")),
            }
            if state == "INSTALLING" && !live {
                site.end("test");
            }
        }
    }
    if live && state == "none" {
        site.permit(9);
    } else if live && state != "INSTALLING" {
        site.arm(9);
    }
    if let Some(target) = target.filter(|target| site.state() != Some(*target)) {
        site.set_state(target);
    }
    if with.contains("later") {
        site.pass("11m");
    }
    site
}

/// The queries of a request, with every ticket or token that the line means.
fn queries(site: &Site, request: &str, with: &BTreeSet<&str>) -> Vec<String> {
    let (command, word) = request.split_once(' ').unwrap_or((request, ""));
    let item = |items: &[&str]| {
        items.iter().map(|item| format!("cmd=process_menu_item&mac={MAC}&menu_item={item}")).collect::<Vec<_>>()
    };
    let value = match word {
        "HOSTNAME" => "sch-007",
        "FORCE_INSTALL" => "YES",
        "PROFILE" => "STORAGESINGLE",
        "IP" => "10.0.0.5",
        "STATE" => "INSTALLED",
        _ => "SCH",
    };
    let proofs = |name: &str| {
        proofs(site, name, with).into_iter().map(|p| format!("cmd={command}&mac={MAC}&{name}={p}")).collect::<Vec<_>>()
    };
    match command {
        "answer" => proofs("ticket"),
        "unsupported" => proofs("ticket").into_iter().map(|q| format!("{q}&missing=x86-64-v3")).collect(),
        "log" => proofs("token"),
        "event" => proofs("token").into_iter().map(|q| format!("{q}&stage={word}&message=QM1")).collect(),
        "install_TYPE" => item(&["install_SCH", "install_SCH_STORAGESINGLE"]),
        "init" | "boot_action" | "determine_state" | "host_get_config" => vec![format!("cmd={command}&mac={MAC}")],
        "kickstart" | "config_host" => vec![format!("cmd={command}&mac={MAC}&hosttype=SCH")],
        "set_status" => vec![format!("cmd={command}&mac={MAC}&status={word}")],
        "set_host_name_value" => vec![format!("cmd={command}&mac={MAC}&name={word}&value={value}")],
        "log_message" => vec![format!("cmd={command}&mac={MAC}&message=x")],
        other => item(&[other]),
    }
}

fn proofs(site: &Site, name: &str, with: &BTreeSet<&str>) -> Vec<String> {
    let host = site.store.hosts().find(mac()).unwrap();
    let attempt = host.as_ref().and_then(|h| h.attempt.as_ref());
    let own = attempt.map_or(PermissionId::from_random([5; 16]), |a| a.permission.clone());
    let current = site.store.permissions().get(mac(), site.now()).unwrap().map_or(own.clone(), |p| p.id);
    let (number, next) = (attempt.map_or(1, |a| a.number), host.as_ref().map_or(1, crate::host::Host::next_attempt));
    let since = attempt.map_or(site.now(), |a| a.since);
    let soon = site.now().plus("1h".parse().unwrap());
    let (ticket, token) = (Purpose::Ticket(&own), Purpose::Report(&own, since));
    let mint = |purpose| site.mint(purpose, mac(), number, soon);
    let has = |word: &str| with.contains(word);
    if has("next ticket") {
        vec![site.mint(Purpose::Ticket(&current), mac(), next, soon)]
    } else if has("its ticket") {
        vec![mint(ticket)]
    } else if has("its token") {
        vec![mint(token)]
    } else {
        let (right, wrong) = if name == "ticket" { (ticket, token) } else { (token, ticket) };
        let stranger = "525400000002".parse().unwrap();
        vec![
            String::new(),
            "x".to_owned(),
            format!("{number}-{}-{}", soon.as_unix(), "0".repeat(64)),
            mint(wrong),
            site.mint(right, mac(), number, site.now()),
            site.mint(right, mac(), number + 7, soon),
            site.mint(right, stranger, number, soon),
            mint(right).to_uppercase(),
        ]
    }
}

fn check(answer: &str, response: &Response, what: &str) {
    let body = response.body_text();
    let script = body.starts_with("#!ipxe\n");
    let good = match answer {
        "refused" | "not-now" | "not-able" => script && response.error() == Some(answer),
        "script" => script && matches!(response.error(), None | Some("not-able")),
        "installer" => script && is_installer(&body),
        "local disk" => script && is_local_boot(&body),
        "main menu" => script && body.contains("item --key i install_menu"),
        "own disk" => script && body.contains("has no permission to install") && body.contains("Starting its own disk"),
        "answer file" => response.status() == 200 && body.contains("HPS_TOKEN"),
        "ok" => response.status() == 200 && !script && !body.contains("HPS_TOKEN"),
        status => response.status().to_string() == status,
    };
    assert!(good, "{what}: expected {answer}, got {} {:?}: {body}", response.status(), response.error());
}

#[test]
fn each_line_of_other_requests_is_so() {
    let rows = table(&reference("boot.md"), ["request", "with", "state", "permission", "answer", "new state"]);
    // What a request left as it was serves the next one too.
    let mut nodes: BTreeMap<(&str, bool, BTreeSet<&str>), Site> = BTreeMap::new();
    let mut covered: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for [requests, with, states, permission, answer, new_state] in &rows {
        let with: BTreeSet<&str> = words(with).collect();
        let settings: BTreeSet<&str> = with.iter().copied().filter(|w| SETTINGS.contains(w)).collect();
        for state in STATES.into_iter().filter(|state| fits(states, state)) {
            for live in [true, false].into_iter().filter(|live| fits(permission, if *live { "live" } else { "none" })) {
                for request in words(requests) {
                    covered.entry(request.to_owned()).or_default().insert(state);
                    let mut at = 0;
                    loop {
                        let key = (state, live, settings.clone());
                        let site = nodes.remove(&key).unwrap_or_else(|| node(state, live, &settings));
                        let all = queries(&site, request, &with);
                        let Some(query) = all.get(at) else {
                            nodes.insert(key, site);
                            break;
                        };
                        at += 1;
                        let what = format!("{request}, {with:?}, {state}, live {live}: {query}");
                        let (before, state_before) = (site.snapshot(), site.state());
                        let remote = if with.contains("other address") { "10.0.0.77" } else { OWN };
                        let response = site.handle(remote, query, b"", false);
                        check(answer, &response, &what);
                        let expected = if new_state == "-" { state_before } else { Some(new_state.parse().unwrap()) };
                        assert_eq!(site.state(), expected, "{what}");
                        let untouched = site.snapshot() == before;
                        assert!(untouched || new_state != "-" || response.error().is_none(), "{what}: files changed");
                        let installed = site.store.installed_marks().installed(mac(), None).unwrap().ever();
                        if installed && !live {
                            assert!(is_local_boot(&site.boot()), "{what}: and boots its disk");
                        }
                        if untouched && site.snapshot() == before {
                            nodes.insert(key, site);
                        }
                    }
                }
            }
        }
    }
    let commands =
        ["init", "boot_action", "unsupported", "answer", "log", "enrol", "kickstart", "config_host", "determine_state"];
    let items = ITEMS.into_iter().filter(|item| !item.starts_with("install_") || *item == "install_menu");
    for request in commands.into_iter().chain(items).chain(["install_TYPE", "host_get_config", "log_message"]) {
        assert_eq!(covered.get(request).map_or(0, BTreeSet::len), STATES.len(), "{request}: a line for every state");
    }
    for stage in crate::types::Stage::ALL {
        assert_eq!(covered.get(&format!("event {stage}")).map_or(0, BTreeSet::len), STATES.len(), "{stage}");
    }
    for status in HostState::ALL {
        assert!(covered.contains_key(&format!("set_status {status}")), "{status}");
    }
}
