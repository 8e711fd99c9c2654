// SPDX-License-Identifier: GPL-3.0-or-later
//! One call of a program: what it wrote is kept, and its last words are in the error. Each call names its limit, and what stops it.

use super::guard::{self, End, Guard, Keep, Leftover, Words};
use super::place::{self, Untrusted};
use std::ffi::OsStr;
use std::io::{PipeReader, Read};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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
    /// Somebody else could have changed it.
    #[error("{program} is not started: {problem}")]
    Untrusted {
        /// Its name.
        program: &'static str,
        /// What is wrong, and the command that mends it.
        problem: String,
    },
    /// It took too long.
    #[error("{program} did not end within {seconds} seconds and was ended")]
    Late {
        /// Its name.
        program: &'static str,
        /// How long it may take.
        seconds: u64,
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
    place: Result<(), ExecError>,
    command: Command,
}

impl Run {
    /// `program`, which Debian's `package` has, in one of the folders of packages.
    pub fn new(program: &'static str, package: &'static str) -> Self {
        match place::find(program) {
            Some(path) => Self::of(program, &path, Ok(())),
            None => Self::of(program, Path::new("/nonexistent"), Err(ExecError::Missing { program, package })),
        }
    }

    /// `program`, which no package has, at the absolute path that the site wrote down. It is started only if nobody else could
    /// have changed it.
    pub fn at(program: &'static str, path: &Path, package: &'static str) -> Self {
        let place = place::trusted(path).map_err(|why| match why {
            Untrusted::Missing(_) => ExecError::Missing { program, package },
            Untrusted::Writable(problem) => ExecError::Untrusted { program, problem },
        });
        Self::of(program, path, place)
    }

    fn of(program: &'static str, path: &Path, place: Result<(), ExecError>) -> Self {
        let mut command = place::command(path);
        command.env("LC_ALL", "C").env("HOME", "/nonexistent");
        Self { program, place, command }
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

    /// Adds the path of a file as an argument. The program does not run in the caller's folder, so the path is made absolute.
    #[must_use]
    pub fn path(self, path: &Path) -> Self {
        let whole = std::path::absolute(path);
        self.arg(whole.as_deref().unwrap_or(path))
    }

    /// What it reads from its standard input: a file, from where the file stands.
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

    /// Runs it and returns what it wrote, if it ended well.
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

    /// Runs it and returns what it wrote, however it ended by itself.
    ///
    /// # Errors
    /// When it is missing or cannot be started, when it takes longer or writes more than `limit`, and when `stop` is set meanwhile. It is
    /// ended then, with everything that it has started.
    pub fn ended(self, limit: Limit, stop: &AtomicBool) -> Result<Output, ExecError> {
        self.run(limit, Leftover::Ends, stop)
    }

    /// Starts a service that goes into the background by itself: its first process must end well, and the rest stays.
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
        let (mut out, mut err) = (Words::of(out, keep).map_err(start)?, Words::of(err, keep).map_err(start)?);
        let end = guard.wait(&mut [&mut out, &mut err], limit.time, PATIENCE, stop).map_err(start)?;
        match end {
            End::Itself(status) => Ok(Output { status, stdout: out.bytes, stderr: err.bytes }),
            End::Late => Err(limit.late(program)),
            End::Much => Err(limit.much(program)),
            End::Stopped => Err(ExecError::Stopped { program }),
        }
    }

    /// Starts it; what it writes can be read while it runs.
    ///
    /// # Errors
    /// When it is missing or cannot be started.
    pub fn stream(self, limit: Limit, stop: &AtomicBool) -> Result<Stream<'_>, ExecError> {
        let program = self.program;
        let start = |source| ExecError::Start { program, source };
        let (guard, out, said) = self.spawn(Leftover::Ends)?;
        let out = guard::without_waiting(out).map_err(start)?;
        let said = Words::of(said, Keep::Last(MOST_WORDS)).map_err(start)?;
        Ok(Stream { program, guard, out, said, begun: Instant::now(), taken: 0, limit, stop, fault: None })
    }

    /// The program, its standard output and its standard error. No end of a pipe that it writes to stays here.
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

/// What a program may use: how long it may take, and how much it may write to each of its two outputs.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    time: Duration,
    bytes: usize,
}

