// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of a repository that its metadata no longer names. They stay for a day, for machines that have read the old
//! metadata, and are removed then.

use crate::files::IoError;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// No installation that has read the old metadata runs longer.
const RETIRED_FOR: Duration = Duration::from_secs(86_400);
/// The mode of a file that the metadata no longer names; other files have 0644.
const RETIRED: u32 = 0o444;

/// Marks the regular files among them that are not marked yet, and removes those that were marked a day ago.
pub(super) fn retire(unnamed: &[PathBuf]) -> Result<(), IoError> {
    let now = SystemTime::now();
    for path in unnamed.iter().filter(|path| path.is_file()) {
        // A file that left the metadata long ago keeps its time.
        let file = File::options().append(true).open(path).map_err(IoError::during("open", path))?;
        let metadata = file.metadata().map_err(IoError::during("read", path))?;
        if metadata.permissions().mode() & 0o7777 == RETIRED {
            let modified = metadata.modified().map_err(IoError::during("read", path))?;
            // A file from the future, after a clock was put back, waits for its time.
            if modified.elapsed().is_ok_and(|age| age > RETIRED_FOR) {
                std::fs::remove_file(path).map_err(IoError::during("remove", path))?;
            }
            continue;
        }
        // The time comes first: a process that dies in between leaves an unmarked file, and its day begins with the
        // next run.
        file.set_modified(now).map_err(IoError::during("set the time of", path))?;
        file.sync_all().map_err(IoError::during("sync", path))?;
        file.set_permissions(Permissions::from_mode(RETIRED)).map_err(IoError::during("set the mode of", path))?;
    }
    Ok(())
}
