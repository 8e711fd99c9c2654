// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` that was killed or had no room: what was not started again is started by the next run.

use crate::PROGRAM;
use crate::services::{Mounted, serves, text_of};
use crate::support::{Node, SERVER};

/// Killed behind a new file and before the start, a run leaves services on their old configuration, and the next one has nothing to change.
#[test]
fn what_a_killed_run_did_not_start_again_the_next_one_does() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let pid = || std::fs::read_to_string(node.path("run/hps/dnsmasq.pid")).unwrap();
    let served = || std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    let mut killed_between = 0;
    for number in 1..=12 {
        let port = if number % 2 == 0 { "80" } else { "8099" };
        std::fs::write(&file, text.replace("http_port = 80 ", &format!("http_port = {port} "))).unwrap();
        let (before, old) = (pid(), served());
        let inject = format!("inject=?rename,?renameat,?renameat2:signal=SIGKILL:when={number}");
        node.run("strace", &["-o", "/dev/null", "-e", "trace=?rename,?renameat,?renameat2", "-e", &inject, PROGRAM]);
        if served() != old && pid() == before {
            killed_between += 1;
        }
        node.run("reload", &[]).done();
        assert_ne!(pid(), before, "rename {number}: dnsmasq goes on with its old configuration");
        let url = format!("http://{SERVER}:{port}/cgi-bin/boot_manager?cmd=init");
        node.run("curl", &["-sSf", &url]).done();
        node.run("reload", &["--dry-run"]).done();
    }
    assert!(killed_between > 0, "strace never ended it where it matters");
}

#[test]
fn a_restart_that_is_owed_is_named_until_it_is_done_or_nothing_runs() {
    let node = Node::served(PROGRAM);
    let owed = node.path("run/hps/restart-owed");
    let check = || node.run("host-state", &["check"]);
    let words = "a reload was interrupted: dnsmasq runs with an older configuration than that in its files; reload starts it again";
    assert!(!check().out.contains("interrupted"), "{:?}", check());
    std::fs::write(&owed, "dnsmasq\n").unwrap();
    let found = check();
    assert!(found.code == 1 && found.out.contains(words), "{found:?}");
    node.run("reload", &[]).done();
    assert!(!check().out.contains("interrupted") && !owed.exists());
    // What an administrator stopped reads what is there when it is started.
    std::fs::write(&owed, "dnsmasq\n").unwrap();
    node.run("reload", &["--stop"]).done();
    assert!(!owed.exists() && !check().out.contains("interrupted"), "{:?}", check());
    std::fs::write(&owed, "dnsmasq\n").unwrap();
    assert!(!check().out.contains("interrupted"), "it does not run");
    node.run("reload", &[]).done();
    serves(&node, 80);
    assert!(!owed.exists());
}

#[test]
fn on_a_full_disk_nothing_is_changed_and_what_is_owed_is_started_again() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let run = node.path("run/hps");
    let _mounted = Mounted::new(&["-t", "tmpfs", "-o", "size=256k,mode=755", "tmpfs"], &run);
    node.run("reload", &[]).done();
    let pid = || text_of(&run.join("dnsmasq.pid"));
    let fill = || drop(node.run("dd", &["if=/dev/zero", &format!("of={}", run.join("filler").display()), "bs=4096"]));
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = text_of(&file);
    let (before, first) = (node.snapshot("srv/hps-config/services"), pid());
    fill();
    std::fs::write(&file, text.replace("ntp = []", "ntp = [\"10.99.0.250\"]")).unwrap();
    let answer = node.run("reload", &[]);
    assert!(answer.code == 1 && answer.err.contains("restart-owed"), "{answer:?}");
    assert!(node.snapshot("srv/hps-config/services") == before && pid() == first);
    assert!(!node.run("host-state", &["check"]).out.contains("interrupted"));
    // What a killed run noted needs no room.
    std::fs::write(&file, &text).unwrap();
    std::fs::remove_file(run.join("filler")).unwrap();
    std::fs::write(run.join("restart-owed"), "dnsmasq\n").unwrap();
    fill();
    node.run("reload", &[]).done();
    assert!(pid() != first && !run.join("restart-owed").exists());
    serves(&node, 80);
    node.run("reload", &["--stop"]).done();
}
