// SPDX-License-Identifier: GPL-3.0-or-later
//! The lock of what is published: one run at a time changes it, and a second one is told who does.

use crate::files::{IoError, open_lock};
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

/// What a holder says of itself is for people, and short.
const LONGEST: u64 = 200;

/// Why it is not held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another run is under way: {0}")]
    Busy(String),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// A lock that is held while this value lives, whatever ends the process.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing it is what unlocks")] File);

impl Lock {
    /// Takes it, without waiting. `holder` is what another run is told.
    pub(super) fn take(path: &Path, holder: &str) -> Result<Self, LockError> {
        let mut file = open_lock(path).map_err(IoError::during("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Without it people know as much as without us.
                let _said = file.take(LONGEST).read_to_string(&mut holder);
                return Err(LockError::Busy(holder.trim().to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(IoError::new("lock", path, error).into()),
        }
        let mut write = || -> io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(holder.as_bytes())
        };
        write().map_err(IoError::during("write", path))?;
        Ok(Self(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_a_second_one_hears_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path, "a long line about the first").unwrap();
        assert!(
            matches!(Lock::take(&path, "second"), Err(LockError::Busy(who)) if who == "a long line about the first")
        );
        drop(first);
        let _third = Lock::take(&path, "third").unwrap();
        assert!(matches!(Lock::take(&path, "x"), Err(LockError::Busy(who)) if who == "third"), "nothing of the first");
    }
}
