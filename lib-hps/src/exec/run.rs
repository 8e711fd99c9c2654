// SPDX-License-Identifier: GPL-3.0-or-later
//! One call of a program: what it wrote is kept, and its last words are in the error.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The program is not there.
    #[error("{program} is not installed; install it with: apt-get install {package}")]
    Missing {
        /// Its name.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// It could not be started.
    #[error("{program} could not be started")]
    Start {
        /// Its name.
        program: &'static str,
        /// The system's word.
        source: std::io::Error,
    },
    /// It ended with an error.
    #[error("{program} failed ({status}): {said}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// Exit code or signal.
        status: String,
        /// The end of what it wrote, in one line.
        said: String,
    },
    /// It was stopped, because the program that called it was.
    #[error("{program} was stopped")]
    Stopped {
        /// Its name.
        program: &'static str,
    },
    /// What it wrote is not what was expected.
    #[error("{program} wrote something unexpected: {problem}")]
    Output {
        /// Its name.
        program: &'static str,
        /// What.
        problem: String,
    },
}

/// A program to call.
#[derive(Debug)]
pub struct Run {
    program: &'static str,
    package: &'static str,
    command: Command,
}

impl Run {
    /// `program`, which Debian's `package` has. Found in the sbin folders, which users do not have in their PATH, else in PATH.
    pub fn new(program: &'static str, package: &'static str) -> Self {
        let found = ["/usr/sbin", "/sbin"]
            .into_iter()
            .map(|dir| std::path::Path::new(dir).join(program))
            .find(|path| path.exists());
        let mut command = Command::new(found.as_deref().map_or(OsStr::new(program), |path| path.as_os_str()));
        command.stdin(Stdio::null()).env("LC_ALL", "C");
        Self { program, package, command }
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

    /// What it reads from its standard input: a file, from where the file stands.
    #[must_use]
    pub fn input(mut self, file: std::fs::File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Without the environment of its caller, and so without PATH: only by its path is a program found, or where the system looks
    /// without one.
    #[must_use]
    pub fn without_environment(mut self) -> Self {
        self.command.env_clear().env("LC_ALL", "C");
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it and returns what it wrote; when `stop` is set meanwhile, it is asked to end (SIGTERM) and waited for, so
    /// that it can put its own things in order.
    ///
    /// # Errors
    /// Those of [`Run::output`], and [`ExecError::Stopped`].
    pub fn output_unless(self, stop: &AtomicBool) -> Result<Output, ExecError> {
        self.output_at_most(usize::MAX, stop)
    }

    /// The same for a program that may write without end: no more than `limit` bytes of its standard output are taken.
    ///
    /// # Errors
    /// Those of [`Run::output_unless`], and [`ExecError::Output`] when it writes more.
    pub fn output_at_most(self, limit: usize, stop: &AtomicBool) -> Result<Output, ExecError> {
        let program = self.program;
        let output = self.whatever_unless(limit, stop)?;
        if output.status.success() {
            return Ok(output);
        }
        Err(ExecError::Failed { program, status: output.status.to_string(), said: last_words(&output) })
    }

    /// The same, however it ended.
    ///
    /// # Errors
    /// When it is missing, cannot be started, writes more, or `stop` is set meanwhile.
    pub fn whatever_unless(mut self, limit: usize, stop: &AtomicBool) -> Result<Output, ExecError> {
        let program = self.program;
        let start = |source| ExecError::Start { program, source };
        // A group of its own: Ctrl-C on the terminal comes to us alone, and our word reaches whatever it has started.
        self.command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ExecError::Missing { program, package: self.package },
            _ => start(source),
        })?;
        let (out, err) = (read_apart(child.stdout.take(), limit), read_apart(child.stderr.take(), usize::MAX));
        let status = wait_unless(&mut child, stop).map_err(start)?;
        let output = Output { status, stdout: out.join().unwrap_or_default(), stderr: err.join().unwrap_or_default() };
        if stop.load(Ordering::Relaxed) {
            return Err(ExecError::Stopped { program });
        }
        if output.stdout.len() > limit {
            return Err(ExecError::Output { program, problem: format!("more than {limit} bytes") });
        }
        Ok(output)
    }

    /// Runs it to its end and returns what it wrote.
    ///
    /// # Errors
    /// When it is missing, cannot be started, or ends with an error.
    pub fn output(mut self) -> Result<Output, ExecError> {
        let program = self.program;
        let output = self.command.output().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ExecError::Missing { program, package: self.package },
            _ => ExecError::Start { program, source },
        })?;
        if output.status.success() {
            return Ok(output);
        }
        Err(ExecError::Failed { program, status: output.status.to_string(), said: last_words(&output) })
    }

    /// Runs it to its end and returns what it wrote, however it ended.
    ///
    /// # Errors
    /// When it is missing or cannot be started.
    pub fn output_whatever(mut self) -> Result<Output, ExecError> {
        let program = self.program;
        self.command.output().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ExecError::Missing { program, package: self.package },
            _ => ExecError::Start { program, source },
        })
    }

    /// Starts it; what it writes can be read while it runs.
    ///
    /// # Errors
    /// When it is missing or cannot be started.
    pub fn stream(mut self) -> Result<Stream, ExecError> {
        let program = self.program;
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ExecError::Missing { program, package: self.package },
            _ => ExecError::Start { program, source },
        })?;
        let (out, said) = (child.stdout.take(), Some(read_apart(child.stderr.take(), usize::MAX)));
        Ok(Stream { program, child, out, said })
    }

    /// Runs it to its end and returns its standard output as text.
    ///
    /// # Errors
    /// Those of [`Run::output`], and output that is not UTF-8.
    pub fn text(self) -> Result<String, ExecError> {
        let program = self.program;
        String::from_utf8(self.output()?.stdout)
            .map_err(|_| ExecError::Output { program, problem: "not UTF-8".to_owned() })
    }
}

