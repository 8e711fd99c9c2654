// SPDX-License-Identifier: GPL-3.0-or-later
//! Clients of the shell release and clients that mean harm, under the real lighttpd.

use crate::PROGRAM;
use crate::support::{Answer, Node, SERVER};
use std::io::Write as _;

const MAC: &str = "525400000001";

fn url(query: &str) -> String {
    format!("http://{SERVER}/cgi-bin/boot_manager.sh?{query}")
}

/// The status, and what was answered.
fn curl(node: &Node, arguments: &[&str]) -> (String, String) {
    let mut all = vec!["-sS", "--globoff", "--max-time", "20", "-w", "\n%{http_code}"];
    all.extend(arguments);
    let Answer { out, .. } = node.run("curl", &all);
    let (body, status) = out.rsplit_once('\n').unwrap_or(("", &out));
    (status.to_owned(), body.to_owned())
}

/// A node with these commands of the shell release, and one host that waits.
fn node(legacy: &[&str]) -> Node {
    let node = Node::served(PROGRAM);
    let path = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| match legacy.iter().find(|name| line.contains(&format!("{name} = false"))) {
        Some(name) => format!("{name} = true"),
        None => line.to_owned(),
    });
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node
}

#[test]
fn scripts_of_the_shell_release() {
    let node = node(&["host_get_config", "determine_state", "log_message"]);
    let state = url("cmd=determine_state&mac=52:54:00:00:00:01");
    let done = ("200".to_owned(), "CONFIGURED\n".to_owned());
    assert_eq!(curl(&node, &[&state]), done);
    assert_eq!(curl(&node, &["-d", "", &state]), done, "a POST with an empty body");
    assert_eq!(curl(&node, &["-d", "cmd=init", &state]), done, "what a POST carries is no parameter");
    assert_eq!(curl(&node, &["-X", "POST", &state]).0, "411", "lighttpd's own answer, as the reference says");
    assert_eq!(curl(&node, &[&url(&format!("cmd=set_status&mac={MAC}&status=FAILED"))]).0, "403", "not switched on");
    let hostile = "%24(touch%20owned)%22;touch%20owned;%60touch%20owned%60";
    let message = url(&format!("cmd=log_message&mac={MAC}&message={hostile}"));
    assert_eq!(curl(&node, &[&message]), ("200".to_owned(), "Log updated\n".to_owned()));

    // As nodes do it.
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    let config = url("cmd=host_get_config&mac=52-54-00-00-00-01");
    let mut file = std::fs::File::create(&script).unwrap();
    writeln!(file, "curl -sS '{config}' > config && . ./config && printf '%s|' \"$STATE\" \"$TYPE\" \"$IP\" \"$HOSTNAME\" \"$FORCE_INSTALL\"").unwrap();
    for shell in ["bash", "dash"] {
        let output = node.command(shell).arg(&script).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            said,
            "CONFIGURED|SCH|10.99.0.2|sch-001|NO|",
            "{shell}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(!folder.path().join("owned").exists());
}

#[test]
fn no_header_changes_an_answer_or_a_file() {
    let node = node(&[]);
    let before = node.snapshot("srv/hps-config");
    let long = format!("X-Long: {}", "a".repeat(6_000));
    let headers: [&[&str]; 13] = [
        &["-H", "HPS_CONFIG: /tmp/evil.conf"],
        &["-H", "HPS-CONFIG: /tmp/evil.conf"],
        &["-H", "X-Forwarded-For: 10.99.0.2"],
        &["-H", "Forwarded: for=10.99.0.2"],
        &["-H", "Remote-Addr: 10.99.0.2"],
        &["-H", "Proxy: http://10.99.0.2/"],
        &["-H", "Host: evil.example"],
        &["-H", "User-Agent: $(reboot)`reboot`"],
        &["-H", "Accept: text/html,*/*;q=0.1"],
        &["-H", "Range: bytes=0-1"],
        &["-H", "X-A: 1", "-H", "X-A: 2"],
        &["-H", &long],
        &["-H", "Query-String: cmd=init"],
    ];
    for query in [
        format!("cmd=event&mac={MAC}&token=x&stage=started"),
        format!("cmd=answer&mac={MAC}&ticket=x"),
        "cmd=x".to_owned(),
    ] {
        let url = url(&query);
        let plain = curl(&node, &[&url]);
        for more in headers {
            let mut arguments = more.to_vec();
            arguments.push(&url);
            assert_eq!(curl(&node, &arguments), plain, "{more:?} {query}");
        }
        let json = curl(&node, &["-H", "Accept: application/json", &url]);
        assert!(json.0 == plain.0 && json.1.starts_with('{'), "{json:?}");
    }
    // What lighttpd itself does not take never reaches the program.
    let log = url(&format!("cmd=log&mac={MAC}&token=x"));
    let large = node.path("large");
    std::fs::write(&large, vec![b'x'; 3 << 20]).unwrap();
    let large = format!("@{}", large.display());
    for (arguments, statuses) in [
        (vec!["-H", "Content-Length: -1", "-d", "x", &log], ["400", "400"]),
        (vec!["-H", "Content-Length: 5x", "-d", "x", &log], ["400", "400"]),
        (vec!["--data-binary", &large, &log], ["413", "413"]),
        (vec!["-H", "Transfer-Encoding: chunked", "-d", "x", &log], ["403", "411"]),
        (vec!["-X", "PUT", "-d", "x", &log], ["403", "405"]),
    ] {
        let (status, body) = curl(&node, &arguments);
        assert!(statuses.contains(&status.as_str()), "{arguments:?}: {status} {body}");
    }
    let (status, _) = curl(&node, &[&url(&format!("cmd=init&x={}", "a".repeat(20_000)))]);
    assert!(["400", "414", "431"].contains(&status.as_str()), "{status}");
    assert_eq!(node.snapshot("srv/hps-config"), before);
}