impl Limit {
    /// A question to a program that has the answer at hand.
    pub const QUESTION: Self = Self { time: Duration::from_secs(10), bytes: 1 << 20 };
    /// A check of something small: a signature, a configuration. It may wait for a lock or for a busy machine.
    pub const CHECK: Self = Self { time: Duration::from_secs(60), bytes: 1 << 20 };
    /// Reading something that may have gigabytes, or asking a service manager for something.
    pub const READ: Self = Self { time: Duration::from_secs(600), bytes: 16 << 20 };
    /// Work that takes hours on a slow disk. It must have a way to be stopped.
    pub const WORK: Self = Self { time: Duration::from_secs(12 * 3600), bytes: 64 << 20 };

    /// The same with so many bytes.
    #[must_use]
    pub const fn bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// The same with so much time.
    #[must_use]
    pub const fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    fn late(self, program: &'static str) -> ExecError {
        ExecError::Late { program, seconds: self.time.as_secs() }
    }

    fn much(self, program: &'static str) -> ExecError {
        ExecError::Output { program, problem: format!("more than {} bytes", self.bytes) }
    }
}

/// For a call that nothing but its limit stops. The caller must not have handlers for signals: then SIGTERM and Ctrl-C end the caller, and
/// the program with it. A program that has them (`program::interrupted` of the programs) gives its own flag to each call, also to a short
/// one, since every program can hang; a function of this library that such a program calls takes `stop`. `tests/structure` has the list of
/// who names this.
pub static NEVER: AtomicBool = AtomicBool::new(false);

/// How long a program that is to end may put its things in order: mmdebstrap removes what it has made.
const PATIENCE: Duration = Duration::from_secs(10);
/// So much of what a streaming program says on the side is kept.
const MOST_WORDS: usize = 1 << 14;

/// What a running program writes. Dropped, it ends the program.
#[derive(Debug)]
pub struct Stream<'a> {
    program: &'static str,
    guard: Guard,
    out: PipeReader,
    said: Words,
    begun: Instant,
    taken: usize,
    limit: Limit,
    stop: &'a AtomicBool,
    fault: Option<fn(Limit, &'static str) -> ExecError>,
}

impl Stream<'_> {
    /// Passes over what was not read, and waits for the end of the program.
    ///
    /// # Errors
    /// When it ended with an error, or a limit was met.
    pub fn end(mut self) -> Result<(), ExecError> {
        let program = self.program;
        let start = |source| ExecError::Start { program, source };
        let passed = std::io::copy(&mut self, &mut std::io::sink());
        if let Some(fault) = self.fault {
            return Err(fault(self.limit, program));
        }
        passed.map_err(start)?;
        let rest = self.limit.time.saturating_sub(self.begun.elapsed());
        let end = self.guard.wait(&mut [&mut self.said], rest, PATIENCE, self.stop).map_err(start)?;
        match end {
            End::Itself(status) if status.success() => Ok(()),
            End::Itself(status) => {
                let said =
                    last_words(&Output { status, stdout: Vec::new(), stderr: std::mem::take(&mut self.said.bytes) });
                Err(ExecError::Failed { program, status: status.to_string(), said })
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
            guard::wait_for(&[&self.out])?;
        }
    }
}

