// SPDX-License-Identifier: GPL-3.0-or-later
//! A program of the site: called without a shell and without arguments, told everything by its environment, never waited for
//! longer than it may take, and never run as root.

use crate::types::Line;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{PipeReader, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The same for whoever calls: a service manager, cron or a shell.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long it may put its things in order when this program is to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// So much of its last words is kept.
const WORDS: usize = 600;
const PAUSE: Duration = Duration::from_millis(20);

/// A user and its group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// With exit code 0.
    Done,
    /// Otherwise: how, and its last words.
    Failed(Line),
    /// It was ended, because this program is to end.
    Stopped,
}

/// Calls the program with this environment and nothing else, as `user` where one is given, and waits for its end: at most
/// `limit`, and until `stop` is set.
pub fn call(
    program: &Path,
    environment: &[(&str, String)],
    user: Option<User>,
    limit: Duration,
    stop: &AtomicBool,
) -> Called {
    match start(program, environment, user) {
        Ok((child, output)) => wait(child, output, limit, stop).unwrap_or_else(|error| failed("is lost", error, &[])),
        Err(error) => failed("cannot be started", error, &[]),
    }
}

fn start(program: &Path, environment: &[(&str, String)], user: Option<User>) -> std::io::Result<(Child, PipeReader)> {
    let (output, writer) = std::io::pipe()?;
    // Whatever holds the other end open, reading never waits.
    fcntl_setfl(&output, fcntl_getfl(&output)? | OFlags::NONBLOCK)?;
    let mut command = Command::new(program);
    command.env_clear().env("PATH", PATH).envs(environment.iter().map(|(name, value)| (name, value))).current_dir("/");
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).process_group(0);
    if let Some(user) = user {
        // Of other groups root has none left then, as the standard library promises.
        command.gid(user.gid).uid(user.uid);
    }
    Ok((command.spawn()?, output))
}

fn wait(mut child: Child, mut output: PipeReader, limit: Duration, stop: &AtomicBool) -> std::io::Result<Called> {
    let begun = Instant::now();
    let mut words = Vec::new();
    loop {
        let ended = child.try_wait()?;
        keep_last(&mut output, &mut words);
        match ended {
            Some(status) if status.success() => return Ok(Called::Done),
            Some(status) => return Ok(failed("failed", how(status), &words)),
            None if stop.load(Ordering::Relaxed) => {
                end(&mut child)?;
                return Ok(Called::Stopped);
            }
            None if begun.elapsed() > limit => {
                signal(&child, Signal::KILL);
                child.wait()?;
                let why = format!("did not end within {} seconds and was killed", limit.as_secs());
                return Ok(failed("failed", why, &words));
            }
            None => std::thread::sleep(PAUSE),
        }
    }
}

fn end(child: &mut Child) -> std::io::Result<()> {
    let begun = Instant::now();
    signal(child, Signal::TERM);
    while child.try_wait()?.is_none() {
        if begun.elapsed() > PATIENCE {
            signal(child, Signal::KILL);
            child.wait()?;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// To it and to what it has started. It has not been waited for, so that the number is still its own.
fn signal(child: &Child, signal: Signal) {
    // One that is gone needs none.
    let _gone = kill_process_group(Pid::from_child(child), signal);
}

fn keep_last(output: &mut PipeReader, words: &mut Vec<u8>) {
    let mut some = [0; 4096];
    // A full pipe and no more: one that writes without end must not keep us here.
    for _ in 0..16 {
        let Ok(length @ 1..) = output.read(&mut some) else { return };
        words.extend_from_slice(some.get(..length).unwrap_or_default());
        words.drain(..words.len().saturating_sub(WORDS));
    }
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
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const LIMIT: Duration = Duration::from_secs(20);

    struct Script(tempfile::TempDir);

    impl Script {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
            // By another process: a child that another test starts meanwhile would hold it open for writing, and what is
            // open for writing cannot be run.
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
