// SPDX-License-Identifier: GPL-3.0-or-later
//! One running program: its time and its output have a limit, its end is waited for, and it does not outlive its caller.
//!
//! A program and all it starts are one process group. Beside it runs a small shell that reads from a pipe; this process alone
//! has the other end. Whatever ends this process, SIGKILL too, closes the pipe, and the shell then kills the group. (The
//! kernel's own means, PR_SET_PDEATHSIG, reaches one process alone, and setting it for a child needs `unsafe` code.)

use super::place;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{ErrorKind, PipeReader, PipeWriter, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Signals that the caller sends to the group are for the program alone.
const WATCH: &str = "trap '' HUP INT TERM; read -r _; kill -KILL 0";
/// How often `stop` and the clock are looked at.
const PAUSE: Duration = Duration::from_millis(20);
/// What a pipe of Linux holds.
const AT_ONCE: usize = 1 << 16;

/// What becomes of what a program left running when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leftover {
    /// It is killed.
    Ends,
    /// It goes on: a service, or something that the site's command means to leave.
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
    /// It was ended, because its caller is to end.
    Stopped,
}

/// A program that runs. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Guard {
    child: Child,
    watcher: Child,
    /// Closing it ends the group.
    _lifeline: PipeWriter,
    leftover: Leftover,
    status: Option<ExitStatus>,
    /// Nothing of the group is there any more, or what is there stays.
    is_clear: bool,
}

impl Guard {
    /// Starts `command`.
    pub(super) fn spawn(command: &mut Command, leftover: Leftover) -> std::io::Result<Self> {
        let (end, lifeline) = std::io::pipe()?;
        let mut watcher = place::command(Path::new("/bin/sh"))
            .args(["-c", WATCH])
            .stdin(end)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        // It is there first, so that there is no moment in which the program has nobody to end it.
        let group = i32::try_from(watcher.id()).map_err(std::io::Error::other);
        match group.and_then(|group| command.process_group(group).spawn()) {
            Ok(child) => Ok(Self { child, watcher, _lifeline: lifeline, leftover, status: None, is_clear: false }),
            Err(error) => {
                watcher.kill().and_then(|()| watcher.wait())?;
                Err(error)
            }
        }
    }

    /// Waits for its end and keeps what it writes: at most `time`, and until `stop` is set. It is then asked to end (SIGTERM), so that it
    /// can put its own things in order, and killed when it does not within `end_timeout`.
    pub(super) fn wait(
        &mut self,
        words: &mut [&mut Words],
        time: Duration,
        end_timeout: Duration,
        stop: &AtomicBool,
    ) -> std::io::Result<End> {
        let begun = Instant::now();
        loop {
            // Asked before reading: what it wrote before its end is read then.
            let status = self.ended()?;
            for words in words.iter_mut() {
                words.take(status.is_some())?;
            }
            if words.iter().any(|words| words.over) {
                self.end(words, end_timeout)?;
                return Ok(End::Much);
            }
            if let Some(status) = status {
                self.clear()?;
                return Ok(End::Itself(status));
            }
            if stop.load(Ordering::Relaxed) {
                self.end(words, end_timeout)?;
                return Ok(End::Stopped);
            }
            if begun.elapsed() > time {
                self.end(words, end_timeout)?;
                return Ok(End::Late);
            }
            pause(words)?;
        }
    }

