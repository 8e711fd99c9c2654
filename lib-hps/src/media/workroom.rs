// SPDX-License-Identifier: GPL-3.0-or-later
//! Temporary folders, of which root alone sees the inside: what is to be proven lies in one, and what is proven and not published yet.
//!
//! Everything that makes one makes it here. A folder that `tempfile` makes by itself is open to everybody (0755), and what an ISO or a
//! package brings with it may belong to anybody until it is published.

use super::brought::others_on_the_way;
use std::path::{Path, PathBuf};

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum WorkroomError {
    /// It cannot be made.
    #[error("{}: cannot create a folder in it", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Others could put another one in its place.
    #[error("{}: {why}, so files that are to be proven are not safe there; name another folder: TMPDIR=/tmp", path.display())]
    Open {
        /// The folder, or one on the way to it.
        path: PathBuf,
        /// What of it is wrong.
        why: String,
    },
}

/// A folder for temporary files that only root can change, removed with all that is in it when the value is dropped.
///
/// # Errors
/// When it cannot be made, or others can change the folder that it is in.
pub fn workroom() -> Result<tempfile::TempDir, WorkroomError> {
    workroom_in(&std::env::temp_dir())
}

/// A hidden folder in `place`, whose name begins with `prefix`. Only root can enter it.
pub(super) fn hidden(prefix: &str, place: &Path) -> std::io::Result<tempfile::TempDir> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    tempfile::Builder::new().prefix(prefix).permissions(mode).tempdir_in(place)
}

fn workroom_in(place: &Path) -> Result<tempfile::TempDir, WorkroomError> {
    let io = |source| WorkroomError::Io { path: place.to_path_buf(), source };
    let folder = hidden(".hps-", place).map_err(io)?;
    match others_on_the_way(folder.path()).map_err(io)? {
        None => Ok(folder),
        Some((path, why)) => Err(WorkroomError::Open { path, why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_no_folder_that_others_can_change() {
        let place = tempfile::tempdir().unwrap();
        let mode = |mode| std::fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(mode));
        let room = workroom_in(place.path()).unwrap();
        let mode_of = std::fs::metadata(room.path()).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode_of) & 0o7777, 0o700);
        drop(room);
        mode(0o1777).unwrap();
        assert!(workroom_in(place.path()).is_ok(), "as /tmp is");
        mode(0o777).unwrap();
        let error = workroom_in(place.path()).unwrap_err().to_string();
        assert!(error.contains("can be changed by others (mode 0777)") && error.ends_with("TMPDIR=/tmp"), "{error}");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
