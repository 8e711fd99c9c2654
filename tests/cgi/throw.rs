// SPDX-License-Identifier: GPL-3.0-or-later
//! Random environments and bodies for the real program: it ends well, with one whole response, and writes nothing.

use crate::PROGRAM;
use crate::support::Node;
use proptest::prelude::*;
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Stdio};

/// What a client can bring into the environment, by RFC 3875 and by its headers, and what it cannot.
const VARIABLES: [&str; 16] = [
    "QUERY_STRING",
    "REMOTE_ADDR",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "REQUEST_METHOD",
    "HTTP_ACCEPT",
    "HTTP_HOST",
    "HTTP_PROXY",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_HPS_CONFIG",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "SERVER_NAME",
    "LANG",
    "TZ",
    "RUST_BACKTRACE",
];

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => proptest::collection::vec(1u8.., 0..60),
        1 => any::<String>().prop_map(|text| text.replace('\0', "").into_bytes()),
        1 => proptest::sample::select(vec![
            "", "0", "-1", "1", "5", "1048577", "18446744073709551616", "4 4", "10.0.0.2", "::1", "10.0.0.2, 10.0.0.3", "GET", "POST",
            "application/json", "/etc/hps.conf", "cmd=init", "cmd=boot_action&mac=525400000001",
            "cmd=process_menu_item&mac=525400000001&menu_item=install_SCH", "cmd=log&mac=525400000001&token=x",
            "cmd=kickstart&mac=525400000001&hosttype=SCH", "cmd=event&mac=525400000001&token=%ff",
        ]).prop_map(|text| text.as_bytes().to_vec()),
    ]
}

#[test]
fn whatever_the_environment_holds_there_is_one_whole_response() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    node.run("host-state", &["add", "525400000001", "--type", "SCH"]).done();
    let before = node.snapshot("srv/hps-config");
    let variables = proptest::collection::vec((proptest::sample::select(VARIABLES.to_vec()), value()), 0..8);
    let body = proptest::collection::vec(any::<u8>(), 0..300);
    let config = ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(variables in variables, body in body)| {
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("HPS_CONFIG", node.conf());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, value) in &variables {
            command.env(name, OsString::from_vec(value.clone()));
        }
        let mut child = command.spawn().unwrap();
        // It need not read what it does not want.
        let _it_may_have_closed_it = child.stdin.take().unwrap().write_all(&body);
        let output = child.wait_with_output().unwrap();
        let (said, response) = (String::from_utf8_lossy(&output.stderr), &output.stdout);
        prop_assert!(output.status.success(), "{}", said);
        prop_assert!(!said.contains("panicked") && !said.contains('\u{1b}'), "{}", said);
        let end = response.windows(4).position(|w| w == b"\r\n\r\n");
        prop_assert!(end.is_some(), "{}", String::from_utf8_lossy(response));
        let (head, rest) = response.split_at(end.unwrap_or_default() + 4);
        let head = String::from_utf8_lossy(head);
        // A refused method has one line more, which says what is allowed.
        let most = if head.starts_with("Status: 405") && head.contains("\r\nAllow: ") { 7 } else { 6 };
        prop_assert!(head.starts_with("Status: ") && head.lines().count() <= most, "{}", head);
        let length = format!("Content-Length: {}\r\n", rest.len());
        prop_assert!(head.contains(&length), "{}", head);
    });
    assert_eq!(node.snapshot("srv/hps-config"), before);
}
