// SPDX-License-Identifier: GPL-3.0-or-later
//! Another user of the provisioning node, uid 1000, with a program that changes, as fast as it can, what root's programs are told to read
//! and where they are told to write: files become links, pipes, folders and second names; folders become links and other folders.
//! Whatever comes of a run: it ends, nothing outside is touched, no secret is shown, and nothing of that user's is believed.
//! The same for media is in tests/media/race.rs.

mod configuration;
mod lab_folder;
mod named_files;
mod programs;

use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub(super) const USER: u32 = 1000;

pub(super) const ROUNDS: usize = 8;

pub(super) const SECRET: &str = "of-root-alone";

/// What root has, and nobody else may read or change, with all that the system says of it.
pub(super) struct Outside {
    pub(super) folder: PathBuf,
    before: Vec<String>,
}

impl Outside {
    pub(super) fn new(node: &Node) -> Self {
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
    pub(super) fn is_untouched(&self, answer: &Answer) {
        assert_ne!(answer.code, 124, "it hangs: {answer:?}");
        assert!(!answer.out.contains(SECRET) && !answer.err.contains(SECRET), "{answer:?}");
        assert_eq!(self.look(), self.before, "{answer:?}");
    }
}

/// A folder of the user, who goes on until the value goes.
pub(super) struct Racer {
    pub(super) folder: PathBuf,
    shell: Option<Child>,
}

impl Racer {
    pub(super) fn new(node: &Node) -> Self {
        let folder = node.path("user");
        std::fs::create_dir(&folder).unwrap();
        chown(&folder, Some(USER), Some(USER)).unwrap();
        Self { folder, shell: None }
    }

    pub(super) fn has(&self, name: &str, text: &str) -> PathBuf {
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
    pub(super) fn repeats(&mut self, script: &str) {
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

    pub(super) fn stop(&mut self) {
        if let Some(mut child) = self.shell.take() {
            // With the command that it is in.
            let group = format!("-{}", child.id());
            assert!(Command::new("kill").args(["-KILL", "--", &group]).status().unwrap().success());
            child.wait().unwrap();
        }
    }

    /// No file that root made lies in a folder of the user's.
    pub(super) fn got_nothing(&self) {
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
pub(super) fn run(node: &Node, variables: &[(&str, &Path)], program: &str, arguments: &[&str]) -> Answer {
    let built = PathBuf::from(PROGRAM).with_file_name(program);
    let program = if built.is_file() { built.display().to_string() } else { program.to_owned() };
    let mut command = node.command("bash");
    command.args(["-c", "ulimit -v 1048576; exec timeout 120 \"$@\"", "sh", &program]).args(arguments);
    command.envs(variables.iter().copied()).stdin(Stdio::null());
    Answer::from_output(command.output().unwrap())
}

pub(super) fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The name becomes everything that it can be, what is good between all else.
pub(super) fn changes(name: &str, good: &str, outside: &Path) -> String {
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
