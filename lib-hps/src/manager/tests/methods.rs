// SPDX-License-Identifier: GPL-3.0-or-later
//! What a method means: HEAD changes nothing, and what is for no method of a command is not begun by it.

use super::site::{MAC, Site, is_installer};
use crate::host::HostState;
use crate::manager::Method;

const LEGACY: &str = "[legacy]\nkickstart = true\nconfig_host = true\nset_status = true\ndetermine_state = true\n\
    host_get_config = true\nset_host_name_value = true\nlog_message = true\n";

/// Every command that can change something, with what it would need.
fn requests(site: &Site) -> Vec<(String, &'static str)> {
    let (ticket, token) = (site.ticket(), "1-9999999999-".to_owned() + &"0".repeat(64));
    [
        (format!("cmd=process_menu_item&mac={MAC}&menu_item=unconfigure"), "GET"),
        (format!("cmd=process_menu_item&mac={MAC}&menu_item=install_SCH"), "GET"),
        (format!("cmd=unsupported&mac={MAC}&ticket={ticket}&missing=x86-64-v3"), "GET"),
        (format!("cmd=answer&mac={MAC}&ticket={ticket}"), "GET"),
        (format!("cmd=event&mac={MAC}&token={token}&stage=installed"), "GET, POST"),
        (format!("cmd=log&mac={MAC}&token={token}"), "POST"),
        (format!("cmd=kickstart&mac={MAC}&hosttype=SCH"), "GET, POST"),
        (format!("cmd=config_host&mac={MAC}&hosttype=SCH"), "GET, POST"),
        (format!("cmd=set_status&mac={MAC}&status=UNCONFIGURED"), "GET, POST"),
        (format!("cmd=set_host_name_value&mac={MAC}&name=HOSTNAME&value=x"), "GET, POST"),
        (format!("cmd=log_message&mac={MAC}&message=x"), "GET, POST"),
    ]
    .into()
}

#[test]
fn nothing_is_begun_by_another_method() {
    let site = Site::with("armed", "", LEGACY);
    site.arm(1);
    let before = site.snapshot();
    for (query, allow) in requests(&site) {
        for method in [Method::Head, Method::Other, Method::Get, Method::Post] {
            let name = format!("{method:?}").to_uppercase();
            if allow.split(", ").any(|allowed| allowed == name) {
                continue;
            }
            let (response, text) = site.by(method, &query);
            assert_eq!((response.status(), response.error()), (405, Some("method")), "{name} {query}");
            assert!(text.starts_with("Status: 405 Method Not Allowed\r\n"), "{text}");
            assert!(text.contains(&format!("\r\nAllow: {allow}\r\n")), "{name} {query}: {text}");
        }
    }
    for query in ["cmd=init".to_owned(), format!("cmd=boot_action&mac={MAC}")] {
        for method in [Method::Other, Method::Post] {
            let (response, text) = site.by(method, &query);
            assert_eq!(response.status(), 405, "{query}");
            assert!(text.contains("\r\nAllow: GET, HEAD\r\n"), "{text}");
        }
    }
    assert_eq!(site.snapshot(), before);
    assert_eq!(site.state(), Some(HostState::Configured));
    assert!(is_installer(&site.boot()));
}

#[test]
fn head_has_the_headers_of_get_and_changes_nothing() {
    let site = Site::with("menu", "", LEGACY);
    site.lease("525400000009", "10.0.0.2");
    let before = site.snapshot();
    // A machine that nobody knows leaves no record by it.
    site.by(Method::Head, "cmd=boot_action&mac=525400000009&serial=x");
    assert_eq!(site.snapshot(), before);
    site.arm(1);
    let before = site.snapshot();
    let queries = [
        "cmd=init".to_owned(),
        format!("cmd=boot_action&mac={MAC}"),
        format!("cmd=determine_state&mac={MAC}"),
        format!("cmd=host_get_config&mac={MAC}"),
        "cmd=boot_action&mac=nonsense".to_owned(),
        "cmd=none".to_owned(),
    ];
    let heads: Vec<String> = queries.iter().map(|query| site.by(Method::Head, query).1).collect();
    assert_eq!(site.snapshot(), before);
    for (query, head) in queries.iter().zip(heads) {
        let (_, get) = site.by(Method::Get, query);
        let (headers, body) = get.split_once("\r\n\r\n").unwrap();
        assert!(!body.is_empty(), "{query}");
        assert_eq!(head, format!("{headers}\r\n\r\n"), "{query}");
    }
}

#[test]
fn head_of_grub_gets_no_length_where_get_changes_something() {
    let site = Site::with("menu", "", "");
    site.arm(1);
    let before = site.snapshot();
    for (query, _) in requests(&site).into_iter().filter(|(q, _)| q.contains("menu_item") || q.contains("unsupported"))
    {
        let (response, text) = site.by(Method::Head, &format!("{query}&loader=grub"));
        assert_eq!((response.status(), response.error()), (200, None), "{query}");
        assert!(!text.contains("Content-Length") && text.ends_with("\r\n\r\n"), "{text}");
        let (response, _) = site.by(Method::Head, &format!("{query}&loader=ipxe"));
        assert_eq!(response.status(), 405, "{query}");
    }
    for query in ["cmd=init".to_owned(), format!("cmd=boot_action&mac={MAC}")].map(|q| format!("{q}&loader=grub")) {
        let head = site.by(Method::Head, &query).1;
        let (_, get) = site.by(Method::Get, &query);
        assert_eq!(head, format!("{}\r\n\r\n", get.split_once("\r\n\r\n").unwrap().0), "{query}");
    }
    assert_eq!(site.state(), Some(HostState::Configured));
    site.lease("525400000009", "10.0.0.2");
    assert_eq!(site.snapshot().len(), before.len() + 1, "only the lease is new");
}

#[test]
fn each_page_of_grub_names_the_next_one_for_grub() {
    let site = Site::with("menu", "", "");
    let queries = [
        "cmd=init".to_owned(),
        format!("cmd=boot_action&mac={MAC}"),
        "cmd=boot_action&mac=nonsense".to_owned(),
        format!("cmd=process_menu_item&mac={MAC}&menu_item=install_menu"),
        format!("cmd=process_menu_item&mac={MAC}&menu_item=local_boot"),
        format!("cmd=process_menu_item&mac={MAC}&menu_item=reinstall"),
        format!("cmd=unsupported&mac={MAC}"),
    ];
    for query in queries {
        let (response, text) = site.by(Method::Get, &format!("{query}&loader=grub"));
        assert_eq!(response.status(), 200, "{query}");
        assert!(text.ends_with("\nset hps_heard=yes\n"), "{text}");
        for line in text.lines().filter(|line| line.contains("/cgi-bin/")) {
            assert!(line.contains("&loader=grub"), "{line}");
        }
        let (_, text) = site.by(Method::Get, &query);
        assert!(text.contains("\r\n\r\n#!ipxe\n"), "{text}");
    }
}
