// SPDX-License-Identifier: GPL-3.0-or-later
//! A program that runs for hours, is written to and read from: a console. It ends with its caller in any case, and what it
//! started ends with it.

use super::captured::{Captured, Keep, without_waiting};
use super::guard::{Guard, Leftover};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::io::{ErrorKind, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

/// How much of its error output is kept.
const MAX_ERROR_BYTES: usize = 1 << 12;
/// How long it may need after it was asked to end.
const END_TIMEOUT: Duration = Duration::from_secs(1);
/// Between two looks whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// The running program. It is killed when this is dropped.
#[derive(Debug)]
pub struct Interactive {
    guard: Guard,
    input: Option<PipeWriter>,
    output: PipeReader,
    said: Captured,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// So many bytes.
    Bytes(usize),
    /// Nothing came in this time.
    Nothing,
    /// It has closed its output: it has ended, or will soon.
    End,
}

impl Interactive {
    pub(super) fn start(command: &mut Command) -> std::io::Result<Self> {
        let ((input_end, input), (output, output_end), (said, said_end)) =
            (std::io::pipe()?, std::io::pipe()?, std::io::pipe()?);
        command.stdin(input_end).stdout(output_end).stderr(said_end);
        let guard = Guard::spawn(command, Leftover::Ends)?;
        // A person may type faster than the program reads; this process never waits for it.
        fcntl_setfl(&input, fcntl_getfl(&input)? | OFlags::NONBLOCK)?;
        let said = Captured::new(said, Keep::Last(MAX_ERROR_BYTES))?;
        Ok(Self { guard, input: Some(input), output: without_waiting(output)?, said })
    }

    /// Reads what is there, and waits for it this long.
    ///
    /// # Errors
    /// When its output cannot be read.
    pub fn read(&mut self, buffer: &mut [u8], wait: Duration) -> std::io::Result<Heard> {
        let until = Instant::now() + wait;
        loop {
            self.said.take(false)?;
            match self.output.read(buffer) {
                Ok(0) => return Ok(Heard::End),
                Ok(length) => return Ok(Heard::Bytes(length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Heard::Nothing);
            }
            let left = Timespec { tv_sec: left.as_secs().try_into().unwrap_or(1), tv_nsec: left.subsec_nanos().into() };
            match poll(&mut [PollFd::new(&self.output, PollFlags::IN)], Some(&left)) {
                Ok(_) => {}
                // A signal: the caller looks whether it should end.
                Err(rustix::io::Errno::INTR) => return Ok(Heard::Nothing),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Writes to its input. What it does not accept now is lost, as on a serial line.
    ///
    /// # Errors
    /// When it has closed its input.
    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        match input.write_all(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            written => written,
        }
    }

    /// Closes its input, so that it ends by itself; asks it to end after this time, and kills it then. Returns its status
    /// and the end of its error output.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn end(mut self, time: Duration) -> std::io::Result<(Option<ExitStatus>, String)> {
        drop(self.input.take());
        let begun = Instant::now();
        let mut rest = vec![0; 1 << 14];
        while self.guard.ended()?.is_none() && begun.elapsed() < time {
            // It must not wait for its reader.
            if self.read(&mut rest, PAUSE)? == Heard::End {
                std::thread::sleep(PAUSE);
            }
        }
        let status = self.guard.ended()?;
        if status.is_none() {
            self.guard.end(&mut [&mut self.said], END_TIMEOUT)?;
        }
        self.said.take(true)?;
        Ok((status, String::from_utf8_lossy(&self.said.bytes).into_owned()))
    }
}

impl AsFd for Interactive {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.output.as_fd()
    }
}