    /// Its status, once it has ended.
    pub(super) fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?;
        }
        Ok(self.status)
    }

    /// Asks it to end, reads on meanwhile so that it never waits for a reader, and kills what is there after `end_timeout`.
    pub(super) fn end(&mut self, words: &mut [&mut Words], end_timeout: Duration) -> std::io::Result<()> {
        let begun = Instant::now();
        self.signal(Signal::TERM);
        while self.ended()?.is_none() && begun.elapsed() < end_timeout {
            for words in words.iter_mut() {
                words.take(false)?;
            }
            pause(words)?;
        }
        self.kill()
    }

    /// Kills it and whatever it has started.
    fn kill(&mut self) -> std::io::Result<()> {
        self.signal(Signal::KILL);
        if self.status.is_none() {
            self.status = Some(self.child.wait()?);
        }
        self.is_clear = true;
        self.watcher.wait().map(drop)
    }

    /// After its end: what it left running goes on, or is killed.
    fn clear(&mut self) -> std::io::Result<()> {
        match self.leftover {
            Leftover::Ends => self.kill(),
            Leftover::Stays => {
                self.is_clear = true;
                self.watcher.kill().and_then(|()| self.watcher.wait()).map(drop)
            }
        }
    }

    /// To the whole group. While one process of it has not been waited for, the number is still its own.
    fn signal(&mut self, signal: Signal) {
        if self.status.is_none() || matches!(self.watcher.try_wait(), Ok(None)) {
            // A group that is gone needs none.
            let _gone = kill_process_group(Pid::from_child(&self.watcher), signal);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.is_clear {
            // What cannot be killed is ended by the pipe.
            let _ended = self.kill();
        }
    }
}

/// What a program writes to one pipe.
#[derive(Debug)]
pub(super) struct Words {
    pipe: Option<PipeReader>,
    keep: Keep,
    pub(super) bytes: Vec<u8>,
    over: bool,
}

/// How much of it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// All; more than this ends the program.
    All(usize),
    /// The end.
    Last(usize),
}

impl Words {
    /// Reads from `pipe`, which never waits from now on, whoever else holds the other end.
    pub(super) fn of(pipe: PipeReader, keep: Keep) -> std::io::Result<Self> {
        let pipe = without_waiting(pipe)?;
        Ok(Self { pipe: Some(pipe), keep, bytes: Vec::new(), over: false })
    }

    /// Takes what is there: all of it, or a few pipes full of it, so that one who writes without end keeps nobody here.
    pub(super) fn take(&mut self, all: bool) -> std::io::Result<()> {
        let mut some = [0; AT_ONCE];
        let mut turns = 0;
        while let Some(pipe) = &mut self.pipe {
            let length = match pipe.read(&mut some) {
                Ok(0) => {
                    self.pipe = None;
                    return Ok(());
                }
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            match self.keep {
                _ if self.over => {}
                Keep::All(limit) => {
                    self.over = self.bytes.len() + length > limit;
                    self.bytes.extend_from_slice(some.get(..length).unwrap_or_default());
                    self.bytes.truncate(limit);
                }
                Keep::Last(limit) => {
                    self.bytes.extend_from_slice(some.get(..length).unwrap_or_default());
                    self.bytes.drain(..self.bytes.len().saturating_sub(limit));
                }
            }
            turns += 1;
            if self.over || (turns >= 16 && !(all && matches!(self.keep, Keep::All(_)))) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Reading from it answers at once.
pub(super) fn without_waiting(pipe: PipeReader) -> std::io::Result<PipeReader> {
    fcntl_setfl(&pipe, fcntl_getfl(&pipe)? | OFlags::NONBLOCK)?;
    Ok(pipe)
}

/// Until one of the pipes has something, or the clock is to be looked at.
fn pause(words: &[&mut Words]) -> std::io::Result<()> {
    let pipes: Vec<&PipeReader> = words.iter().filter_map(|words| words.pipe.as_ref()).collect();
    if pipes.is_empty() {
        // It has closed them, so its end is near.
        std::thread::sleep(PAUSE / 10);
        return Ok(());
    }
    wait_for(&pipes)
}

/// Until one of these can be read, or the clock is to be looked at.
pub(super) fn wait_for(pipes: &[&PipeReader]) -> std::io::Result<()> {
    let mut asked: Vec<PollFd<'_>> = pipes.iter().map(|pipe| PollFd::new(*pipe, PollFlags::IN)).collect();
    let pause = Timespec { tv_sec: 0, tv_nsec: i64::from(PAUSE.subsec_nanos()) };
    match poll(&mut asked, Some(&pause)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
