// SPDX-License-Identifier: GPL-3.0-or-later
//! A program of the site. It is called without a shell and without arguments, and gets everything in its environment.
//! It has a time limit, and never runs as root.

use super::captured::{Captured, Keep};
use super::guard::{End, Guard, Leftover};
use super::interactive::Interactive;
use super::program_path::{self, Untrusted, trusted_by};
use super::user::User;
use crate::types::Line;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The same for each caller: a service manager, cron or a shell. It does not run as root, so it may use programs that
/// the site has installed.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long it may clean up if this program should end.
const END_TIMEOUT: Duration = Duration::from_secs(2);
/// How much of its last words is kept.
const WORDS: usize = 600;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// With exit code 0.
    Done,
    /// Otherwise: how it ended, and its last words.
    Failed(Line),
    /// It was ended, because this program should end.
    Stopped,
}

/// Calls the program with only this environment, as `user` if one is given, and waits for its end: at most `limit`, and
/// until `stop` is set. No user except root and that user may have been able to change it.
pub fn call(
    program: &Path,
    environment: &[(&str, String)],
    user: Option<User>,
    limit: Duration,
    stop: &AtomicBool,
) -> Called {
    ask(program, environment, user, limit, stop).0
}

/// The same, and the end of what it wrote, at most 600 bytes.
pub fn ask(
    program: &Path,
    environment: &[(&str, String)],
    user: Option<User>,
    limit: Duration,
    stop: &AtomicBool,
) -> (Called, String) {
    let failed = |what: &str, why: String, words: &[u8]| (failed(what, why, words), String::new());
    if let Err(why @ Untrusted::Writable(_)) = check(program, user) {
        return failed("is not called", why.to_string(), &[]);
    }
    let (mut guard, mut words) = match start(program, environment, user) {
        Ok(started) => started,
        Err(error) => return failed("cannot be started", error.to_string(), &[]),
    };
    match guard.wait(&mut [&mut words], limit, END_TIMEOUT, stop) {
        Ok(End::Itself(status)) if status.success() => {
            (Called::Done, String::from_utf8_lossy(&words.bytes).into_owned())
        }
        Ok(End::Itself(status)) => failed("failed", how(status), &words.bytes),
        Ok(End::Late | End::Much) => {
            let why = format!("did not end within {} seconds and was killed", limit.as_secs());
            failed("failed", why, &words.bytes)
        }
        Ok(End::Stopped) => (Called::Stopped, String::new()),
        Err(error) => failed("is lost", error.to_string(), &words.bytes),
    }
}

/// Whether only root or `user` (without one: the caller) could have changed the program.
///
/// # Errors
/// See [`super::trusted`].
pub fn check(program: &Path, user: Option<User>) -> Result<(), Untrusted> {
    trusted_by(program, user.map_or_else(|| rustix::process::geteuid().as_raw(), |user| user.uid))
}

/// Starts a program that is written to and read from while it runs, under the same conditions.
///
/// # Errors
/// Why it is not started.
pub fn interactive(program: &Path, environment: &[(&str, String)], user: Option<User>) -> Result<Interactive, Line> {
    let line = |what: &str, why: &dyn std::fmt::Display| Line::lossy(&format!("{what} ({why})"));
    if let Err(why @ Untrusted::Writable(_)) = check(program, user) {
        return Err(line("is not called", &why));
    }
    let mut command = command(program, environment, user);
    Interactive::start(&mut command).map_err(|error| line("cannot be started", &error))
}

fn command(program: &Path, environment: &[(&str, String)], user: Option<User>) -> Command {
    let mut command = program_path::command(program);
    command.env("PATH", PATH).envs(environment.iter().map(|(name, value)| (name, value)));
    if let Some(user) = user {
        // Then root has no other groups left, as the standard library promises.
        command.gid(user.gid).uid(user.uid);
    }
    command
}

