// SPDX-License-Identifier: GPL-3.0-or-later
//! What `/proc` shows about one process.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// A service has a few short arguments.
const MAX_ARGUMENT_BYTES: u64 = 1 << 16;

/// The present arguments of a process: it can change them, and make them as long as its memory.
pub(super) fn arguments(pid: impl std::fmt::Display) -> Vec<u8> {
    let mut arguments = Vec::new();
    let file = File::open(format!("/proc/{pid}/cmdline"));
    // A process that is gone has none.
    let _read = file.and_then(|file| file.take(MAX_ARGUMENT_BYTES).read_to_end(&mut arguments));
    arguments
}

/// Whether a process was started with this file: it ends one of its arguments.
pub(super) fn has_argument(pid: i32, file: &Path) -> bool {
    let file = file.to_string_lossy();
    String::from_utf8_lossy(&arguments(pid)).split('\0').any(|argument| argument.ends_with(file.as_ref()))
}

/// Whether a process holds nothing any more: it is gone, or only waits to be collected by its parent
/// (proc_pid_stat(5)).
pub(super) fn has_ended(pid: i32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return true };
    // The name is in parentheses and may contain any character.
    matches!(stat.rsplit(") ").next().and_then(|rest| rest.chars().next()), Some('Z' | 'X'))
}
