// SPDX-License-Identifier: GPL-3.0-or-later
//! The folder of a lab, below one that everybody can write.

use super::{Outside, ROUNDS, Racer, USER, mode, run};
use crate::PROGRAM;
use crate::support::Node;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::Command;

#[test]
fn a_lab_in_a_folder_like_tmp_is_made_by_root_alone_or_not_at_all() {
    let node = Node::new(PROGRAM);
    let outside = Outside::new(&node);
    let mut racer = Racer::new(&node);
    let open = node.path("open");
    std::fs::create_dir(&open).unwrap();
    mode(&open, 0o1777);
    let lab = open.join("lab");
    let key = node.path("key.pub").display().to_string();
    let base = lab.display().to_string();
    let arguments = [
        "--base",
        &base,
        "--name",
        "lab",
        "--interface",
        "br0",
        "--address",
        "10.99.0.1/24",
        "--ssh-key-file",
        &key,
        "--type",
        "SCH=x86_64-linux-debian-12",
        "--services",
        "none",
        "--no-reload",
    ];
    let (place, theirs) = (lab.display(), racer.folder.display().to_string());
    racer.repeats(&format!(
        "ln -s {0} {place}; rm -f {place}; ln -s {theirs} {place}; rm -f {place}\n\
         mkdir {place} && ln -s {0}/srv {place}/srv; rm -rf {place}; mkdir -p {place}/srv && ln -s {0} {place}/run; rm -rf {place}",
        outside.folder.display()
    ));
    for round in 0..ROUNDS * 4 {
        // The user must be met before root has it, and behind.
        std::thread::sleep(std::time::Duration::from_millis(round as u64 % 7));
        let answer = run(&node, &[("HPS_CONFIG", Path::new(""))], "cluster-configure", &arguments);
        outside.is_untouched(&answer);
        racer.got_nothing();
        if answer.code == 0 {
            let found =
                Command::new("find").arg(&lab).args(["(", "-uid", "1000", "-o", "-type", "l", ")"]).output().unwrap();
            let found = String::from_utf8(found.stdout).unwrap();
            let active = lab.join("srv/hps-config/clusters/active").display().to_string();
            assert!(found.lines().all(|line| line == active), "{found}");
        } else {
            assert!([1, 3].contains(&answer.code), "{answer:?}");
        }
        if lab.symlink_metadata().is_ok_and(|m| m.uid() == 0 && m.is_dir()) {
            std::fs::remove_dir_all(&lab).unwrap();
        }
    }
    racer.stop();
    // Of somebody else's it is never one.
    let _not_there = std::fs::remove_file(&lab);
    let _not_there = std::fs::remove_dir_all(&lab);
    std::fs::create_dir(&lab).unwrap();
    chown(&lab, Some(USER), None).unwrap();
    let answer = run(&node, &[("HPS_CONFIG", Path::new(""))], "cluster-configure", &arguments);
    assert!(answer.code == 3 && answer.err.contains("open/lab: belongs to user"), "{answer:?}");
    let made = Command::new("find").arg(&lab).args(["-uid", "0"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&made.stdout), "", "the user's last command may still have worked");
}

#[test]
fn the_folder_of_a_lab_is_no_link_and_nobody_elses() {
    let node = Node::new(PROGRAM);
    let outside = Outside::new(&node);
    let mut racer = Racer::new(&node);
    let open = node.path("open");
    std::fs::create_dir(&open).unwrap();
    mode(&open, 0o1777);
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/lab/lab.sh");
    let opened = |lab: &Path| {
        let script = format!(". {scripts}; lab_open {}; echo opened", lab.display());
        run(&node, &[], "bash", &["-c", &script])
    };
    let lab = open.join("lab");
    racer.repeats(&format!(
        "ln -s {0} {1}; rm -f {1}; mkdir {1}; ln -s {0}/secret {1}/lock; rm -rf {1}",
        outside.folder.join("srv").display(),
        lab.display()
    ));
    for _ in 0..ROUNDS {
        let answer = opened(&lab.join("deep"));
        outside.is_untouched(&answer);
        let answer = opened(&lab);
        outside.is_untouched(&answer);
        if lab.symlink_metadata().is_ok_and(|m| m.uid() == 0 && m.is_dir()) {
            std::fs::remove_dir_all(&lab).unwrap();
        }
    }
    racer.stop();
    for bad in [racer.folder.join("lab"), racer.folder.clone(), open.clone()] {
        let answer = opened(&bad);
        assert!(answer.code == 1 && answer.err.contains("others than root can change"), "{answer:?}");
    }
    racer.got_nothing();
    let answer = opened(&node.path("own/lab"));
    assert!(answer.code == 0 && answer.out.contains("opened"), "{answer:?}");
}
