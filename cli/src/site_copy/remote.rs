// SPDX-License-Identifier: GPL-3.0-or-later
//! What is done on the host with the copies, by the script `remote.sh`.

use super::recipient::Recipient;
use super::site_files::SiteFiles;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::exec::{ExecError, Limit};
use std::path::Path;
use std::process::Output;
use std::sync::atomic::AtomicBool;

/// Where the copies are, there.
pub(super) const FOLDER: &str = "/srv/hps-copy";
/// The files of the newest complete copy.
pub(super) const CURRENT_FILES: &str = "/srv/hps-copy/current/files";
/// The files of the next one.
pub(super) const NEW_FILES: &str = "/srv/hps-copy/.new/files";
const SCRIPT: &str = include_str!("remote.sh");
const HOSTNAME: &str = "/proc/sys/kernel/hostname";
/// Linux allows 64.
const MAX_HOSTNAME_BYTES: u64 = 256;

/// The host, with a login.
#[derive(Debug)]
pub(super) struct Remote<'a> {
    pub(super) recipient: &'a Recipient,
    /// Set by Ctrl-C.
    pub(super) stop: &'a AtomicBool,
}

/// The error of a run that was stopped.
pub(super) fn stopped() -> anyhow::Error {
    Ended::error(Exit::Failed, "stopped; the existing copies are unchanged")
}

impl<'a> Remote<'a> {
    pub(super) fn new(recipient: &'a Recipient, stop: &'a AtomicBool) -> Self {
        Self { recipient, stop }
    }

    /// Checks that it is the right host, and that it has copies. Returns the files of the newest one, if any.
    pub(super) fn ask(&self) -> anyhow::Result<Option<&'static str>> {
        let (label, login) = (&self.recipient.label, &self.recipient.login);
        let output = self.call("ask", &[], Limit::READ)?;
        let said = String::from_utf8_lossy(&output.stderr);
        let (exit, message) = match output.status.code() {
            Some(0) => return Ok(None),
            Some(20) => return Ok(Some(CURRENT_FILES)),
            Some(30) => (
                Exit::Refused,
                format!(
                    "{label} has no folder {FOLDER}: only a disaster recovery host (DRH) has it; on another host create it, with owner root and mode 0700"
                ),
            ),
            Some(31) => (Exit::Failed, format!("{label} has no rsync; install it there: sudo apt-get install rsync")),
            _ if said.contains("Host key verification failed") => (
                Exit::Refused,
                format!(
                    "{label} ({}) does not have the ssh host key that it reported when it was installed: another machine answers, or it was installed without HPS; nothing was sent",
                    login.address
                ),
            ),
            _ => (
                Exit::Failed,
                format!("no login as {} on {label} ({}), with sudo: {}", login.user, login.address, said.trim()),
            ),
        };
        Err(Ended::error(exit, message))
    }

    /// Makes the folder of the next copy.
    pub(super) fn prepare(&self) -> anyhow::Result<()> {
        self.must("prepare", &[], &self.not_written())
    }

    /// Writes the notes on how to use the copy, and its paths.
    pub(super) fn explain(&self, name: &str, files: &SiteFiles) -> anyhow::Result<()> {
        let node = program::read_input(Path::new(HOSTNAME), MAX_HOSTNAME_BYTES)?;
        let (user, address) = (self.recipient.login.user.to_string(), self.recipient.login.address.to_string());
        let mut words = vec![name, node.trim(), &user, &address];
        words.extend(files.all().map(|path| path.as_str()));
        self.must("explain", &words, &self.not_written())
    }

    /// Puts the copy in its final place, and removes older ones beyond `keep`.
    pub(super) fn publish(&self, name: &str, keep: u16) -> anyhow::Result<()> {
        let label = &self.recipient.label;
        let failed = format!("the copy could not be put in its final place; {FOLDER}/current on {label} is unchanged");
        self.must("publish", &[name, &keep.to_string()], &failed)
    }

    fn not_written(&self) -> String {
        format!("{FOLDER} on {} cannot be written", self.recipient.label)
    }

    fn must(&self, task: &str, arguments: &[&str], failed: &str) -> anyhow::Result<()> {
        let output = self.call(task, arguments, Limit::WORK)?;
        if output.status.success() {
            return Ok(());
        }
        let said = match String::from_utf8_lossy(&output.stderr).trim() {
            "" => output.status.to_string(),
            said => said.to_owned(),
        };
        Err(Ended::error(Exit::Failed, said)).context(failed.to_owned())
    }

    fn call(&self, task: &str, arguments: &[&str], limit: Limit) -> anyhow::Result<Output> {
        let arguments = [&[task, FOLDER], arguments].concat();
        self.recipient.login.script(SCRIPT, &arguments, limit, self.stop).map_err(|error| match error {
            ExecError::Stopped { .. } => stopped(),
            other => other.into(),
        })
    }
}
