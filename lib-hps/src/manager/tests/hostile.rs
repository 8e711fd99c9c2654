// SPDX-License-Identifier: GPL-3.0-or-later
//! Hostile values and names of parameters are refused, or do no harm.

use super::commands::{LEGACY, SCRIPTS};
use super::site::{MAC, Site};
use crate::host::HostState;

/// What may stand in the place of any value.
const HOSTILE: [&str; 22] = [
    "",
    "%00",
    "%0a",
    "%0d%0aX-Evil:%201",
    "%1b[2J",
    "%ff%fe",
    "%e2%80%ae",
    "%zz",
    "%",
    "..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "$(reboot)",
    "`reboot`",
    "${net0/mac}",
    "'\"\\",
    "%26mac=525400000002",
    "-1",
    "99999999999999999999",
    "%f0%9f%92%a9",
    "#!ipxe",
    "{{ 7*7 }}",
    "a%20b%09c",
];

#[test]
fn hostile_values_are_refused_or_do_no_harm() {
    // Refusals are counted elsewhere.
    let site = Site::with("menu", "max_refusals = 0", LEGACY);
    site.arm(1);
    let token = site.begin();
    let before = site.snapshot();
    let whole = [
        ("boot_action", format!("mac={MAC}")),
        ("process_menu_item", format!("mac={MAC}&menu_item=show_host")),
        ("unsupported", format!("mac={MAC}&ticket={token}&missing=x86-64-v3")),
        ("answer", format!("mac={MAC}&ticket={token}")),
        ("event", format!("mac={MAC}&token={token}&stage=started&message=x")),
        ("log", format!("mac={MAC}&token={token}")),
        ("kickstart", format!("mac={MAC}&hosttype=SCH")),
        ("config_host", format!("mac={MAC}&hosttype=SCH")),
        ("set_status", format!("mac={MAC}&status=INSTALLED")),
        ("determine_state", format!("mac={MAC}")),
        ("host_get_config", format!("mac={MAC}")),
        ("set_host_name_value", format!("mac={MAC}&name=HOSTNAME&value=x")),
    ];
    for (command, query) in &whole {
        let pairs: Vec<(&str, &str)> = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        for (at, (name, _)) in pairs.iter().enumerate() {
            // A message of an installer may say whatever it wants.
            if *name == "message" {
                continue;
            }
            let long = "a".repeat(9_000);
            for value in HOSTILE.into_iter().chain([long.as_str()]) {
                let with = |text: String| {
                    let mut parts: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
                    parts[at] = text;
                    format!("cmd={command}&{}", parts.join("&"))
                };
                let twice = format!("{name}={}&{name}={value}", pairs[at].1);
                let missing = format!("other={value}");
                for query in [with(format!("{name}={value}")), with(twice), with(missing)] {
                    let response = site.ask(&query);
                    let body = response.body_text();
                    let query: String = query.chars().take(200).collect();
                    assert!(response.error().is_some(), "{query}: {body}");
                    assert!(!body.contains("root:"), "{query}");
                    if SCRIPTS.contains(command) {
                        assert!(body.starts_with("#!ipxe\n") && body.is_ascii(), "{query}: {body}");
                    } else {
                        assert!(response.status() >= 400 && body.lines().count() == 1, "{query}: {body}");
                    }
                    assert_eq!(site.snapshot(), before, "{query}");
                }
            }
        }
    }
    assert_eq!(site.state(), Some(HostState::Installing));
}

#[test]
fn hostile_names_of_parameters_change_nothing() {
    let site = Site::new("menu");
    let before = site.snapshot();
    for query in [
        "cmd",
        "=",
        "&&&&",
        "cmd=init%00",
        "%63md=event",
        "CMD=init",
        "cmd%00=init",
        "?cmd=init",
        "cmd=%65vent&mac=zz",
        "cmd=event;mac=525400000001",
        "\u{0}",
        "cmd=in+it",
    ] {
        let response = site.ask(query);
        assert!(response.error().is_some(), "{query}: {}", response.body_text());
        assert_eq!(site.snapshot(), before, "{query}");
    }
    assert_eq!(site.ask("%63md=init").error(), None, "a name may be percent-encoded, as the standard says");
    let many = "a=1&".repeat(2_000);
    assert_eq!(site.ask(&format!("{many}cmd=init")).error(), Some("malformed"));
}
