// SPDX-License-Identifier: GPL-3.0-or-later
//! Methods under the real lighttpd: what is for no method of a command is not begun, and HEAD changes nothing.

use super::support::{Node, SERVER};
use super::{MAC, PROGRAM};

/// Status, and the headers and body as they came.
fn send(node: &Node, method: &str, path: &str) -> (String, String) {
    let url = format!("http://{SERVER}{path}");
    let mut words = vec!["-sS", "-i", "-m", "10"];
    match method {
        "HEAD" => words.push("--head"),
        "POST" => words.extend(["-d", ""]),
        _ => words.extend(["-X", method]),
    }
    words.push(&url);
    let answer = node.run("curl", &words);
    let status = answer.out.split(' ').nth(1).unwrap_or_default().to_owned();
    (status, answer.out)
}

#[test]
fn a_method_means_something() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node.run("host-state", &["arm", MAC]).done();
    // What the programs write of the cluster; the web server's own logs have every request.
    let state = || (node.snapshot("srv/hps-config"), node.snapshot("srv/log/hosts"));
    let before = state();
    let cgi = "/cgi-bin/boot_manager?cmd=";
    let unconfigure = format!("{cgi}process_menu_item&mac={MAC}&menu_item=unconfigure");
    let event = format!("{cgi}event&mac={MAC}&token=1-1-{}&stage=installed", "0".repeat(64));
    for (methods, path, allow) in [
        (&["HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "head", "get"][..], &unconfigure, "GET"),
        (&["HEAD", "PUT", "DELETE", "OPTIONS"], &event, "GET, POST"),
        (&["HEAD", "PUT", "DELETE"], &format!("{cgi}answer&mac={MAC}&ticket=x"), "GET"),
        (&["POST", "PUT", "DELETE"], &format!("{cgi}boot_action&mac={MAC}"), "GET, HEAD"),
        (&["HEAD", "GET", "PUT"], &format!("{cgi}log&mac={MAC}&token=x"), "POST"),
    ] {
        for method in methods {
            let (status, text) = send(&node, method, path);
            // The web server itself refuses what it does not know.
            assert!(["405", "400", "501"].contains(&status.as_str()), "{method} {path}: {text}");
            if status == "405" {
                assert!(text.contains(&format!("Allow: {allow}\r\n")), "{method} {path}: {text}");
            }
        }
    }
    let script = format!("{cgi}boot_action&mac={MAC}&serial=S1");
    let (status, head) = send(&node, "HEAD", &script);
    assert_eq!(status, "200", "{head}");
    assert_eq!(state(), before, "nothing of it has changed anything");
    let (_, get) = send(&node, "GET", &script);
    let length = |text: &str| text.lines().find(|l| l.starts_with("Content-Length:")).map(str::to_owned);
    assert_eq!(length(&head), length(&get), "{head}");
    assert!(head.ends_with("\r\n\r\n") && get.contains("#!ipxe"), "{head}");
}

#[test]
fn published_files_are_read_and_nothing_else() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-resources/distros/file");
    std::fs::write(&file, "content\n").unwrap();
    for method in ["GET", "HEAD"] {
        assert_eq!(send(&node, method, "/distros/file").0, "200", "{method}");
    }
    // lighttpd itself knows none of these for a file.
    for method in ["PUT", "DELETE", "PATCH"] {
        let status = send(&node, method, "/distros/file").0;
        assert!(["405", "501"].contains(&status.as_str()), "{method}: {status}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "content\n");
}
