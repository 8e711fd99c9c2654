// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure` at a terminal: what it asks, what Enter means, and how it is left.

use crate::PROGRAM;
use crate::neighbour::Neighbour;
use crate::setup::CLUSTER;
use crate::support::{ADDRESS, INTERFACE, Node};
use crate::terminal::Terminal;

/// The questions of a new cluster whose key is given by a flag, in their order.
const QUESTIONS: [&str; 17] = [
    "1/17 Technical name",
    "2/17 Number or word",
    "3/17 Address of this node",
    "4/17 Default gateway",
    "5/17 Addresses reserved for hosts",
    "6/17 Addresses for unknown",
    "7/17 Domain",
    "8/17 Name servers",
    "9/17 Time servers",
    "10/17 Time zone",
    "11/17 Server that hosts send",
    "12/17 Number of storage",
    "13/17 Number or word",
    "14/17 Number or word",
    "15/17 Number or word",
    "16/17 Serial consoles",
    "17/17 Number or word",
];
const WRITE: &str = "Write this";

fn key(node: &Node) -> String {
    node.path("key.pub").to_string_lossy().into_owned()
}

fn cluster(node: &Node) -> String {
    std::fs::read_to_string(node.path(CLUSTER)).unwrap()
}

/// Enter at each question, except those that are named.
fn answers<'a>(others: &[(usize, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let answer = |number| others.iter().find(|(other, _)| *other == number).map_or("", |(_, answer)| answer);
    QUESTIONS.iter().enumerate().map(|(index, question)| (*question, answer(index + 1))).collect()
}

