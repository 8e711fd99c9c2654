// SPDX-License-Identifier: GPL-3.0-or-later
//! A lock whose file says who holds it, for the people that a second run tells it to.

use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Why it is not held.
#[derive(Debug)]
pub(super) enum HeldError {
    /// Another run holds it: what that said of itself.
    Busy(String),
    /// The system refused an operation on the file.
    Io(&'static str, std::io::Error),
}

/// A lock, until it is dropped. Whoever dies holds nothing.
#[derive(Debug)]
pub(super) struct Held {
    #[expect(dead_code, reason = "closing it is what unlocks")]
    lock: std::fs::File,
}

impl Held {
    /// Takes the lock of the file `path`, which only root reads, and writes `holder` into it.
    pub(super) fn take(path: &Path, holder: &str) -> Result<Self, HeldError> {
        let io = |operation| move |error| HeldError::Io(operation, error);
        let mut options = std::fs::File::options();
        let options = options.create(true).truncate(false).read(true).write(true).mode(0o600);
        let mut lock = options.open(path).map_err(io("open"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // What it says is for people; without it they know as much.
                let _said = lock.take(200).read_to_string(&mut holder);
                return Err(HeldError::Busy(holder.trim().to_owned()));
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(io("lock")(error)),
        }
        let mut write = || -> std::io::Result<()> {
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(holder.as_bytes())
        };
        write().map_err(io("write"))?;
        Ok(Self { lock })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_a_second_one_hears_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Held::take(&path, "a long line about the first").unwrap();
        assert!(
            matches!(Held::take(&path, "second"), Err(HeldError::Busy(who)) if who == "a long line about the first")
        );
        drop(first);
        let _third = Held::take(&path, "third").unwrap();
        assert!(matches!(Held::take(&path, "x"), Err(HeldError::Busy(who)) if who == "third"), "nothing of the first");
    }
}
