// SPDX-License-Identifier: GPL-3.0-or-later
//! Another program of HPS instead of this process.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// Replaces this process by the program at an absolute path, as execve(2) does: it keeps the number, the environment,
/// the folder, and the open terminal. Its name for itself is the name of its file. Returns only if that failed.
#[expect(clippy::disallowed_methods, reason = "the path is absolute, and nothing of this process outlives the call")]
pub fn replace_process(program: &Path, arguments: impl IntoIterator<Item = OsString>) -> io::Error {
    let mut command = Command::new(program);
    command.args(arguments);
    if let Some(name) = program.file_name() {
        command.arg0(name);
    }
    command.exec()
}
