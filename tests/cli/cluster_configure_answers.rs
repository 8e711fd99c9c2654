// SPDX-License-Identifier: GPL-3.0-or-later
//! Answers without a terminal: from a script, from a file, and from the cluster file of another site.

use crate::PROGRAM;
use crate::setup::CLUSTER;
use crate::support::{Answer, Node};
use std::io::Write as _;

fn answered(node: &Node, more: &[&str], answers: &[&str]) -> Answer {
    let mut command = node.command("cluster-configure");
    command.args(["--base", &node.folder.path().to_string_lossy(), "--no-reload", "--answers", "-"]).args(more);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let text: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Answer::from_output(child.wait_with_output().unwrap())
}

/// 18 questions, and the one that writes.
fn lines<'a>(key: &'a str, last: &'a str) -> Vec<&'a str> {
    let mut lines = vec!["lab", "br0", "10.99.0.1", "none"];
    lines.extend([""; 12]);
    lines.extend([key, "menu", last]);
    lines
}

#[test]
fn a_script_answers_each_question_and_says_yes() {
    let node = Node::new(PROGRAM);
    // Its comment has what an answer file cannot have.
    let key = std::fs::read_to_string(node.path("key.pub")).unwrap().replace("admin@site", "Jürgen O'Neill");
    let key = key.trim();
    let mut answers = lines(key, "yes");
    answers[17] = "armed";
    let done = answered(&node, &[], &answers);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""), "quiet");
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    for line in ["address = \"10.99.0.1/24\"", "enrolment = \"armed\"", "J_rgen O_Neill", "mirror = false"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_wrong_missing_or_further_answer_writes_nothing() {
    let node = Node::new(PROGRAM);
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let good = lines(&key, "yes");
    let mut wrong = good.clone();
    wrong[3] = "10.98.0.1";
    answered(&node, &[], &wrong).fails(2, &["answer 4 (gateway)", "10.99.0.0/24", "nothing was written"]);
    answered(&node, &[], &good[..5]).fails(2, &["answer 6 (dhcp_range)", "missing"]);
    answered(&node, &[], &good[..18]).fails(2, &["answer 19 (write)", "missing"]);
    answered(&node, &[], &lines(&key, "no")).fails(1, &["nothing was written"]);
    answered(&node, &[], &[&good[..], &["more"]].concat()).fails(2, &["answer 20", "no further question"]);
    // A question that a flag answers is not asked.
    answered(&node, &["--name", "lab"], &good).fails(2, &["answer 2 (address)", "br0"]);
    assert!(node.snapshot("srv").is_empty());
    assert_eq!(answered(&node, &["--dry-run"], &good[..18]).code, 10);
    answered(&node, &["--yes"], &good[..18]).done();
}

#[test]
fn a_file_answers_and_each_wrong_key_is_a_line() {
    let node = Node::new(PROGRAM);
    let (base, key) = (node.folder.path().to_string_lossy().into_owned(), node.path("key.pub"));
    let file = node.path("answers.toml");
    let from = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let arguments = ["--base", &base, "--no-reload", "--from", file.to_str().unwrap()];
        node.run("cluster-configure", &[&arguments[..], more].concat())
    };
    let good = format!(
        "name = \"lab\"\ninterface = \"br0\"\nhost_range = \"10.99.0.9-10.99.0.19\"\nntp = [\"10.99.0.5\", \"10.99.0.6\"]\n\
         gateway = \"none\"\nssh_key = [\"{}\"]\nstorage_networks = 1\ndisks = \"mirror-raid\"\nkeyboard = \"de\"\n",
        key.display()
    );
    let bad = good.replace("gateway", "gatway").replace("10.99.0.19", "10.98.0.9").replace("= 1", "= 9");
    let answer = from(&bad, &[]);
    assert_eq!((answer.code, answer.err.lines().count()), (1, 1), "{}", answer.err);
    assert!(answer.err.contains("line 5: unknown key gatway"), "{}", answer.err);
    let answer = from(&bad.replace("gatway", "gateway"), &[]);
    assert_eq!((answer.code, answer.err.lines().count()), (1, 2), "{}", answer.err);
    assert!(answer.err.contains("line 3: host_range: ") && answer.err.contains("line 7: storage_networks: "));
    assert!(node.snapshot("srv").is_empty());
    from(&good, &["--gateway", "10.99.0.254"]).done();
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    for line in [
        "gateway = \"10.99.0.254\"",
        "ntp = [\"10.99.0.5\", \"10.99.0.6\"]",
        "STORAGERAID",
        "mirror = true",
        "keyboard = \"de\"",
        "enrolment = \"menu\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_cluster_is_prepared_from_another_one_beside_it() {
    let node = Node::served(PROGRAM);
    let served = std::fs::read(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    let file = node.path(CLUSTER).to_string_lossy().into_owned();
    let arguments = ["--from", &file, "--name", "later", "--address", "10.97.0.1/24", "--no-activate"];
    node.run("cluster-configure", &[&arguments[..], &["--dry-run"]].concat());
    assert!(!node.path("srv/hps-config/clusters/later.cluster").exists());
    let answer = node.run("cluster-configure", &arguments);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{answer:?}");
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/later.cluster")).unwrap();
    assert!(text.contains("10.97.0.128-10.97.0.254") && text.contains("name = \"later\""), "{text}");
    let active = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    assert_eq!(active.to_string_lossy(), "lab.cluster");
    assert_eq!(std::fs::read(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap(), served);
    // Words that people type for no value.
    let none = ["--gateway", "none", "--syslog", "none", "--dns", "none", "--console", "none", "--no-reload"];
    node.run("cluster-configure", &none).done();
}
