// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure export`: what is in the file, who can read it, and that it is whole or not there.

use crate::PROGRAM;
use crate::setup::{MAC, ROCKY, json, publish, three};
use crate::support::{Answer, Node};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A node with three hosts, one of them installed, a permission, a window and a script of the site.
pub(crate) fn busy_node() -> Node {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    node.run("host-state", &["arm", "sch-002"]).done();
    let script = node.path("srv/hps-system/scripts/cluster-config.d/10-site");
    std::fs::create_dir_all(script.parent().unwrap()).unwrap();
    std::fs::write(&script, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    node
}

pub(crate) fn export(node: &Node, arguments: &[&str]) -> Answer {
    node.run("cluster-configure", &[&["export"], arguments].concat())
}

pub(crate) fn tar_names(file: &Path) -> Vec<String> {
    let output = Command::new("tar").arg("--list").arg("--file").arg(file).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_file_has_the_site_without_a_permission_and_without_the_key_of_tokens() {
    let node = busy_node();
    publish(&node);
    let file = node.path("site.tar");
    let name = file.display().to_string();
    let before = node.snapshot("srv");
    let dry = export(&node, &["--dry-run", "--json", &name]);
    assert_eq!((dry.code, file.exists()), (10, false), "{dry:?}");
    let answer = export(&node, &[&name]);
    assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (0, "", ""), "quiet without a terminal");
    assert_eq!(node.snapshot("srv"), before);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let names = tar_names(&file);
    assert_eq!((names[0].as_str(), names.last().unwrap().as_str()), ("manifest.json", "manifest.sha256"));
    let mac = MAC.replace(':', "");
    for part in [
        "hps.conf",
        "clusters/lab.cluster",
        &format!("clusters/lab/hosts/{mac}.toml"),
        &format!("clusters/lab/history/{mac}.jsonl"),
        "clusters/lab/claims/address/10.99.0.2",
        &format!("state/ever-installed/{mac}"),
        "scripts/cluster-config.d/10-site",
    ] {
        assert!(names.iter().any(|name| name == part), "{part} in {names:?}");
    }
    for part in ["permissions", "pending", "site.key", "lock", "leases", "distros/", "services", "log"] {
        assert!(!names.iter().any(|name| name.contains(part)), "{part} in {names:?}");
    }
    let value = json(&dry);
    assert_eq!((&value["hosts"], &value["ever_installed"]), (&3.into(), &1.into()), "{value}");
    let listed = value["list"].as_array().unwrap().len();
    assert_eq!(listed + 2, names.len());
    // And with its media.
    let answer = export(&node, &["--media", "--json", &name]);
    answer.done();
    let value = json(&answer);
    assert_eq!(value["media"], serde_json::json!(["x86_64-linux-rockylinux-10.1"]));
    assert_eq!(value["size"], file.metadata().unwrap().len());
    assert!(tar_names(&file).contains(&"distros/x86_64-linux-rockylinux-10.1/.treeinfo".to_owned()));
}

#[test]
fn it_goes_through_a_pipe_and_is_packed_as_its_name_says() {
    let node = busy_node();
    let piped = node.command("cluster-configure").args(["export", "-"]).output().unwrap();
    assert!(piped.status.success() && piped.stderr.is_empty(), "{piped:?}");
    std::fs::write(node.path("piped.tar"), &piped.stdout).unwrap();
    let names = tar_names(&node.path("piped.tar"));
    for name in ["site.tar.gz", "site.tar.zst", "site.tgz"] {
        export(&node, &[&node.path(name).display().to_string()]).done();
        assert_eq!(tar_names(&node.path(name)), names, "{name}");
    }
    export(&node, &["--json", "-"]).fails(2, &["standard output"]);
    export(&node, &["/nonexistent/site.tar"]).fails(4, &["/nonexistent/site.tar: its folder does not exist"]);
    export(&node, &["/dev/null"]).fails(1, &["/dev/null", "no regular file"]);
    assert!(!Path::new("/dev/null").is_file());
}

#[test]
fn it_is_encrypted_by_age_and_by_gpg_and_nothing_readable_touches_the_disk() {
    let node = busy_node();
    let key = node.path("key.age");
    let made = Command::new("age-keygen").arg("--output").arg(&key).output().unwrap();
    let public = String::from_utf8_lossy(&made.stderr).trim().trim_start_matches("Public key: ").to_owned();
    let file = node.path("site.tar.zst.age");
    export(&node, &["--encrypt", &public, &file.display().to_string()]).done();
    assert!(std::fs::read(&file).unwrap().starts_with(b"age-encryption.org/v1\n"));
    let plain = Command::new("age").arg("--decrypt").arg("--identity").arg(&key).arg(&file).output().unwrap();
    std::fs::write(node.path("plain.tar.zst"), &plain.stdout).unwrap();
    assert!(tar_names(&node.path("plain.tar.zst")).contains(&"hps.conf".to_owned()));
    // gpg: the fingerprint of a key is enough.
    let home = gpg_home(&node);
    let gpg = |arguments: &[&str]| node.command("gpg").env("GNUPGHOME", &home).args(arguments).output().unwrap();
    let listed = String::from_utf8(gpg(&["--with-colons", "--list-keys"]).stdout).unwrap();
    let fingerprint = listed.lines().find(|line| line.starts_with("fpr")).unwrap().split(':').nth(9).unwrap();
    let file = node.path("site.tar.gpg").display().to_string();
    let mut command = node.command("cluster-configure");
    command.env("GNUPGHOME", &home).args(["export", "--encrypt", fingerprint, &file]);
    Answer::from_output(command.output().unwrap()).done();
    std::fs::write(node.path("plain.tar"), gpg(&["--batch", "--quiet", "--decrypt", &file]).stdout).unwrap();
    assert!(tar_names(&node.path("plain.tar")).contains(&"hps.conf".to_owned()));
    // A recipient that does not exist leaves nothing.
    let names =
        || node.snapshot("").into_iter().map(|(path, _)| path).filter(|path| !path.starts_with(node.path("gpg")));
    let before: Vec<_> = names().collect();
    let nowhere = node.path("new.tar").display().to_string();
    for recipient in ["age1nonsense", "nobody@example.org"] {
        let answer = export(&node, &["--encrypt", recipient, &nowhere]);
        assert_eq!((answer.code, answer.err.lines().count()), (1, 1), "{recipient}: {}", answer.err);
    }
    export(&node, &["--encrypt", "bob", &nowhere]).code.eq(&2).then_some(()).unwrap();
    export(&node, &["--encrypt", &public, "--encrypt", "a@b.org", &nowhere]).fails(2, &["one of the two programs"]);
    assert_eq!(names().collect::<Vec<_>>(), before);
}

/// A keyring with one key.
pub(crate) fn gpg_home(node: &Node) -> std::path::PathBuf {
    let home = node.path("gpg");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let made = node
        .command("gpg")
        .env("GNUPGHOME", &home)
        .args(["--batch", "--passphrase", "", "--quick-gen-key", "admin@example.org", "default", "default"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    home
}

#[test]
fn a_full_disk_a_signal_and_a_reload_leave_no_half_file() {
    let node = busy_node();
    let small = node.path("small");
    std::fs::create_dir(&small).unwrap();
    let file = small.join("site.tar");
    let run = "mount -t tmpfs -o size=8k tmpfs \"$1\" && { \"$2\" export \"$1/site.tar\"; code=$?; ls -A \"$1\"; exit $code; }";
    let program = Path::new(PROGRAM).with_file_name("cluster-configure");
    let mut command = node.command("unshare");
    command.args(["--mount", "sh", "-c", run, "sh"]).arg(&small).arg(program);
    let answer = Answer::from_output(command.output().unwrap());
    answer.fails(1, &["No space left on device"]);
    assert_eq!(answer.out, "", "no rest of it");
    // A signal, when the archive is half written.
    publish(&node);
    let tree = node.path("srv/hps-resources/distros").join(ROCKY);
    std::fs::File::create(tree.join("large")).unwrap().set_len(1 << 29).unwrap();
    let start = |arguments: &[&str]| {
        let mut command = node.command("cluster-configure");
        command.arg("export").args(arguments).arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    let count = || std::fs::read_dir(&small).unwrap().count();
    let child = start(&["--media"]);
    wait_until(|| count() == 1);
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    Answer::from_output(child.wait_with_output().unwrap()).fails(1, &["stopped; nothing was written"]);
    assert_eq!(count(), 0);
    // It waits while a reload runs.
    let lock = std::fs::OpenOptions::new().write(true).open(node.path("run/hps/reload.lock")).unwrap();
    lock.lock().unwrap();
    let child = start(&[]);
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(count(), 0);
    drop(lock);
    Answer::from_output(child.wait_with_output().unwrap()).done();
    assert_eq!(count(), 1);
}

fn wait_until(is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it did not come");
}
