// SPDX-License-Identifier: GPL-3.0-or-later
//! What proves an ISO: the signature of its maker over CHECKSUM, or the operator's word.
//!
//! The values of this file form a chain, each made only from the one before: [`Checksums`] by a good signature of the pinned
//! key, [`Expected`] from them or on the operator's word, [`ProvenIso`] by reading the whole file. Publishing takes nothing
//! but the last.

use super::brought::{Brought, BroughtError, Room};
use super::checksum;
use super::space::RESERVE;
use super::vendor::{Release, ReleaseKey, Vendor};
use super::workroom::{WorkroomError, workroom};
use crate::exec::ExecError;
use crate::exec::gpgv::{self, SignatureError};
use crate::files::IoError;
use crate::types::{Line, Sha256Digest};
use base64::Engine as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Signatures that may lie beside a CHECKSUM, detached, in the order in which they are tried.
pub const SIGNATURES: [&str; 2] = ["CHECKSUM.sig", "CHECKSUM.asc"];

/// Why something is not proven.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It is no file to read, or cannot be read.
    #[error(transparent)]
    Brought(#[from] BroughtError),
    /// There is no safe place for what gpgv reads.
    #[error(transparent)]
    Workroom(#[from] WorkroomError),
    /// gpgv could not be called.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// Nothing that is known signs this.
    #[error("{osname} {release} has no release key in this program; give the digest with --sha256", osname = vendor.osname())]
    NoKey {
        /// The maker.
        vendor: Vendor,
        /// The release.
        release: Release,
    },
    /// The signature does not count, or CHECKSUM does not say what it must.
    #[error("CHECKSUM of {of}: {problem}")]
    Checksums {
        /// Which release.
        of: String,
        /// What is wrong.
        problem: String,
    },
    /// The file is not the one that was meant.
    #[error("{}: its {what} is {found}, not {expected}; it is not published", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// "SHA-256" or "size".
        what: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
}

impl VerifyError {
    /// Whether something was looked at and found wrong, as against not looked at.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NoKey { .. } | Self::Checksums { .. } | Self::Other { .. } => true,
            Self::Brought(error) => error.is_refusal(),
            Self::Workroom(error) => matches!(error, WorkroomError::Open { .. }),
            Self::Io(_) | Self::Exec(_) | Self::Stopped => false,
        }
    }
}

/// Which release something claims to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The maker.
    pub vendor: Vendor,
    /// The release.
    pub release: Release,
    /// The processor, as in the distro string.
    pub cpu: String,
}

/// Who stands for a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The maker's release key, by its fingerprint.
    Signature(String),
    /// An operator who gave the digest.
    Operator(Line),
}

/// A CHECKSUM file that the pinned key has signed.
#[derive(Debug)]
pub struct Checksums {
    text: String,
    claim: Claim,
    fingerprint: String,
}

