// SPDX-License-Identifier: GPL-3.0-or-later
//! unshare(1) and mount(8): a program in namespaces of its own, for a rehearsal that touches nothing of the machine.
//!
//! Network, mounts and processes are apart (namespaces(7)). When the first process inside ends, in any way, the kernel ends all others,
//! and removes the interfaces and the mounts.

use super::{ExecError, Limit, Run};
use std::ffi::OsStr;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The digests of terabytes of media on a slow disk.
const LIMIT: Limit = Limit::WORK.time(Duration::from_secs(24 * 3600));

/// Runs a program inside, and returns its output, if it ended by itself in any way.
///
/// # Errors
/// When unshare is missing, or `stop` is set meanwhile.
pub fn run<A: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = A>,
    environment: &[(String, String)],
    stop: &AtomicBool,
) -> Result<Output, ExecError> {
    let run = Run::new("unshare", "util-linux")
        .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .path(program)
        .args(arguments);
    environment.iter().fold(run, |run, (name, value)| run.env(name, value)).ended(LIMIT, stop)
}

/// Mounts an empty file system in memory, which all users may enter. The caller is inside.
///
/// # Errors
/// When mount fails.
pub fn mount_memory(place: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    mount(&["-t", "tmpfs", "-o", "mode=0755", "tmpfs"], place, stop)
}

/// Mounts `/sys` again, which then shows the interfaces of the inside.
///
/// # Errors
/// When mount fails.
pub fn mount_sys(stop: &AtomicBool) -> Result<(), ExecError> {
    mount(&["-t", "sysfs", "sysfs"], Path::new("/sys"), stop)
}

/// Covers a folder by a copy of it in `copy`, so that programs inside may write there.
///
/// # Errors
/// When cp or mount fails.
pub fn cover(folder: &Path, copy: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("cp", "coreutils").arg("--archive").path(folder).path(copy).output(Limit::CHECK, stop)?;
    let copy = copy.to_string_lossy();
    mount(&["--bind", &copy], folder, stop)
}

/// Copies the content of a folder. The copy belongs to the caller, with ordinary modes.
///
/// # Errors
/// When cp fails.
pub fn copy_plain(from: &Path, to: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    let run =
        Run::new("cp", "coreutils").args(["--recursive", "--no-dereference", "--no-preserve=mode,ownership", "--"]);
    run.path(from).path(to).output(Limit::READ, stop).map(drop)
}

fn mount(arguments: &[&str], place: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("mount", "mount").args(arguments).path(place).output(Limit::CHECK, stop).map(drop)
}