/// What a program wrote that ended well; else how it ended.
pub(super) fn well(program: &'static str, output: Output) -> Result<Output, ExecError> {
    if output.status.success() {
        return Ok(output);
    }
    Err(ExecError::Failed { program, status: output.status.to_string(), said: last_words(&output) })
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

    fn sh(script: &str) -> Run {
        Run::new("sh", "dash").args(["-c", script])
    }

    /// Whether a process is there and not only waits to be collected.
    fn runs(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
    }

    fn is_gone_soon(pid: &str) {
        let begun = Instant::now();
        while runs(pid) {
            assert!(begun.elapsed() < Duration::from_secs(5), "process {pid} goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_call_ends_when_its_caller_is_stopped() {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let call = scope.spawn(|| sh("echo started; sleep 60").output(Limit::WORK, &stop));
            std::thread::sleep(Duration::from_millis(200));
            stop.store(true, Ordering::Relaxed);
            assert_eq!(call.join().unwrap().unwrap_err().to_string(), "sh was stopped");
        });
        let ran = sh("echo out").output(Limit::QUESTION, &NEVER).unwrap();
        assert_eq!(ran.stdout, b"out\n");
    }

    #[test]
    fn what_a_program_writes_is_read_while_it_runs() {
        let mut words = [0; 4];
        let mut endless = sh("while echo out; do :; done").stream(Limit::READ, &NEVER).unwrap();
        endless.read_exact(&mut words).unwrap();
        assert_eq!(&words, b"out\n");
        drop(endless);
        let mut short = sh("echo out; echo why >&2; exit 3").stream(Limit::READ, &NEVER).unwrap();
        let mut text = String::new();
        short.read_to_string(&mut text).unwrap();
        assert_eq!(text, "out\n");
        assert_eq!(short.end().unwrap_err().to_string(), "sh failed (exit status: 3): why");
    }

    #[test]
    fn a_program_that_writes_without_end_is_ended() {
        let limit = Limit::QUESTION.bytes(100);
        for script in ["while echo out; do :; done", "while echo out >&2; do :; done"] {
            let error = sh(script).output(limit, &NEVER).unwrap_err();
            assert_eq!(error.to_string(), "sh wrote something unexpected: more than 100 bytes");
        }
        let mut endless = sh("while echo out; do :; done").stream(limit, &NEVER).unwrap();
        let error = std::io::copy(&mut endless, &mut std::io::sink()).unwrap_err();
        assert_eq!(error.to_string(), "sh wrote something unexpected: more than 100 bytes");
        assert_eq!(endless.end().unwrap_err().to_string(), error.to_string());
    }

    #[test]
    fn a_program_that_does_not_end_is_ended_with_what_it_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 300 & echo $! > {}; wait", pid.display());
        let limit = Limit::QUESTION.time(Duration::from_secs(1));
        let error = sh(&script).output(limit, &NEVER).unwrap_err();
        assert_eq!(error.to_string(), "sh did not end within 1 seconds and was ended");
        is_gone_soon(&std::fs::read_to_string(&pid).unwrap());
        // One that closes its outputs, and one that is read.
        assert!(matches!(sh("exec > /dev/null 2>&1; sleep 300").ended(limit, &NEVER), Err(ExecError::Late { .. })));
        let mut silent = sh("sleep 300").stream(limit, &NEVER).unwrap();
        assert!(silent.read(&mut [0]).unwrap_err().to_string().contains("did not end within 1 seconds"));
        // What it leaves running when it ends is ended too.
        sh(&format!("sleep 300 & echo $! > {}", pid.display())).output(Limit::QUESTION, &NEVER).unwrap();
        is_gone_soon(&std::fs::read_to_string(&pid).unwrap());
        // But for a service.
        sh(&format!("sleep 300 > /dev/null 2>&1 & echo $! > {}", pid.display())).service(Limit::QUESTION).unwrap();
        let service = std::fs::read_to_string(&pid).unwrap();
        assert!(runs(&service));
        sh(&format!("kill {service}")).output(Limit::QUESTION, &NEVER).unwrap();
    }

    #[test]
    fn it_is_told_nothing_of_its_callers_environment() {
        let text = sh("env; pwd").text(Limit::QUESTION, &NEVER).unwrap();
        let mut lines: Vec<&str> =
            text.lines().filter(|l| !l.starts_with("PWD=") && !l.starts_with("OLDPWD=")).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["/", "HOME=/nonexistent", "LC_ALL=C", &format!("PATH={}", place::PATH)]);
    }

    #[test]
    fn an_error_says_what_to_do() {
        let missing = Run::new("no-such-program-here", "some-package").output(Limit::QUESTION, &NEVER).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "no-such-program-here is not installed; install it with: apt-get install some-package"
        );
        let output = |script: &str| sh(script).output(Limit::QUESTION, &NEVER).unwrap_err().to_string();
        assert_eq!(output("echo out; echo one >&2; echo two >&2; exit 3"), "sh failed (exit status: 3): one; two");
        let apt = "echo 'Err:1 http://m x'; echo ' unreachable'; for n in 1 2 3; do echo \"E: $n\"; done; echo 'I: end'; exit 1";
        assert_eq!(output(apt), "sh failed (exit status: 1): unreachable; E: 1; E: 2; E: 3");
    }
}
