// SPDX-License-Identifier: GPL-3.0-or-later
//! The proof of a package: two checks, and both must succeed.
//!
//! gpgv decides whether one of the accepted keys, named in full, has signed the header. It refuses expired and revoked
//! keys and weak hashes. rpmkeys, with only that key, decides whether every digest and signature is good, and so
//! whether the payload is the one that the signed header names.

use super::keys::SigningKey;
use super::{AcceptedKeys, Package, PackageError, refused};
use crate::exec::gpgv::{self, SignatureError};
use crate::exec::rpm::{self, Header};
use crate::exec::{ExecError, rpmkeys};
use crate::files::IoError;
use crate::media::brought::{Brought, BroughtError, Room};
use crate::media::space;
use crate::types::{Distro, Sha256Digest};
use base64::Engine as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// No package is larger: a header without large tags can describe 4 GiB, and no maker ships more.
pub const MAX_PACKAGE_BYTES: u64 = 4 << 30;

/// A verified package. Only this file makes it.
#[derive(Debug)]
pub struct VerifiedPackage {
    path: PathBuf,
    package: Package,
}

impl VerifiedPackage {
    /// Its file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its name and version.
    pub fn package(&self) -> &Package {
        &self.package
    }
}

/// Copies a package from a person to `to`, in a folder of root: the copy is verified and published, because only root
/// can change it.
///
/// # Errors
/// When it is not a file, is too large, the disk is full, or `stop` is set meanwhile.
pub fn bring(from: &Path, to: &Path, stop: &AtomicBool) -> Result<(), PackageError> {
    let brought = Brought::open(from)?;
    let room = Room { folder: to.parent().unwrap_or(to), needed: brought.size().saturating_add(space::RESERVE) };
    let mut copy = File::create(to).map_err(IoError::during("write", to))?;
    match brought.copy(MAX_PACKAGE_BYTES, room, &mut copy, stop, &mut |_, _| {}) {
        Err(BroughtError::Space { folder, .. }) => {
            Err(PackageError::Full { path: folder, kept: space::format_size(space::RESERVE) })
        }
        Err(BroughtError::Stopped) => Err(ExecError::Stopped { program: "the copy" }.into()),
        copied => Ok(copied.map(drop)?),
    }
}

impl AcceptedKeys {
    /// Verifies the package `file` for `distro`. `called` is the given name. The file is in a folder that only root
    /// writes, under a name without special characters.
    ///
    /// # Errors
    /// [`PackageError::Refused`] with the reason, and when it cannot be checked.
    pub fn verify(
        &self,
        file: &Path,
        called: &str,
        distro: &Distro,
        stop: &AtomicBool,
    ) -> Result<VerifiedPackage, PackageError> {
        let found = self.look_at(file, called, distro, stop);
        // Ctrl-C reaches the programs too, and a program that it ended has not judged the package.
        if stop.load(Ordering::Relaxed) {
            return Err(ExecError::Stopped { program: "the proof" }.into());
        }
        found
    }

    fn look_at(
        &self,
        file: &Path,
        called: &str,
        distro: &Distro,
        stop: &AtomicBool,
    ) -> Result<VerifiedPackage, PackageError> {
        let wrong = |problem: String| refused(called, problem);
        // rpm reads a file that is not a package as a list of files and addresses.
        if !begins_like_a_package(file)? {
            return Err(wrong("it is not an RPM package".to_owned()));
        }
        let header = match rpm::header(&self.place("rpm")?, file, stop) {
            Err(ExecError::Failed { said, .. }) => {
                let said = said.replace(&format!("error: {}: ", file.display()), "");
                return Err(wrong(format!("rpm does not accept it: {said}")));
            }
            Err(ExecError::Output { problem, .. }) => return Err(wrong(format!("rpm reads {problem}"))),
            other => other?,
        };
        let key = self.signer(&header, called, stop)?;
        rpmkeys::check(&key.database, file, stop)?.map_err(|bad| wrong(bad.to_string()))?;
        let nevra = header.nevra.map_err(|invalid| wrong(invalid.to_string()))?;
        let cpu = distro.cpu();
        if header.is_source {
            return Err(wrong("it is a source package".to_owned()));
        }
        if nevra.arch() != cpu && nevra.arch() != "noarch" {
            return Err(wrong(format!("it is for {}, but {distro} accepts {cpu} and noarch", nevra.arch())));
        }
        let (sha256, size) =
            File::open(file).and_then(Sha256Digest::hash_reader).map_err(IoError::during("read", file))?;
        let package = Package { size, sha256, signer: key.fingerprint.clone(), nevra };
        Ok(VerifiedPackage { path: file.to_path_buf(), package })
    }

    /// The accepted key that has signed the header.
    fn signer(&self, header: &Header, called: &str, stop: &AtomicBool) -> Result<&SigningKey, PackageError> {
        let wrong = |problem: String| refused(called, problem);
        if header.signatures.is_empty() {
            return Err(wrong(
                "it is not signed; sign it with rpmsign --addsign, see docs/guide/packages.md".to_owned(),
            ));
        }
        let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text);
        let signed = decode(&header.signed).map_err(|_| wrong("rpm reads a bad header".to_owned()))?;
        let place = self.place("gpgv")?;
        let (data, file) = (place.join("header"), place.join("signature"));
        std::fs::write(&data, [&rpm::MAGIC[..], &signed].concat()).map_err(IoError::during("write", &data))?;
        let mut reasons = Vec::new();
        for signature in &header.signatures {
            let bytes = decode(signature).map_err(|_| wrong("rpm reads a bad signature".to_owned()))?;
            std::fs::write(&file, bytes).map_err(IoError::during("write", &file))?;
            for key in &self.keys {
                match gpgv::verify(&key.keyring, key.fingerprint.as_str(), &file, &data, stop) {
                    Ok(()) => return Ok(key),
                    Err(SignatureError::Exec(error)) => return Err(error.into()),
                    Err(SignatureError::Refused(gpgv::Refusal::OtherKey)) => {}
                    Err(SignatureError::Refused(why)) => {
                        reasons.push(format!("its signature by {} does not count: {why}", key.fingerprint));
                    }
                }
            }
        }
        if reasons.is_empty() {
            let id = header.key_id.as_ref().map_or_else(String::new, |id| format!(" {id}"));
            let line = format!("it was signed by a key{id} that is not accepted; accept that key with --key FILE");
            return Err(wrong(line));
        }
        Err(wrong(reasons.join("; ")))
    }

    /// A folder for one program.
    fn place(&self, name: &str) -> Result<PathBuf, PackageError> {
        let place = self.folder.path().join(name);
        std::fs::create_dir_all(&place).map_err(IoError::during("create", &place))?;
        Ok(place)
    }
}

/// The first four bytes of every package (rpm's docs/manual/format_lead.md).
fn begins_like_a_package(file: &Path) -> Result<bool, PackageError> {
    const LEAD: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];
    let mut begin = Vec::new();
    File::open(file).and_then(|f| f.take(4).read_to_end(&mut begin)).map_err(IoError::during("read", file))?;
    Ok(begin == LEAD)
}
