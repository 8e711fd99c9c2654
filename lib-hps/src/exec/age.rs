// SPDX-License-Identifier: GPL-3.0-or-later
//! age(1): encrypts and decrypts a stream.

use super::{ExecError, FilterIn, FilterOut, Run};
use std::fs::File;
use std::path::{Path, PathBuf};

/// How a file of age begins (age-encryption.org/v1).
pub const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// The same if only a passphrase opens it.
pub const PASSPHRASE_MAGIC: &[u8] = b"age-encryption.org/v1\n-> scrypt ";

/// For whom a file is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// `age1...`, `ssh-ed25519 ...` or `ssh-rsa ...`.
    Key(String),
    /// A file with such lines.
    File(PathBuf),
    /// Whoever knows a passphrase, which age asks for at the terminal.
    Passphrase,
}

/// Encrypts what is written, to `out`.
///
/// # Errors
/// When age is missing or cannot be started.
pub fn encrypt(recipients: &[Recipient], out: File) -> Result<FilterOut, ExecError> {
    let mut run = Run::new("age", "age").arg("--encrypt");
    for recipient in recipients {
        run = match recipient {
            Recipient::Key(key) => run.arg("--recipient").arg(key),
            Recipient::File(file) => run.arg("--recipients-file").path(file),
            Recipient::Passphrase => run.arg("--passphrase"),
        };
    }
    run.filter_to(out)
}

/// Decrypts `file` with the key in the file `identity`, or with a passphrase that age asks for at the terminal.
///
/// # Errors
/// When age is missing or cannot be started.
pub fn decrypt(file: File, identity: Option<&Path>) -> Result<FilterIn, ExecError> {
    let mut run = Run::new("age", "age").arg("--decrypt").input(file);
    if let Some(identity) = identity {
        run = run.arg("--identity").path(identity);
    }
    run.filter_from(None)
}