impl Checksums {
    /// Looks whether one of the detached `signatures` over `text` is good and by the one key of that line.
    ///
    /// # Errors
    /// [`VerifyError`]; of several signatures the reasons of all; and when `stop` is set meanwhile.
    pub fn prove(
        claim: Claim,
        key: &ReleaseKey,
        text: &[u8],
        signatures: &[(&str, Vec<u8>)],
        stop: &AtomicBool,
    ) -> Result<Self, VerifyError> {
        let of = format!("{} {}", claim.vendor.osname(), claim.release);
        let wrong = |problem: String| VerifyError::Checksums { of: of.clone(), problem };
        if signatures.is_empty() {
            return Err(wrong("it is not signed: neither CHECKSUM.sig nor CHECKSUM.asc is beside it; where the maker signs none, give the digest of the ISO with --sha256".to_owned()));
        }
        let folder = workroom()?;
        let put = |name: &str, bytes: &[u8]| -> Result<PathBuf, VerifyError> {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).map_err(IoError::during("write", &path))?;
            Ok(path)
        };
        let keyring = dearmor(key.armored).ok_or_else(|| wrong("the pinned key cannot be read".to_owned()))?;
        let (keyring, data) = (put("key.gpg", &keyring)?, put("CHECKSUM", text)?);
        let mut reasons = Vec::new();
        for (name, signature) in signatures {
            match gpgv::verify(&keyring, key.fingerprint, &put("signature", signature)?, &data, stop) {
                Ok(()) => {
                    let text = String::from_utf8(text.to_vec()).map_err(|_| wrong("it is no text".to_owned()))?;
                    return Ok(Self { text, claim, fingerprint: key.fingerprint.to_owned() });
                }
                Err(SignatureError::Exec(error)) => return Err(error.into()),
                Err(SignatureError::Refused(why)) => reasons.push(format!("{name}: {why}")),
            }
        }
        Err(wrong(reasons.join("; ")))
    }

    /// What they say of exactly this file.
    ///
    /// # Errors
    /// When they do not, or not plainly.
    pub fn expected(&self, name: &str) -> Result<Expected, VerifyError> {
        let of = format!("{} {}", self.claim.vendor.osname(), self.claim.release);
        let entry = checksum::entry(&self.text, name).map_err(|problem| VerifyError::Checksums { of, problem })?;
        Ok(Expected {
            name: name.to_owned(),
            size: entry.size,
            sha256: entry.sha256,
            claim: Some(self.claim.clone()),
            word: Word::Signature(self.fingerprint.clone()),
        })
    }
}

/// A file as it must be.
#[derive(Debug, Clone)]
pub struct Expected {
    name: String,
    size: Option<u64>,
    sha256: Sha256Digest,
    claim: Option<Claim>,
    word: Word,
}

