// SPDX-License-Identifier: GPL-3.0-or-later
//! A program of ours that makes no daemon of itself, kept in the background without a service manager: a session of its own, its
//! words in a file, its number in a pid file that only root writes.

use super::place;
use super::services::{Plain, ServiceError, arguments_of};
use super::site_command::{PATH, User};
use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

/// At this size its words move aside when it is started.
const LARGEST: u64 = 1 << 20;
/// How long it may take to be there.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is wrong with its settings shows in this time.
const AT_ONCE: Duration = Duration::from_millis(300);

/// What the program is told, and as whom it runs.
#[derive(Debug, Clone, Copy)]
pub struct AsWhom<'a> {
    /// `hps.conf`.
    pub conf: &'a Path,
    /// The user.
    pub user: User,
}

/// Starts `host-state notify --follow`, of which the service's configuration is a copy.
pub(super) fn start(plain: &Plain<'_>, as_whom: AsWhom<'_>) -> Result<(), ServiceError> {
    let words = plain.log.join("notify.log");
    let failed = |path: &Path| {
        let (program, path) = (plain.service.program(), path.to_path_buf());
        move |problem| ServiceError::Background { program, path, problem }
    };
    let (out, err) = open(&words).map_err(failed(&words))?;
    // setsid(1) becomes the program: the number stays.
    let mut command = place::command(Path::new("/usr/bin/setsid"));
    command.arg(plain.configuration).args(["notify", "--follow"]);
    command.env("PATH", PATH).env("HPS_CONFIG", as_whom.conf);
    command.stdout(out).stderr(err).gid(as_whom.user.gid).uid(as_whom.user.uid);
    let mut child = command.spawn().map_err(failed(Path::new("setsid")))?;
    std::fs::write(plain.pid_file, format!("{}\n", child.id())).map_err(failed(plain.pid_file))?;
    let died = || ServiceError::Died { program: plain.service.program(), log: words.clone() };
    let begun = Instant::now();
    while !is_there(&child, plain.configuration) {
        if begun.elapsed() > PATIENCE || has_ended(&mut child) {
            return Err(died());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(AT_ONCE);
    if has_ended(&mut child) { Err(died()) } else { Ok(()) }
}

fn open(words: &Path) -> std::io::Result<(File, File)> {
    if std::fs::metadata(words).is_ok_and(|m| m.len() > LARGEST) {
        std::fs::rename(words, words.with_extension("log.1"))?;
    }
    let file = OpenOptions::new().append(true).create(true).open(words)?;
    Ok((file.try_clone()?, file))
}

fn is_there(child: &Child, program: &Path) -> bool {
    arguments_of(child.id()).split(|b| *b == 0).next() == Some(program.as_os_str().as_encoded_bytes())
}

fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}
