// SPDX-License-Identifier: GPL-3.0-or-later
//! What killed builds and extractions left among the published media: hidden folders, which may be large.

use super::build::{BuildError, HIDDEN, io};
use super::tree;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// No build and no extraction takes so long. What is younger may be under way.
const OLD: Duration = Duration::from_secs(86_400);

/// How long a program that was killed may take to be gone: one that waits for a disk ends when the disk has answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// Removes them from `distros`. Returns each that was removed, or why one could not be.
pub fn clear(distros: &Path, now: SystemTime) -> Vec<Result<PathBuf, BuildError>> {
    let mounts = mounts();
    let mut cleared = Vec::new();
    for path in folders(distros) {
        let name = name(&path);
        if name.starts_with(tree::HIDDEN) {
            cleared.extend(clear_one(&path, &mounts, now));
        } else if !name.starts_with('.') {
            // A build under way holds the lock of its distro.
            let free = File::open(path.join(".lock")).is_ok_and(|lock| lock.try_lock().is_ok());
            let hidden = folders(&path).into_iter().filter(|p| free && self::name(p).starts_with(HIDDEN));
            cleared.extend(hidden.filter_map(|path| clear_one(&path, &mounts, now)));
        }
    }
    cleared
}

/// The folders in a folder; a link is none.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> =
        entries.filter(|e| e.file_type().is_ok_and(|t| t.is_dir())).map(|e| e.path()).collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn clear_one(path: &Path, mounts: &str, now: SystemTime) -> Option<Result<PathBuf, BuildError>> {
    let changed = std::fs::symlink_metadata(path).and_then(|m| m.modified()).ok()?;
    // A clock that went back makes nothing old.
    if now.duration_since(changed).unwrap_or_default() < OLD {
        return None;
    }
    Some(remove(path, mounts).map(|()| path.to_path_buf()))
}

/// What is mounted where on this machine.
pub(super) fn mounts() -> String {
    std::fs::read_to_string("/proc/self/mounts").unwrap_or_default()
}

/// Removes a hidden folder or file, unless something of these `mounts` lies in it: a build that was killed may have left this
/// machine's own /dev or /proc mounted in its root. It follows no link, below the folder neither.
pub(super) fn remove(path: &Path, mounts: &str) -> Result<(), BuildError> {
    let mounted = mounts.lines().filter_map(|line| line.split(' ').nth(1)).any(|at| Path::new(at).starts_with(path));
    let removed = if mounted {
        Err(std::io::Error::other("something is mounted in it; unmount that first (see: findmnt)"))
    } else if path.is_dir() {
        remove_folder(path)
    } else {
        std::fs::remove_file(path)
    };
    removed.map_err(io("remove", path))
}

/// Removes a folder that a killed run has left. What it had started is killed with it, and may write for a moment after that.
pub(in crate::media) fn remove_folder(path: &Path) -> std::io::Result<()> {
    let begun = Instant::now();
    loop {
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && begun.elapsed() < PATIENCE => {
                std::thread::sleep(PATIENCE / 100);
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
            Builder::lock(root.path(), &Base::of([root.path()]), &distro, "me", Timestamp::from_unix(0)).unwrap();
        let workshop = builder.workshop().unwrap();
        assert!(clear(root.path(), SystemTime::now()).is_empty(), "all is young");
        let later = SystemTime::now() + OLD + Duration::from_secs(60);
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
        let mounts = format!("proc /proc proc rw 0 0\nproc {}/root/proc proc rw 0 0\n", path.display());
        let later = SystemTime::now() + OLD + Duration::from_secs(60);
        let error = clear_one(&path, &mounts, later).unwrap().unwrap_err();
        assert!(error.to_string().contains(".tree-x: cannot remove"), "{error}");
        assert!(path.is_dir());
    }
}