impl Expected {
    /// As the operator says.
    pub fn on_the_word_of(operator: &str, name: &str, sha256: Sha256Digest, claim: Option<Claim>) -> Self {
        // The name of a file is whatever its owner likes, and goes into a line of the inventory.
        let name = Line::lossy(name).to_string();
        Self { name, size: None, sha256, claim, word: Word::Operator(Line::lossy(operator)) }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which release it must be; `None` where the operator gave only a digest.
    pub fn claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    /// Its size in bytes, where it is known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Its digest.
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Proves a file whose bytes were hashed as they were written. Nobody else can write it.
    pub(super) fn prove_hashed(
        &self,
        path: &Path,
        file: File,
        found: Sha256Digest,
        size: u64,
    ) -> Result<ProvenIso, VerifyError> {
        self.compare(path, found, size)?;
        Ok(ProvenIso { path: path.to_path_buf(), file, size, expected: self.clone() })
    }

    /// Whether a file is the one that is meant.
    fn compare(&self, path: &Path, found: Sha256Digest, size: u64) -> Result<(), VerifyError> {
        let other = |what, found: String, expected: String| {
            Err(VerifyError::Other { path: path.to_path_buf(), what, found, expected })
        };
        if let Some(expected) = self.size.filter(|expected| *expected != size) {
            return other("size", size.to_string(), expected.to_string());
        }
        if found != self.sha256 {
            return other("SHA-256", found.to_string(), self.sha256.to_string());
        }
        Ok(())
    }

    /// Copies the whole file into `folder`, to a file that has no name, and compares it. What is proven is the copy: somebody may have had
    /// the file open for writing since before it became root's, which its owner and mode do not show. `progress` hears how many bytes
    /// were read.
    ///
    /// # Errors
    /// When it cannot be read, is another one, there is no room for the copy, or `stop` is set meanwhile.
    pub fn prove(
        &self,
        iso: &Brought,
        folder: &Path,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<ProvenIso, VerifyError> {
        self.compare_size(iso)?;
        let mut copy = tempfile::tempfile_in(folder).map_err(IoError::during("create a file in", folder))?;
        // The tree is about as large.
        let room = Room { folder, needed: iso.size().saturating_mul(2).saturating_add(RESERVE) };
        let found = iso.copy(LARGEST, room, &mut copy, stop, progress).map_err(|error| match error {
            BroughtError::Stopped => VerifyError::Stopped,
            other => other.into(),
        })?;
        self.prove_hashed(iso.path(), copy, found, iso.size())
    }

    /// The same for a file that this program made itself in a folder which only root enters: nobody else ever had it open, so it needs no
    /// copy. One that others can change now is copied all the same.
    ///
    /// # Errors
    /// As [`Self::prove`].
    pub(super) fn prove_own(
        &self,
        iso: Brought,
        folder: &Path,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<ProvenIso, VerifyError> {
        if !iso.is_roots() {
            return self.prove(&iso, folder, stop, progress);
        }
        self.check(&iso, stop, progress)?;
        let (path, size) = (iso.path().to_path_buf(), iso.size());
        Ok(ProvenIso { path, file: iso.into_file(), size, expected: self.clone() })
    }

    fn compare_size(&self, iso: &Brought) -> Result<(), VerifyError> {
        if self.size.is_some_and(|expected| expected != iso.size()) {
            return self.compare(iso.path(), self.sha256, iso.size());
        }
        Ok(())
    }

    /// Reads the whole file and compares it, and proves nothing for later.
    ///
    /// # Errors
    /// When it cannot be read, is another one, or `stop` is set meanwhile.
    pub fn check(
        &self,
        iso: &Brought,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), VerifyError> {
        self.compare_size(iso)?;
        let (path, size) = (iso.path(), iso.size());
        if size > LARGEST {
            return Err(BroughtError::TooLarge { path: path.to_path_buf(), most: LARGEST }.into());
        }
        let mut read = 0u64;
        let reader = Watched {
            // One byte more shows that it grew.
            file: iso.file().take(size.saturating_add(1)),
            stop,
            seen: |count| {
                read += count;
                progress(read, Some(size));
            },
        };
        let (found, size) = match Sha256Digest::of_reader(reader) {
            Err(_) if stop.load(Ordering::Relaxed) => return Err(VerifyError::Stopped),
            other => other.map_err(IoError::during("read", path))?,
        };
        self.compare(path, found, size)
    }
}

/// No ISO is larger: twice the largest that there is.
pub(super) const LARGEST: u64 = 32 << 30;

/// A reader that ends with an error when it is told to.
struct Watched<'a, F> {
    file: std::io::Take<&'a File>,
    stop: &'a AtomicBool,
    seen: F,
}

impl<F: FnMut(u64)> std::io::Read for Watched<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("stopped"));
        }
        let count = self.file.read(buffer)?;
        (self.seen)(count as u64);
        Ok(count)
    }
}

/// An ISO that is what it must be: every byte of the open file was hashed, and nobody but root can change one. Only this file makes it,
/// and only it can be published, by the open file and not by its path.
#[derive(Debug)]
pub struct ProvenIso {
    path: PathBuf,
    file: File,
    size: u64,
    expected: Expected,
}

impl ProvenIso {
    /// Where it was found: for messages, and to put it away.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that are proven.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its file name, as its maker calls it.
    pub fn name(&self) -> &str {
        &self.expected.name
    }

    /// Its digest.
    pub fn sha256(&self) -> Sha256Digest {
        self.expected.sha256
    }

    /// Which release it must be; `None` where the operator gave only a digest.
    pub fn claim(&self) -> Option<&Claim> {
        self.expected.claim.as_ref()
    }

    /// Who stands for it.
    pub fn word(&self) -> &Word {
        &self.expected.word
    }

    /// The same file under another name, on the same file system.
    pub(super) fn renamed(self, to: &Path) -> std::io::Result<Self> {
        std::fs::rename(&self.path, to)?;
        Ok(Self { path: to.to_path_buf(), ..self })
    }
}

