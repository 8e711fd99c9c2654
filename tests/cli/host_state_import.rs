// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state import`: lists of hosts, checked whole before anything is written.

use crate::PROGRAM;
use crate::support::{Node, SERVER};

fn list(node: &Node, name: &str, text: &str) -> String {
    std::fs::write(node.path(name), text).unwrap();
    node.path(name).display().to_string()
}

fn boot(node: &Node, mac: &str) -> String {
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={mac}");
    node.run("curl", &["-sS", &url]).out
}

const CSV: &str = "mac,name,type,address,state,reason
52:54:00:00:00:01,sch-001,SCH,10.99.0.17,INSTALLED,\"rack 4, left\"
52:54:00:00:00:02 52:54:00:00:00:12,sch-002,SCH,10.99.0.18,,
52:54:00:00:00:03,,,,,
";

#[test]
fn a_list_is_imported_and_its_machines_boot_their_disks() {
    let node = Node::served(PROGRAM);
    let file = list(&node, "hosts.csv", CSV);
    let before = node.snapshot("srv/hps-config");
    let dry = node.run("host-state", &["import", &file, "--dry-run"]);
    assert!(dry.code == 10 && dry.out.lines().filter(|l| l.starts_with("add")).count() == 3, "{}{}", dry.out, dry.err);
    let now = "3 machines boot their disks from now on; use --new-machines if they are blank";
    assert_eq!(dry.out.lines().last(), Some(now));
    assert_eq!(node.snapshot("srv/hps-config"), before);
    let done = node.run("host-state", &["import", &file]);
    assert!(done.code == 0 && done.out.ends_with(&format!("{now}\n")), "{}{}", done.out, done.err);
    let show = node.run("host-state", &["show", "525400000003"]).out;
    assert!(show.contains("ever installed  yes: imported at 20"), "{show}");
    let json = node.run("host-state", &["list", "--json"]).out;
    assert_eq!(json.matches("\"ever_installed\": true").count(), 3, "{json}");
    assert!(json.contains("rack 4, left") && json.contains("\"state\": \"CONFIGURED\""), "{json}");
    for mac in ["525400000001", "525400000002", "525400000012", "525400000003"] {
        assert!(boot(&node, mac).contains("sanboot"), "{mac}: {}", boot(&node, mac));
    }
    assert_eq!(node.run("host-state", &["check"]).out, "");
    // The same list again says nothing new; another one is refused without --update.
    let again = node.run("host-state", &["import", &file]);
    assert!(again.code == 0 && again.out.lines().all(|l| l.starts_with("same")), "{}{}", again.out, again.err);
    let other = list(&node, "other.csv", &CSV.replace("rack 4", "rack 5"));
    let refused = node.run("host-state", &["import", &other]);
    for part in ["other.csv:2: 52:54:00:00:00:01 is already host sch-001", "1 line to correct"] {
        assert!(refused.code == 3 && refused.err.contains(part), "{part} in {}", refused.err);
    }
    let same = node.run("host-state", &["import", &file, "--update", "--dry-run"]);
    assert!(same.code == 0 && same.out.lines().all(|l| l.starts_with("same")), "{}", same.out);
    let changed = list(&node, "hosts.csv", &CSV.replace("10.99.0.18", "10.99.0.19"));
    let update = node.run("host-state", &["import", &changed, "--update"]);
    assert!(update.code == 0 && update.out.contains("+address = \"10.99.0.19\""), "{}{}", update.out, update.err);
    let entry = std::fs::read_to_string(node.path("srv/hps-config/services/dhcp-hosts.lab/525400000002")).unwrap();
    assert_eq!(entry, "52:54:00:00:00:02,52:54:00:00:00:12,10.99.0.19,sch-002\n");
}

#[test]
fn new_machines_are_offered_the_menu() {
    let node = Node::served(PROGRAM);
    let text = "[[host]]\nmac = \"52:54:00:00:00:01\"\nname = \"a\"\n[[host]]\nmacs = [\"525400000002\", \"525400000003\"]\ntype = \"SCH\"\n";
    let file = list(&node, "hosts.toml", text);
    node.run("host-state", &["import", &file, "--new-machines"]).done();
    for mac in ["525400000001", "525400000003"] {
        assert!(!boot(&node, mac).contains("sanboot") && boot(&node, mac).contains("menu"), "{}", boot(&node, mac));
    }
    let file = list(&node, "more.toml", "[[host]]\nmac = \"525400000004\"\nstate = \"INSTALLED\"\n");
    let refused = node.run("host-state", &["import", &file, "--new-machines"]);
    assert!(refused.code == 3 && refused.err.contains("more.toml:1: state INSTALLED"), "{}", refused.err);
}

