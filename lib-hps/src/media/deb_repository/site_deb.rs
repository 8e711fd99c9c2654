// SPDX-License-Identifier: GPL-3.0-or-later
//! A package of the site: a file that an administrator names. Debian packages have no signature of their own, so the
//! administrator answers for it, and its digest goes to the log.

use super::deb::{Deb, Origin};
use super::repository::NewDeb;
use super::{DebRepositoryError, refused};
use crate::exec::{ExecError, dpkg_deb};
use crate::files::IoError;
use crate::media::brought::{Brought, Room};
use crate::media::proven_package::MAX_DEB_BYTES;
use crate::media::space;
use crate::types::{Distro, Sha256Digest};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Copies a package from a person to `to`, in a folder of root: the copy is checked and published, because only root
/// can change it.
///
/// # Errors
/// When it is not a file, is too large, the disk is full, or `stop` is set meanwhile.
pub fn bring_deb(from: &Path, to: &Path, stop: &AtomicBool) -> Result<(), DebRepositoryError> {
    let brought = Brought::open(from)?;
    let room = Room { folder: to.parent().unwrap_or(to), needed: brought.size().saturating_add(space::RESERVE) };
    let mut copy = File::create(to).map_err(IoError::during("write", to))?;
    Ok(brought.copy(MAX_DEB_BYTES, room, &mut copy, stop, &mut |_, _| {}).map(drop)?)
}

impl NewDeb {
    /// Checks the package `file` for hosts of `distro`. `called` is the given name. The file is in a folder that only
    /// root writes.
    ///
    /// # Errors
    /// [`DebRepositoryError::Refused`] for a file that is no package, or of another architecture.
    pub fn from_site(
        file: &Path,
        called: &str,
        distro: &Distro,
        stop: &AtomicBool,
    ) -> Result<Self, DebRepositoryError> {
        if !begins_like_a_package(file)? {
            return Err(refused(called, "it is not a Debian package (.deb)"));
        }
        let fields = match dpkg_deb::fields(file, ["Package", "Version", "Architecture"], stop) {
            Err(ExecError::Failed { said, .. }) => {
                return Err(refused(called, format!("dpkg-deb does not accept it: {said}")));
            }
            other => other?,
        };
        let [name, version, architecture] = fields;
        let (sha256, size) =
            File::open(file).and_then(Sha256Digest::hash_reader).map_err(IoError::during("read", file))?;
        let deb = Deb { name, version, architecture, origin: Origin::Site, size, sha256 };
        if !deb.is_plain() {
            return Err(refused(
                called,
                "its name, version or architecture is missing or has other characters than those of Debian's policy",
            ));
        }
        let accepted = distro.processor().debian();
        if deb.architecture != accepted && deb.architecture != "all" {
            let problem = format!("it is for {}, but {distro} accepts {accepted} and all", deb.architecture);
            return Err(refused(called, problem));
        }
        Ok(Self { deb, path: file.to_path_buf() })
    }
}

/// deb(5): an archive of ar.
fn begins_like_a_package(file: &Path) -> Result<bool, DebRepositoryError> {
    const MAGIC: &[u8] = b"!<arch>\ndebian-binary";
    let mut begin = Vec::new();
    let most = MAGIC.len() as u64;
    File::open(file).and_then(|f| f.take(most).read_to_end(&mut begin)).map_err(IoError::during("read", file))?;
    Ok(begin == MAGIC)
}
