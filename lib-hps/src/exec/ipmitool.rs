// SPDX-License-Identifier: GPL-3.0-or-later
//! `ipmitool`: the chassis commands of IPMI 2.0 over the network (lanplus), and serial over LAN.
//!
//! The password is in memory that only this call has (memfd_create(2)), and ipmitool reads it as a file. So it is in no
//! argument, no environment and no folder, and nothing is left of it if a process is killed. For a console it is the first
//! line of the standard input, which is a pipe; keys follow when the session is there.

use super::{ExecError, Interactive, Limit, Run};
use crate::types::{BmcCredentials, Line};
use rustix::fs::MemfdFlags;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const PROGRAM: &str = "ipmitool";
/// How long ipmitool waits for an answer before it sends again, in seconds, and how often it sends.
const WAIT_AND_SENDS: [&str; 4] = ["-N", "2", "-R", "3"];
/// A BMC that answers slowly needs several waits: a session has some ten messages.
const LIMIT: Limit = Limit { time: Duration::from_secs(60), bytes: 64 << 10 };

/// Where a BMC is, and who asks.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its address or name.
    pub host: &'a str,
    /// Its UDP port.
    pub port: u16,
    /// The user and the password.
    pub credentials: &'a BmcCredentials,
    /// The cipher suite, for a BMC that does not report those that it has.
    pub cipher_suite: Option<u8>,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum IpmitoolError {
    /// ipmitool is missing, or was stopped.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// No BMC answers.
    #[error("no answer")]
    Silent,
    /// It does not accept the user or the password.
    #[error("it does not accept the user or the password")]
    Credentials,
    /// The user may not do this.
    #[error("its user needs the privilege level ADMINISTRATOR")]
    Privilege,
    /// It has no cipher suite that ipmitool offers.
    #[error("it does not offer this cipher suite")]
    CipherSuite,
    /// Serial over LAN has one session, and another program or person has it.
    #[error("its console is in use by another session")]
    ConsoleInUse,
    /// Another error, in the words of ipmitool.
    #[error("{0}")]
    Other(Line),
}

/// Runs a command, such as `chassis power status`, and returns its standard output.
///
/// # Errors
/// See [`IpmitoolError`].
pub fn run(target: Target<'_>, command: &[&str], stop: &AtomicBool) -> Result<String, IpmitoolError> {
    let start = |source| ExecError::Start { program: PROGRAM, source };
    let input = in_memory(target.credentials.password()).map_err(start)?;
    let output = to(target).args(command).input(input).ended(LIMIT, stop).map_err(|error| match error {
        ExecError::Late { .. } => IpmitoolError::Silent,
        other => other.into(),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(failure(&String::from_utf8_lossy(&output.stderr)))
}

/// Opens the console. Its first line of output is [`CONSOLE_IS_THERE`] and a few words more.
///
/// # Errors
/// When ipmitool is missing or cannot be started. Why a BMC refuses is known at the end: [`console_failure`].
pub fn console(target: Target<'_>) -> Result<Interactive, ExecError> {
    // A key that never arrives there: the person's program has it.
    let mut interactive = to(target).args(["-e", LEAVE, "sol", "activate"]).interactive()?;
    let password = format!("{}\n", target.credentials.password());
    interactive.write(password.as_bytes()).map_err(|source| ExecError::Start { program: PROGRAM, source })?;
    Ok(interactive)
}

/// How the first line begins when the session is there.
pub const CONSOLE_IS_THERE: &str = "[SOL Session operational";
/// Ctrl-].
const LEAVE: &str = "\u{1d}";

/// Why a console has ended, by the error output of ipmitool.
pub fn console_failure(words: &str) -> IpmitoolError {
    if words.contains("already active on another session") {
        return IpmitoolError::ConsoleInUse;
    }
    // It says that its standard input is no terminal.
    let words: Vec<&str> = words.lines().filter(|line| !line.starts_with("tcgetattr")).collect();
    failure(&words.join("\n"))
}

fn to(target: Target<'_>) -> Run {
    let run = Run::new(PROGRAM, PROGRAM)
        .args(["-I", "lanplus", "-v"])
        .args(WAIT_AND_SENDS)
        .args(["-H", target.host, "-p"])
        .arg(target.port.to_string())
        .args(["-U", target.credentials.user(), "-f", "/dev/stdin"]);
    match target.cipher_suite {
        Some(suite) => run.arg("-C").arg(suite.to_string()),
        None => run,
    }
}

fn in_memory(text: &str) -> std::io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("password", MemfdFlags::CLOEXEC)?);
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.rewind()?;
    Ok(file)
}

fn failure(words: &str) -> IpmitoolError {
    let has = |words_of: &[&str]| words_of.iter().any(|one| words.contains(one));
    if has(&["RAKP 2 HMAC is invalid", "unauthorized name", "RAKP 4 message has invalid integrity"]) {
        return IpmitoolError::Credentials;
    }
    if has(&["privilege level", "Insufficient privilege"]) {
        return IpmitoolError::Privilege;
    }
    if has(&["invalid authentication algorithm", "no matching cipher suite", "invalid integrity algorithm"]) {
        return IpmitoolError::CipherSuite;
    }
    if has(&["Get Auth Capabilities error", "Unable to establish"]) {
        return IpmitoolError::Silent;
    }
    let last = words.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    IpmitoolError::Other(Line::lossy(&last.chars().take(200).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ipmitool_writes_is_an_error_of_one_kind() {
        let failed = failure;
        let end = "Error: Unable to establish IPMI v2 / RMCP+ session\n";
        assert!(matches!(failed(&format!("> RAKP 2 HMAC is invalid\n{end}")), IpmitoolError::Credentials));
        let name = "RAKP 2 message indicates an error : unauthorized name\n";
        assert!(matches!(failed(&format!("{name}{end}")), IpmitoolError::Credentials));
        let role = "RAKP 2 message indicates an error : unauthorized role or privilege level requested\n";
        assert!(matches!(failed(&format!("{role}{end}")), IpmitoolError::Privilege));
        let suite = "Error in open session response message : invalid authentication algorithm\n";
        assert!(matches!(failed(&format!("{suite}{end}")), IpmitoolError::CipherSuite));
        assert!(matches!(failed(&format!("Get Auth Capabilities error\n{end}")), IpmitoolError::Silent));
        let IpmitoolError::Other(line) = failed("Set Chassis Power Control failed: Node busy\n\n") else { panic!() };
        assert_eq!(line.as_str(), "Set Chassis Power Control failed: Node busy");
    }

    #[test]
    fn why_a_console_has_ended() {
        let busy = "Discovered IPMB address 0x0\nInfo: SOL payload already active on another session\n";
        assert!(matches!(console_failure(busy), IpmitoolError::ConsoleInUse));
        let lost = "tcgetattr: Inappropriate ioctl for device\nError: No response to keepalive\ntcgetattr: x\n";
        let IpmitoolError::Other(line) = console_failure(lost) else { panic!() };
        assert_eq!(line.as_str(), "Error: No response to keepalive");
    }

    #[test]
    fn the_password_is_a_file_without_a_name() {
        let file = in_memory("secret").unwrap();
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "secret\n");
    }
}
