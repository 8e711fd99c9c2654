// SPDX-License-Identifier: GPL-3.0-or-later
//! `site-copy` with stand-ins for ssh and rsync. tests/vm/site-copy has the real rsync, and the way back from a copy.

use crate::PROGRAM;
use crate::copy_host::{CopyHost, MAC};
use crate::setup::json;
use crate::support::{Answer, Node};
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn wrong_arguments_are_refused_before_anything_is_done() {
    let node = Node::served(PROGRAM);
    let host = CopyHost::new(&node);
    for arguments in [
        &[][..],
        &["drh-001", "drh-002"],
        &["drh-001;id"],
        &["drh-[001-002]"],
        &["--keep", "many", "drh-001"],
        &["--keep", "10000", "drh-001"],
        &["--keep", "-1", "drh-001"],
        &["--user", "a b", "drh-001"],
        &["--user=-oProxyCommand=id", "drh-001"],
        &["--identity", "a key", "drh-001"],
        &["--identity", "/root/$(id)", "drh-001"],
    ] {
        assert_eq!(host.copy(arguments).code, 2, "{arguments:?}");
    }
    assert!(host.calls().is_empty());
}

#[test]
fn a_copy_is_made_in_silence_and_its_name_is_in_the_json() {
    let node = Node::served(PROGRAM);
    let host = CopyHost::new(&node);
    let answer = host.copy(&["drh-001"]);
    assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (0, "", ""));
    let calls = host.calls();
    let task = |call: &String| {
        let (_, task) = call.split_once(" -- '")?;
        Some(format!("ssh {}", task.split('\'').next()?))
    };
    let order: Vec<_> = calls.iter().map(|call| task(call).unwrap_or_else(|| call[..5].to_owned())).collect();
    assert_eq!(order, ["ssh ask", "ssh prepare", "rsync", "rsync", "ssh explain", "ssh publish"], "{calls:#?}");
    let resources = node.path("srv/hps-resources").display().to_string();
    let published = format!(" -- {resources}/distros {resources}/packages 10.99.0.");
    assert!(calls[2].contains(&published) && calls[2].contains("--exclude /**/.build-* "), "{}", calls[2]);
    let (sent, clusters) = (&calls[3], node.path("srv/hps-config/clusters").display().to_string());
    for permissions in ["permissions", "menu-permissions", "tasks"] {
        assert!(sent.contains(&format!("--exclude {clusters}/*/{permissions}/**")), "{sent}");
    }
    let config = node.path("srv/hps-config").display().to_string();
    assert!(sent.contains(&format!(" -- {config} ")) && sent.contains(":/srv/hps-copy/.new/files/"), "{sent}");
    assert!(sent.contains("StrictHostKeyChecking=yes") && !sent.contains("--link-dest"), "{sent}");
    assert!(calls[5].contains("'7'"), "{}", calls[5]);

    // With an older copy there, and all that may be said.
    host.answers("exit 20");

    let key = node.path("key");
    std::fs::write(&key, "key").unwrap();
    let mut command = host.command(&["--json", "--keep", "1", "--user", "copier", "--identity", "key", "drh-001"]);
    let command = command.current_dir(node.folder.path()).env("SSH_AUTH_SOCK", "/run/agent");
    let answer = Answer::from_output(command.output().unwrap());
    answer.done();
    let value = json(&answer);
    let name = value["copy"].as_str().unwrap();
    assert!(name.len() == 16 && name.starts_with("20") && name.ends_with('Z'), "{name}");
    assert_eq!((&value["host"], &value["folder"]), (&"drh-001".into(), &"/srv/hps-copy".into()));
    assert_eq!((&value["dry_run"], &value["changes"]), (&false.into(), &serde_json::json!([])));
    assert!(value["paths"].as_array().unwrap().contains(&config.into()), "{value}");
    let calls = host.calls();
    let login = format!("-l copier -o IdentitiesOnly=yes -i {}", key.display());
    assert!(calls.iter().all(|call| call.contains(&login) && call.ends_with("agent=/run/agent")), "{calls:#?}");
    for sent in &calls[2..4] {
        assert!(sent.contains("--link-dest /srv/hps-copy/current/files"), "{sent}");
    }
    assert!(calls[4].contains(&format!("'{name}'")) && calls[4].contains("'copier'"), "{}", calls[4]);
    assert!(calls[5].contains(&format!("'{name}' '1'")), "{}", calls[5]);
}

