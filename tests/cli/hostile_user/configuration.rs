// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps.conf` below a folder of the user.

use super::{Outside, ROUNDS, Racer, changes, run};
use crate::PROGRAM;
use crate::setup::MAC;
use crate::support::Node;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn hps_conf_below_a_folder_of_the_user_is_believed_by_no_program() {
    let node = Node::served(PROGRAM);
    let outside = Outside::new(&node);
    let mut racer = Racer::new(&node);
    // Root's own lab in the user's folder. Its owner cannot change it, and can put another one in its place.
    let (lab, ran) = (racer.folder.join("lab"), racer.folder.join("ran"));
    std::fs::create_dir(&lab).unwrap();
    let copied = Command::new("cp").arg("-a").args([node.path("srv"), lab.join("srv")]).status().unwrap();
    assert!(copied.success());
    let conf = std::fs::read_to_string(node.conf()).unwrap();
    let (from, to) = (node.folder.path().display().to_string(), lab.display().to_string());
    std::fs::write(lab.join("srv/hps-config/hps.conf"), conf.replace(&from, &to)).unwrap();
    racer.has("evil", &format!("#!/bin/sh\n: > {}\n", ran.display()));
    racer.has("hps.conf", &format!("{}: > {}\n", conf.replace(&from, &to), ran.display()));
    let made = "mkdir -p mine/srv/hps-config/clusters mine/srv/hps-config/services mine/srv/hps-system/cgi-bin\n\
                cp hps.conf mine/srv/hps-config/hps.conf; cp evil mine/srv/hps-config/services/hps-notify\n";
    let own = lab.join("srv/hps-config/hps.conf");
    racer.repeats(&format!(
        "{made}mv -T lab kept && mv -T mine lab; sleep 0.01; rm -rf mine; mv -T lab mine && mv -T kept lab; sleep 0.01\n\
         mv -T lab kept && ln -s {} lab; sleep 0.01; rm -f lab; mv -T kept lab; sleep 0.01",
        outside.folder.display()
    ));
    let programs = PathBuf::from(PROGRAM).with_file_name("");
    let path = PathBuf::from(format!("{}:{}:/usr/bin:/bin", racer.folder.display(), programs.display()));
    for (program, arguments) in [
        ("reload", &[][..]),
        ("reload", &["--dry-run"]),
        ("reload", &["--stop"]),
        ("host-state", &["list"]),
        ("host-state", &["check"]),
        ("host-state", &["add", MAC, "--type", "SCH"]),
        ("host-state", &["disarm", MAC]),
        ("cluster-configure", &["--name", "lab", "--no-reload"]),
        ("check-and-download-rocky", &["--list"]),
        ("build-image", &["--list"]),
        ("build-repository", &["--distro", "x86_64-linux-rockylinux-10", "--list"]),
        ("site-copy", &["drh-001"]),
    ] {
        for _ in 0..ROUNDS / 2 {
            let answer = run(&node, &[("HPS_CONFIG", &own), ("PATH", &path)], program, arguments);
            outside.is_untouched(&answer);
            // (4 and 1: while it is being exchanged.)
            assert!([1, 3, 4].contains(&answer.code), "{program} {arguments:?}: {answer:?}");
            assert!(!ran.exists(), "{program} {arguments:?} did what the user wrote: {answer:?}");
        }
    }
    racer.stop();
    let made: Vec<_> = ["reload.lock", "site-copy.lock"].iter().map(|name| lab.join("run/hps").join(name)).collect();
    assert!(made.iter().all(|path| !path.exists()), "{made:?}");
}

#[test]
fn the_boot_manager_believes_nothing_of_the_user_either() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let outside = Outside::new(&node);
    let mut racer = Racer::new(&node);
    let conf = std::fs::read_to_string(node.conf()).unwrap();
    racer.has("good", &conf);
    racer.has("other", &conf);
    racer.has("hps.conf", &conf);
    let script = changes("hps.conf", "good", &outside.folder);
    racer.repeats(&format!(
        "{script}rm -rf next; ln -s {} next; mv -fT next hps.conf; sleep 0.01",
        node.conf().display()
    ));
    let copy = node.path("boot_manager");
    std::fs::copy(PathBuf::from(PROGRAM).with_file_name("boot_manager"), &copy).unwrap();
    let query = format!("QUERY_STRING=cmd=boot_action&mac={}", MAC.replace(':', ""));
    let config = format!("HPS_CONFIG={}", racer.folder.join("hps.conf").display());
    for _ in 0..ROUNDS * 2 {
        let who = ["120", "setpriv", "--reuid", "hps", "--regid", "hps", "--clear-groups", "env", &query, &config];
        let more = ["REMOTE_ADDR=10.99.0.2", copy.to_str().unwrap()];
        let answer = node.run("timeout", &[&who[..], &more].concat());
        outside.is_untouched(&answer);
        assert!(answer.out.contains("exit") && !answer.out.contains("is not published"), "{answer:?}");
    }
}
