// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure` at a terminal: what it asks, and what Enter means.

use crate::PROGRAM;
use crate::neighbour::Neighbour;
use crate::support::{ADDRESS, INTERFACE, Node};

/// Runs a program at a terminal, and types an answer where its question was seen.
const TERMINAL: &str = "\
import os, pty, sys, select, time
answers = [a.split('=', 1) for a in sys.argv[1].split('|')]
child, end = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen, limit = '', time.time() + 40
while time.time() < limit:
    if select.select([end], [], [], 0.2)[0]:
        try:
            seen += os.read(end, 4096).decode(errors='replace')
        except OSError:
            break
    elif answers and answers[0][0] in seen:
        os.write(end, (answers.pop(0)[1] + '\\r').encode())
        seen += '\\n'
os.close(end)  # which ends a child that still asks
print(seen, answers)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

/// At a terminal, with Enter at most questions: a card that leads out is not the default, and what is typed counts.
#[test]
fn a_person_is_asked() {
    let node = Node::new(PROGRAM);
    let ip = |arguments: &str| node.run("ip", &arguments.split(' ').collect::<Vec<_>>()).done();
    ip("link add aa0 type veth peer name aa1");
    ip("address add 192.0.2.10/24 dev aa0");
    ip("link set aa0 up");
    ip("route add default via 192.0.2.1 dev aa0");
    let base = node.folder.path().to_string_lossy().into_owned();
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let program = node.command("cluster-configure");
    let program = program.get_args().last().unwrap().to_string_lossy().into_owned();
    let ask = |answers: &str, more: &[&str]| {
        let command = [&["-c", TERMINAL, answers, &program, "--base", &base, "--no-reload"], more].concat();
        let answer = node.run("python3", &command);
        assert_eq!(answer.code, 0, "{answers}: {}", answer.out);
        (answer.out, std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap())
    };
    let first = "Technical name=lab|Interface=|Address of this=|Default gateway=10.98.0.1|expected another address of=\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f10.99.0.254|\
                 reserved for hosts=|unknown machines=|Domain=|send their logs=tcp:10.99.0.250|for storage=2|Who may=|Operating=";
    let (seen, text) = ask(first, &["--ssh-key-file", &key]);
    for line in
        ["interface = \"br0\"", "gateway = \"10.99.0.254\"", "syslog = \"tcp:10.99.0.250\"", "name = \"storage2\""]
    {
        assert!(text.contains(line), "{line}: {text}\n{seen}");
    }
    let builds = seen.matches("cluster-configure: next: ").count();
    assert_eq!(builds, 3, "reload, one build for all types, arm: {seen}");
    // Enter keeps what there is; none and 0 take it away.
    let again =
        "Technical name=|Interface=|Address of this=|Default gateway=|reserved for hosts=|unknown machines=|Domain=|";
    assert_eq!(ask(&format!("{again}send their logs=|for storage="), &[]).1, text);
    let (_, text) = ask(&format!("{again}send their logs=none|for storage=0"), &[]);
    assert!(
        text.contains("\n# syslog") && text.contains("gateway = \"10") && !text.contains("storage_network"),
        "{text}"
    );
}

#[test]
fn beside_another_dhcp_server_a_person_is_asked_for_the_mode() {
    let node = Node::new(PROGRAM);
    let mut neighbour = Neighbour::new(&node, "10.99.0.254/24");
    neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--no-ping"]);
    let base = node.folder.path().to_string_lossy().into_owned();
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let program = node.command("cluster-configure");
    let program = program.get_args().last().unwrap().to_string_lossy().into_owned();
    let down = "\x1b[B";
    let answers = format!(
        "Default gateway=|reserved for hosts=|unknown machines=|Domain=|send their logs=|for storage=|\
         Who gives addresses={down}|Who may=|Operating="
    );
    let given = ["--name", "lab", "--interface", INTERFACE, "--address", ADDRESS, "--services", "plain"];
    let command = ["-c", TERMINAL, &answers, &program, "--base", &base, "--ssh-key-file", &key];
    let answer = node.run("python3", &[&command[..], &given[..]].concat());
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    assert!(answer.code == 0 && text.contains("dhcp = \"proxy\""), "{}\n{text}", answer.out);
    assert!(answer.out.contains("another DHCP server answers on br0: 10.99.0.254"), "{}", answer.out);
}
