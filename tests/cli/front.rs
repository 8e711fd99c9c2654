// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps`: how the site stands, and the other programs by their names.

use crate::PROGRAM;
use crate::setup::{MACS, json, three};
use crate::support::Node;

#[test]
fn the_site_is_shown_with_what_needs_a_person() {
    let node = Node::new(PROGRAM);
    let none = node.run("hps", &[]);
    none.fails(4, &["cluster-configure"]);
    node.configure(&[]).done();
    three(&node);
    node.run("host-state", &["set", "sch-002", "state=FAILED", "reason=the disk is full"]).done();
    let answer = node.run("hps", &[]);
    assert_eq!((answer.code, answer.err.as_str()), (1, ""), "{answer:?}");
    assert!(answer.out.lines().count() <= 15, "{answer:?}");
    for words in [
        "cluster    lab on br0, 10.99.0.1/24",
        "services   dnsmasq, lighttpd up",
        "hosts      3: 2 CONFIGURED, 1 FAILED",
        "failed     sch-002: the disk is full; see: host-state explain sch-002",
    ] {
        assert!(answer.out.lines().any(|line| line == words), "{words}: {answer:?}");
    }
    assert!(answer.out.lines().any(|l| l.starts_with("missing    SCH") && l.contains("build-image")), "{answer:?}");
    let value = json(&node.run("hps", &["--json"]));
    assert_eq!(value["failed"][0]["host"], "sch-002", "{value}");
    assert_eq!(value["hosts"]["CONFIGURED"], 2, "{value}");
    assert_eq!(value["attention"], true, "{value}");
    node.run("reload", &["--stop"]).done();
    let down = node.run("hps", &[]).out;
    assert!(down.contains("dnsmasq, lighttpd down, so no machine can boot; start with: reload"), "{down}");
    std::fs::write(node.path("srv/hps-config/clusters/lab/hosts/525400000009.toml"), "no record\n").unwrap();
    let bad = node.run("hps", &[]).out;
    assert!(bad.contains("unreadable ") && bad.contains("525400000009.toml"), "{bad}");
}

#[test]
fn a_program_runs_with_its_arguments_and_its_exit_code() {
    let node = Node::unserved(PROGRAM);
    node.run("hps", &["host-state", "add", MACS[0]]).done();
    let (own, front) = (node.run("host-state", &["list"]), node.run("hps", &["host-state", "list"]));
    assert_eq!((own.code, &own.out), (front.code, &front.out));
    assert!(own.out.contains(MACS[0]));
    assert_eq!(node.run("hps", &["host-state", "show", "sch-999"]).code, 4);
    assert_eq!(node.run("hps", &["host-state", "show", "--no-such"]).code, 2);
    let help = node.run("hps", &["reload", "--help"]).out;
    assert!(help.contains("Usage: reload"), "{help}");
    let unknown = node.run("hps", &["lst"]);
    unknown.fails(2, &["lst", "host-state", "site-copy"]);
    assert_eq!(node.run("hps", &["../reload"]).code, 2, "only by its name");
}

#[test]
fn shells_complete_the_words_of_every_program() {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MACS[0], "--type", "SCH"]).done();
    let folder = std::path::Path::new(PROGRAM).parent().unwrap().display().to_string();
    let press = |program: &str, words: &str| {
        let script = format!(
            "PATH={folder}:$PATH; source <(hps completion bash {program}); \
             COMP_LINE='{words}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); COMP_TYPE=9; \
             f=$(complete -p {program} | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
             $f {program} \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        node.run("bash", &["-c", &script]).out.trim().to_owned()
    };
    assert_eq!(press("hps", "hps host-st"), "host-state");
    assert_eq!(press("hps", "hps host-state show sch-"), "sch-001");
    assert_eq!(press("reload", "reload --dry"), "--dry-run");
    assert_eq!(press("check-and-download-rocky", "check-and-download-rocky --relea"), "--release");
    for program in hps_cli::programs::PROGRAMS {
        for shell in ["bash", "zsh", "fish"] {
            let script = node.run("hps", &["completion", shell, program.name]);
            assert!(script.code == 0 && script.out.contains(program.name), "{script:?}");
        }
    }
    node.run("hps", &["completion", "bash", "ls"]).fails(2, &["is no program of HPS"]);
    node.run("hps", &["host-stat"]).fails(2, &["did you mean host-state?"]);
    node.run("hps", &["explain", "sch-001"]).fails(2, &["did you mean: hps host-state explain"]);
}
