// SPDX-License-Identifier: GPL-3.0-or-later
//! Requests that are wrong, too early, too long or from a stranger get one constant answer and change nothing.

use super::commands::{OTHERS, SCRIPTS};
use super::menu::{golden, shown};
use super::site::{MAC, OWN, Site, is_installer, is_local_boot};
use crate::config::Dir;
use crate::host::HostState;
use crate::manager::{Body, Method, Request, handle};

#[test]
fn a_stranger_gets_nothing() {
    let site = Site::new("armed");
    site.arm(1);
    let from_elsewhere = site.request("10.0.0.77", &format!("cmd=boot_action&mac={MAC}"), b"");
    assert!(!is_installer(&from_elsewhere.body_text()));
    assert_eq!(from_elsewhere.error(), Some("not-able"));
    let ticket = site.ticket();
    let token = site.begin();
    let other = "525400000002";
    let forged = format!("1-9999999999-{}", "0".repeat(64));
    for query in [
        format!("cmd=answer&mac={other}&ticket={ticket}"),
        format!("cmd=answer&mac={MAC}&ticket={token}"),
        format!("cmd=answer&mac={MAC}&ticket={forged}"),
        format!("cmd=answer&mac={MAC}&ticket="),
        format!("cmd=event&mac={MAC}&token={ticket}&stage=installed"),
        format!("cmd=event&mac={other}&token={token}&stage=installed"),
        format!("cmd=event&mac={MAC}&token={forged}&stage=installed"),
        format!("cmd=log&mac={MAC}&token={ticket}"),
        format!("cmd=set_status&mac={MAC}&status=UNCONFIGURED"),
        format!("cmd=kickstart&mac={MAC}&hosttype=SCH"),
        format!("cmd=host_get_config&mac={MAC}"),
        format!("cmd=config_host&mac={MAC}&hosttype=SCH"),
        format!("cmd=set_host_name_value&mac={MAC}&name=STATE&value=INSTALLED"),
    ] {
        let response = site.ask(&query);
        assert_eq!((response.status(), response.body_text().as_str()), (403, "refused\n"), "{query}");
    }
    assert_eq!(site.state(), Some(HostState::Installing));
}

#[test]
fn bad_requests_get_one_line_and_change_nothing() {
    let site = Site::new("menu");
    let long = format!("cmd=event&mac={MAC}&message={}", "a".repeat(9_000));
    for (query, status, error) in [
        ("", 400, "unknown-command"),
        ("cmd=format_disk", 400, "unknown-command"),
        ("cmd=init&cmd=init", 200, "malformed"),
        ("cmd=boot_action&mac=525400000001&mac=525400000002", 200, "malformed"),
        ("cmd=event&stage=started", 400, "mac"),
        ("cmd=event&mac=zz&stage=started", 400, "mac"),
        ("cmd=event&mac=525400000001", 400, "malformed"),
        ("cmd=event&mac=525400000001%00&token=x", 400, "malformed"),
        ("cmd=answer&mac=%ff%fe", 400, "malformed"),
        (long.as_str(), 400, "malformed"),
        ("cmd=boot_action&mac=525400000001&other=%ff", 200, "malformed"),
        (long.replace("event", "boot_action").leak(), 200, "malformed"),
        ("cmd=boot_action", 200, "mac"),
        ("cmd=boot_action&mac=../../etc", 200, "mac"),
        ("cmd=process_menu_item&mac=525400000001", 200, "malformed"),
        ("cmd=process_menu_item&mac=525400000001&menu_item=x", 200, "malformed"),
    ] {
        let response = site.ask(query);
        assert_eq!((response.status(), response.error()), (status, Some(error)), "{query}");
        let body = response.body_text();
        if status == 200 {
            assert!(body.starts_with("#!ipxe\necho HPS: "), "{query}: {body}");
        } else {
            assert_eq!(body.lines().count(), 1, "{query}: {body}");
        }
    }
    assert_eq!(site.store.hosts().list().unwrap().len(), 0);
    let odd_firmware = site.ask("cmd=boot_action&mac=525400000001&serial=%ff%ff&product=%01");
    assert_eq!((odd_firmware.status(), odd_firmware.error()), (200, None), "{}", odd_firmware.body_text());
}

