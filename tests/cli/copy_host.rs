// SPDX-License-Identifier: GPL-3.0-or-later
//! A disaster recovery host for `site-copy`, with stand-ins for ssh and rsync.

use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const MAC: &str = "52:54:00:00:00:0d";

/// A disaster recovery host, drh-001, to which nothing is sent: what ssh and rsync were called with is written down.
pub(crate) struct CopyHost<'a> {
    node: &'a Node,
    folder: PathBuf,
}

impl<'a> CopyHost<'a> {
    pub(crate) fn new(node: &'a Node) -> Self {
        node.run("host-state", &["add", MAC, "--type", "DRH"]).done();
        let host = Self { node, folder: node.path("copy-host") };
        std::fs::create_dir_all(host.folder.join("programs")).unwrap();
        let record = host.record();
        let key = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", "k".repeat(43));
        let text = std::fs::read_to_string(&record).unwrap();
        let state = text.lines().find(|line| line.starts_with("state = ")).unwrap();
        std::fs::write(&record, text.replace(state, &format!("ssh_host_key = \"{key}\"\n{state}"))).unwrap();
        host.answers("exit 0");
        host.rsync("exit 0");
        host
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.node.path(&format!("srv/hps-config/clusters/lab/hosts/{}.toml", MAC.replace(':', "")))
    }

    pub(crate) fn stand_in(&self, name: &str, script: &str) {
        let path = self.folder.join("programs").join(name);
        let calls = self.folder.join("calls").display().to_string();
        let text = format!("#!/bin/sh\necho \"{name} $* agent=$SSH_AUTH_SOCK\" >> {calls}\n{script}\n");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// What the host does when it is asked whether it holds copies.
    pub(crate) fn answers(&self, script: &str) {
        self.stand_in("ssh", &format!("cat > /dev/null; case $* in *\"'ask'\"*) {script} ;; esac"));
    }

    /// What each pass does.
    pub(crate) fn rsync(&self, script: &str) {
        self.stand_in("rsync", script);
    }

    /// What the pass of the settings does; the others find no change.
    pub(crate) fn rsync_settings(&self, script: &str) {
        self.rsync(&format!("case $* in *.tree-*) ;; *) {script} ;; esac"));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let programs = Path::new(PROGRAM).parent().unwrap().to_path_buf();
        let path = std::env::var_os("PATH").unwrap();
        let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).unwrap();
        let mut command = self.node.command_with(&self.folder.join("programs"), "site-copy");
        command.args(arguments).env("PATH", path).env_remove("SSH_AUTH_SOCK").stdin(Stdio::null());
        command
    }

    pub(crate) fn copy(&self, arguments: &[&str]) -> Answer {
        Answer::from_output(self.command(arguments).output().unwrap())
    }

    /// Whether the passes over what is published have begun.
    pub(crate) fn has_sent_resources(&self) -> bool {
        std::fs::read_to_string(self.folder.join("calls")).unwrap().contains(".tree-")
    }

    /// The calls since this was last asked.
    pub(crate) fn calls(&self) -> Vec<String> {
        let path = self.folder.join("calls");
        let text = if path.exists() { std::fs::read_to_string(&path).unwrap() } else { String::new() };
        std::fs::write(&path, "").unwrap();
        text.lines().map(str::to_owned).collect()
    }
}
