// SPDX-License-Identifier: GPL-3.0-or-later
//! Which files of a folder changed since the last look, by their times and numbers. A look that finds the folder itself
//! unchanged costs one system call.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// The clock of a file system may be coarse: a folder that changed just now may change again within the same time.
const COARSE: Duration = Duration::from_secs(2);
/// So often each file is looked at anyway: an editor that writes into a file does not change the folder.
const EVERY_FILE: Duration = Duration::from_secs(10);

/// What tells one content of a file from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn from_metadata(metadata: &Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// That of a path, of the file behind a link; `None` where there is no file.
    pub(super) fn look(path: &Path) -> Option<Self> {
        path.metadata().ok().map(|metadata| Self::from_metadata(&metadata))
    }
}

/// A folder and its files, as of the last look.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    own: Option<Stamp>,
    files: HashMap<String, Stamp>,
    looked: Option<Instant>,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, own: None, files: HashMap::new(), looked: None }
    }

    /// The names of the files that came, changed or went since the last look. Hidden files are locks and unfinished files.
    ///
    /// # Errors
    /// When the folder cannot be read; one that is missing is empty.
    pub(super) fn changes(&mut self) -> io::Result<Vec<String>> {
        let metadata = match self.path.metadata() {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let own = metadata.as_ref().map(Stamp::from_metadata);
        let fresh = self.looked.is_some_and(|looked| looked.elapsed() < EVERY_FILE);
        if fresh && own == self.own {
            return Ok(Vec::new());
        }
        let files = if metadata.is_some() { list(&self.path)? } else { HashMap::new() };
        let mut changes: Vec<String> = files
            .iter()
            .filter(|(name, stamp)| self.files.get(*name) != Some(stamp))
            .map(|(name, _)| name.clone())
            .collect();
        changes.extend(self.files.keys().filter(|name| !files.contains_key(*name)).cloned());
        let settled = metadata.is_none_or(|metadata| {
            let age = metadata.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            age.is_some_and(|age| age > COARSE)
        });
        self.own = own.filter(|_| settled);
        self.files = files;
        self.looked = Some(Instant::now());
        Ok(changes)
    }
}

fn list(path: &Path) -> io::Result<HashMap<String, Stamp>> {
    let mut files = HashMap::new();
    for entry in path.read_dir()? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) => drop(files.insert(name, Stamp::from_metadata(&metadata))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_changed_and_went_is_found_also_if_the_folder_stays_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("hosts");
        let mut folder = Folder::new(path.clone());
        assert!(folder.changes().unwrap().is_empty(), "a missing folder is empty");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("a"), "1").unwrap();
        std::fs::write(path.join(".a.lock"), "").unwrap();
        assert_eq!(folder.changes().unwrap(), ["a"]);
        // Written into: the folder does not change, but it is too young to be believed.
        std::fs::write(path.join("a"), "22").unwrap();
        assert_eq!(folder.changes().unwrap(), ["a"]);
        assert!(folder.changes().unwrap().is_empty());
        std::fs::remove_file(path.join("a")).unwrap();
        assert_eq!(folder.changes().unwrap(), ["a"]);
        let old = std::fs::File::open(&path).unwrap();
        old.set_modified(SystemTime::now() - 2 * COARSE).unwrap();
        assert!(folder.changes().unwrap().is_empty() && folder.own.is_some(), "now it is believed");
    }
}