impl std::fmt::Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signature(fingerprint) => write!(f, "signed by {fingerprint}"),
            Self::Operator(who) => write!(f, "on the word of {who}"),
        }
    }
}

/// The bytes of an armored key (RFC 9580, 6.2): base64 between two lines, behind headers and an empty line; a last line that
/// begins with `=` is a checksum.
pub(super) fn dearmor(armored: &str) -> Option<Vec<u8>> {
    let (_, rest) = armored.split_once("-----BEGIN PGP PUBLIC KEY BLOCK-----")?;
    let (block, _) = rest.split_once("-----END PGP PUBLIC KEY BLOCK-----")?;
    let lines = block.trim_start_matches(['\r', '\n', ' ']).lines().map(str::trim);
    let body: String = lines.filter(|line| !line.contains(": ") && !line.starts_with('=')).collect();
    base64::engine::general_purpose::STANDARD.decode(body).ok().filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_keys_can_be_read() {
        for vendor in Vendor::ALL {
            for major in [9, 10] {
                let bytes = dearmor(vendor.key(major).unwrap().armored).unwrap();
                assert!(bytes.first().is_some_and(|tag| tag & 0x80 != 0), "an OpenPGP packet");
            }
        }
        assert_eq!(dearmor("hello"), None);
    }

    #[test]
    fn a_file_is_proven_by_all_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso");
        std::fs::write(&path, "abc").unwrap();
        let open = || Brought::open(&path).unwrap();
        let prove =
            |expected: &Expected| expected.prove_own(open(), folder.path(), &AtomicBool::new(false), &mut |_, _| {});
        let good = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::of(b"abc"), None);
        assert_eq!(prove(&good).unwrap().size(), 3);
        let other = Expected { sha256: Sha256Digest::of(b"abd"), ..good.clone() };
        assert!(prove(&other).unwrap_err().to_string().contains("its SHA-256 is"));
        let longer = Expected { size: Some(4), ..good.clone() };
        assert!(prove(&longer).unwrap_err().to_string().contains("its size is 3, not 4"));
        for mode in [0o644, 0o666] {
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            let stopped = good.prove_own(open(), folder.path(), &AtomicBool::new(true), &mut |_, _| {});
            assert!(matches!(stopped, Err(VerifyError::Stopped)), "{mode:o}");
        }
    }

    #[test]
    fn what_a_person_brings_is_copied_and_what_this_program_made_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso");
        let good = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::of(b"abc"), None);
        let later = |is_own: bool, mode: u32| {
            std::fs::write(&path, "abc").unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            // Somebody had it open for writing before it was brought, whoever has it now.
            let held = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            let iso = Brought::open(&path).unwrap();
            let stop = AtomicBool::new(false);
            let proven = if is_own {
                good.prove_own(iso, folder.path(), &stop, &mut |_, _| {})
            } else {
                good.prove(&iso, folder.path(), &stop, &mut |_, _| {})
            };
            let proven = proven.unwrap();
            // They write into it, and put another one in its place.
            std::os::unix::fs::FileExt::write_all_at(&held, b"X", 2).unwrap();
            std::fs::rename(&path, folder.path().join("old")).unwrap();
            std::fs::write(&path, "xyz").unwrap();
            std::fs::read_to_string(super::super::brought::place_of(proven.file())).unwrap()
        };
        for mode in [0o600, 0o644, 0o666] {
            assert_eq!(later(false, mode), "abc", "{mode:o}");
        }
        assert_eq!(later(true, 0o666), "abc");
        assert_eq!(later(true, 0o644), "abX", "the open file itself, by whatever name");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "a copy has no name");
    }

    #[test]
    fn the_name_of_a_file_is_one_line() {
        let expected = Expected::on_the_word_of("admin", "a\n# word signed by X\n.iso", Sha256Digest::of(b""), None);
        assert!(!expected.name().contains('\n'), "{}", expected.name());
    }
}
