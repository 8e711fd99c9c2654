// SPDX-License-Identifier: GPL-3.0-or-later
//! The accepted keys for the packages of one distro: the release key of its line, which is compiled in, and those that
//! the site accepted, `packages/<distro>/keys/*.asc`, one in each file.

use super::{FOLDER_OF_KEYS, PackageError, refused};
use crate::exec::{ExecError, gpg, rpmkeys};
use crate::files::{Access, Base, IoError, Trust, read_trusted, write_atomic};
use crate::media::brought::{Brought, BroughtError};
use crate::media::iso::dearmor;
use crate::media::settled;
use crate::media::vendor::ReleaseKey;
use crate::types::{Distro, Fingerprint};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// No key file is larger.
const MAX_KEY_BYTES: u64 = 1 << 20;

/// A key, in the forms of gpgv and rpmkeys.
#[derive(Debug)]
pub(super) struct SigningKey {
    pub(super) fingerprint: Fingerprint,
    /// In binary form, alone.
    pub(super) keyring: PathBuf,
    /// A database with this key alone.
    pub(super) database: PathBuf,
}

/// The keys, and a folder for the programs that work with them, which is removed with this value.
#[derive(Debug)]
pub struct AcceptedKeys {
    pub(super) folder: tempfile::TempDir,
    pub(super) keys: Vec<SigningKey>,
}

impl AcceptedKeys {
    /// Those of the distro in the folder `place`, and `pinned`. The files for the programs are in the empty `folder`.
    ///
    /// # Errors
    /// A file among them with no key, or with several; if gpg or rpm are missing, or `stop` is set meanwhile.
    pub fn gather(
        pinned: Option<ReleaseKey>,
        place: &Path,
        folder: tempfile::TempDir,
        stop: &AtomicBool,
    ) -> Result<Self, PackageError> {
        let mut keys = Self { folder, keys: Vec::new() };
        if let Some(pinned) = pinned {
            keys.take(pinned.armored, Path::new("the pinned release key"), stop)?;
        }
        for path in files(&place.join(FOLDER_OF_KEYS))? {
            keys.take(&read_accepted(&path, place)?, &path, stop)?;
        }
        Ok(keys)
    }

    /// The fingerprints.
    pub fn fingerprints(&self) -> impl Iterator<Item = &Fingerprint> {
        self.keys.iter().map(|key| &key.fingerprint)
    }

    fn take(&mut self, armored: &str, from: &Path, stop: &AtomicBool) -> Result<(), PackageError> {
        let place = self.folder.path().join(self.keys.len().to_string());
        let (key, _) = examine(armored, from, &place, stop)?;
        self.keys.push(key);
        Ok(())
    }
}

/// The files of the keys that the site accepted for the packages of a distro, below `root`: each with its name and its text.
///
/// # Errors
/// When one cannot be read.
pub fn key_files(root: &Path, distro: &Distro) -> Result<Vec<(String, String)>, PackageError> {
    let paths = files(&root.join(distro.as_str()).join(FOLDER_OF_KEYS))?;
    let named = |path: PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if !plain || name.len() > 128 {
            return Err(refused(path.display(), "its name may have only letters, digits and ._-"));
        }
        read_accepted(&path, root).map(|text| (name, text))
    };
    paths.into_iter().map(named).collect()
}

/// Accepts the key in `file` for the distro in the folder `place`, and works in the empty folder `work`. Returns its
/// fingerprint, and whether it is new.
pub(super) fn accept(
    file: &Path,
    place: &Path,
    work: &Path,
    stop: &AtomicBool,
) -> Result<(Fingerprint, bool), PackageError> {
    let armored = read(file)?;
    let (key, problem) = examine(&armored, file, &work.join("key"), stop)?;
    if let Some(problem) = problem {
        return Err(refused(file.display(), format!("{problem}; it is not accepted")));
    }
    let folder = place.join(FOLDER_OF_KEYS);
    settled::make_folder(&folder)?;
    let path = folder.join(format!("{}.asc", key.fingerprint));
    if read(&path).is_ok_and(|before| before == armored) {
        return Ok((key.fingerprint, false));
    }
    write_atomic(&path, armored.as_bytes(), Access::World)?;
    Ok((key.fingerprint, true))
}

/// The one key of an armored text, prepared in the new folder `place`, and why it cannot be used, if so. An expired key
/// can still name a signer, so it is not an error here.
fn examine(
    armored: &str,
    from: &Path,
    place: &Path,
    stop: &AtomicBool,
) -> Result<(SigningKey, Option<&'static str>), PackageError> {
    let wrong = |problem: &str| refused(from.display(), problem);
    let no_key =
        "it must have one OpenPGP key in ASCII armor and nothing else; export one with: gpg --armor --export KEY";
    let bytes = dearmor(armored).ok_or_else(|| wrong(no_key))?;
    let (home, database) = (place.join("home"), place.join("database"));
    for folder in [place, &home, &database] {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().mode(0o700).create(folder).map_err(IoError::during("create", folder))?;
    }
    let (file, keyring) = (place.join("key.asc"), place.join("key.gpg"));
    std::fs::write(&file, armored).map_err(IoError::during("write", &file))?;
    std::fs::write(&keyring, bytes).map_err(IoError::during("write", &keyring))?;
    let found = match gpg::show_keys(&home, &file, stop) {
        Err(ExecError::Failed { .. }) => return Err(wrong(no_key)),
        other => other?,
    };
    let [found] = found.as_slice() else {
        return Err(wrong(&format!("it has {} keys; expected one", found.len())));
    };
    let fingerprint = found.fingerprint.parse().map_err(|_| wrong("the version of its key is not supported"))?;
    match rpmkeys::import(&database, &file, stop) {
        Err(ExecError::Failed { said, .. }) => return Err(wrong(&format!("rpm does not accept its key: {said}"))),
        other => other?,
    }
    Ok((SigningKey { fingerprint, keyring, database }, found.problem))
}

/// The files of keys, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, PackageError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(IoError::new("list", folder, error).into()),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(IoError::during("list", folder))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|e| e == "asc") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A key that a person names.
fn read(path: &Path) -> Result<String, PackageError> {
    Brought::text(path, MAX_KEY_BYTES).map_err(|error| match error {
        BroughtError::NotText(_) => no_text(path),
        other => other.into(),
    })
}

/// An accepted key: its packages are installed on hosts, so only root may have put it below `top`.
fn read_accepted(path: &Path, top: &Path) -> Result<String, PackageError> {
    let bytes = read_trusted(path, &Base::from_folders([top]), Trust::Root, MAX_KEY_BYTES)?;
    String::from_utf8(bytes).map_err(|_| no_text(path))
}

fn no_text(path: &Path) -> PackageError {
    refused(path.display(), "not an armored OpenPGP key; write one with: gpg --armor --export KEYID > FILE")
}
