// SPDX-License-Identifier: GPL-3.0-or-later
//! What killed processes left in the folders of the store: temporary files, and locks beside records that are gone.
//!
//! Root clears them, in folders that the web server's user writes too. So each name is checked and removed in the folder that was
//! opened, and no link is followed. Only an entry of that folder can go.

use super::{Paths, StoreError};
use crate::config::Dir;
use crate::files::IoError;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat, unlinkat};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// No process writes a file or holds a lock for so long. A younger file may be in use.
const STALE_AFTER: Duration = Duration::from_secs(86_400);

/// What a name in one of our folders may be left over from.
enum Kind<'a> {
    /// A file that was to be put in the place of another one.
    Temporary,
    /// The link that was to name the active cluster.
    Link,
    /// The lock beside this record.
    Lock(&'a str),
}

impl<'a> Kind<'a> {
    fn from_name(name: &'a str) -> Option<Self> {
        if name.starts_with(".hps-") && name.ends_with(".tmp") {
            Some(Self::Temporary)
        } else if name.starts_with(".active.") && name.ends_with(".tmp") {
            Some(Self::Link)
        } else {
            name.strip_prefix('.')?.strip_suffix(".lock").map(Self::Lock)
        }
    }
}

/// What killed processes left in the folders of the store.
#[derive(Debug, Clone, Copy)]
pub struct Leftovers<'a> {
    paths: &'a Paths,
}

impl<'a> Leftovers<'a> {
    pub(super) fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    /// Clears the folders of this site and of its cluster, and `more` where files are written in the same way. Returns each
    /// thing that was removed, or why one could not be.
    pub fn clear(self, more: &[PathBuf], now: SystemTime) -> Vec<Result<PathBuf, StoreError>> {
        let paths = self.paths;
        let dirs = [Dir::Clusters, Dir::Services, Dir::State, Dir::Tftp, Dir::HttpCgi];
        let mut folders: Vec<PathBuf> = dirs.into_iter().map(|dir| paths.conf().dir(dir).to_path_buf()).collect();
        folders.push(paths.cluster_dir());
        folders.extend(paths.host_entries_dirs());
        folders.extend(more.iter().cloned());
        let mut records = paths.shared_dirs();
        records.extend([
            paths.permissions_dir(),
            paths.windows_dir(),
            paths.tasks_dir(),
            paths.discovery_windows_dir(),
            paths.erase_permissions_dir(),
        ]);
        // The lock of the notifications is beside no file, so it stays.
        let lasting = [paths.notices_dir().join("notify")];
        let cleared = folders.iter().flat_map(|folder| clear(folder, None, now));
        cleared.chain(records.iter().flat_map(|folder| clear(folder, Some(&lasting), now))).collect()
    }
}

/// Clears one folder. Locks only where they are ours, which is where `lasting` says which of them stay.
fn clear(folder: &Path, lasting: Option<&[PathBuf]>, now: SystemTime) -> Vec<Result<PathBuf, StoreError>> {
    let listed = || -> std::io::Result<(File, Vec<String>)> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = File::from(rustix::fs::open(folder, flags, Mode::empty())?);
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&opened)? {
            names.extend(entry?.file_name().to_str().ok().map(str::to_owned));
        }
        Ok((opened, names))
    };
    let (opened, names) = match listed() {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => return vec![Err(IoError::new("list", folder, error).into())],
    };
    let mut cleared = Vec::new();
    for name in names {
        let Some(kind) = Kind::from_name(&name) else { continue };
        let stays = |record: &str| lasting.is_none_or(|lasting| lasting.contains(&folder.join(record)));
        if matches!(kind, Kind::Lock(record) if stays(record)) {
            continue;
        }
        let path = folder.join(&name);
        match clear_one(&opened, &name, &kind, now) {
            Ok(true) => cleared.push(Ok(path)),
            Ok(false) => {}
            Err(error) => cleared.push(Err(IoError::new("remove", &path, error).into())),
        }
    }
    cleared
}

fn clear_one(folder: &File, name: &str, kind: &Kind<'_>, now: SystemTime) -> std::io::Result<bool> {
    let Some((found, changed)) = look(folder, name)? else { return Ok(false) };
    let expected = if matches!(kind, Kind::Link) { FileType::Symlink } else { FileType::RegularFile };
    // A clock that went back makes nothing old.
    if found != expected || now.duration_since(changed).unwrap_or_default() < STALE_AFTER {
        return Ok(false);
    }
    let _held = match kind {
        Kind::Lock(record) => {
            let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let lock = File::from(openat(folder, name, flags, Mode::empty())?);
            // A process that has opened it too gets the lock, sees that the file is gone, and makes another one.
            if lock.try_lock().is_err() || look(folder, record)?.is_some() {
                return Ok(false);
            }
            Some(lock)
        }
        Kind::Temporary | Kind::Link => None,
    };
    unlinkat(folder, name, AtFlags::empty())?;
    Ok(true)
}

