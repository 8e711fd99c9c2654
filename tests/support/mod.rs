// SPDX-License-Identifier: GPL-3.0-or-later
//! A provisioning node in a network namespace of its own, with the real programs.
//!
//! It needs root, since only root makes namespaces; a test that cannot run fails and says so.

mod programs;

use programs::WITH_PROGRAMS;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// The bridge and its address in every namespace.
pub(crate) const INTERFACE: &str = "br0";
pub(crate) const ADDRESS: &str = "10.99.0.1/24";
pub(crate) const SERVER: &str = "10.99.0.1";

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin@site\n";
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A node. Its services and its namespace end when it is dropped.
pub(crate) struct Node {
    pub(crate) folder: tempfile::TempDir,
    namespace: String,
    programs: PathBuf,
}

/// What a program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Node {
    /// A namespace with a bridge that has [`ADDRESS`], and an empty folder. `programs` is any program of the workspace.
    pub(crate) fn new(programs: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("hpst{}-{number}", std::process::id());
        let programs = Path::new(programs).parent().unwrap().to_path_buf();
        for program in ["boot_manager", "cluster-configure", "reload", "host-state"] {
            assert!(programs.join(program).is_file(), "{program} is not built; run: cargo build --workspace");
        }
        let node = Self { folder: tempfile::tempdir().unwrap(), namespace, programs };
        // lighttpd's user must get through.
        std::fs::set_permissions(node.folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let ip = |arguments: &[&str]| {
            let output =
                Command::new("ip").args(arguments).output().expect("ip is not installed: apt-get install iproute2");
            assert!(
                output.status.success(),
                "ip {arguments:?} (these tests need root): {}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        let ns = node.namespace.as_str();
        ip(&["netns", "add", ns]);
        ip(&["-n", ns, "link", "set", "lo", "up"]);
        ip(&["-n", ns, "link", "add", INTERFACE, "type", "bridge"]);
        ip(&["-n", ns, "address", "add", ADDRESS, "dev", INTERFACE]);
        ip(&["-n", ns, "link", "set", INTERFACE, "up"]);
        std::fs::write(node.path("key.pub"), KEY).unwrap();
        node
    }

    /// The same, with a cluster that is configured and served.
    pub(crate) fn served(programs: &str) -> Self {
        let node = Self::new(programs);
        node.configure(&[]).done();
        node
    }

    /// The same, without dnsmasq and lighttpd: enough for commands that only read and write records, and quicker.
    #[allow(dead_code, reason = "not every test program needs it")]
    pub(crate) fn unserved(programs: &str) -> Self {
        let node = Self::new(programs);
        node.configure(&["--no-reload"]).done();
        node
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(crate) fn conf(&self) -> PathBuf {
        self.path("srv/hps-config/hps.conf")
    }

    /// A command in the namespace, with our programs and `HPS_CONFIG`.
    pub(crate) fn command(&self, program: &str) -> Command {
        let own = self.programs.join(program);
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]);
        command.arg(if own.is_file() { own.as_os_str() } else { program.as_ref() });
        command.env("HPS_CONFIG", self.conf()).env_remove("SUDO_USER");
        command
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Answer {
        let output = self.command(program).args(arguments).stdin(std::process::Stdio::null()).output().unwrap();
        Answer::from_output(output)
    }

    /// The same, and the programs in `folder` in the place of the system's, for this command and what it starts: programs are
    /// called by absolute paths.
    #[allow(dead_code, reason = "not every test program needs it")]
    pub(crate) fn command_with(&self, folder: &Path, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace, "sh", "-c", WITH_PROGRAMS, "sh"]).arg(folder);
        command.arg(self.programs.join(program)).env("HPS_CONFIG", self.conf()).env_remove("SUDO_USER");
        command
    }

    /// Writes a script that stands for ksvalidator, and its place into `hps.conf`.
    pub(crate) fn set_ksvalidator(&self, script: &str) {
        let place = self.path("ksvalidator");
        std::fs::write(&place, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let text = std::fs::read_to_string(self.conf()).unwrap();
        if !text.contains("HPS_KSVALIDATOR") {
            // As cluster-configure writes it.
            let about = "# the program that reads kickstarts as Anaconda does";
            let text = format!("{text}{about}\nexport HPS_KSVALIDATOR=\"{}\"\n", place.display());
            std::fs::write(self.conf(), text).unwrap();
        }
    }

    /// `cluster-configure` with what every test needs, and `more`. The ksvalidator that the tests find becomes the node's.
    pub(crate) fn configure(&self, more: &[&str]) -> Answer {
        let answer = self.configure_bare(more);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|folder| folder.join("ksvalidator")).find(|path| path.is_file());
        if let Some(ksvalidator) = found.filter(|_| self.conf().is_file() && !self.path("ksvalidator").exists()) {
            self.set_ksvalidator(&format!("exec {} \"$@\"", ksvalidator.display()));
        }
        answer
    }

    fn configure_bare(&self, more: &[&str]) -> Answer {
        let base = self.folder.path().to_string_lossy().into_owned();
        let key = self.path("key.pub").to_string_lossy().into_owned();
        let mut arguments = vec![
            "--base",
            &base,
            "--name",
            "lab",
            "--interface",
            INTERFACE,
            "--address",
            ADDRESS,
            "--ssh-key-file",
            &key,
            "--services",
            "plain",
        ];
        if !more.contains(&"--type") {
            arguments.extend(["--type", "SCH=x86_64-linux-debian-12"]);
        }
        arguments.extend(more);
        self.run("cluster-configure", &arguments)
    }

    /// Everything below a folder, with its content: to see that nothing changed.
    pub(crate) fn snapshot(&self, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(below)];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    files.push((path.clone(), std::fs::read(&path).unwrap_or_default()))
                }
            }
        }
        files.sort();
        files
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.conf().is_file() {
            self.run("reload", &["--stop"]);
            // One that does not end by itself must not work on beside the tests that follow.
            for service in ["dnsmasq", "lighttpd"] {
                if let Ok(pid) = std::fs::read_to_string(self.path(&format!("run/hps/{service}.pid"))) {
                    let _gone =
                        Command::new("kill").args(["-9", pid.trim()]).stderr(std::process::Stdio::null()).status();
                }
            }
        }
        let deleted = Command::new("ip").args(["netns", "delete", &self.namespace]).output();
        assert!(deleted.is_ok() || std::thread::panicking());
    }
}

impl Answer {
    pub(crate) fn from_output(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// It was done.
    pub(crate) fn done(&self) {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
    }

    /// The code, and that there is exactly one line of error that has these words.
    #[allow(dead_code, reason = "not every test program needs it")]
    pub(crate) fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert_eq!(self.err.lines().count(), 1, "one line: {}", self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} in {}", self.err);
        }
    }
}
