// SPDX-License-Identifier: GPL-3.0-or-later
//! What a running program writes, read from its pipes without ever waiting for it.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::io::{ErrorKind, PipeReader, Read as _};
use std::time::Duration;

/// How often a caller looks at `stop` and the clock.
const PAUSE: Duration = Duration::from_millis(20);
/// What a pipe of Linux holds.
const AT_ONCE: usize = 1 << 16;

/// The output of a program to one pipe.
#[derive(Debug)]
pub(super) struct Captured {
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

impl Captured {
    /// Reads from `pipe`. From now on reads never wait, whoever else holds the other end.
    pub(super) fn new(pipe: PipeReader, keep: Keep) -> std::io::Result<Self> {
        let pipe = without_waiting(pipe)?;
        Ok(Self { pipe: Some(pipe), keep, bytes: Vec::new(), over: false })
    }

    /// Whether it wrote more than may be kept.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Reads what is there: all of it, or a few pipes full of it, so that an endless writer does not block this.
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

/// A read from it returns at once.
pub(super) fn without_waiting(pipe: PipeReader) -> std::io::Result<PipeReader> {
    fcntl_setfl(&pipe, fcntl_getfl(&pipe)? | OFlags::NONBLOCK)?;
    Ok(pipe)
}

/// Until one of these can be read, or the clock must be checked.
pub(super) fn wait_for(pipes: &[&PipeReader]) -> std::io::Result<()> {
    let mut asked: Vec<PollFd<'_>> = pipes.iter().map(|pipe| PollFd::new(*pipe, PollFlags::IN)).collect();
    let pause = Timespec { tv_sec: 0, tv_nsec: i64::from(PAUSE.subsec_nanos()) };
    match poll(&mut asked, Some(&pause)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Until one of the pipes has data, or the clock must be checked.
pub(super) fn pause(outputs: &[&mut Captured]) -> std::io::Result<()> {
    let pipes: Vec<&PipeReader> = outputs.iter().filter_map(|output| output.pipe.as_ref()).collect();
    if pipes.is_empty() {
        // It has closed them, so its end is near.
        std::thread::sleep(PAUSE / 10);
        return Ok(());
    }
    wait_for(&pipes)
}
