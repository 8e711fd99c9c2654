// SPDX-License-Identifier: GPL-3.0-or-later
//! The one lock between processes: flock(2) on a file of its own, which is never replaced.
//!
//! flock(2) needs no right to write: a user who can open a file, even only for reading, can hold its lock for ever. So
//! [`LockKind`] tells who can open the file of a lock. The kernel ends a lock with its process, and names the process
//! that holds it.

use super::lock_owner;
use super::shared_file::open_shared;
use super::{FileError, IoError};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::{File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ROOT_MODE: u32 = 0o600;
/// Between two tries while another process holds the lock.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Who can open the file of a lock, and so hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Only root (mode 0600).
    Root,
    /// Root and the web server's user (mode 0660).
    Shared,
}

/// Why a lock is not held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process held it all the time.
    #[error("{}: busy, {} holds it; try again", path.display(), owner.as_deref().unwrap_or("another process"))]
    Busy {
        /// The file of the lock.
        path: PathBuf,
        /// That process, if the kernel names it.
        owner: Option<String>,
    },
    /// Its file cannot be opened, or another user may have made it.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A lock that is held while this value exists. It ends with the process in any case.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "closing it is what unlocks")] File);

impl Lock {
    /// Locks it if it is free.
    ///
    /// # Errors
    /// [`LockError::Busy`] if it is not; or its file cannot be opened.
    pub fn try_take(path: &Path, kind: LockKind) -> Result<Self, LockError> {
        Self::wait(path, kind, Duration::ZERO)
    }

    /// Locks it, and waits this long for another process.
    ///
    /// # Errors
    /// As [`Lock::try_take`].
    pub fn wait(path: &Path, kind: LockKind, timeout: Duration) -> Result<Self, LockError> {
        Self::wait_and(path, kind, timeout, |_| {})
    }

    /// The same. Before it waits it calls `on_wait` once, with the process that holds the lock.
    ///
    /// # Errors
    /// As [`Lock::try_take`].
    pub fn wait_and(
        path: &Path,
        kind: LockKind,
        timeout: Duration,
        on_wait: impl FnOnce(Option<String>),
    ) -> Result<Self, LockError> {
        let io = |error: io::Error| LockError::File(IoError::new("lock", path, error).into());
        let mut on_wait = Some(on_wait);
        let mut file = open(path, kind)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                // A file that was removed after it was opened keeps no other process out, so a new one is made.
                Ok(()) if file.metadata().map_err(io)?.nlink() == 0 => file = open(path, kind)?,
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if begun.elapsed() < timeout => {
                    if let Some(on_wait) = on_wait.take() {
                        on_wait(lock_owner::find(&file));
                    }
                    std::thread::sleep(RETRY_INTERVAL);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Busy { path: path.to_path_buf(), owner: lock_owner::find(&file) });
                }
                Err(TryLockError::Error(error)) => return Err(io(error)),
            }
        }
    }

    /// The file of the lock of a file: `.NAME.lock` in its folder.
    pub fn beside(path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!(".{name}.lock"))
    }
}

fn open(path: &Path, kind: LockKind) -> Result<File, FileError> {
    match kind {
        LockKind::Root => open_of_root(path).map_err(|error| IoError::new("lock", path, error).into()),
        LockKind::Shared => open_shared(path, OFlags::RDWR | OFlags::CREATE, "lock"),
    }
}

/// Opens a file that only root can open. It is created if it is missing. Permissions of other users, from older
/// versions, are removed.
fn open_of_root(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::from_raw_mode(ROOT_MODE))?);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    if metadata.permissions().mode() & 0o7777 != ROOT_MODE {
        file.set_permissions(Permissions::from_mode(ROOT_MODE))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_cannot_open_a_lock_of_root_and_an_older_one_is_corrected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        for before in [None, Some(0o644), Some(0o666), Some(0o660), Some(0o600)] {
            if let Some(mode) = before {
                std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
                std::fs::write(&path, "reload (process 1)").unwrap();
            }
            drop(Lock::try_take(&path, LockKind::Root).unwrap());
            let metadata = std::fs::metadata(&path).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o7777, 0o600, "{before:?}");
            assert_eq!(metadata.len() == 0, before.is_none(), "it writes nothing into the file");
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(open_of_root(&link).is_err() && open_of_root(folder.path()).is_err());
    }

    #[test]
    fn a_second_one_learns_which_process_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        for kind in [LockKind::Root, LockKind::Shared] {
            let path = folder.path().join(format!("{kind:?}"));
            let first = Lock::try_take(&path, kind).unwrap();
            let mut told = Vec::new();
            let tried = Lock::wait_and(&path, kind, Duration::from_millis(20), |owner| told.push(owner));
            let Err(LockError::Busy { owner: Some(owner), .. }) = tried else { panic!("{tried:?}") };
            let begin = format!("process {} (", std::process::id());
            assert!(owner.starts_with(&begin) && owner.contains(", since 20"), "{owner}");
            assert_eq!(told, [Some(owner)], "once, before it waits");
            drop(first);
            Lock::try_take(&path, kind).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_removed_while_a_process_waits_keeps_no_other_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = Lock::try_take(&path, LockKind::Root).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| Lock::wait(&path, LockKind::Root, Duration::from_secs(10)).unwrap());
            std::thread::sleep(Duration::from_millis(100));
            std::fs::remove_file(&path).unwrap();
            drop(held);
            let _second = second.join().unwrap();
            let third = Lock::try_take(&path, LockKind::Root);
            assert!(matches!(third, Err(LockError::Busy { .. })), "two have the same lock");
        });
    }
}
