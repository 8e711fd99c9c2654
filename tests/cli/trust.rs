// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that somebody else may have written, or that are no files: programs refuse them in one line, the command at its end
//! makes the file right, and nothing waits.

use crate::PROGRAM;
use crate::copy_host::CopyHost;
use crate::setup::MAC;
use crate::support::{Answer, Node};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a machine hears that is permitted to be installed with what is not published here.
const ARMED: &str = "is not published on this node";
const STRANGER: u32 = 54_321;

/// Ends it after twenty seconds: nothing here may wait.
fn run(node: &Node, program: &str, arguments: &[&str]) -> Answer {
    let program = PathBuf::from(PROGRAM).with_file_name(program).display().to_string();
    let limited = ["-c", "ulimit -v 1048576; exec timeout 20 \"$@\"", "sh", &program];
    node.run("bash", &[&limited, arguments].concat())
}

/// What machines are told by the CGI as the web server's user.
fn boot(node: &Node) -> String {
    let boot_manager = PathBuf::from(PROGRAM).with_file_name("boot_manager").display().to_string();
    let query = format!("QUERY_STRING=cmd=boot_action&mac={}", MAC.replace(':', ""));
    let as_hps =
        ["setpriv", "--reuid", "hps", "--regid", "hps", "--clear-groups", "env", &query, "REMOTE_ADDR=10.99.0.2"];
    // The web server's user need not reach the folder of this checkout.
    let copy = node.path("boot_manager");
    std::fs::copy(boot_manager, &copy).unwrap();
    let answer = node.run("timeout", &[&["20"][..], &as_hps, &[&copy.display().to_string()]].concat());
    assert_eq!(answer.code, 0, "{}", answer.err);
    answer.out
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn one(node: &Node) {
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
}

/// The command at the end of the line is run, as an administrator would type it.
fn mend(answer: &Answer) {
    let (_, command) = answer.err.trim_end().rsplit_once(": ").unwrap();
    assert!(Command::new("sh").args(["-ec", command]).status().unwrap().success(), "{command}");
}

#[test]
fn what_somebody_else_may_have_written_is_refused_until_it_is_mended() {
    let node = Node::served(PROGRAM);
    one(&node);
    let clusters = node.path("srv/hps-config/clusters");
    let files = [
        node.conf(),
        clusters.join("lab.cluster"),
        clusters.clone(),
        clusters.join("lab"),
        clusters.join("lab/permissions"),
        clusters.join("lab/permissions/windows"),
        clusters.join("lab/permissions/erase"),
        clusters.join("lab/profiles"),
        clusters.join("lab/hosts"),
        clusters.join("lab/claims/address"),
        node.path("srv/hps-config/state"),
        node.path("srv/hps-config/state/ever-installed"),
        node.path("srv/hps-config/state/spent"),
        node.path("srv/hps-config/services"),
        node.path("srv/hps-resources/distros"),
        node.path("run/hps"),
        node.path("srv/hps-config"),
        node.path("srv"),
    ];
    for path in &files {
        let before = std::fs::metadata(path).unwrap().permissions();
        let name = format!("{}: ", path.display());
        mode(path, before.mode() & 0o7777 | 0o002);
        for (program, arguments) in
            [("host-state", &["list"][..]), ("reload", &["--dry-run"]), ("host-state", &["disarm", MAC])]
        {
            run(&node, program, arguments).fails(3, &[&name, "everybody can write it", "chmod o-w"]);
        }
        mend(&run(&node, "host-state", &["list"]));
        run(&node, "host-state", &["list"]).done();
        assert_eq!(std::fs::metadata(path).unwrap().permissions(), before);
        chown(path, Some(STRANGER), None).unwrap();
        let refused = run(&node, "host-state", &["arm", MAC]);
        refused.fails(3, &[&name, &format!("belongs to user {STRANGER}"), "chown -h root:hps"]);
        mend(&refused);
        run(&node, "host-state", &["list"]).done();
    }
    // Nor may anybody else have a folder above a lab: they could put another lab in its place, and root starts what that one says.
    let below = node.path("home/lab");
    std::fs::create_dir_all(&below).unwrap();
    let lab = below.display().to_string();
    let key = node.path("key.pub").display().to_string();
    let arguments = ["--base", &lab, "--name", "lab", "--interface", "br0", "--address", "10.99.0.1/24", "--no-reload"];
    let conf = below.join("srv/hps-config/hps.conf");
    let configure = || {
        let mut command = node.command("cluster-configure");
        command.env("HPS_CONFIG", &conf).args(arguments).args(["--ssh-key-file", &key, "--services", "none"]);
        Answer::from_output(command.args(["--type", "SCH=x86_64-linux-debian-12"]).output().unwrap())
    };
    configure().done();
    chown(node.path("home"), Some(STRANGER), None).unwrap();
    let asked = format!("move {lab} below a folder that only root can write");
    configure().fails(3, &["home: belongs to user", &asked]);
    chown(node.path("home"), Some(0), None).unwrap();
    mode(&node.path("home"), 0o777);
    configure().fails(3, &["home: everybody can write it"]);
    mode(&node.path("home"), 0o755);
    chown(&below, Some(STRANGER), None).unwrap();
    configure().fails(3, &["home/lab: belongs to user"]);
}

#[test]
fn records_and_keys_of_somebody_else_count_as_broken() {
    let node = Node::served(PROGRAM);
    one(&node);
    let at = |below: &str| node.path(&format!("srv/hps-config/{below}"));
    let name = MAC.replace(':', "");
    assert!(boot(&node).contains(ARMED));
    for path in [at(&format!("clusters/lab/permissions/{name}.toml")), at(&format!("clusters/lab/hosts/{name}.toml"))] {
        chown(&path, Some(STRANGER), None).unwrap();
        let said = run(&node, "host-state", &["check"]);
        assert!(said.code == 1 && said.out.contains(&format!("belongs to user {STRANGER}")), "{said:?}");
        assert!(!boot(&node).contains(ARMED), "{}", path.display());
        chown(&path, Some(0), None).unwrap();
        mode(&path, 0o666);
        let said = run(&node, "host-state", &["check"]);
        assert!(said.code == 1 && said.out.contains("everybody can write it"), "{said:?}");
        mode(&path, 0o640);
    }
    // What root writes alone is not the web server's either.
    let permission = at(&format!("clusters/lab/permissions/{name}.toml"));
    assert!(Command::new("chown").arg("hps").arg(&permission).status().unwrap().success());
    assert!(!boot(&node).contains(ARMED));
    chown(&permission, Some(0), None).unwrap();
    assert!(boot(&node).contains(ARMED));
}

#[test]
fn a_machine_boots_its_disk_where_the_configuration_is_not_believed() {
    let node = Node::served(PROGRAM);
    one(&node);
    for path in [node.conf(), node.path("srv/hps-config/clusters/lab.cluster")] {
        let before = std::fs::metadata(&path).unwrap().permissions();
        for spoil in [
            (|path: &Path| mode(path, 0o666)) as fn(&Path),
            |path| chown(path, Some(STRANGER), None).unwrap(),
            // The user of the CGI itself, too: nothing that it wrote is root's word.
            |path| assert!(Command::new("chown").arg("hps").arg(path).status().unwrap().success()),
        ] {
            spoil(&path);
            let script = boot(&node);
            let words = script.replace("\necho ", " ");
            assert!(words.contains("belongs to user") || words.contains("everybody can write it"), "{script}");
            assert!(script.contains("exit") && !script.contains(ARMED), "{script}");
            assert!(!script.contains("/srv/"), "no paths of this node: {script}");
            chown(&path, Some(0), None).unwrap();
            std::fs::set_permissions(&path, before.clone()).unwrap();
        }
    }
}

#[test]
fn what_is_no_file_is_refused_and_nothing_waits() {
    let node = Node::served(PROGRAM);
    one(&node);
    let fifo = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    for path in [node.conf(), node.path("srv/hps-config/clusters/lab.cluster")] {
        let aside = path.with_extension("aside");
        std::fs::rename(&path, &aside).unwrap();
        fifo(&path);
        let name = format!("{}: this is a FIFO, expected a regular file", path.display());
        run(&node, "host-state", &["render", MAC]).fails(3, &[&name, &format!(": rm {}", path.display())]);
        assert!(!boot(&node).contains(ARMED));
        std::fs::rename(&aside, &path).unwrap();
    }
    let pipe = node.path("pipe");
    fifo(&pipe);
    let pipe = pipe.display().to_string();
    let folder = node.folder.path().display().to_string();
    for (program, before) in [
        ("cluster-configure", &["--base", &folder, "--name", "lab", "--dry-run", "--ssh-key-file"][..]),
        ("cluster-configure", &["--base", &folder, "--dry-run", "--from"]),
        ("host-state", &["import", "--format", "csv"]),
        ("host-state", &["arm", "--type", "SCH", "--hosts-from"]),
        ("check-and-download-rocky", &["--sha256", &"0".repeat(64), "--from-file"]),
        ("build-repository", &["--distro", "x86_64-linux-rockylinux-10", "--key"]),
        ("build-repository", &["--distro", "x86_64-linux-rockylinux-10"]),
    ] {
        for (path, what) in [(pipe.as_str(), "a FIFO"), ("/dev/zero", "a device"), (&folder, "a folder")] {
            let refused = run(&node, program, &[before, &[path]].concat());
            assert_eq!(refused.code, 3, "{program} {before:?} {path}: {refused:?}");
            assert!(refused.err.contains(what) && refused.err.lines().count() == 1, "{program} {path}: {refused:?}");
        }
    }
}

#[test]
fn a_link_and_a_home_folder_are_not_given_to_root() {
    let node = Node::served(PROGRAM);
    let shadow = std::fs::metadata("/etc/shadow").unwrap();
    let cluster = node.path("srv/hps-config/clusters/lab.cluster");
    let aside = cluster.with_extension("aside");
    std::fs::rename(&cluster, &aside).unwrap();
    std::os::unix::fs::symlink("/etc/shadow", &cluster).unwrap();
    std::os::unix::fs::lchown(&cluster, Some(STRANGER), None).unwrap();
    let name = format!("{}: this is a link to /etc/shadow", cluster.display());
    let refused = run(&node, "host-state", &["list"]);
    refused.fails(3, &[&name, &format!("belongs to user {STRANGER}"), &format!(": rm {}", cluster.display())]);
    mend(&refused);
    assert!(cluster.symlink_metadata().is_err());
    let after = std::fs::metadata("/etc/shadow").unwrap();
    assert_eq!((shadow.uid(), shadow.gid(), shadow.mode()), (after.uid(), after.gid(), after.mode()));
    std::fs::rename(&aside, &cluster).unwrap();
    run(&node, "host-state", &["list"]).done();
    let home = node.path("alice");
    std::fs::create_dir(&home).unwrap();
    let conf = home.join("hps.conf");
    std::fs::copy(node.conf(), &conf).unwrap();
    chown(&home, Some(STRANGER), None).unwrap();
    let program = PathBuf::from(PROGRAM).with_file_name("host-state");
    let refused =
        Answer::from_output(node.command("env").env("HPS_CONFIG", &conf).arg(program).arg("list").output().unwrap());
    let asked = format!("move {} below a folder that only root can write", conf.display());
    refused.fails(3, &[&format!("{}: belongs to user {STRANGER}", home.display()), &asked]);
    assert!(!refused.err.contains("chown"), "{}", refused.err);
}

#[test]
fn others_cannot_hold_a_lock() {
    let node = Node::served(PROGRAM);
    one(&node);
    let lock = |name: &str| node.path(&format!("run/hps/{name}.lock"));
    let is_held_by_others = |path: &Path| {
        let stranger = STRANGER.to_string();
        let who = ["--reuid", &stranger, "--regid", &stranger, "--clear-groups", "flock", "--shared", "--nonblock"];
        Command::new("setpriv").args(who).arg(path).arg("true").output().unwrap().status.success()
    };
    // As older versions made it.
    let spoil = |name: &str| {
        std::fs::write(lock(name), "").unwrap();
        mode(&lock(name), 0o644);
        assert!(is_held_by_others(&lock(name)), "{name}: the test can see it");
    };
    spoil("reload");
    let would = run(&node, "reload", &["--dry-run"]);
    assert!(would.code == 10 && would.out.contains("reload.lock: too many users"), "{would:?}");
    run(&node, "reload", &[]).done();
    assert!(!is_held_by_others(&lock("reload")));
    // A host that answers everything with yes, and rsync with nothing to do.
    let host = CopyHost::new(&node);
    let copy = || host.copy(&["drh-001"]).done();
    for _ in ["an older one", "its own"] {
        copy();
        assert!(!is_held_by_others(&lock("site-copy")) && !is_held_by_others(&lock("reload")));
        spoil("site-copy");
        spoil("reload");
    }
    copy();
    // All that there are.
    let all = node.run("find", &[&node.folder.path().display().to_string(), "-name", "*.lock"]).out;
    assert!(all.contains("allocation.lock") && all.contains("run/hps/reload.lock"), "{all}");
    for path in all.lines() {
        assert!(!is_held_by_others(Path::new(path)), "{path}");
    }
}