#[test]
fn without_cluster_key_or_tree_the_screen_says_what_to_do() {
    let site = Site::new("armed");
    site.arm(1);
    std::fs::remove_dir_all(site.store.paths.distros().join("x86_64-linux-rockylinux-10.1")).unwrap();
    let script = site.boot();
    assert!(script.contains("is not published on this node"), "{script}");
    let site = Site::new("armed");
    site.arm(1);
    std::fs::remove_file(site.store.paths.site_key()).unwrap();
    assert!(site.boot().contains("the site key of the provisioning node cannot be read"));
    std::fs::remove_file(site.store.paths.conf().dir(Dir::Clusters).join("active")).unwrap();
    let response = site.ask("cmd=init");
    assert_eq!((response.status(), response.error()), (200, Some("not-able")));
    let shown = response.body_text().replace("\necho ", " ");
    assert!(shown.contains("no cluster is active; make one with cluster-configure"), "{shown}");
    std::fs::remove_file(site.folder.path().join("hps.conf")).unwrap();
    assert_eq!(site.ask("cmd=event&mac=525400000001").status(), 503);
}

#[test]
fn a_node_that_knows_nothing_lets_machines_boot_their_disks() {
    let site = Site::new("armed");
    let file = site.store.paths.conf().dir(Dir::Clusters).join("lab.cluster");
    std::fs::write(file, "version = ").unwrap();
    let response = site.ask(&format!("cmd=boot_action&mac={MAC}"));
    assert_eq!((response.status(), response.error()), (200, Some("not-able")));
    assert!(
        is_local_boot(&response.body_text()) && response.body_text().contains("lab.cluster: line 1"),
        "{}",
        response.body_text()
    );
}

#[test]
fn each_problem_has_one_answer() {
    let site = Site::with("menu", "", "[legacy]\ndetermine_state = true\n");
    site.arm(1);
    let token = site.begin();
    let mut text = String::new();
    let cases = [
        ("malformed", format!("cmd=event&mac={MAC}"), &b""[..]),
        ("unknown-command", "cmd=format_disk".to_owned(), b""),
        ("mac", "cmd=event&mac=zz".to_owned(), b""),
        ("refused", format!("cmd=answer&mac={MAC}&ticket=x"), b""),
        ("refused", format!("cmd=kickstart&mac={MAC}&hosttype=SCH"), b""),
        ("not-known", "cmd=determine_state&mac=525400000009".to_owned(), b""),
        ("too-large", format!("cmd=log&mac={MAC}&token={token}"), &[b'x'; (1 << 20) + 1]),
    ];
    for (word, query, body) in &cases {
        for json in [false, true] {
            let response = site.handle(OWN, query, body, json);
            assert_eq!(response.error(), Some(*word), "{query}");
            text.push_str(&shown(word, &response));
        }
    }
    for (word, query) in [
        ("malformed", "cmd=init&cmd=init".to_owned()),
        ("mac", "cmd=boot_action".to_owned()),
        ("malformed", format!("cmd=process_menu_item&mac={MAC}&menu_item=%24%7Bnet0/mac%7D")),
        ("refused", "cmd=process_menu_item&mac=525400000009&menu_item=install_SCH".to_owned()),
        ("not-now", format!("cmd=process_menu_item&mac={MAC}&menu_item=install_TCH")),
    ] {
        let response = site.handle(OWN, &query, b"", false);
        assert_eq!(response.error(), Some(word), "{query}");
        text.push_str(&shown(word, &response));
    }
    site.report(&token, "installed", "");
    let over = site.handle(OWN, &format!("cmd=event&mac={MAC}&token={token}&stage=started"), b"", false);
    text.push_str(&shown("not-now", &over));
    std::fs::remove_file(site.store.paths.conf().dir(Dir::Clusters).join("active")).unwrap();
    for command in ["init", "event"] {
        let response = site.handle(OWN, &format!("cmd={command}&mac={MAC}"), b"", false);
        assert_eq!(response.error(), Some("not-able"));
        // The folder of the test has another name each time.
        text.push_str(&shown("not-able", &response).replace(&*site.folder.path().to_string_lossy(), ""));
    }
    golden("errors", &text);
}