#[test]
fn every_bad_line_is_named_and_nothing_is_written() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", "52:54:00:00:00:09", "--type", "SCH", "--name", "taken"]).done();
    let before = node.snapshot("srv/hps-config");
    let refused = |text: &str, words: &[&str]| {
        let file = list(&node, "bad.csv", text);
        let answer = node.run("host-state", &["import", &file]);
        assert_eq!(answer.code, 3, "{text}: {}{}", answer.out, answer.err);
        for word in words {
            assert!(answer.err.contains(word), "{word:?} for {text:?} in {}", answer.err);
        }
        assert_eq!(node.snapshot("srv/hps-config"), before, "{text}");
    };
    refused(
        "mac,name,type\n52540000000,a,SCH\n525400000001,b,SCH\n525400000002,B C,XCH\n,d,\n",
        &[
            "bad.csv:2: MAC",
            "bad.csv:4: host name",
            "bad.csv:4: 52:54:00:00:00:02: XCH is no host type",
            "did you mean CCH?",
            "bad.csv:5: mac is missing",
            "3 lines to correct",
        ],
    );
    refused(
        "mac,name,address\n525400000001,a,10.99.0.5\n525400000002,a,10.99.0.5\n525400000001,c,\n",
        &["bad.csv:3: name a is also in line 2", "bad.csv:3: address 10.99.0.5", "bad.csv:4: mac 52:54:00:00:00:01"],
    );
    refused("mac,name\n525400000001,taken\n", &["bad.csv:2: host name taken belongs"]);
    refused(
        "mac,name,address\n525400000001,taken,10.99.0.2\n525400000002,d\n525400000003,e,x\n525400000004,e,10.99.0.8\n5,\"f,\n",
        &[
            "bad.csv:2: host name taken belongs to host 52:54:00:00:00:09",
            "bad.csv:2: address 10.99.0.2 belongs to host taken",
            "bad.csv:3: 2 values: expected 3",
            "bad.csv:4: address \"x\"",
            "bad.csv:5: name e is also in line 4",
            "bad.csv:6: a quote (\") begins here and never ends",
            "5 lines to correct",
        ],
    );
    refused("mac,address\n525400000001,10.99.0.2\n", &["bad.csv:2: address 10.99.0.2 belongs"]);
    refused("mac,address\n525400000001,10.98.0.2\n525400000002,x\n", &["bad.csv:2:", "bad.csv:3:"]);
    refused("mac,state\n525400000001,INSTALLING\n", &["bad.csv:2:", "only an installer"]);
    refused("mac,profile\n525400000001,STORAGERAID\n", &["bad.csv:2:", "has no profile"]);
    refused("mac,colour\n525400000001,red\n", &["bad.csv:1: column \"colour\""]);
    refused("mac\n525400000001 525400000009\n", &["bad.csv:2: MAC 52:54:00:00:00:09 belongs to taken"]);
    let file = list(&node, "hosts.txt", CSV);
    node.run("host-state", &["import", &file]).fails(3, &["--format"]);
    node.run("host-state", &["import", "/nonexistent.csv"]).fails(4, &["no such file"]);
    node.run("host-state", &["import", &node.folder.path().display().to_string()]).fails(3, &["is a folder"]);
}

#[test]
fn the_first_errors_of_many_are_shown_and_the_others_counted() {
    let node = Node::unserved(PROGRAM);
    let text: String = (0..3_001).map(|number| format!("x{number},a\n")).collect();
    let file = list(&node, "bad.csv", &format!("mac,profile\n{text}"));
    let answer = node.run("host-state", &["import", &file]);
    assert_eq!((answer.code, answer.err.lines().count()), (3, 22), "{}", answer.err);
    for part in ["bad.csv:2: MAC", "bad.csv: 5982 more errors; --all-errors shows them", "3001 lines to correct"] {
        assert!(answer.err.contains(part), "{part} in {}", answer.err);
    }
    let all = node.run("host-state", &["import", &file, "--all-errors"]);
    assert_eq!((all.code, all.err.lines().count()), (3, 6_003));
}

#[test]
fn what_a_spreadsheet_leaves_is_passed_over() {
    let node = Node::unserved(PROGRAM);
    let file = list(&node, "hosts.csv", "MAC;Hostname;IP;Type;;\n5254.0000.0001;a;10.99.0.20;sch;;\n;;;;;\n;;\n");
    node.run("host-state", &["import", &file]).done();
    let listed = node.run("host-state", &["list"]).out;
    let words: Vec<&str> = listed.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(words, ["a", "52:54:00:00:00:01", "CONFIGURED", "SCH", "10.99.0.20"], "{listed}");
}

#[test]
fn a_list_comes_from_a_pipe() {
    let node = Node::served(PROGRAM);
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let script = format!("printf 'mac;name\\n525400000001;a\\n' | {} import --format csv -", program.display());
    node.run("bash", &["-c", &script]).done();
    assert!(node.run("host-state", &["show", "a"]).out.contains("ever installed  yes"));
}