#[test]
fn a_dry_run_lists_what_would_be_copied() {
    let node = Node::served(PROGRAM);
    let host = CopyHost::new(&node);
    host.rsync_settings("echo '>f.st...... srv/a b'; echo '*deleting   srv/old'");
    let answer = host.copy(&["--dry-run", "drh-001"]);
    let list = ">f.st...... srv/a b\n*deleting   srv/old\n";
    assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (10, list, ""));
    let calls = host.calls();
    assert!(calls.len() == 3, "{calls:#?}");
    for sent in &calls[1..] {
        assert!(sent.contains(" --dry-run ") && sent.contains(":/srv/hps-copy/current/files/"), "{sent}");
    }
    let answer = host.copy(&["--dry-run", "--json", "drh-001"]);
    assert_eq!(answer.code, 10);
    let value = json(&answer);
    assert_eq!((&value["copy"], &value["dry_run"]), (&serde_json::Value::Null, &true.into()));
    let changes = serde_json::json!([
        {"item": ">f.st......", "path": "srv/a b"},
        {"item": "*deleting", "path": "srv/old"},
    ]);
    assert_eq!(value["changes"], changes);
    host.rsync("exit 0");
    let answer = host.copy(&["--dry-run", "drh-001"]);
    assert_eq!((answer.code, answer.out.as_str()), (0, ""));
}

#[test]
fn a_host_that_holds_no_copies_or_does_not_prove_its_identity_gets_nothing() {
    let node = Node::served(PROGRAM);
    let host = CopyHost::new(&node);
    for (script, code, words) in [
        ("exit 30", 3, "drh-001 has no folder /srv/hps-copy"),
        ("exit 31", 1, "drh-001 has no rsync"),
        ("echo 'Host key verification failed.' >&2; exit 255", 3, "does not have the ssh host key"),
        ("echo 'Permission denied (publickey).' >&2; exit 255", 1, "Permission denied (publickey)"),
        ("exit 1", 1, "no login as admin on drh-001"),
    ] {
        host.answers(script);
        host.copy(&["drh-001"]).fails(code, &[words]);
        assert_eq!(host.calls().len(), 1, "{script}: it is asked, and no more");
    }
    host.answers("exit 0");
    host.copy(&["drh-099"]).fails(4, &["drh-099"]);
    host.copy(&["52:54:00:00:00:99"]).fails(4, &["52:54:00:00:00:99"]);
    for (identity, code) in [("/nonexistent", 1), ("/dev/null", 3), ("/tmp", 3)] {
        host.copy(&["--identity", identity, "drh-001"]).fails(code, &[identity]);
    }
    // No installation of it has reported a key.
    node.run("host-state", &["add", "52:54:00:00:00:0e", "--type", "DRH"]).done();
    host.copy(&["drh-002"]).fails(3, &["the ssh host key of drh-002 is not known"]);
    let other = node
        .command("setpriv")
        .args(["--reuid", "54321", "--regid", "54321", "--clear-groups"])
        .arg(Path::new(PROGRAM).with_file_name("site-copy"))
        .arg("drh-001")
        .output()
        .unwrap();
    assert!(
        [3, 126, 127].contains(&Answer::from_output(other).code),
        "only root, or a checkout that others cannot reach"
    );
    assert!(host.calls().is_empty());
}

