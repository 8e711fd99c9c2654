// SPDX-License-Identifier: GPL-3.0-or-later
//! A program of ours that does not go into the background by itself. It gets a session of its own, its output goes to a
//! file, and its number into a pid file that only root writes.

use super::proc;
use super::service::ServiceError;
use crate::exec::limit::NEVER;
use crate::exec::site_command::PATH;
use crate::exec::{getent, program_path};
use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

/// At this size its output file is renamed when it starts.
const MAX_OUTPUT_BYTES: u64 = 1 << 20;
/// How long it may need until it runs.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// A mistake in its settings ends it within this time.
const SETTLE_TIME: Duration = Duration::from_millis(300);

/// The user of a program of ours, and its settings.
#[derive(Debug, Clone, Copy)]
pub struct RunAs<'a> {
    /// `hps.conf`.
    pub conf: &'a Path,
    /// The name of the user.
    pub user: &'static str,
}

/// A program that is to run in the background.
#[derive(Debug)]
pub(super) struct Detached<'a> {
    /// Its name for people.
    pub(super) name: &'static str,
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [&'a str],
    pub(super) pid_file: &'a Path,
    pub(super) output: &'a Path,
    /// Whether it becomes its user by itself.
    pub(super) as_root: bool,
}

impl Detached<'_> {
    /// Starts it, and waits until it runs.
    pub(super) fn start(&self, run_as: RunAs<'_>) -> Result<(), ServiceError> {
        let user = getent::unprivileged(run_as.user, &NEVER)?;
        let user = user.ok_or(ServiceError::NoUser { program: self.name, user: run_as.user })?;
        let failed = |path: &Path| {
            let (program, path) = (self.name, path.to_path_buf());
            move |problem| ServiceError::Prepare { program, path, problem }
        };
        let (out, err) = open(self.output).map_err(failed(self.output))?;
        // setsid(1) becomes the program: the number stays the same.
        let mut command = program_path::command(Path::new("/usr/bin/setsid"));
        command.arg(self.program).args(self.arguments);
        command.env("PATH", PATH).env("HPS_CONFIG", run_as.conf);
        command.stdout(out).stderr(err);
        if !self.as_root {
            command.gid(user.gid).uid(user.uid);
        }
        let mut child = command.spawn().map_err(failed(Path::new("setsid")))?;
        std::fs::write(self.pid_file, format!("{}\n", child.id())).map_err(failed(self.pid_file))?;
        let ended = || ServiceError::EndedAtOnce { program: self.name, log: self.output.to_path_buf() };
        let begun = Instant::now();
        while !self.is_there(&child) {
            if begun.elapsed() > START_TIMEOUT || has_ended(&mut child) {
                return Err(ended());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(SETTLE_TIME);
        if has_ended(&mut child) { Err(ended()) } else { Ok(()) }
    }

    fn is_there(&self, child: &Child) -> bool {
        proc::arguments(child.id()).split(|b| *b == 0).next() == Some(self.program.as_os_str().as_encoded_bytes())
    }
}

fn open(output: &Path) -> std::io::Result<(File, File)> {
    if std::fs::metadata(output).is_ok_and(|m| m.len() > MAX_OUTPUT_BYTES) {
        std::fs::rename(output, output.with_extension("log.1"))?;
    }
    let file = OpenOptions::new().append(true).create(true).open(output)?;
    Ok((file.try_clone()?, file))
}

fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}
