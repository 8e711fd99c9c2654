// SPDX-License-Identifier: GPL-3.0-or-later
//! Which of several locks are held now, without taking any: proc_locks(5).

use super::lock_owner;
use super::shared_file::open_plain;
use rustix::fs::OFlags;
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A lock that a process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLock {
    /// The file of the lock.
    pub path: PathBuf,
    /// The number of the process.
    pub pid: u32,
    /// The process in words: `process 812 (reload) of root, since 2026-11-22T10:00:00Z`.
    pub owner: String,
    /// When the process began, in seconds since 1970.
    pub process_start: Option<i64>,
}

/// Those of the files whose lock is held. A file that is missing or cannot be opened has none.
pub fn held_locks(files: &[PathBuf]) -> Vec<HeldLock> {
    let Ok(locks) = std::fs::read_to_string("/proc/locks") else { return Vec::new() };
    // The last number of MAJOR:MINOR:INODE. On overlay and btrfs stat(2) reports the same inode, and another device.
    let inodes: HashSet<u64> = locks
        .lines()
        .filter_map(|line| line.split_whitespace().find_map(|word| word.splitn(3, ':').nth(2)?.parse().ok()))
        .collect();
    files.iter().filter_map(|path| one(path, &locks, &inodes)).collect()
}

fn one(path: &Path, locks: &str, inodes: &HashSet<u64>) -> Option<HeldLock> {
    let inode = path.symlink_metadata().ok()?.ino();
    if !inodes.contains(&inode) {
        return None;
    }
    let pid = lock_owner::pid(&open_plain(path, OFlags::RDONLY).ok()?, locks)?;
    let owner = lock_owner::describe(pid).unwrap_or_else(|| format!("process {pid}"));
    Some(HeldLock { path: path.to_path_buf(), pid, owner, process_start: process_start(pid) })
}

/// When a process began, in seconds since 1970: up to two seconds early. `None` for one that is gone.
pub fn process_start(pid: u32) -> Option<i64> {
    lock_owner::start_of(pid).map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::super::{Lock, LockKind};
    use super::*;

    #[test]
    fn a_held_lock_is_seen_and_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = ["held", "free", "none"].map(|name| folder.path().join(name)).into();
        drop(Lock::try_take(&files[1], LockKind::Root).unwrap());
        let held = Lock::try_take(&files[0], LockKind::Root).unwrap();
        let found = held_locks(&files);
        assert_eq!(found.iter().map(|lock| lock.path.clone()).collect::<Vec<_>>(), [files[0].clone()]);
        assert!(found[0].pid == std::process::id() && found[0].process_start.is_some());
        drop(held);
        assert_eq!(held_locks(&files), []);
        assert!(!files[2].exists(), "nothing is made");
    }
}
