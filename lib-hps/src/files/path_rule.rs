// SPDX-License-Identifier: GPL-3.0-or-later
//! Who may change the folders on the way to a file.

use super::path_fault::PathFault;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Where it is set, as for /tmp, only the owner of a file or of the folder renames or removes it.
const STICKY: u32 = 0o1000;

/// Who may change the folders and links on the way, besides root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathRule {
    /// Whose they may be.
    pub(crate) user: Option<u32>,
    /// Which groups may write a folder.
    pub(crate) may_group_write: fn(&Metadata) -> bool,
    /// Folders and links may be anybody's: a person has named the file.
    pub(crate) is_named: bool,
}

impl PathRule {
    /// Root and this user, and no group.
    pub(crate) fn for_user(user: u32) -> Self {
        Self { user: Some(user), may_group_write: |_| false, is_named: false }
    }

    /// The way to a file that a person has named.
    pub(super) fn named() -> Self {
        Self { is_named: true, ..Self::for_user(rustix::process::geteuid().as_raw()) }
    }

    pub(super) fn may_own(&self, uid: u32) -> bool {
        uid == 0 || self.user == Some(uid)
    }

    /// What others can do with a folder.
    pub(super) fn judge(&self, path: &Path, metadata: &Metadata) -> Result<(), PathFault> {
        if self.is_named {
            return Ok(());
        }
        if !self.may_own(metadata.uid()) {
            return Err(PathFault::Owner { path: path.to_path_buf(), uid: metadata.uid() });
        }
        self.judge_mode(path, metadata)
    }

    /// The same for `/`, whose owner is not asked for. In a container it may be the user who unpacked it, or a user outside of it. Whoever
    /// owns `/` can replace every file of the system, those of root and HPS too, and root in a container may be unable to change that.
    pub(super) fn judge_top(&self, metadata: &Metadata) -> Result<(), PathFault> {
        if self.is_named { Ok(()) } else { self.judge_mode(Path::new("/"), metadata) }
    }

    fn judge_mode(&self, path: &Path, metadata: &Metadata) -> Result<(), PathFault> {
        let mode = metadata.mode();
        let group_writes = (self.may_group_write)(metadata);
        match mode & 0o022 {
            0 => Ok(()),
            _ if mode & STICKY != 0 => Ok(()),
            0o020 if group_writes => Ok(()),
            _ => Err(PathFault::Mode { path: path.to_path_buf(), metadata: Box::new(metadata.clone()), group_writes }),
        }
    }
}