#[test]
fn a_transfer_that_fails_leaves_the_copies_as_they_were() {
    let node = Node::served(PROGRAM);
    let host = CopyHost::new(&node);
    let is_published = || host.calls().iter().any(|call| call.contains("'publish'"));
    host.rsync("echo 'rsync: write failed: No space left on device (28)' >&2; exit 11");
    host.copy(&["drh-001"]).fails(1, &["the existing copies are unchanged", "No space left on device"]);
    assert!(!is_published());
    // Files of the settings that went away meanwhile are no failure: they are in no copy then.
    host.rsync_settings("exit 24");
    let answer = host.copy(&["drh-001"]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    assert!(is_published());
    host.copy(&["--dry-run", "drh-001"]).fails(1, &["try again"]);
    // What is published changes again and again.
    for script in ["exit 24", "echo '>f+++++++++ a'"] {
        host.rsync(script);
        host.calls();
        host.copy(&["drh-001"]).fails(1, &["during each of 5 passes"]);
        assert!(!is_published(), "{script}");
    }
    host.stand_in("ssh", "cat > /dev/null; case $* in *\"'publish'\"*) echo 'mv: no' >&2; exit 1 ;; esac");
    host.rsync("exit 0");
    host.copy(&["drh-001"]).fails(1, &["/srv/hps-copy/current on drh-001 is unchanged", "mv: no"]);
}

/// A copy that lacks what could not be read must not be called whole.
#[test]
fn it_is_refused_where_something_cannot_be_looked_at() {
    let node = Node::served(PROGRAM);
    let host = CopyHost::new(&node);
    let conf = std::fs::read_to_string(node.conf()).unwrap();
    let state = node.path("srv/hps-config/state").display().to_string();
    std::os::unix::fs::symlink("loop", node.path("loop")).unwrap();
    std::fs::write(node.conf(), conf.replace(&state, &node.path("loop").display().to_string())).unwrap();
    host.copy(&["drh-001"]).fails(1, &["loop: cannot", "Too many levels of symbolic links"]);
    std::fs::write(node.conf(), &conf).unwrap();
    host.copy(&["drh-001"]).done();
    host.calls();
    let record = std::fs::read_to_string(host.record()).unwrap();
    std::fs::write(host.record(), "state = 1\n").unwrap();
    let broken = host.copy(&["drh-001"]);
    assert!(broken.code != 0 && broken.err.contains(&MAC.replace(':', "")), "{broken:?}");
    std::fs::write(host.record(), record).unwrap();
    assert!(host.calls().is_empty(), "no ssh and no rsync");
}

#[test]
fn a_second_run_does_not_wait_for_the_first() {
    let node = Node::served(PROGRAM);
    let host = CopyHost::new(&node);
    host.copy(&["drh-001"]).done();
    let lock = std::fs::File::open(node.path("run/hps/site-copy.lock")).unwrap();
    lock.lock().unwrap();
    host.copy(&["drh-001"]).fails(5, &["another site-copy is running"]);
    host.copy(&["--dry-run", "drh-001"]).fails(5, &["another site-copy is running"]);
    drop(lock);
    // A dry run changes nothing, so it does not wait for reload.
    let lock = std::fs::File::open(node.path("run/hps/reload.lock")).unwrap();
    lock.lock().unwrap();
    host.copy(&["--dry-run", "drh-001"]).done();
    // A copy waits, and a signal ends that.
    host.calls();
    let mut child = host.command(&["drh-001"]).stderr(Stdio::piped()).spawn().unwrap();
    let begun = std::time::Instant::now();
    while !host.has_sent_resources() {
        assert!(begun.elapsed().as_secs() < 60 && child.try_wait().unwrap().is_none());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // That pass is at its end, and the wait for the lock begins.
    std::thread::sleep(std::time::Duration::from_secs(1));
    // The shell and ip have become this program.
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let answer = Answer::from_output(child.wait_with_output().unwrap());
    answer.fails(1, &["stopped; the existing copies are unchanged"]);
    assert!(begun.elapsed().as_secs() < 50);
    assert!(!host.calls().iter().any(|call| call.contains("/permissions/")), "the settings were not sent");
}
