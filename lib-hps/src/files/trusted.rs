// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of HPS: trusted by their owner and mode.
//!
//! The author of `hps.conf`, a cluster file or a permission decides what root does, and whose disk is wiped. So such a
//! file counts only if no user except root can have written or replaced it. A person who runs a program without being
//! root trusts their own files too, but root's files never come from the web server's user.
//!
//! An administrator runs the command at the end of a refusal. So no command gives root what another user chose: a
//! stranger's link is removed, not followed, and a folder that HPS shares stays with its owner.

use super::IoError;
use super::base::Base;
use super::bounded::read_all;
use super::error::FileError;
use super::trust::{Trust, may_own, may_share, rule};
use super::untrusted::{file_error, wrong_kind, wrong_mode, wrong_owner};
use super::walk::{Destination, walk};
use rustix::fs::{Mode, OFlags, openat};
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Opens a file of HPS for reading.
///
/// # Errors
/// When it cannot be opened, is not a regular file, or another user may have written it or can replace it.
pub fn open_trusted(path: &Path, base: &Base, trust: Trust) -> Result<File, FileError> {
    let place = walk_trusted(path, base)?;
    check_file(&place.path, &place.metadata, trust)?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat(&place.folder, &place.name, flags, Mode::empty()).map_err(IoError::during("read", path))?;
    let file = File::from(file);
    // The opened file counts, not one that was there before.
    check_file(&place.path, &file.metadata().map_err(IoError::during("read", path))?, trust)?;
    Ok(file)
}

/// The whole file.
///
/// # Errors
/// As [`open_trusted`], or when it has more than `most` bytes.
pub fn read_trusted(path: &Path, base: &Base, trust: Trust, most: u64) -> Result<Vec<u8>, FileError> {
    read_all(open_trusted(path, base, trust)?, path, most)
}

/// Checks an open file by the facts of the system.
///
/// # Errors
/// When it is not a regular file, or another user may have written it.
pub fn check_file(path: &Path, metadata: &Metadata, trust: Trust) -> Result<(), FileError> {
    if !metadata.is_file() {
        return Err(wrong_kind(path, metadata, "a regular file"));
    }
    check(path, metadata, trust)
}

/// Checks only the mode of an open file that another program owns as a user of its own, in a folder of root.
///
/// # Errors
/// When users other than its owner and root may have written it.
pub fn check_mode(path: &Path, metadata: &Metadata) -> Result<(), FileError> {
    mode_is_right(path, metadata, metadata.gid() == 0)
}

/// Looks at owner and mode.
pub(super) fn check(path: &Path, metadata: &Metadata, trust: Trust) -> Result<(), FileError> {
    if !may_own(metadata.uid(), trust) {
        return Err(wrong_owner(path, metadata.uid(), trust));
    }
    let group_writes = match trust {
        Trust::Root => false,
        Trust::Shared => may_share(metadata.gid()),
    };
    mode_is_right(path, metadata, group_writes)
}

fn mode_is_right(path: &Path, metadata: &Metadata, group_writes: bool) -> Result<(), FileError> {
    if metadata.mode() & 0o002 == 0 && (group_writes || metadata.mode() & 0o020 == 0) {
        return Ok(());
    }
    Err(wrong_mode(path, metadata, group_writes))
}

/// Walks to a file or folder of HPS; what stands at the end is not judged yet.
pub(super) fn walk_trusted(path: &Path, base: &Base) -> Result<Destination, FileError> {
    walk(path, rule()).map_err(|fault| file_error(fault, path, base))
}

#[cfg(test)]
#[path = "trusted_tests.rs"]
mod tests;
