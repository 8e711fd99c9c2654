// SPDX-License-Identifier: GPL-3.0-or-later
//! A program whose output is read while it runs.

use super::captured::{self, Captured, Keep};
use super::ending::{STOP_TIMEOUT, well};
use super::error::ExecError;
use super::guard::{End, Guard};
use super::limit::Limit;
use std::io::{PipeReader, Read};
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// How much of the error output of a streaming program is kept.
const MAX_ERROR_BYTES: usize = 1 << 14;

/// The output of a running program. When this is dropped, the program is ended.
#[derive(Debug)]
pub struct Stream<'a> {
    program: &'static str,
    guard: Guard,
    out: PipeReader,
    said: Captured,
    begun: Instant,
    taken: usize,
    limit: Limit,
    stop: &'a AtomicBool,
    fault: Option<fn(Limit, &'static str) -> ExecError>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(
        program: &'static str,
        guard: Guard,
        (out, err): (PipeReader, PipeReader),
        limit: Limit,
        stop: &'a AtomicBool,
    ) -> Result<Self, ExecError> {
        let start = |source| ExecError::Start { program, source };
        let out = captured::without_waiting(out).map_err(start)?;
        let said = Captured::new(err, Keep::Last(MAX_ERROR_BYTES)).map_err(start)?;
        Ok(Self { program, guard, out, said, begun: Instant::now(), taken: 0, limit, stop, fault: None })
    }

    /// Skips the rest of the output, and waits for the end of the program.
    ///
    /// # Errors
    /// When it ended with an error, or a limit was met.
    pub fn end(self) -> Result<(), ExecError> {
        let program = self.program;
        well(program, self.ended()?).map(drop)
    }

    /// The same, if it ended by itself in any way: its status and the end of its standard error.
    ///
    /// # Errors
    /// When a limit was met, or it was stopped.
    pub fn ended(mut self) -> Result<Output, ExecError> {
        let program = self.program;
        let start = |source| ExecError::Start { program, source };
        let passed = std::io::copy(&mut self, &mut std::io::sink());
        if let Some(fault) = self.fault {
            return Err(fault(self.limit, program));
        }
        passed.map_err(start)?;
        let rest = self.limit.time.saturating_sub(self.begun.elapsed());
        let end = self.guard.wait(&mut [&mut self.said], rest, STOP_TIMEOUT, self.stop).map_err(start)?;
        match end {
            End::Itself(status) => {
                Ok(Output { status, stdout: Vec::new(), stderr: std::mem::take(&mut self.said.bytes) })
            }
            End::Stopped => Err(ExecError::Stopped { program }),
            End::Late | End::Much => Err(self.limit.late(program)),
        }
    }

    fn fail(&mut self, fault: fn(Limit, &'static str) -> ExecError) -> std::io::Error {
        self.fault = Some(fault);
        std::io::Error::other(fault(self.limit, self.program).to_string())
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(fault) = self.fault {
                return Err(self.fail(fault));
            }
            if self.stop.load(Ordering::Relaxed) {
                return Err(self.fail(|_, program| ExecError::Stopped { program }));
            }
            self.said.take(false)?;
            match self.out.read(buffer) {
                Ok(length) => {
                    self.taken = self.taken.saturating_add(length);
                    return if self.taken > self.limit.bytes { Err(self.fail(Limit::much)) } else { Ok(length) };
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if self.begun.elapsed() > self.limit.time {
                return Err(self.fail(Limit::late));
            }
            captured::wait_for(&[&self.out])?;
        }
    }
}