/// What a running program writes. Dropped, it ends the program.
#[derive(Debug)]
pub struct Stream {
    program: &'static str,
    child: Child,
    out: Option<std::process::ChildStdout>,
    said: Option<std::thread::JoinHandle<Vec<u8>>>,
}

impl Stream {
    /// Passes over what was not read, and waits for the end of the program.
    ///
    /// # Errors
    /// When it ended with an error.
    pub fn end(mut self) -> Result<(), ExecError> {
        let program = self.program;
        let start = |source| ExecError::Start { program, source };
        std::io::copy(&mut self, &mut std::io::sink()).map_err(start)?;
        let status = self.child.wait().map_err(start)?;
        if status.success() {
            return Ok(());
        }
        let stderr = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        let said = last_words(&Output { status, stdout: Vec::new(), stderr });
        Err(ExecError::Failed { program, status: status.to_string(), said })
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.out.as_mut().map_or(Ok(0), |out| out.read(buffer))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // One that has ended cannot be ended, and need not be.
        let _ended = self.child.kill().and_then(|()| self.child.wait().map(drop));
    }
}

/// Reads a pipe to its end, beside whatever else happens, so that the writer never waits; one byte more than `limit` closes
/// it, which ends the writer.
fn read_apart(pipe: Option<impl Read + Send + 'static>, limit: usize) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        // What was read before an error is what there is to report.
        let _kept = pipe.map(|pipe| pipe.take(limit).read_to_end(&mut bytes));
        bytes
    })
}

fn wait_unless(child: &mut Child, stop: &AtomicBool) -> std::io::Result<ExitStatus> {
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if stop.load(Ordering::Relaxed) && !asked {
            asked = true;
            rustix::process::kill_process_group(
                rustix::process::Pid::from_child(child),
                rustix::process::Signal::TERM,
            )?;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The last lines that say something, in one; before them what apt said of the last file that it could not fetch.
fn last_words(output: &Output) -> String {
    let text = if output.stderr.iter().all(u8::is_ascii_whitespace) { &output.stdout } else { &output.stderr };
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("I: ")).collect();
    let fetched = lines.iter().zip(lines.iter().skip(1)).rfind(|(line, _)| line.starts_with("Err:"));
    let last = lines.get(lines.len().saturating_sub(3)..).unwrap_or_default();
    let said: Vec<&str> = fetched.map(|(_, why)| *why).into_iter().chain(last.iter().copied()).collect();
    let last = said.join("; ");
    let start = last.char_indices().rev().nth(599).map_or(0, |(at, _)| at);
    last.get(start..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_ends_when_its_caller_is_stopped() {
        let stop = AtomicBool::new(false);
        let sleep = || Run::new("sh", "dash").args(["-c", "echo started; sleep 60"]);
        std::thread::scope(|scope| {
            let call = scope.spawn(|| sleep().output_unless(&stop));
            std::thread::sleep(Duration::from_millis(200));
            stop.store(true, Ordering::Relaxed);
            assert_eq!(call.join().unwrap().unwrap_err().to_string(), "sh was stopped");
        });
        let ran = Run::new("sh", "dash").args(["-c", "echo out"]).output_unless(&AtomicBool::new(false)).unwrap();
        assert_eq!(ran.stdout, b"out\n");
    }

    #[test]
    fn what_a_program_writes_is_read_while_it_runs() {
        let mut words = [0; 4];
        let mut endless = Run::new("sh", "dash").args(["-c", "while echo out; do :; done"]).stream().unwrap();
        endless.read_exact(&mut words).unwrap();
        assert_eq!(&words, b"out\n");
        drop(endless);
        let mut short = Run::new("sh", "dash").args(["-c", "echo out; echo why >&2; exit 3"]).stream().unwrap();
        let mut text = String::new();
        short.read_to_string(&mut text).unwrap();
        assert_eq!(text, "out\n");
        assert_eq!(short.end().unwrap_err().to_string(), "sh failed (exit status: 3): why");
    }

    #[test]
    fn a_program_that_writes_without_end_is_ended() {
        let endless = Run::new("sh", "dash").args(["-c", "while echo out; do :; done"]);
        let error = endless.output_at_most(100, &AtomicBool::new(false)).unwrap_err();
        assert_eq!(error.to_string(), "sh wrote something unexpected: more than 100 bytes");
    }

    #[test]
    fn an_error_says_what_to_do() {
        let missing = Run::new("no-such-program-here", "some-package").output().unwrap_err();
        assert_eq!(
            missing.to_string(),
            "no-such-program-here is not installed; install it with: apt-get install some-package"
        );
        let failed =
            Run::new("sh", "dash").args(["-c", "echo out; echo one >&2; echo two >&2; exit 3"]).output().unwrap_err();
        assert_eq!(failed.to_string(), "sh failed (exit status: 3): one; two");
        let apt = "echo 'Err:1 http://m x'; echo ' unreachable'; for n in 1 2 3; do echo \"E: $n\"; done; echo 'I: end'; exit 1";
        let failed = Run::new("sh", "dash").args(["-c", apt]).output().unwrap_err();
        assert_eq!(failed.to_string(), "sh failed (exit status: 1): unreachable; E: 1; E: 2; E: 3");
    }
}
