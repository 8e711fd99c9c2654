// SPDX-License-Identifier: GPL-3.0-or-later
//! How other users can change which files a folder has: all faults at once, so that one command corrects them.
//!
//! For folders in which root looks for programs. There the sticky bit is not enough: another user can add a program.

use super::path_fault::PathFault;
use super::path_rule::PathRule;
use super::walk::walk_past_faults;
use super::{IoError, user_name};
use rustix::fs::Mode;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// One way in which another user can change what is in a folder.
#[derive(Debug)]
pub enum FolderFault {
    /// The folder, or a folder or link above it, belongs to another user.
    Owner {
        /// That folder or link.
        path: PathBuf,
        /// The user: `alice (1000)`.
        user: String,
    },
    /// Others can write this folder.
    Writable {
        /// The folder.
        path: PathBuf,
        /// The change of its mode that ends that: `g-w`, `o-w` or `go-w`.
        mode: &'static str,
    },
    /// Others can add files to the folder itself; its sticky bit protects only the files of root.
    Sticky {
        /// The folder.
        path: PathBuf,
    },
    /// It cannot be checked.
    Unreadable(IoError),
}

/// The faults of the folder `path` and of the way to it, in the order of the way, if only root and `user` may change
/// its content. Also the folder with all links followed. The owner of `/` does not matter.
pub fn folder_faults(path: &Path, user: u32) -> (PathBuf, Vec<FolderFault>) {
    let (real, metadata, faults_of_path) = match walk_past_faults(path, PathRule::for_user(user)) {
        Ok(found) => found,
        Err(error) => return (path.to_path_buf(), vec![FolderFault::Unreadable(error)]),
    };
    let mut faults: Vec<FolderFault> = faults_of_path.into_iter().map(FolderFault::from).collect();
    let is_listed = |fault: &FolderFault| matches!(fault, FolderFault::Writable { path, .. } if *path == real);
    if writers(metadata.mode()).is_some() && !faults.iter().any(is_listed) {
        faults.push(FolderFault::Sticky { path: real.clone() });
    }
    (real, faults)
}

/// The change of a mode that leaves the right to write only to the owner.
fn writers(mode: u32) -> Option<&'static str> {
    match Mode::from_raw_mode(mode) & (Mode::WGRP | Mode::WOTH) {
        bits if bits.is_empty() => None,
        Mode::WGRP => Some("g-w"),
        Mode::WOTH => Some("o-w"),
        _ => Some("go-w"),
    }
}

impl From<PathFault> for FolderFault {
    fn from(fault: PathFault) -> Self {
        match fault {
            PathFault::Io(error) => Self::Unreadable(error),
            PathFault::Link { path, uid, .. } | PathFault::Owner { path, uid } => {
                Self::Owner { path, user: user_name(uid) }
            }
            PathFault::Mode { path, metadata, .. } => {
                Self::Writable { path, mode: writers(metadata.mode()).unwrap_or("go-w") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    /// Each fault with the folder's name: `a g-w`.
    fn words(top: &Path, path: &Path) -> Vec<String> {
        let user = rustix::process::geteuid().as_raw();
        let name = |path: &Path| path.strip_prefix(top).unwrap_or(path).display().to_string();
        let word = |fault| match fault {
            FolderFault::Owner { path, .. } => format!("{} owner", name(&path)),
            FolderFault::Writable { path, mode } => format!("{} {mode}", name(&path)),
            FolderFault::Sticky { path } => format!("{} sticky", name(&path)),
            FolderFault::Unreadable(_) => "unreadable".to_owned(),
        };
        folder_faults(path, user).1.into_iter().map(word).collect()
    }

    #[test]
    fn all_faults_of_a_way_are_found() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        let chmod = |name: &str, mode: u32| {
            std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        std::fs::create_dir_all(at("a/b")).unwrap();
        symlink("a/b", at("link")).unwrap();
        std::fs::write(at("file"), "").unwrap();
        let none: [&str; 0] = [];
        for path in ["a/b", "link"] {
            assert_eq!(words(top.path(), &at(path)), none, "{path}");
            assert_eq!(folder_faults(&at(path), rustix::process::geteuid().as_raw()).0, at("a/b"));
        }
        for (a, b, expected) in [
            (0o775, 0o775, &["a g-w", "a/b g-w"][..]),
            (0o777, 0o757, &["a go-w", "a/b o-w"]),
            (0o1777, 0o755, &[]),
            (0o755, 0o1777, &["a/b sticky"]),
            (0o2775, 0o3775, &["a g-w", "a/b sticky"]),
        ] {
            chmod("a", a);
            chmod("a/b", b);
            for path in ["a/b", "link"] {
                assert_eq!(words(top.path(), &at(path)), expected, "{path} {a:o} {b:o}");
            }
        }
        for path in [at("none"), at("file"), PathBuf::from("a/b"), PathBuf::new()] {
            assert_eq!(words(top.path(), &path), ["unreadable"], "{path:?}");
        }
        // Only root can give files away.
        if rustix::process::geteuid().is_root() {
            chmod("a", 0o775);
            chmod("a/b", 0o755);
            chown(at("a"), Some(54_321), None).unwrap();
            std::os::unix::fs::lchown(at("link"), Some(54_321), None).unwrap();
            assert_eq!(words(top.path(), &at("a/b")), ["a owner"]);
            assert_eq!(words(top.path(), &at("link")), ["link owner", "a owner"]);
        }
    }
}
