// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure` refuses what is wrong, with a line for each mistake.

use crate::PROGRAM;
use crate::support::{ADDRESS, Node};

/// Five mistakes of different kinds: a key that is not known, one that is missing, a wrong type, no address, and a range outside of the
/// network.
#[test]
fn five_mistakes_are_five_lines_of_one_run() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let bad: String = text.lines().fold(String::new(), |bad, line| {
        bad + match line.split(' ').next().unwrap() {
            "enrolment" => "enrollment = \"menu\"",
            "domain" => "gateway = \"10.99.0.300\"",
            "http_port" => "http_port = \"80\"",
            "host_range" => "host_range = \"10.98.0.2-10.98.0.9\"",
            _ => line,
        } + "\n"
    });
    let line_of = |start: &str| 1 + bad.lines().position(|line| line.starts_with(start)).unwrap();
    let mut expected = [
        (line_of("enrollment"), 1, "did you mean enrolment?"),
        (line_of("[network]"), 1, "domain"),
        (line_of("http_port"), 13, "80"),
        (line_of("gateway"), 11, "10.99.0.300"),
        (line_of("host_range"), 14, "10.99.0.0/24"),
    ];
    expected.sort_unstable();
    let from = node.path("own.cluster");
    std::fs::write(&from, &bad).unwrap();
    std::fs::write(&file, &bad).unwrap();
    let before = node.snapshot("srv/hps-config");
    for (program, arguments, file) in [
        ("cluster-configure", vec!["--from", from.to_str().unwrap()], &from),
        ("reload", vec!["--json"], &file),
        ("host-state", vec!["check"], &file),
    ] {
        let answer = node.run(program, &arguments);
        assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{program}");
        let lines: Vec<&str> = answer.err.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{}", answer.err);
        for (line, (number, column, word)) in lines.iter().zip(expected) {
            let begin = format!("{program}: {}: line {number}: ", file.display());
            let place = format!(" (column {column}: {})", bad.lines().nth(number - 1).unwrap());
            assert!(line.starts_with(&begin) && line.ends_with(&place) && line.contains(word), "{line}");
        }
    }
    assert_eq!(node.snapshot("srv/hps-config"), before);
}

#[test]
fn bad_input_is_one_line() {
    let node = Node::new(PROGRAM);
    node.run("cluster-configure", &["--name", "lab"]).fails(2, &["--ssh-key-file is missing"]);
    node.run("cluster-configure", &["--interface", "br0"]).fails(2, &["--name is missing"]);
    node.run("cluster-configure", &["--from", "/nonexistent.cluster"])
        .fails(4, &["/nonexistent.cluster: no such file"]);
    let prefix = node.run("cluster-configure", &["--name", "lab", "--address", "10.99.0.1"]);
    assert_eq!(prefix.code, 2);
    assert!(prefix.err.contains("10.99.0.1/24"), "{}", prefix.err);
    let missing = node.path("no.pub").to_string_lossy().into_owned();
    let arguments = ["--name", "lab", "--interface", "br0", "--ssh-key-file", &missing];
    node.run("cluster-configure", &arguments).fails(4, &["no.pub", "no such file"]);
    let clap = node.run("cluster-configure", &["--name", "../x"]);
    assert_eq!(clap.code, 2);
    assert!(clap.err.contains("cluster name"), "{}", clap.err);
    assert!(node.snapshot("srv").is_empty(), "nothing half-written");
    node.configure(&["--host-range", "10.99.0.2-10.99.0.9", "--gateway", "10.99.0.5"])
        .fails(1, &["host_range", "the gateway's address 10.99.0.5: choose a range without it"]);
}

#[test]
fn a_dry_run_shows_a_diff_and_writes_nothing() {
    let node = Node::new(PROGRAM);
    let answer = node.configure(&["--dry-run"]);
    assert_eq!(answer.code, 10, "{}", answer.err);
    assert!(answer.out.contains("+name = \"lab\""), "{}", answer.out);
    assert!(node.snapshot("srv").is_empty());
}

#[test]
fn a_dry_run_finds_what_the_real_run_finds() {
    let node = Node::new(PROGRAM);
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let base = ["--name", "lab", "--ssh-key-file", &key, "--services", "plain"];
    let both = |more: &[&str], code: i32, word: &str| {
        for dry in [&["--dry-run"][..], &[]] {
            node.run("cluster-configure", &[&base[..], more, dry].concat()).fails(code, &[word]);
        }
    };
    both(&["--interface", "br1", "--address", ADDRESS], 4, "interface br1");
    both(&["--type", "SCH=x86_64-linux-debian-14"], 1, "types.SCH.distro: x86_64-linux-debian-14 cannot be installed");
    assert!(node.snapshot("srv/hps-config/clusters").is_empty(), "nothing is written");
}
