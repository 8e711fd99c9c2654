// SPDX-License-Identifier: GPL-3.0-or-later
//! One running program: its time and output have a limit, its end is waited for, and it does not outlive its caller.
//!
//! A program and all its children are one process group. Beside it runs a small shell that reads from a pipe; only this
//! process has the other end. Any end of this process, by SIGKILL too, closes the pipe, and the shell then kills the
//! group. (The kernel's own method, PR_SET_PDEATHSIG, reaches only one process, and setting it for a child needs
//! `unsafe` code.)

use super::captured::{Captured, pause};
use super::program_path;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::PipeWriter;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Signals that the caller sends to the group are only for the program.
const WATCH: &str = "trap '' HUP INT TERM; read -r _; kill -KILL 0";

/// What happens to processes that a program left running at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leftover {
    /// It is killed.
    Ends,
    /// They continue: a service, or something that the site's command leaves on purpose.
    Stays,
}

/// How a program ended.
#[derive(Debug)]
pub(super) enum End {
    /// By itself.
    Itself(ExitStatus),
    /// It was ended: its time was over.
    Late,
    /// It was ended: it wrote more than it may.
    Much,
    /// It was ended, because its caller should end.
    Stopped,
}

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Guard {
    child: Child,
    watcher: Child,
    /// Closing it ends the group.
    _lifeline: PipeWriter,
    leftover: Leftover,
    status: Option<ExitStatus>,
    /// The group is empty, or its remaining processes may stay.
    is_clear: bool,
}

impl Guard {
    /// Starts `command`.
    pub(super) fn spawn(command: &mut Command, leftover: Leftover) -> std::io::Result<Self> {
        let (end, lifeline) = std::io::pipe()?;
        let mut watcher = program_path::command(Path::new("/bin/sh"))
            .args(["-c", WATCH])
            .stdin(end)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        // It starts first, so that at no moment the program lacks a process that can end it.
        let group = i32::try_from(watcher.id()).map_err(std::io::Error::other);
        match group.and_then(|group| command.process_group(group).spawn()) {
            Ok(child) => Ok(Self { child, watcher, _lifeline: lifeline, leftover, status: None, is_clear: false }),
            Err(error) => {
                watcher.kill().and_then(|()| watcher.wait())?;
                Err(error)
            }
        }
    }

    /// Waits for its end and keeps its output: for at most `time`, and until `stop` is set. Then it is asked to end
    /// (SIGTERM), so that it can clean up, and killed if it does not end within `end_timeout`.
    pub(super) fn wait(
        &mut self,
        outputs: &mut [&mut Captured],
        time: Duration,
        end_timeout: Duration,
        stop: &AtomicBool,
    ) -> std::io::Result<End> {
        let begun = Instant::now();
        loop {
            // Checked before reading: output from before its end is then read.
            let status = self.ended()?;
            for output in outputs.iter_mut() {
                output.take(status.is_some())?;
            }
            if outputs.iter().any(|output| output.is_over()) {
                self.end(outputs, end_timeout)?;
                return Ok(End::Much);
            }
            if let Some(status) = status {
                self.clear()?;
                return Ok(End::Itself(status));
            }
            if stop.load(Ordering::Relaxed) {
                self.end(outputs, end_timeout)?;
                return Ok(End::Stopped);
            }
            if begun.elapsed() > time {
                self.end(outputs, end_timeout)?;
                return Ok(End::Late);
            }
            pause(outputs)?;
        }
    }

    /// Its status, after its end.
    pub(super) fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?;
        }
        Ok(self.status)
    }

    /// Asks it to end, reads meanwhile so that it never waits for a reader, and kills the rest after `end_timeout`.
    pub(super) fn end(&mut self, outputs: &mut [&mut Captured], end_timeout: Duration) -> std::io::Result<()> {
        let begun = Instant::now();
        self.signal(Signal::TERM);
        while self.ended()?.is_none() && begun.elapsed() < end_timeout {
            for output in outputs.iter_mut() {
                output.take(false)?;
            }
            pause(outputs)?;
        }
        self.kill()
    }

    /// Kills it and its children.
    fn kill(&mut self) -> std::io::Result<()> {
        self.signal(Signal::KILL);
        if self.status.is_none() {
            self.status = Some(self.child.wait()?);
        }
        self.is_clear = true;
        self.watcher.wait().map(drop)
    }

    /// After its end: processes that it left running continue, or are killed.
    fn clear(&mut self) -> std::io::Result<()> {
        match self.leftover {
            Leftover::Ends => self.kill(),
            Leftover::Stays => {
                self.is_clear = true;
                self.watcher.kill().and_then(|()| self.watcher.wait()).map(drop)
            }
        }
    }

    /// To the whole group. While one of its processes has not been waited for, its number is still valid.
    fn signal(&mut self, signal: Signal) {
        if self.status.is_none() || matches!(self.watcher.try_wait(), Ok(None)) {
            // A group that is gone needs no signal.
            let _gone = kill_process_group(Pid::from_child(&self.watcher), signal);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.is_clear {
            // If it cannot be killed, the pipe ends it.
            let _ended = self.kill();
        }
    }
}
