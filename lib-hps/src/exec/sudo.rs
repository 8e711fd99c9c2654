// SPDX-License-Identifier: GPL-3.0-or-later
//! `sudo`: a program of HPS as another user, for people whom the administrator permits it (sudoers(5)). It never asks
//! for a password: what needs one is refused.

use super::error::ExecError;
use super::limit::Limit;
use super::program_path::find;
use super::replace_process::replace_process;
use super::run::Run;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "sudo";

fn arguments(user: &str, program: &Path, words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let own = ["-n", "-u", user, "--"].map(OsString::from);
    own.into_iter().chain([program.as_os_str().to_owned()]).chain(words).collect()
}

/// Replaces this process by `program` as `user`, with these arguments. sudo ends with the exit code of the program, and
/// with 1 if it refuses. Returns only if sudo is missing or cannot be started.
pub fn replace_process_as(user: &str, program: &Path, words: impl IntoIterator<Item = OsString>) -> ExecError {
    match find(PROGRAM) {
        Some(sudo) => {
            let source = replace_process(&sudo, arguments(user, program, words));
            ExecError::Start { program: PROGRAM, source }
        }
        None => ExecError::Missing { program: PROGRAM, package: PROGRAM },
    }
}

/// What `program` prints as `user`.
///
/// # Errors
/// When sudo is missing or refuses, when the program fails, or when `stop` is set meanwhile.
pub fn text_as(user: &str, program: &Path, word: &str, stop: &AtomicBool) -> Result<String, ExecError> {
    Run::new(PROGRAM, PROGRAM).args(arguments(user, program, [word.into()])).text(Limit::QUESTION, stop)
}
