// SPDX-License-Identifier: GPL-3.0-or-later
//! A file that may be an export: recognised by its content, decrypted and unpacked as it is read.

use super::encryption::gpg_environment;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::exec::{age, gpg_file, gzip, zstd};
use hps::site_archive::ArchiveError;
use std::io::{Cursor, Read, Seek as _};
use std::path::Path;

/// The first bytes, which show what a file is: a block of tar.
const HEAD_BYTES: u64 = 512;
const ARMOURED_AGE: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Opens the archive in a file. `identity` is a file with the key of age or ssh that decrypts it.
///
/// # Errors
/// When the file cannot be opened, needs another key, or its program is missing.
pub(super) fn open(path: &Path, identity: Option<&Path>) -> anyhow::Result<Box<dyn Read + Send>> {
    let shown = || path.display().to_string();
    let mut file = program::open_input(path)?;
    let mut head = Vec::new();
    (&mut file).take(HEAD_BYTES).read_to_end(&mut head).with_context(shown)?;
    file.rewind().with_context(shown)?;
    let is_age = head.starts_with(age::MAGIC) || head.starts_with(ARMOURED_AGE);
    if is_age {
        let by_passphrase = head.starts_with(age::PASSPHRASE_MAGIC) || head.starts_with(ARMOURED_AGE);
        if identity.is_none() && !by_passphrase {
            let line =
                format!("{}: encrypted by age for a key; give the file of the key: --identity FILE", path.display());
            return Err(Ended::error(Exit::Usage, line));
        }
        return unpacked(Box::new(age::decrypt(file, identity)?)).with_context(shown);
    }
    if identity.is_some() {
        let line = format!("{}: not encrypted by age, so --identity has no use; leave it out", path.display());
        return Err(Ended::error(Exit::Usage, line));
    }
    if gpg_file::is_openpgp(&head) {
        return unpacked(Box::new(gpg_file::decrypt(file, &gpg_environment())?)).with_context(shown);
    }
    unpacked(Box::new(file)).with_context(shown)
}

fn unpacked(mut packed: Box<dyn Read + Send>) -> anyhow::Result<Box<dyn Read + Send>> {
    let mut head = Vec::new();
    (&mut packed).take(HEAD_BYTES).read_to_end(&mut head)?;
    let (gzipped, zstd_packed) = (head.starts_with(GZIP), head.starts_with(ZSTD));
    let whole: Box<dyn Read + Send> = Box::new(Cursor::new(head).chain(packed));
    Ok(match (gzipped, zstd_packed) {
        (true, _) => Box::new(gzip::unpack(whole)?),
        (_, true) => Box::new(zstd::unpack(whole)?),
        _ => whole,
    })
}

/// The exit code of an archive that is refused.
pub(super) fn refused(path: &Path, error: ArchiveError) -> anyhow::Error {
    let exit = match &error {
        ArchiveError::Foreign(_) | ArchiveError::TooNew { .. } | ArchiveError::Damaged(_) => Exit::Refused,
        ArchiveError::Read(_) | ArchiveError::Write(_) | ArchiveError::Changed(_) => Exit::Failed,
    };
    let line = hps::types::one_line(&error);
    Ended::error(exit, format!("{}: {line}; nothing was changed", path.display()))
}
