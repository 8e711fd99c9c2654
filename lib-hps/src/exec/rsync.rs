// SPDX-License-Identifier: GPL-3.0-or-later
//! `rsync`: copies files and folders of this machine to another one, by their whole paths.

use super::ending::well;
use super::ssh::Login;
use super::{ExecError, Limit, Run};
use crate::types::PlainPath;
use std::io::{BufRead as _, BufReader};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const PROGRAM: &str = "rsync";
/// All trees and images over a slow line. ssh notices a dead line.
const LIMIT: Limit = Limit::WORK.time(Duration::from_secs(7 * 24 * 3600)).bytes(1 << 32);
/// Its exit code if files were removed before it could read them.
const VANISHED: i32 = 24;
/// `%i` of rsync(1): `YXcstpoguax`, or `*deleting  `.
const ITEM_CHARS: usize = 11;

/// What to send, and its target.
#[derive(Debug, Clone, Copy)]
pub struct Transfer<'a> {
    /// The host.
    pub login: &'a Login,
    /// The folder there, in which files have their own paths.
    pub target: &'a str,
    /// The files and folders.
    pub paths: &'a [PlainPath],
    /// Patterns of names that are left out here and removed there.
    pub left_out: &'a [String],
    /// A folder there with an older copy: unchanged files become second names of those in it.
    pub older: Option<&'a str>,
    /// A dry run; the changes are listed.
    pub is_dry_run: bool,
}

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// All was sent.
    All,
    /// Some files were removed before they could be read.
    FilesVanished,
}

/// A file that was sent or removed, or would be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// What changes, in rsync's own letters (`--itemize-changes`).
    pub item: String,
    /// The path, without the first slash.
    pub path: String,
}

impl Transfer<'_> {
    /// Checks that rsync is installed.
    ///
    /// # Errors
    /// [`ExecError::Missing`].
    pub fn check_program() -> Result<(), ExecError> {
        Run::new(PROGRAM, PROGRAM).is_there()
    }

    /// Makes the target equal to the files here, once, and reports each change as it is made.
    ///
    /// # Errors
    /// When rsync is missing or fails, or is stopped.
    pub fn send(&self, stop: &AtomicBool, on_change: &mut dyn FnMut(Change)) -> Result<Sent, ExecError> {
        let mut stream = self.run().stream(LIMIT, stop)?;
        let mut reader = BufReader::new(&mut stream);
        let mut line = Vec::new();
        // An error of the stream comes back from `ended`.
        while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            on_change(Change::from_line(&String::from_utf8_lossy(&line)));
            line.clear();
        }
        drop(reader);
        let output = stream.ended()?;
        match output.status.code() {
            Some(VANISHED) => Ok(Sent::FilesVanished),
            _ => well(PROGRAM, output).map(|_| Sent::All),
        }
    }

    fn run(&self) -> Run {
        let run = self.login.prepare(Run::new(PROGRAM, PROGRAM)).args([
            "--archive",
            // Times to the nanosecond: a file may be replaced by one of the same size within a second.
            "--modify-window=-1",
            "--relative",
            "--no-implied-dirs",
            "--delete",
            "--delete-excluded",
            "--numeric-ids",
            "--sparse",
            "--rsync-path",
            "sudo -n rsync",
            "--out-format",
            "%i %n",
            "--rsh",
        ]);
        let mut run = run.arg(self.login.command_line());
        for pattern in self.left_out {
            run = run.args(["--exclude", pattern]);
        }
        if let Some(older) = self.older {
            run = run.args(["--link-dest", older]);
        }
        if self.is_dry_run {
            run = run.arg("--dry-run");
        }
        let run = run.arg("--").args(self.paths.iter().map(PlainPath::as_path));
        run.arg(format!("{}:{}/", self.login.address, self.target))
    }
}

impl Change {
    fn from_line(line: &str) -> Self {
        let line = line.trim_end_matches('\n');
        let (item, path) = line.split_at_checked(ITEM_CHARS).unwrap_or((line, ""));
        Self { item: item.trim_end().to_owned(), path: path.strip_prefix(' ').unwrap_or(path).to_owned() }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:<ITEM_CHARS$} {}", self.item, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_rsync() {
        for (line, item, path) in [
            (">f+++++++++ srv/hps-config/hps.conf\n", ">f+++++++++", "srv/hps-config/hps.conf"),
            ("*deleting   srv/a b\n", "*deleting", "srv/a b"),
            ("cd+++++++++  leading/\n", "cd+++++++++", " leading/"),
            ("odd\n", "odd", ""),
        ] {
            let change = Change::from_line(line);
            assert_eq!((change.item.as_str(), change.path.as_str()), (item, path), "{line:?}");
        }
        let deleted = "*deleting   srv/a b";
        assert_eq!(Change::from_line(deleted).to_string(), deleted);
    }
}
