// SPDX-License-Identifier: GPL-3.0-or-later
//! What is wrong with a file or folder that another user may have written, with the command that mends it.

use super::WEB_USER;
use super::base::Base;
use super::error::{FileError, what};
use super::path_fault::PathFault;
use super::trust::Trust;
use super::users::user_name;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What is wrong with the way to a file, `asked`.
pub(super) fn file_error(fault: PathFault, asked: &Path, base: &Base) -> FileError {
    match fault {
        PathFault::Io(error) => error.into(),
        // Giving it to root would make the choice of its maker root's own.
        PathFault::Link { path, target, uid } => FileError::Untrusted {
            problem: format!(
                "this is a link to {} and belongs to user {}, expected root",
                target.display(),
                user_name(uid)
            ),
            mend: format!("find out who made it, then remove it: rm {}", path.display()),
            path,
        },
        PathFault::Owner { path, uid } if base.is_own(&path) => wrong_owner(&path, uid, Trust::Root),
        // The whole lab must move, not one of its files.
        PathFault::Owner { path, uid } if path != base.folder() && base.folder().starts_with(&path) => {
            foreign_folder(&path, uid, base.folder())
        }
        PathFault::Owner { path, uid } => foreign_folder(&path, uid, asked),
        PathFault::Mode { path, metadata, group_writes } => wrong_mode(&path, &metadata, group_writes),
    }
}

pub(super) fn wrong_kind(path: &Path, metadata: &Metadata, expected: &str) -> FileError {
    let command = if metadata.is_dir() { "rmdir" } else { "rm" };
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!("this is {}, expected {expected}", what(metadata.file_type())),
        mend: format!("find out who made it, then remove it: {command} {}", path.display()),
    }
}

pub(super) fn wrong_owner(path: &Path, uid: u32, trust: Trust) -> FileError {
    let shown = path.display();
    let owner = match trust {
        Trust::Root => "root".to_owned(),
        Trust::Shared => format!("root or {WEB_USER}"),
    };
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!("belongs to user {}, expected {owner}", user_name(uid)),
        // Never the target of a link, in case one is put there meanwhile.
        mend: format!("check its content, then give it to root: chown -h root:{WEB_USER} {shown}"),
    }
}

/// It leads to a file of HPS and has other files too, for instance a person's: it stays with its owner, and the file
/// moves.
pub(super) fn foreign_folder(path: &Path, uid: u32, asked: &Path) -> FileError {
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!(
            "belongs to user {}, expected root; that user can replace {}",
            user_name(uid),
            asked.display()
        ),
        mend: format!("move {} below a folder that only root can write", asked.display()),
    }
}

pub(super) fn wrong_mode(path: &Path, metadata: &Metadata, group_writes: bool) -> FileError {
    let mode = metadata.mode() & 0o7777;
    let (who, bits) = match mode & 0o022 {
        0o020 => (format!("group {} can write it", metadata.gid()), "g-w"),
        0o002 => ("everybody can write it".to_owned(), "o-w"),
        _ if group_writes => ("everybody can write it".to_owned(), "o-w"),
        _ => ("everybody can write it".to_owned(), "go-w"),
    };
    FileError::Untrusted {
        path: path.to_path_buf(),
        problem: format!("{who} (mode {mode:04o})"),
        mend: format!("check its content, then remove that right: chmod {bits} {}", path.display()),
    }
}
