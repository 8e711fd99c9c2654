// SPDX-License-Identifier: GPL-3.0-or-later
//! Another user of the provisioning node, uid 1000, with a program that changes, as fast as it can, what root's programs are told to read
//! and where they are told to write: files become links, pipes, folders and second names; folders become links and other folders.
//! Whatever comes of a run: it ends, nothing outside is touched, no secret is shown, and nothing of that user's is believed.
//! The same for media is in tests/media/race.rs.

use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const USER: u32 = 1000;
const ROUNDS: usize = 8;
const SECRET: &str = "of-root-alone";
const MAC: &str = "52:54:00:00:00:01";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGoodgoodgoodgoodgoodgood good@user\n";
const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOtherotherotherotherother other@user\n";

/// What root has, and nobody else may read or change, with all that the system says of it.
struct Outside {
    folder: PathBuf,
    before: Vec<String>,
}

impl Outside {
    fn new(node: &Node) -> Self {
        let folder = node.path("outside");
        std::fs::create_dir_all(folder.join("srv/hps-config")).unwrap();
        for (name, text, mode) in
            [("secret", SECRET, 0o600), ("public", "for all", 0o644), ("srv/hps-config/hps.conf", "for all", 0o644)]
        {
            std::fs::write(folder.join(name), text).unwrap();
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut outside = Self { folder, before: Vec::new() };
        outside.before = outside.look();
        outside
    }

    fn look(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut paths = vec![self.folder.clone()];
        while let Some(path) = paths.pop() {
            let m = path.symlink_metadata().unwrap();
            let text = if m.is_file() { std::fs::read_to_string(&path).unwrap() } else { String::new() };
            // (Links: the user makes second names where the kernel lets it.)
            lines.push(format!("{} {:o} {} {} {text}", path.display(), m.mode(), m.uid(), m.gid()));
            if m.is_dir() {
                paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        lines.sort();
        lines
    }

    /// It is as it was, and the run has ended and has not shown it.
    fn is_untouched(&self, answer: &Answer) {
        assert_ne!(answer.code, 124, "it hangs: {answer:?}");
        assert!(!answer.out.contains(SECRET) && !answer.err.contains(SECRET), "{answer:?}");
        assert_eq!(self.look(), self.before, "{answer:?}");
    }
}

/// A folder of the user, who goes on until the value goes.
struct Racer {
    folder: PathBuf,
    shell: Option<Child>,
}

impl Racer {
    fn new(node: &Node) -> Self {
        let folder = node.path("user");
        std::fs::create_dir(&folder).unwrap();
        chown(&folder, Some(USER), Some(USER)).unwrap();
        Self { folder, shell: None }
    }

    fn has(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        // The one who changed it last may have left a folder or a pipe there.
        if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            std::fs::remove_dir_all(&path).unwrap();
        } else if path.symlink_metadata().is_ok() {
            std::fs::remove_file(&path).unwrap();
        }
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        chown(&path, Some(USER), Some(USER)).unwrap();
        path
    }

    /// The user does this again and again.
    fn repeats(&mut self, script: &str) {
        self.stop();
        let script = format!("while :; do\n{script}\ndone");
        let user = USER.to_string();
        let child = Command::new("setpriv")
            .args(["--reuid", &user, "--regid", &user, "--clear-groups", "sh", "-c", &script])
            .current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.shell = Some(child);
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.shell.take() {
            // With the command that it is in.
            let group = format!("-{}", child.id());
            assert!(Command::new("kill").args(["-KILL", "--", &group]).status().unwrap().success());
            child.wait().unwrap();
        }
    }

    /// No file that root made lies in a folder of the user's.
    fn got_nothing(&self) {
        let found = Command::new("find").arg(&self.folder).args(["-uid", "0"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ends it after two minutes, also where many tests run at once: nothing here may wait.
fn run(node: &Node, variables: &[(&str, &Path)], program: &str, arguments: &[&str]) -> Answer {
    let built = PathBuf::from(PROGRAM).with_file_name(program);
    let program = if built.is_file() { built.display().to_string() } else { program.to_owned() };
    let mut command = node.command("bash");
    command.args(["-c", "ulimit -v 1048576; exec timeout 120 \"$@\"", "sh", &program]).args(arguments);
    command.envs(variables.iter().copied()).stdin(Stdio::null());
    Answer::of(command.output().unwrap())
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The name becomes everything that it can be, what is good between all else.
fn changes(name: &str, good: &str, outside: &Path) -> String {
    let (secret, public) = (outside.join("secret"), outside.join("public"));
    let mut script = String::new();
    for turn in [
        "ln -sf other next".to_owned(),
        format!("ln -sf {} next", secret.display()),
        format!("ln -f {} next", secret.display()),
        "mkfifo next".to_owned(),
        "ln -sf /dev/zero next".to_owned(),
        format!("ln -sf {} next", public.display()),
        "mkdir next".to_owned(),
        "truncate -s 3T next".to_owned(),
    ] {
        script.push_str(&format!(
            "rm -rf next; {turn}; rm -rf {name}; mv -fT next {name}; sleep 0.005; cp {good} next; rm -rf {name}; mv -fT next {name}; sleep 0.01\n"
        ));
    }
    script
}

#[test]
fn files_that_are_named_become_links_pipes_and_other_files() {
    let node = Node::served(PROGRAM);
    let outside = Outside::new(&node);
    let mut racer = Racer::new(&node);
    let cluster = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    let list = format!("mac,type\n{MAC},SCH\n");
    let file = |name: &str| racer.folder.join(name).display().to_string();
    let (key, from, csv, hosts) = (file("key"), file("from"), file("csv"), file("hosts"));
    let base = node.folder.path().display().to_string();
    let commands: [(&str, &str, &str, &str, Vec<&str>); 5] = [
        (
            "key",
            KEY,
            OTHER_KEY,
            "cluster-configure",
            vec!["--base", &base, "--name", "lab", "--no-reload", "--ssh-key-file", &key],
        ),
        ("from", &cluster, OTHER_KEY, "cluster-configure", vec!["--base", &base, "--no-reload", "--from", &from]),
        ("csv", &list, "mac,type\n", "host-state", vec!["import", "--format", "csv", &csv]),
        ("csv", &list, "mac,type\n", "host-state", vec!["import", "--format", "csv", "--dry-run", &csv]),
        ("hosts", MAC, MAC, "host-state", vec!["arm", "--type", "SCH", "--dry-run", "--hosts-from", &hosts]),
    ];
    for (name, good, other, program, arguments) in commands {
        racer.has("good", good);
        racer.has("other", other);
        racer.has(name, good);
        let script = changes(name, "good", &outside.folder);
        racer.repeats(&script);
        let mut codes = Vec::new();
        for _ in 0..ROUNDS * 2 {
            let answer = run(&node, &[], program, &arguments);
            outside.is_untouched(&answer);
            assert!(answer.code >= 0, "{answer:?}");
            let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
            assert!(!text.contains(SECRET), "{text}");
            codes.push(answer.code);
        }
        racer.stop();
        assert!(codes.iter().any(|code| *code != codes[0]), "{program} {arguments:?} met one thing alone: {codes:?}");
        let owner = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().path().symlink_metadata().unwrap();
        let given = std::fs::read_dir(&racer.folder).unwrap().map(owner).find(|m| m.uid() != USER && m.nlink() == 1);
        assert!(given.is_none(), "{given:?}");
    }
}

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
        let answer = Answer::of(command.args(&arguments).output().unwrap());
        let found = std::fs::read_to_string(&ran).unwrap_or_default();
        assert_eq!(found, "", "{program:?} found these: {answer:?}");
    }
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
