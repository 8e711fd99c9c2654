// SPDX-License-Identifier: GPL-3.0-or-later
//! A program that changes a stream: it packs, encrypts, or the reverse.
//!
//! It stays in the process group of its caller, unlike other programs, since it may ask for a passphrase at the terminal. Ctrl-C
//! there reaches it too. If the caller dies, its input ends, and so does it.

use super::ending::well;
use super::error::ExecError;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::thread::JoinHandle;

/// How much of its error output is kept.
const MAX_ERROR_BYTES: u64 = 1 << 14;

/// A running filter, with a reader of its error output. It is killed when this is dropped.
#[derive(Debug)]
struct Running {
    program: &'static str,
    child: Child,
    said: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    fn start(program: &'static str, command: &mut Command) -> Result<Self, ExecError> {
        let start = |source| ExecError::Start { program, source };
        let mut child = command.stderr(Stdio::piped()).spawn().map_err(start)?;
        let said = child.stderr.take().map(|stderr| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                // The rest of a longer text is thrown away, so that the program does not wait.
                let mut stderr = stderr;
                let read = (&mut stderr).take(MAX_ERROR_BYTES).read_to_end(&mut bytes);
                let _rest = read.and_then(|_| io::copy(&mut stderr, &mut io::sink()));
                bytes
            })
        });
        Ok(Self { program, child, said })
    }

    fn end(mut self) -> Result<(), ExecError> {
        let program = self.program;
        let status = self.child.wait().map_err(|source| ExecError::Start { program, source })?;
        let stderr = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        well(program, Output { status, stdout: Vec::new(), stderr }).map(drop)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After its end both do nothing.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// A filter whose input is written by the caller.
#[derive(Debug)]
pub struct FilterOut {
    running: Running,
    input: Option<ChildStdin>,
}

impl FilterOut {
    pub(super) fn start(program: &'static str, mut command: Command, out: File) -> Result<Self, ExecError> {
        let mut running = Running::start(program, command.stdin(Stdio::piped()).stdout(out))?;
        let input = running.child.stdin.take();
        Ok(Self { running, input })
    }

    /// Its input, for another filter that writes to it.
    pub fn take_input(&mut self) -> Option<File> {
        self.input.take().map(|input| File::from(OwnedFd::from(input)))
    }

    /// Ends its input, and waits for its end.
    ///
    /// # Errors
    /// When it failed.
    pub fn end(mut self) -> Result<(), ExecError> {
        drop(self.input.take());
        self.running.end()
    }
}

impl Write for FilterOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.input {
            Some(input) => input.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A filter whose output is read by the caller.
#[derive(Debug)]
pub struct FilterIn {
    running: Option<Running>,
    output: Option<ChildStdout>,
    feeder: Option<JoinHandle<io::Result<()>>>,
}

impl FilterIn {
    pub(super) fn start(
        program: &'static str,
        mut command: Command,
        source: Option<Box<dyn Read + Send>>,
    ) -> Result<Self, ExecError> {
        if source.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut running = Running::start(program, command.stdout(Stdio::piped()))?;
        let output = running.child.stdout.take();
        let feeder = source.zip(running.child.stdin.take()).map(|(mut source, mut input)| {
            std::thread::spawn(move || match io::copy(&mut source, &mut input) {
                // It has what it needs.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                copied => copied.map(drop),
            })
        });
        Ok(Self { running: Some(running), output, feeder })
    }

    /// What it and its source say at the end of the output.
    fn end(&mut self) -> io::Result<()> {
        let fed = self.feeder.take().map_or(Ok(()), |feeder| feeder.join().unwrap_or(Ok(())));
        let ended = self.running.take().map_or(Ok(()), Running::end);
        // A kind that no file system has: a reader can tell it from damage.
        ended.map_err(|error| io::Error::new(io::ErrorKind::ConnectionAborted, error)).and(fed)
    }
}

impl Read for FilterIn {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(output) = &mut self.output else { return Ok(0) };
        let count = output.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.output = None;
            // A failure after the last byte must not look like the end of the file.
            self.end()?;
        }
        Ok(count)
    }
}
