// SPDX-License-Identifier: GPL-3.0-or-later
//! Programs and temporary files, found or made by PATH and TMPDIR.

use super::{Outside, ROUNDS, Racer, USER, mode, run};
use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::path::{Path, PathBuf};

#[test]
fn temporary_files_lie_where_nobody_replaces_them() {
    let node = Node::served(PROGRAM);
    let outside = Outside::new(&node);
    let mut racer = Racer::new(&node);
    let ran = racer.folder.join("ran");
    let evil = format!("include_shell \"touch {}\"\n", ran.display());
    racer.has("evil", &evil);
    racer.repeats(
        "for file in .tmp* .hps-* .hps-*/*; do [ ! -e \"$file\" ] || { cp evil next; mv -fT next \"$file\"; }; done",
    );
    let theirs = racer.folder.clone();
    for (program, arguments) in [("reload", &["--dry-run"][..]), ("reload", &[]), ("host-state", &["check"])] {
        for _ in 0..ROUNDS / 2 {
            let answer = run(&node, &[("TMPDIR", &theirs)], program, arguments);
            outside.is_untouched(&answer);
            assert!(!ran.exists(), "{program} ran what the user wrote: {answer:?}");
        }
    }
    racer.stop();
    let answer = run(&node, &[("TMPDIR", &theirs)], "reload", &[]);
    let said = format!("{}: belongs to user {USER}", theirs.display());
    assert!(answer.code != 0 && answer.err.contains(&said) && answer.err.contains("TMPDIR=/tmp"), "{answer:?}");
}

#[test]
fn programs_are_not_found_where_others_put_them() {
    let node = Node::served(PROGRAM);
    let racer = Racer::new(&node);
    let ran = racer.folder.join("ran");
    for name in [
        "stat",
        "realpath",
        "rsync",
        "ssh",
        "flock",
        "host-state",
        "reload",
        "mktemp",
        "sed",
        "mkdir",
        "sha256sum",
        "dpkg-query",
        "cargo",
        "rustc",
    ] {
        racer.has(name, &format!("#!/bin/sh\necho {name} >> {}\n", ran.display()));
    }
    let open = node.path("open");
    std::fs::create_dir(&open).unwrap();
    mode(&open, 0o1777);
    std::os::unix::fs::symlink(&racer.folder, open.join("bin")).unwrap();
    let path =
        PathBuf::from(format!("{}:{}:.::{}", racer.folder.display(), open.join("bin").display(), open.display()));
    let scripts = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts")).canonicalize().unwrap();
    let lab = node.path("quick");
    let opens = format!(". {}/lab/lab.sh; lab_open {}", scripts.display(), lab.display());
    for (program, arguments) in [
        (PathBuf::from(PROGRAM).with_file_name("site-copy"), vec!["drh-001"]),
        (scripts.join("build"), vec!["--print"]),
        (PathBuf::from("/bin/bash"), vec!["-c", &opens]),
        (PathBuf::from(PROGRAM), vec!["--dry-run"]),
        (PathBuf::from(PROGRAM).with_file_name("host-state"), vec!["check"]),
    ] {
        let mut command = node.command("/usr/bin/env");
        command.args(["-C", racer.folder.to_str().unwrap()]).arg(format!("PATH={}", path.display())).arg(&program);
        let answer = Answer::from_output(command.args(&arguments).output().unwrap());
        let found = std::fs::read_to_string(&ran).unwrap_or_default();
        assert_eq!(found, "", "{program:?} found these: {answer:?}");
    }
}
