// SPDX-License-Identifier: GPL-3.0-or-later
//! `ssh`: a script of `sh`, as root, on a host whose ssh host key is known.
//!
//! ssh asks nothing and trusts only the keys of the given file. All its values are of types that need no quotes,
//! because rsync splits the same command at its spaces.

use super::{ExecError, Limit, Run};
use crate::types::{Invalid, PlainPath};
use std::ffi::OsString;
use std::fmt;
use std::io::{Seek as _, Write as _};
use std::net::Ipv4Addr;
use std::process::Output;
use std::str::FromStr;
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "ssh";
const PACKAGE: &str = "openssh-client";

/// An account to log in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginName(String);

impl FromStr for LoginName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let begins = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        let goes_on = |byte: u8| begins(byte) || byte.is_ascii_digit() || byte == b'-';
        if !text.bytes().next().is_some_and(begins) || !text.bytes().all(goes_on) {
            return Err(Invalid::new("login name", text, "expected a-z, 0-9, '_' and '-', beginning with a letter"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for LoginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How to log in to a host.
#[derive(Debug, Clone)]
pub struct Login {
    /// Its address.
    pub address: Ipv4Addr,
    /// The account, which needs sudo without a password.
    pub user: LoginName,
    /// A file with the only host keys that count.
    pub known_hosts: PlainPath,
    /// The only private key to use; without one, those of this user.
    pub identity: Option<PlainPath>,
    /// The socket of the caller's ssh agent (`SSH_AUTH_SOCK`).
    pub agent: Option<OsString>,
}

impl Login {
    /// Checks that ssh is installed.
    ///
    /// # Errors
    /// [`ExecError::Missing`].
    pub fn check_program() -> Result<(), ExecError> {
        Run::new(PROGRAM, PACKAGE).is_there()
    }

    /// ssh and its options, without a host.
    fn words(&self) -> Vec<String> {
        let mut words = vec![PROGRAM.to_owned()];
        for option in [
            format!("UserKnownHostsFile={}", self.known_hosts),
            "GlobalKnownHostsFile=/dev/null".to_owned(),
            "StrictHostKeyChecking=yes".to_owned(),
            "BatchMode=yes".to_owned(),
            "ConnectTimeout=10".to_owned(),
            "ServerAliveInterval=15".to_owned(),
            "LogLevel=ERROR".to_owned(),
        ] {
            words.extend(["-o".to_owned(), option]);
        }
        words.extend(["-l".to_owned(), self.user.to_string()]);
        if let Some(identity) = &self.identity {
            words.extend(["-o", "IdentitiesOnly=yes", "-i", identity.as_str()].map(str::to_owned));
        }
        words
    }

    /// The same in one line, in the form that rsync splits.
    pub(super) fn command_line(&self) -> String {
        self.words().join(" ")
    }

    /// Passes the needed environment to a program that starts ssh.
    pub(super) fn prepare(&self, run: Run) -> Run {
        match &self.agent {
            Some(agent) => run.env("SSH_AUTH_SOCK", agent),
            None => run,
        }
    }

    /// Runs a script there, as root, with arguments. Returns its output, however it ended; 255 is ssh's own exit code.
    ///
    /// # Errors
    /// When ssh is missing or cannot be started, needs longer or writes more than `limit`, or is stopped.
    pub fn script(
        &self,
        script: &str,
        arguments: &[&str],
        limit: Limit,
        stop: &AtomicBool,
    ) -> Result<Output, ExecError> {
        let input = || {
            let mut file = tempfile::tempfile()?;
            file.write_all(script.as_bytes())?;
            file.rewind()?;
            Ok(file)
        };
        let input = input().map_err(|source| ExecError::Start { program: PROGRAM, source })?;
        let options = self.words().into_iter().skip(1);
        let run = self.prepare(Run::new(PROGRAM, PACKAGE)).args(options).arg(self.address.to_string());
        let run = run.args(["sudo", "-n", "sh", "-s", "--"]).args(arguments.iter().map(|word| quoted(word)));
        run.input(input).ended(limit, stop)
    }
}

/// A word for the shell of the other side, which gets all words in one line.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_accounts() {
        for good in ["admin", "root", "_a-9"] {
            assert_eq!(good.parse::<LoginName>().unwrap().to_string(), good);
        }
        for bad in ["", "-l", "9a", "Admin", "a b", "a@b", "a\n"] {
            assert!(bad.parse::<LoginName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_command_for_rsync_has_no_word_with_a_space() {
        let mut login = Login {
            address: Ipv4Addr::new(10, 0, 0, 40),
            user: "admin".parse().unwrap(),
            known_hosts: "/tmp/k".parse().unwrap(),
            identity: None,
            agent: None,
        };
        assert!(login.command_line().split(' ').eq(login.words()));
        assert!(!login.command_line().contains("IdentitiesOnly"));
        login.identity = Some("/root/.ssh/site-copy".parse().unwrap());
        let line = login.command_line();
        assert!(
            line.starts_with("ssh -o UserKnownHostsFile=/tmp/k ") && line.contains("-o StrictHostKeyChecking=yes ")
        );
        assert!(line.ends_with(" -l admin -o IdentitiesOnly=yes -i /root/.ssh/site-copy"), "{line}");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test")]
    fn the_shell_of_the_other_side_splits_no_word() {
        let words = ["", "a b", "'", "$(x)", "it's", "\\", "\n"];
        let line = words.map(quoted).join(" ");
        let script = format!("printf '%s|' {line}");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), words.map(|word| format!("{word}|")).concat());
    }
}