/// With Enter at most questions: a card that leads out is not the default, and what is typed counts.
#[test]
fn a_person_is_asked_and_agrees_to_a_summary() {
    let node = Node::new(PROGRAM);
    let ip = |arguments: &str| node.run("ip", &arguments.split(' ').collect::<Vec<_>>()).done();
    ip("link add aa0 type veth peer name aa1");
    ip("address add 192.0.2.10/24 dev aa0");
    ip("link set aa0 up");
    ip("route add default via 192.0.2.1 dev aa0");
    let key = key(&node);
    let terminal = Terminal::new(&node, &["--no-reload", "--ssh-key-file", &key]);
    let mut steps = answers(&[(1, "lab"), (4, "10.98.0.1"), (11, "tcp:10.99.0.250"), (12, "2"), (13, "2")]);
    steps.insert(4, ("expected another address of 10.99.0.0/24", "10.99.0.254"));
    steps.push((WRITE, ""));
    steps.push(("Type one of these words", "yes"));
    let seen = terminal.run(&steps);
    assert_eq!((seen.code, seen.left), (Some(0), 0), "{}", seen.text);
    let text = cluster(&node);
    for line in [
        "interface = \"br0\"",
        "gateway = \"10.99.0.254\"",
        "syslog = \"tcp:10.99.0.250\"",
        "name = \"storage2\"",
        "enrolment = \"armed\"",
        "sources = \"distribution\"",
        "host_range = \"10.99.0.32-10.99.0.127\"",
        "linux-debian-13",
    ] {
        assert!(text.contains(line), "{line}: {text}\n{}", seen.text);
    }
    assert!(seen.text.contains("17 questions follow") && seen.text.contains("(new)"), "{}", seen.text);
    // Enter keeps what there is; none and 0 take it away.
    let again = Terminal::new(&node, &["--no-reload", "--ssh-key-file", &key]);
    let with = |others: &[(usize, &'static str)]| [answers(others), vec![(WRITE, "yes")]].concat();
    assert_eq!(again.run(&with(&[])).code, Some(0));
    assert_eq!(cluster(&node), text);
    assert_eq!(again.run(&with(&[(4, "none"), (11, "none"), (12, "0")])).code, Some(0));
    let text = cluster(&node);
    assert!(text.contains("\n# syslog") && text.contains("\n# gateway") && !text.contains("storage_network"), "{text}");
}

#[test]
fn back_and_help_and_no() {
    let node = Node::new(PROGRAM);
    let key = key(&node);
    let terminal = Terminal::new(&node, &["--no-reload", "--ssh-key-file", &key]);
    let mut steps = vec![
        (QUESTIONS[0], "?"),
        ("It names the cluster", "<"),
        ("This is the first question", "lob"),
        (QUESTIONS[1], "<"),
        ("1/17 Technical name of the cluster [lob]", "lab"),
    ];
    steps.extend(answers(&[(1, "")]).into_iter().skip(1));
    steps.extend([(WRITE, "<"), (QUESTIONS[16], "menu"), (WRITE, "no")]);
    let seen = terminal.run(&steps);
    assert_eq!((seen.code, seen.left), (Some(1), 0), "{}", seen.text);
    assert!(seen.text.contains("nothing was written"), "{}", seen.text);
    assert!(node.snapshot("srv").is_empty());
}

#[test]
fn ctrl_c_at_each_question_leaves_everything_as_it_was() {
    let node = Node::new(PROGRAM);
    let key = key(&node);
    let terminal = Terminal::new(&node, &["--no-reload", "--ssh-key-file", &key]);
    let all = [answers(&[]), vec![(WRITE, "")]].concat();
    for stop in 0..all.len() {
        let mut steps: Vec<_> = all.iter().take(stop).copied().collect();
        steps.push((all[stop].0, "half\u{3}"));
        let seen = terminal.run(&steps);
        assert_eq!((seen.code, seen.left), (Some(1), 0), "at {}: {}", all[stop].0, seen.text);
        let last = seen.text.trim_end().lines().last().unwrap_or_default();
        assert_eq!(last, "cluster-configure: interrupted; nothing was written");
        assert!(seen.text.ends_with('\n'), "the prompt of the shell begins a line");
    }
    assert!(node.snapshot("srv").is_empty());
}

#[test]
fn the_end_of_the_input_and_a_closed_terminal_write_nothing() {
    let node = Node::new(PROGRAM);
    let key = key(&node);
    let terminal = Terminal::new(&node, &["--no-reload", "--ssh-key-file", &key]);
    for stop in [0, 1, QUESTIONS.len()] {
        let mut steps: Vec<_> = answers(&[]).into_iter().take(stop).collect();
        let place = QUESTIONS.get(stop).copied().unwrap_or(WRITE);
        steps.push((place, "\u{4}"));
        let seen = terminal.run(&steps);
        assert_eq!(seen.code, Some(1), "{}", seen.text);
        assert!(seen.text.ends_with("the input ended; nothing was written\n"), "{}", seen.text);
        *steps.last_mut().unwrap() = (place, "HANGUP");
        assert_eq!(terminal.run(&steps).code, Some(1), "a closed terminal at {place}");
    }
    assert!(node.snapshot("srv").is_empty());
}

/// A line editor of the terminal is used: what Backspace removes does not count.
#[test]
fn plain_text_on_every_terminal() {
    let node = Node::new(PROGRAM);
    let key = key(&node);
    let mut narrow = Terminal::new(&node, &["--no-reload", "--ssh-key-file", &key]);
    narrow.columns = 60;
    let steps = [answers(&[(1, "labx\u{7f}\r")]), vec![(WRITE, "no")]].concat();
    let seen = narrow.run(&steps);
    assert_eq!((seen.code, seen.left), (Some(1), 0), "{}", seen.text);
    let base = node.folder.path().to_string_lossy().into_owned();
    let long: Vec<&str> = seen.text.lines().filter(|line| line.chars().count() > 60 && !line.contains(&base)).collect();
    assert!(long.is_empty(), "{long:#?}");
    assert!(seen.text.contains("Summary of cluster lab (new)"), "{}", seen.text);
    let mut dumb = Terminal::new(&node, &["--no-reload", "--ssh-key-file", &key]);
    dumb.environment = vec![("TERM", "dumb"), ("NO_COLOR", "1")];
    let plain = dumb.run(&steps);
    assert_eq!((plain.code, plain.left), (Some(1), 0), "{}", plain.text);
}

#[test]
fn beside_another_dhcp_server_a_person_is_asked_for_the_mode() {
    let node = Node::new(PROGRAM);
    let mut neighbour = Neighbour::new(&node, "10.99.0.254/24");
    neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--no-ping"]);
    let key = key(&node);
    let given = ["--name", "lab", "--interface", INTERFACE, "--services", "plain", "--ssh-key-file", &key];
    let terminal = Terminal::new(&node, &given);
    let mut steps = vec![("1/15 Address of this node", ADDRESS), ("2/16 Number or word", "2")];
    steps.extend((3..=16).map(|number| -> (&str, &str) { (format!("{number}/16 ").leak(), "") }));
    steps.push((WRITE, "yes"));
    let seen = terminal.run(&steps);
    let text = cluster(&node);
    assert!(seen.code == Some(0) && text.contains("dhcp = \"proxy\""), "{}\n{text}", seen.text);
    assert!(seen.text.contains("another DHCP server answers on br0: 10.99.0.254"), "{}", seen.text);
}
