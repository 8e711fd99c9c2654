// SPDX-License-Identifier: GPL-3.0-or-later
//! Calls of real programs: their limits, their end, and what an error says.

use super::*;
use std::io::Read as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

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
    let mut lines: Vec<&str> = text.lines().filter(|l| !l.starts_with("PWD=") && !l.starts_with("OLDPWD=")).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["/", "HOME=/nonexistent", "LC_ALL=C", &format!("PATH={}", program_path::PATH)]);
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
    let apt =
        "echo 'Err:1 http://m x'; echo ' unreachable'; for n in 1 2 3; do echo \"E: $n\"; done; echo 'I: end'; exit 1";
    assert_eq!(output(apt), "sh failed (exit status: 1): unreachable; E: 1; E: 2; E: 3");
}