/// What kind of file a name of the folder is, and when it was written.
fn look(folder: &File, name: &str) -> std::io::Result<Option<(FileType, SystemTime)>> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => {
            let seconds = u64::try_from(stat.st_mtime).unwrap_or_default();
            let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            Ok(Some((FileType::from_raw_mode(stat.st_mode), changed)))
        }
        Err(rustix::io::Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Lock, LockError, LockKind};
    use crate::host::Who;
    use crate::store::documents::lock;
    use crate::store::testing::store;
    use crate::types::{MacAddr, Timestamp};

    fn in_a_day() -> SystemTime {
        SystemTime::now() + STALE_AFTER + Duration::from_secs(60)
    }

    fn names(cleared: Vec<Result<PathBuf, StoreError>>) -> Vec<String> {
        let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        cleared.into_iter().map(|path| name(path.unwrap())).collect()
    }

    #[test]
    fn what_is_old_goes_and_everything_else_stays() {
        let (folder, store) = store("10.0.0.2-10.0.0.9");
        let hosts = store.paths.hosts_dir();
        let (here, gone): (MacAddr, MacAddr) = ("525400000001".parse().unwrap(), "525400000002".parse().unwrap());
        store.hosts().create(here, &Who::operator("test", "root"), Timestamp::now()).unwrap();
        for mac in [here, gone] {
            drop(lock(store.paths.host(mac).path()).unwrap());
        }
        drop(crate::store::allocation_lock::AllocationLock::wait(&store.paths).unwrap());
        drop(store.notifications().lock_queue().unwrap());
        std::fs::write(hosts.join(".hps-AbCdEf.tmp"), "half").unwrap();
        std::fs::write(hosts.join("hps-mine.tmp"), "a person's").unwrap();
        std::fs::create_dir(hosts.join(".hps-folder.tmp")).unwrap();
        std::fs::write(folder.path().join("precious"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path().join("precious"), hosts.join(".hps-link.tmp")).unwrap();
        let clusters = store.paths.conf().dir(Dir::Clusters).to_path_buf();
        std::os::unix::fs::symlink("lab.cluster", clusters.join(".active.77.tmp")).unwrap();
        let more = folder.path().join("units");
        std::fs::create_dir(&more).unwrap();
        std::fs::write(more.join(".hps-unit.tmp"), "").unwrap();
        std::fs::write(more.join(".somebody-elses.lock"), "").unwrap();

        assert!(store.leftovers().clear(std::slice::from_ref(&more), SystemTime::now()).is_empty(), "all is young");
        let cleared = names(store.leftovers().clear(&[more], in_a_day()));
        let expected = [".active.77.tmp", ".525400000002.toml.lock", ".hps-AbCdEf.tmp", ".hps-unit.tmp"];
        let mut sorted: Vec<&str> = cleared.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        assert!(folder.path().join("precious").exists());
        assert!(hosts.join(".525400000001.toml.lock").exists(), "its record is there");
    }

    #[test]
    fn a_lock_that_is_held_stays_and_one_that_goes_keeps_nobody_out() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let path = store.paths.hosts_dir().join("525400000002.toml");
        let held = lock(&path).unwrap();
        assert!(store.leftovers().clear(&[], in_a_day()).is_empty());
        // It waits for a lock that is cleared away as soon as it is free.
        std::thread::scope(|scope| {
            let second = scope.spawn(|| lock(&path).unwrap());
            std::thread::sleep(Duration::from_millis(100));
            std::fs::remove_file(path.with_file_name(".525400000002.toml.lock")).unwrap();
            drop(held);
            let _second = second.join().unwrap();
            let third = Lock::try_take(&Lock::beside(&path), LockKind::Shared);
            assert!(matches!(third, Err(LockError::Busy { .. })), "two have the same lock");
        });
    }

    #[test]
    fn a_folder_that_became_a_link_is_left_alone() {
        let (folder, store) = store("10.0.0.2-10.0.0.9");
        let elsewhere = folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join(".hps-x.tmp"), "").unwrap();
        let hosts = store.paths.hosts_dir();
        std::fs::remove_dir_all(&hosts).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &hosts).unwrap();
        let cleared = store.leftovers().clear(&[], in_a_day());
        assert!(matches!(cleared.as_slice(), [Err(error)] if error.to_string().contains("hosts")), "{cleared:?}");
        assert!(elsewhere.join(".hps-x.tmp").exists());
    }
}
