// SPDX-License-Identifier: GPL-3.0-or-later
//! The key of the site that signs the index of its packages for Debian hosts. It is made once, and hosts trust it: a new
//! key reaches installed hosts only by a person.

use super::DebRepositoryError;
use crate::exec::gpg_signer::Signer;
use crate::files::{Access, Base, FileError, IoError, Trust, create_atomic, make_dir, read_trusted};
use crate::media::work_folder::{sheet, work_folder};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Its name and comment.
const USER: &str = "HPS packages of this site";
/// Some hundred bytes.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// The secret key, in ASCII armor.
#[derive(Clone)]
pub struct PackagesKey {
    secret: String,
}

impl std::fmt::Debug for PackagesKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackagesKey")
    }
}

impl PackagesKey {
    /// The name of its file, in the folder of state.
    pub const FILE: &str = "packages-key.asc";

    /// Reads the key of the site; none if it was never made.
    ///
    /// # Errors
    /// When it cannot be read, or another user could have written it.
    pub fn read(path: &Path, base: &Base) -> Result<Option<Self>, DebRepositoryError> {
        let bytes = match read_trusted(path, base, Trust::Root, MAX_KEY_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let secret = String::from_utf8(bytes).map_err(|_| DebRepositoryError::Refused {
            what: path.display().to_string(),
            problem: "not a key in ASCII armor; restore it from a copy of this node".to_owned(),
        })?;
        Ok(Some(Self { secret }))
    }

    /// Reads the key of the site, or makes it. Returns it, and whether it is new.
    ///
    /// # Errors
    /// As [`PackagesKey::read`]; when gpg fails, or `stop` is set meanwhile.
    pub fn read_or_make(path: &Path, base: &Base, stop: &AtomicBool) -> Result<(Self, bool), DebRepositoryError> {
        if let Some(key) = Self::read(path, base)? {
            return Ok((key, false));
        }
        let key = Self::make(stop)?;
        if create_atomic(path, key.secret.as_bytes(), Access::Owner)? {
            return Ok((key, true));
        }
        // Another run made it meanwhile.
        let found = Self::read(path, base)?;
        found.map(|key| (key, false)).ok_or_else(|| FileError::from(IoError::new("read", path, gone())).into())
    }

    /// A new key.
    ///
    /// # Errors
    /// When gpg fails, or `stop` is set meanwhile.
    pub fn make(stop: &AtomicBool) -> Result<Self, DebRepositoryError> {
        let room = work_folder()?;
        Ok(Self { secret: Signer::with_new_key(&home(room.path())?, USER, stop)?.secret_key()? })
    }

    /// The public key, in ASCII armor, and the text of a file with a signature of this key around it.
    ///
    /// # Errors
    /// When gpg fails, or `stop` is set meanwhile.
    pub(super) fn sign(&self, text: &str, stop: &AtomicBool) -> Result<(String, String), DebRepositoryError> {
        let room = work_folder()?;
        let (secret, file) = (sheet(self.secret.as_bytes())?, sheet(text.as_bytes())?);
        let home = home(room.path())?;
        let signer = Signer::with_key(&home, secret.path(), stop)?;
        Ok((signer.public_key()?, signer.clear_sign(file.path())?))
    }

    /// The public key, in ASCII armor.
    ///
    /// # Errors
    /// When gpg fails, or `stop` is set meanwhile.
    pub fn public_key(&self, stop: &AtomicBool) -> Result<String, DebRepositoryError> {
        let room = work_folder()?;
        let secret = sheet(self.secret.as_bytes())?;
        Ok(Signer::with_key(&home(room.path())?, secret.path(), stop)?.public_key()?)
    }
}

fn gone() -> std::io::Error {
    std::io::ErrorKind::NotFound.into()
}

fn home(room: &Path) -> Result<PathBuf, DebRepositoryError> {
    let home = room.join("gpg");
    make_dir(&home, 0o700, None)?;
    Ok(home)
}
