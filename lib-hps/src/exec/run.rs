// SPDX-License-Identifier: GPL-3.0-or-later
//! One call of a program: its output is kept, and its last words are in the error. Each call names its limit, and what
//! stops it.

use super::captured::{Captured, Keep};
use super::ending::{STOP_TIMEOUT, well};
use super::error::ExecError;
use super::filter::{FilterIn, FilterOut};
use super::guard::{End, Guard, Leftover};
use super::interactive::Interactive;
use super::limit::{Limit, NEVER};
use super::program_path::{self, Untrusted};
use super::stream::Stream;
use std::ffi::OsStr;
use std::io::PipeReader;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;

/// A program to call.
#[derive(Debug)]
pub struct Run {
    program: &'static str,
    place: Result<(), ExecError>,
    command: Command,
}

impl Run {
    /// `program` of Debian's `package`, in one of the folders of packages.
    pub fn new(program: &'static str, package: &'static str) -> Self {
        match program_path::find(program) {
            Some(path) => Self::build(program, &path, Ok(())),
            None => Self::build(program, Path::new("/nonexistent"), Err(ExecError::Missing { program, package })),
        }
    }

    /// `program`, which is in no package, at the absolute path from the site's settings. It is started only if no other
    /// user could have changed it.
    pub fn at(program: &'static str, path: &Path, package: &'static str) -> Self {
        let place = program_path::trusted(path).map_err(|why| match why {
            Untrusted::Missing(_) => ExecError::Missing { program, package },
            Untrusted::Writable(problem) => ExecError::Untrusted { program, problem },
        });
        Self::build(program, path, place)
    }

    fn build(program: &'static str, path: &Path, place: Result<(), ExecError>) -> Self {
        let mut command = program_path::command(path);
        command.env("LC_ALL", "C").env("HOME", "/nonexistent");
        Self { program, place, command }
    }

    /// Checks that the program exists and may be started.
    ///
    /// # Errors
    /// [`ExecError::Missing`] or [`ExecError::Untrusted`].
    pub fn is_there(self) -> Result<(), ExecError> {
        self.place
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    /// Adds the path of a file as an argument. The program does not run in the caller's folder, so the path is made
    /// absolute.
    #[must_use]
    pub fn path(self, path: &Path) -> Self {
        let whole = std::path::absolute(path);
        self.arg(whole.as_deref().unwrap_or(path))
    }

    /// The folder that it runs in: one that the caller made. Otherwise it runs in `/`.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Its standard input: a file, from the present position.
    #[must_use]
    pub fn input(mut self, file: std::fs::File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Sets a variable of its environment, which is empty but for `PATH`, `HOME` and `LC_ALL`.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it and returns its output, if it ended well.
    ///
    /// # Errors
    /// Those of [`Run::ended`], and [`ExecError::Failed`].
    pub fn output(self, limit: Limit, stop: &AtomicBool) -> Result<Output, ExecError> {
        let program = self.program;
        well(program, self.ended(limit, stop)?)
    }

    /// The same, and its standard output as text.
    ///
    /// # Errors
    /// Those of [`Run::output`], and output that is not UTF-8.
    pub fn text(self, limit: Limit, stop: &AtomicBool) -> Result<String, ExecError> {
        let program = self.program;
        String::from_utf8(self.output(limit, stop)?.stdout)
            .map_err(|_| ExecError::Output { program, problem: "not UTF-8".to_owned() })
    }

    /// Runs it and returns its output, if it ended by itself in any way.
    ///
    /// # Errors
    /// When it is missing or cannot be started, when it needs longer or writes more than `limit`, and when `stop` is
    /// set meanwhile. It is then ended, with all its children.
    pub fn ended(self, limit: Limit, stop: &AtomicBool) -> Result<Output, ExecError> {
        self.run(limit, Leftover::Ends, stop)
    }

    /// Starts a service that goes into the background by itself: its first process must end well, and the others stay.
    ///
    /// # Errors
    /// Those of [`Run::output`].
    pub fn service(self, limit: Limit) -> Result<(), ExecError> {
        let program = self.program;
        well(program, self.run(limit, Leftover::Stays, &NEVER)?).map(drop)
    }

    fn run(self, limit: Limit, leftover: Leftover, stop: &AtomicBool) -> Result<Output, ExecError> {
        let program = self.program;
        let start = |source| ExecError::Start { program, source };
        let keep = Keep::All(limit.bytes);
        let (mut guard, out, err) = self.spawn(leftover)?;
        let (mut out, mut err) = (Captured::new(out, keep).map_err(start)?, Captured::new(err, keep).map_err(start)?);
        let end = guard.wait(&mut [&mut out, &mut err], limit.time, STOP_TIMEOUT, stop).map_err(start)?;
        match end {
            End::Itself(status) => Ok(Output { status, stdout: out.bytes, stderr: err.bytes }),
            End::Late => Err(limit.late(program)),
            End::Much => Err(limit.much(program)),
            End::Stopped => Err(ExecError::Stopped { program }),
        }
    }

    /// Starts it; its output can be read while it runs.
    ///
    /// # Errors
    /// When it is missing or cannot be started.
    pub fn stream(self, limit: Limit, stop: &AtomicBool) -> Result<Stream<'_>, ExecError> {
        let program = self.program;
        let (guard, out, err) = self.spawn(Leftover::Ends)?;
        Stream::new(program, guard, (out, err), limit, stop)
    }

    /// Starts it; it is written to and read from while it runs.
    ///
    /// # Errors
    /// When it is missing or cannot be started.
    pub fn interactive(mut self) -> Result<Interactive, ExecError> {
        let program = self.program;
        self.place?;
        Interactive::start(&mut self.command).map_err(|source| ExecError::Start { program, source })
    }

    /// Starts it as a filter that writes to `out`: what the caller writes is its input.
    ///
    /// # Errors
    /// When it is missing or cannot be started.
    pub fn filter_to(self, out: std::fs::File) -> Result<FilterOut, ExecError> {
        self.place?;
        FilterOut::start(self.program, self.command, out)
    }

    /// Starts it as a filter: its output is what the caller reads. Its input was set by [`Run::input`], or it is `source`.
    ///
    /// # Errors
    /// When it is missing or cannot be started.
    pub fn filter_from(self, source: Option<Box<dyn std::io::Read + Send>>) -> Result<FilterIn, ExecError> {
        self.place?;
        FilterIn::start(self.program, self.command, source)
    }

    /// The program, its standard output and its standard error. This process keeps no end of a pipe that it writes to.
    fn spawn(mut self, leftover: Leftover) -> Result<(Guard, PipeReader, PipeReader), ExecError> {
        let program = self.program;
        let start = |source| ExecError::Start { program, source };
        self.place?;
        let ((out, out_end), (err, err_end)) =
            std::io::pipe().and_then(|out| Ok((out, std::io::pipe()?))).map_err(start)?;
        self.command.stdout(out_end).stderr(err_end);
        Ok((Guard::spawn(&mut self.command, leftover).map_err(start)?, out, err))
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
