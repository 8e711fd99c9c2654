// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure import` of an export: a new machine becomes the node, and no registry is replaced in silence.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, ROCKY, boot, installing, json, lease, publish};
use crate::site_export::{busy_node, export, gpg_home};
use crate::support::{Answer, Node};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A file of a node, beside another node that is new.
pub(crate) fn exported(node: &Node, more: &[&str]) -> PathBuf {
    let file = node.path("site.tar");
    export(node, &[more, &[&file.display().to_string()]].concat()).done();
    file
}

pub(crate) fn import(node: &Node, file: &Path, more: &[&str]) -> Answer {
    let base = node.folder.path().display().to_string();
    let file = file.display().to_string();
    node.run("cluster-configure", &[&["import", "--base", &base, &file], more].concat())
}

fn is_local(script: &str) -> bool {
    (script.contains("sanboot") || script.contains("exit")) && !script.contains("vmlinuz")
}

#[test]
fn a_new_machine_without_a_network_becomes_the_node_and_a_host_boots_its_disk() {
    let old = busy_node();
    publish(&old);
    lease(&old, MACS[1]);
    let credentials = "srv/hps-config/state/bmc-credentials";
    std::fs::create_dir(old.path(credentials)).unwrap();
    std::fs::set_permissions(old.path(credentials), Permissions::from_mode(0o700)).unwrap();
    std::fs::write(old.path(credentials).join("rack7"), "user = \"admin\"\npassword = \"secret\"\n").unwrap();
    let armed = boot(&old, MACS[1], "");
    let begun = Instant::now();
    let file = exported(&old, &["--media"]);
    println!("export: {:?}", begun.elapsed());
    old.run("reload", &["--stop"]).done();
    let new = Node::new(PROGRAM);
    let dry = import(&new, &file, &["--dry-run", "--json"]);
    assert_eq!(dry.code, 10, "{dry:?}");
    assert!(!new.path("srv").exists(), "a dry run writes nothing");
    assert_eq!(json(&dry)["contents"]["hosts"], 3);
    let unasked = import(&new, &file, &[]);
    assert!(unasked.code == 2 && unasked.err.contains("--yes"), "{unasked:?}");
    assert!(!new.path("srv").exists(), "without --yes nothing is written");
    let begun = Instant::now();
    let done = import(&new, &file, &["--yes"]);
    println!("import: {:?}", begun.elapsed());
    done.done();
    let log = std::fs::read_to_string(new.path("srv/log/media.log")).unwrap();
    assert!(log.contains(&format!("distros/{ROCKY}: published, of the export of ")), "where it came from: {log}");
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let credentials = new.path(credentials);
    assert_eq!((mode(credentials.clone()), mode(credentials.join("rack7"))), (0o700, 0o600), "at once");
    let again = import(&new, &file, &["--yes", "--dry-run"]);
    assert_eq!(again.code, 0, "the same again: {}{}", again.out, again.err);
    for command in [&["list", "--json"][..], &["show", "sch-001", "--json"], &["history", "sch-001", "--json"]] {
        let (was, is) = (old.run("host-state", command), new.run("host-state", command));
        if command[0] == "list" {
            let states = |answer: &Answer| {
                let hosts = json(answer);
                let hosts = hosts.as_array().unwrap().iter();
                hosts
                    .map(|host| (host["name"].clone(), host["state"].clone(), host["address"].clone()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(states(&was), states(&is));
        } else {
            is.done();
        }
    }
    lease(&new, MAC);
    assert!(is_local(&boot(&new, MAC, "")), "{}", boot(&new, MAC, ""));
    // The permission of the old node, and each token of it, are dead.
    lease(&new, MACS[1]);
    let now = boot(&new, MACS[1], "");
    assert!(!now.contains("vmlinuz"), "{armed}\n{now}");
    let key = |node: &Node| std::fs::read(node.path("srv/hps-config/state/site.key")).unwrap();
    assert_ne!(key(&old), key(&new));
    let tree = "srv/hps-resources/distros/x86_64-linux-rockylinux-10.1/images/pxeboot/vmlinuz";
    assert!(new.path(tree).is_file());
}

#[test]
fn what_is_no_whole_export_is_refused_in_one_line_and_nothing_is_written() {
    let old = busy_node();
    let file = exported(&old, &[]);
    let new = Node::new(PROGRAM);
    let bytes = std::fs::read(&file).unwrap();
    let bad = new.path("bad.tar");
    let find = |text: &[u8]| bytes.windows(text.len()).position(|window| window == text).unwrap();
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        bytes
    };
    let record = find(b"\nstate = \"INSTALLED\"") + 3;
    for (what, bytes, code, words) in [
        ("a changed record", changed(record, b'X'), 3, "its digest is another one"),
        ("a cut file", bytes[..bytes.len() / 2].to_vec(), 3, "it is "),
        ("no end", bytes[..bytes.len() - 2048].to_vec(), 3, "its end is missing"),
        ("a newer format", changed(find(b"\"format\": 1") + 10, b'9'), 3, "upgrade HPS first"),
        ("another file", b"hello".to_vec(), 3, "no export of a site"),
        ("nothing", Vec::new(), 3, "no export of a site"),
    ] {
        std::fs::write(&bad, bytes).unwrap();
        let answer = import(&new, &bad, &["--yes"]);
        assert_eq!((answer.code, answer.err.lines().count()), (code, 1), "{what}: {answer:?}");
        assert!(answer.err.contains(words), "{what}: {}", answer.err);
        assert!(!new.path("srv").exists(), "{what}");
    }
    for (path, code) in [("/nonexistent", 4), ("/dev/zero", 3)] {
        assert_eq!(import(&new, Path::new(path), &["--yes"]).code, code, "{path}");
    }
    // A link of another user leads root to no secret of root.
    let home = new.path("home");
    std::fs::create_dir(&home).unwrap();
    std::os::unix::fs::symlink(&file, home.join("site.tar")).unwrap();
    std::os::unix::fs::lchown(home.join("site.tar"), Some(54_321), None).unwrap();
    import(&new, &home.join("site.tar"), &["--yes"]).fails(3, &["link of user 54321"]);
    import(&new, &file, &["--yes", "--gateway", "none"]).fails(2, &["only --interface"]);
}

#[test]
fn a_registry_that_is_here_is_not_replaced_unless_a_flag_says_so() {
    let node = busy_node();
    let file = exported(&node, &[]);
    // A host more, a newer record, and a machine that was installed since then.
    node.run("host-state", &["add", MACS[3], "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-003", "state=INSTALLED"]).done();
    let before = node.snapshot("srv/hps-config/clusters");
    let refused = import(&node, &file, &["--yes"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(
        refused.err.contains("1 hosts that the file lacks, and 1 newer records") && refused.err.contains("--replace")
    );
    assert_eq!(node.snapshot("srv/hps-config/clusters"), before);
    let key = std::fs::read(node.path("srv/hps-config/state/site.key")).unwrap();
    import(&node, &file, &["--yes", "--replace"]).done();
    let hosts = json(&node.run("host-state", &["list", "--json"]));
    assert_eq!(hosts.as_array().unwrap().len(), 3, "{hosts}");
    let mark = MACS[2].replace(':', "");
    assert!(node.path(&format!("srv/hps-config/state/ever-installed/{mark}")).is_file(), "marks stay");
    for folder in ["permissions", "permissions/windows", "permissions/erase", "tasks"] {
        let entries = std::fs::read_dir(node.path(&format!("srv/hps-config/clusters/lab/{folder}"))).unwrap();
        assert_eq!(entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count(), 0, "{folder}");
    }
    assert_ne!(std::fs::read(node.path("srv/hps-config/state/site.key")).unwrap(), key);
    lease(&node, MACS[2]);
    assert!(is_local(&boot(&node, MACS[2], "")));
}

#[test]
fn a_host_in_the_middle_of_an_installation_is_named_and_gets_no_installer() {
    let old = busy_node();
    installing(&old, MACS[2], "packages", 60);
    let file = exported(&old, &[]);
    old.run("reload", &["--stop"]).done();
    let new = Node::new(PROGRAM);
    let answer = import(&new, &file, &["--yes"]);
    assert!(answer.out.contains("sch-003 was being installed") && answer.out.contains("state=INSTALLED"), "{answer:?}");
    let spent = new.path(&format!("srv/hps-config/state/spent/{}", "a".repeat(32)));
    assert!(spent.is_file(), "its permission ended");
    lease(&new, MACS[2]);
    assert!(!boot(&new, MACS[2], "").contains("vmlinuz"));
}

#[test]
fn another_interface_and_a_missing_one() {
    let old = busy_node();
    super::setup::edit_cluster(&old, "interface = \"br0\"", "interface = \"eno1\"");
    let file = exported(&old, &[]);
    let new = Node::new(PROGRAM);
    let missing = import(&new, &file, &["--yes"]);
    assert!(missing.err.contains("interface eno1") && missing.err.contains("--interface NAME"), "{missing:?}");
    assert_eq!((missing.code, new.path("srv/hps-config").exists()), (4, false));
    import(&new, &file, &["--yes", "--interface", "br0"]).done();
    let text = std::fs::read_to_string(new.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    assert!(text.contains("interface = \"br0\""), "{text}");
}

#[test]
fn encrypted_exports_are_recognised_by_their_content() {
    let old = busy_node();
    let key = old.path("key.age");
    let made = Command::new("age-keygen").arg("--output").arg(&key).output().unwrap();
    let public = String::from_utf8_lossy(&made.stderr).trim().trim_start_matches("Public key: ").to_owned();
    let file = old.path("site.tar.zst.age");
    export(&old, &["--encrypt", &public, &file.display().to_string()]).done();
    let new = Node::new(PROGRAM);
    import(&new, &file, &["--dry-run"]).fails(2, &["--identity"]);
    let identity = key.display().to_string();
    assert_eq!(import(&new, &file, &["--dry-run", "--identity", &identity]).code, 10);
    let other = old.path("other.age");
    Command::new("age-keygen").arg("--output").arg(&other).output().unwrap();
    import(&new, &file, &["--dry-run", "--identity", &other.display().to_string()]).fails(1, &["age failed"]);
    let mut bytes = std::fs::read(&file).unwrap();
    let length = bytes.len();
    bytes[length - 20] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let damaged = import(&new, &file, &["--dry-run", "--identity", &identity]);
    assert!([1, 3].contains(&damaged.code) && damaged.err.lines().count() == 1, "{damaged:?}");
    // By gpg, below any name.
    let home = gpg_home(&old);
    let file = old.path("anything");
    let run = |node: &Node, arguments: &[&str]| {
        let mut command = node.command("cluster-configure");
        Answer::from_output(command.env("GNUPGHOME", &home).args(arguments).output().unwrap())
    };
    let name = file.display().to_string();
    run(&old, &["export", "--encrypt", "admin@example.org", &name]).done();
    let base = new.folder.path().display().to_string();
    let answer = run(&new, &["import", "--base", &base, &name, "--dry-run"]);
    assert_eq!(answer.code, 10, "{answer:?}");
    assert!(!new.path("srv").exists());
}

/// The same import is killed after more and more time, on a node that serves: whatever it has written, a machine that was installed
/// boots its disk and nobody gets an installer. Then it completes.
#[test]
fn an_import_that_is_killed_at_any_moment_is_completed_by_the_same_command() {
    let old = busy_node();
    let file = exported(&old, &[]);
    old.run("reload", &["--stop"]).done();
    let node = busy_node();
    let base = node.folder.path().display().to_string();
    let arguments = ["import", "--base", &base, &file.display().to_string(), "--yes", "--replace", "--activate"];
    let mut killed = 0;
    for pause in (0..400).step_by(25) {
        // Something to replace each time.
        node.run("host-state", &["set", "sch-003", &format!("reason=round {pause}")]);
        node.run("host-state", &["arm", "sch-002"]);
        let mut child =
            node.command("cluster-configure").args(arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        killed += usize::from(child.try_wait().unwrap().is_none());
        // `ip netns exec` becomes the program.
        child.kill().unwrap();
        child.wait().unwrap();
        lease(&node, MAC);
        assert!(is_local(&boot(&node, MAC, "")), "after {pause} ms: {}", boot(&node, MAC, ""));
        let mark = node.path(&format!("srv/hps-config/state/ever-installed/{}", MAC.replace(':', "")));
        assert!(mark.is_file(), "after {pause} ms");
    }
    assert!(killed > 3, "{killed}");
    node.run("cluster-configure", &arguments).done();
    let hosts = json(&node.run("host-state", &["list", "--json"]));
    assert_eq!(hosts.as_array().unwrap().len(), 3, "{hosts}");
    assert_eq!(import(&node, &file, &["--dry-run"]).code, 0);
}

/// A disk that is full leaves a node that the same command completes when there is room.
#[test]
fn a_full_disk_is_one_line_and_the_same_command_continues() {
    let old = busy_node();
    let file = exported(&old, &[]);
    old.run("reload", &["--stop"]).done();
    let new = Node::new(PROGRAM);
    let script = "mount -t tmpfs -o size=40k,mode=0755 tmpfs \"$1/srv\" || exit 99\n\
        \"$2\" import --base \"$1\" \"$3\" --yes --no-reload; echo \"first $?\"\n\
        test ! -e \"$1/srv/hps-config/clusters/active\" && echo inactive\n\
        mount -o remount,size=100m \"$1/srv\"\n\
        \"$2\" import --base \"$1\" \"$3\" --yes --no-reload; echo \"second $?\"\n\
        readlink \"$1/srv/hps-config/clusters/active\"";
    std::fs::create_dir(new.path("srv")).unwrap();
    let program = Path::new(PROGRAM).with_file_name("cluster-configure");
    let mut command = new.command("unshare");
    command.args(["--mount", "sh", "-c", script, "sh"]).arg(new.folder.path()).arg(program).arg(&file);
    let answer = Answer::from_output(command.output().unwrap());
    let lines: Vec<&str> = answer
        .out
        .lines()
        .filter(|line| line.starts_with("first") || line.starts_with("second") || !line.contains(' '))
        .collect();
    assert_eq!(lines, ["first 1", "inactive", "second 0", "lab.cluster"], "{answer:?}");
    assert!(answer.err.contains("No space left on device") && answer.err.contains("the same command continues"));
}
