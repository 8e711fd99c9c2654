// SPDX-License-Identifier: GPL-3.0-or-later
//! What killed builds and extractions left among the published media: hidden folders, which may be large.

use super::build_error::BuildError;
use super::build_files::{HIDDEN, LOCK};
use super::tree;
use crate::files::IoError;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// No build and no extraction takes this long. A younger folder may be in use.
const STALE_AFTER: Duration = Duration::from_secs(86_400);

/// How long a killed program may need to end: one that waits for a disk ends when the disk has answered.
const REMOVAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Removes them from `distros`. Returns each one that was removed, or why one could not be.
pub fn clear(distros: &Path, now: SystemTime) -> Vec<Result<PathBuf, BuildError>> {
    let mounts = mounts();
    let mut cleared = Vec::new();
    // A folder that cannot be listed is reported, and skipped here.
    let listed = |folder: &Path, cleared: &mut Vec<_>| {
        folders(folder).unwrap_or_else(|error| {
            cleared.push(Err(IoError::new("list", folder, error).into()));
            Vec::new()
        })
    };
    for path in listed(distros, &mut cleared) {
        let name = name(&path);
        if name.starts_with(tree::HIDDEN) {
            cleared.extend(clear_one(&path, &mounts, now));
        } else if !name.starts_with('.') {
            // A running build holds the lock of its distro.
            let free = File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
            let hidden = listed(&path, &mut cleared).into_iter().filter(|p| free && self::name(p).starts_with(HIDDEN));
            cleared.extend(hidden.filter_map(|path| clear_one(&path, &mounts, now)));
        }
    }
    cleared
}

/// The folders in a folder, none if it does not exist; a link does not count.
fn folders(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn clear_one(path: &Path, mounts: &Mounts, now: SystemTime) -> Option<Result<PathBuf, BuildError>> {
    let changed = match std::fs::symlink_metadata(path).and_then(|m| m.modified()) {
        Ok(changed) => changed,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => return Some(Err(IoError::new("look at", path, error).into())),
    };
    // After a clock that went back, nothing counts as old.
    if now.duration_since(changed).unwrap_or_default() < STALE_AFTER {
        return None;
    }
    Some(remove(path, mounts).map(|()| path.to_path_buf()))
}

/// The mounts of this machine, or why they cannot be read. Then nothing is removed.
pub(super) type Mounts = std::io::Result<String>;

/// That of now.
pub(super) fn mounts() -> Mounts {
    std::fs::read_to_string("/proc/self/mounts")
}

/// Removes a hidden folder or file, unless one of these `mounts` is in it: a killed build may have left this machine's
/// own /dev or /proc mounted in its root. It follows no link, also not below the folder.
pub(super) fn remove(path: &Path, mounts: &Mounts) -> Result<(), BuildError> {
    Ok(remove_unmounted(path, mounts).map_err(IoError::during("remove", path))?)
}

fn remove_unmounted(path: &Path, mounts: &Mounts) -> std::io::Result<()> {
    let mounts = mounts.as_ref().map_err(|error| {
        std::io::Error::other(format!("/proc/self/mounts cannot be read, so this may contain a mount: {error}"))
    })?;
    if mounts.lines().filter_map(|line| line.split(' ').nth(1)).any(|at| Path::new(at).starts_with(path)) {
        return Err(std::io::Error::other("it contains a mount; unmount that first (see: findmnt)"));
    }
    match std::fs::symlink_metadata(path)?.is_dir() {
        true => remove_folder(path),
        false => std::fs::remove_file(path),
    }
}

/// Removes a folder of a killed run. The children of that run are killed with it, but may write for another moment.
pub(in crate::media) fn remove_folder(path: &Path) -> std::io::Result<()> {
    let begun = Instant::now();
    loop {
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && begun.elapsed() < REMOVAL_TIMEOUT => {
                std::thread::sleep(REMOVAL_TIMEOUT / 100);
            }
            // Two that remove it.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::build::Builder;
    use super::*;
    use crate::files::Base;
    use crate::types::Timestamp;

    #[test]
    fn old_hidden_folders_go_and_a_build_under_way_stays() {
        let root = tempfile::tempdir().unwrap();
        let at = |below: &str| root.path().join(below);
        for folder in [".tree-dead/tree", "debian/.build-dead/root", "debian/20260101T000000Z", ".other"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        std::fs::write(at("precious"), "x").unwrap();
        std::os::unix::fs::symlink(at("precious"), at(".tree-dead/tree/link")).unwrap();
        std::os::unix::fs::symlink(at("debian"), at(".tree-link")).unwrap();
        std::fs::write(at("debian/.lock"), "").unwrap();
        let distro = "x86_64-linux-debian-12".parse().unwrap();
        let builder =
            Builder::lock(root.path(), &Base::from_folders([root.path()]), &distro, Timestamp::from_unix(0)).unwrap();
        let workshop = builder.workshop(&crate::exec::NEVER).unwrap();
        assert!(clear(root.path(), SystemTime::now()).is_empty(), "all is young");
        let later = SystemTime::now() + STALE_AFTER + Duration::from_secs(60);
        let cleared: Vec<PathBuf> = clear(root.path(), later).into_iter().map(Result::unwrap).collect();
        assert_eq!(cleared, [at(".tree-dead"), at("debian/.build-dead")]);
        for stays in ["precious", ".tree-link", "debian/20260101T000000Z", ".other"] {
            assert!(std::fs::symlink_metadata(at(stays)).is_ok(), "{stays}");
        }
        assert!(workshop.path().is_dir());
    }

    #[test]
    fn what_holds_a_mount_is_left_and_said() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(".tree-x");
        std::fs::create_dir(&path).unwrap();
        let mounts = Ok(format!("proc /proc proc rw 0 0\nproc {}/root/proc proc rw 0 0\n", path.display()));
        let later = SystemTime::now() + STALE_AFTER + Duration::from_secs(60);
        let error = clear_one(&path, &mounts, later).unwrap().unwrap_err();
        assert!(error.to_string().contains(".tree-x: cannot remove"), "{error}");
        let unread = Err(std::io::Error::other("input/output error"));
        let error = clear_one(&path, &unread, later).unwrap().unwrap_err();
        assert!(error.to_string().contains(".tree-x: cannot remove"), "what is mounted is not known: {error}");
        std::os::unix::fs::symlink("loop", root.path().join("loop")).unwrap();
        assert!(clear(&root.path().join("loop"), later).iter().all(Result::is_err), "it cannot be listed");
        assert_eq!(clear(&root.path().join("loop"), later).len(), 1);
        assert!(clear(&root.path().join("none"), later).is_empty());
        assert!(path.is_dir());
    }
}