fn start(program: &Path, environment: &[(&str, String)], user: Option<User>) -> std::io::Result<(Guard, Captured)> {
    let (output, writer) = std::io::pipe()?;
    let mut command = command(program, environment, user);
    command.stdout(writer.try_clone()?).stderr(writer);
    Ok((Guard::spawn(&mut command, Leftover::Stays)?, Captured::new(output, Keep::Last(WORDS))?))
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

fn failed(what: &str, why: impl std::fmt::Display, words: &[u8]) -> Called {
    let words = String::from_utf8_lossy(words);
    let words: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = words.get(words.len().saturating_sub(3)..).unwrap_or_default().join("; ");
    let colon = if last.is_empty() { "" } else { ": " };
    Called::Failed(Line::lossy(&format!("{what} ({why}){colon}{last}")))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::atomic::Ordering;
    use std::time::Instant;

    const LIMIT: Duration = Duration::from_secs(20);

    struct Script(tempfile::TempDir);

    impl Script {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o1777)).unwrap();
            // By another process: a child that another test starts meanwhile would hold it open for writing, and a file
            // that is open for writing cannot be executed.
            let mut write = Command::new("sh");
            write.args(["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" > run; chmod 755 run", "sh", text]);
            assert!(write.current_dir(folder.path()).status().unwrap().success());
            Self(folder)
        }

        fn call(
            &self,
            environment: &[(&str, String)],
            user: Option<User>,
            limit: Duration,
            stop: &AtomicBool,
        ) -> Called {
            call(&self.0.path().join("run"), environment, user, limit, stop)
        }
    }

    fn no() -> AtomicBool {
        AtomicBool::new(false)
    }

    #[test]
    fn it_is_told_by_its_environment_alone_and_is_not_root() {
        let script =
            Script::new("cd ${0%/*}; env | sort > env; id -u >> env; id -G >> env; cat >> env; echo $# >> env");
        let told = [("HPS_REASON", "a $(b) 'c'".to_owned()), ("HPS_STATE", "FAILED".to_owned())];
        let user = User { uid: 65_534, gid: 65_534 };
        assert_eq!(script.call(&told, Some(user), LIMIT, &no()), Called::Done);
        let text = std::fs::read_to_string(script.0.path().join("env")).unwrap();
        let lines: Vec<&str> = text
            .lines()
            .filter(|l| !l.starts_with("PWD=") && !l.starts_with("OLDPWD=") && !l.starts_with("_="))
            .collect();
        let path = format!("PATH={PATH}");
        assert_eq!(lines, ["HPS_REASON=a $(b) 'c'", "HPS_STATE=FAILED", path.as_str(), "65534", "65534", "0"]);
    }

    #[test]
    fn a_failure_says_how_and_its_last_words() {
        let failed = |text: &str| match Script::new(text).call(&[], None, LIMIT, &no()) {
            Called::Failed(line) => line.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            failed("seq 100000; echo no mail server >&2; exit 3"),
            "failed (exit code 3): 99999; 100000; no mail server"
        );
        assert_eq!(failed("kill -9 $$"), "failed (signal 9)");
        let missing = call(Path::new("/nonexistent/of/a/test/mail"), &[], None, LIMIT, &no());
        assert!(
            matches!(missing, Called::Failed(line) if line.as_str().starts_with("cannot be started (No such file"))
        );
    }

    #[test]
    fn a_program_that_others_could_have_written_is_not_called() {
        let script = Script::new("echo > ${0%/*}/ran");
        let program = script.0.path().join("run");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o777)).unwrap();
        let Called::Failed(line) = script.call(&[], None, LIMIT, &no()) else { panic!() };
        let words = line.as_str();
        assert!(words.starts_with("is not called (") && words.contains("chmod go-w"), "{words}");
        assert!(!script.0.path().join("ran").exists());
    }

    #[test]
    fn it_is_killed_with_what_it_started_when_its_time_is_over() {
        let script = Script::new("echo waiting; sleep 300 & echo $! > ${0%/*}/pid; wait");
        let begun = Instant::now();
        let Called::Failed(line) = script.call(&[], None, Duration::from_secs(1), &no()) else { panic!() };
        assert_eq!(line.as_str(), "failed (did not end within 1 seconds and was killed): waiting");
        assert!(begun.elapsed() < Duration::from_secs(10));
        let pid = std::fs::read_to_string(script.0.path().join("pid")).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        let gone = std::fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        assert!(gone.is_empty(), "{}", String::from_utf8_lossy(&gone));
    }

    #[test]
    fn what_it_leaves_running_is_not_waited_for() {
        let begun = Instant::now();
        assert_eq!(Script::new("sleep 5 & exit 0").call(&[], None, LIMIT, &no()), Called::Done);
        assert!(begun.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn it_ends_when_its_caller_is_to_end() {
        let script = Script::new("trap '' TERM; sleep 300 & wait; sleep 300");
        let stop = no();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let called = scope.spawn(|| script.call(&[], None, LIMIT, &stop));
            std::thread::sleep(Duration::from_millis(300));
            stop.store(true, Ordering::Relaxed);
            assert_eq!(called.join().unwrap(), Called::Stopped);
        });
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