#[test]
fn a_body_that_is_cut_or_too_large_is_refused_and_leaves_nothing() {
    let site = Site::new("menu");
    site.arm(1);
    let token = site.begin();
    let conf = site.folder.path().join("hps.conf");
    let query = format!("cmd=log&mac={MAC}&token={token}");
    for (body, status) in [(Body::CutShort, 400), (Body::TooLarge, 413)] {
        let request = Request::new(Some(&query), OWN.parse().ok(), conf.clone());
        let request = request.with_method(Method::Post).with_body(body);
        assert_eq!(handle(&request, site.now()).response.status(), status);
    }
    let not_utf8 = Request::new(None, OWN.parse().ok(), conf);
    assert_eq!(handle(&not_utf8, site.now()).response.status(), 400);
    let names: Vec<_> =
        std::fs::read_dir(site.store.paths.host_log_dir()).unwrap().map(|e| e.unwrap().file_name()).collect();
    let logs = names.iter().filter(|name| !name.to_string_lossy().starts_with('.'));
    assert_eq!(logs.count(), 1, "the host's log, and no other: {names:?}");
}

#[test]
fn commands_that_are_not_known_are_refused_before_anything_is_read() {
    let site = Site::new("menu");
    std::fs::remove_file(site.folder.path().join("hps.conf")).unwrap();
    for command in ["", "Init", "boot_action ", "process_menu_items", "answer/", "kickstart2"] {
        assert_eq!(site.ask(&format!("cmd={command}&mac={MAC}")).status(), 400, "{command}");
    }
    for command in OTHERS {
        assert_eq!(site.ask(&format!("cmd={command}&mac={MAC}")).status(), 503, "{command}");
    }
    for command in SCRIPTS {
        let response = site.ask(&format!("cmd={command}&mac={MAC}"));
        assert_eq!((response.status(), response.error()), (200, Some("not-able")), "{command}");
        assert!(is_local_boot(&response.body_text()) && !is_installer(&response.body_text()));
    }
}

/// Whoever reads `boot_manager.log` finds the machine and the minute in every line of it.
#[test]
fn each_complaint_says_when_and_whose() {
    let site = Site::new("armed");
    site.arm(1);
    let diagnostics = |remote: &str, query: &str| {
        let request = Request::new(Some(query), remote.parse().ok(), site.folder.path().join("hps.conf"));
        let lines = handle(&request, site.now()).diagnostics;
        assert!(!lines.is_empty(), "{query}");
        lines.into_iter().map(|line| line.to_string()).collect::<Vec<_>>()
    };
    let begins = |lines: Vec<String>, words: &str| {
        assert!(lines.iter().all(|line| line.starts_with(words)), "{words}: {lines:?}");
    };
    let boot = diagnostics("10.0.0.77", "cmd=boot_action&mac=52-54-00-00-00-01");
    assert!(boot[0].contains("not proven"), "{boot:?}");
    begins(boot, "2026-11-22T10:00:30Z boot_action 525400000001 from 10.0.0.77: ");
    begins(diagnostics("", "cmd=answer&mac=nonsense"), "2026-11-22T10:00:30Z answer mac nonsense by hand: mac: ");
    begins(diagnostics("10.0.0.77", "x=1"), "2026-11-22T10:00:30Z no command no mac from 10.0.0.77: unknown-command: ");
}
