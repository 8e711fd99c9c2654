// SPDX-License-Identifier: GPL-3.0-or-later
//! gpg(1): encrypts and decrypts a stream with the keyring of the administrator.

use super::{ExecError, FilterIn, FilterOut, Run};
use crate::types::{Fingerprint, printable_line};
use std::fs::File;

/// Whether a file begins as OpenPGP does (RFC 9580): an encrypted session key, or armour.
pub fn is_openpgp(begin: &[u8]) -> bool {
    let packet = begin.first().is_some_and(|first| matches!(first, 0x84..=0x87 | 0x8c..=0x8f | 0xc1 | 0xc3));
    packet || begin.starts_with(b"-----BEGIN PGP MESSAGE-----")
}

/// `environment` is what gpg needs of its caller: HOME, GNUPGHOME, GPG_TTY, TERM.
fn gpg(environment: &[(String, String)]) -> Run {
    let run = Run::new("gpg", "gpg").args(["--quiet", "--no-greeting"]);
    environment.iter().fold(run, |run, (name, value)| run.env(name, value))
}

/// Encrypts what is written, to `out`. A recipient is the id of a key, its fingerprint or an e-mail address.
///
/// # Errors
/// When gpg is missing or cannot be started.
pub fn encrypt(recipients: &[String], environment: &[(String, String)], out: File) -> Result<FilterOut, ExecError> {
    let mut run = gpg(environment).args(["--batch", "--no-tty", "--encrypt"]);
    // A fingerprint names one key, so no web of trust has to.
    if recipients.iter().all(|recipient| recipient.parse::<Fingerprint>().is_ok()) {
        run = run.args(["--trust-model", "always"]);
    }
    for recipient in recipients {
        run = run.arg("--recipient").arg(printable_line(recipient));
    }
    run.args(["--output", "-"]).filter_to(out)
}

/// Decrypts `file`. gpg-agent asks for the passphrase of the key.
///
/// # Errors
/// When gpg is missing or cannot be started.
pub fn decrypt(file: File, environment: &[(String, String)]) -> Result<FilterIn, ExecError> {
    gpg(environment).arg("--decrypt").input(file).filter_from(None)
}
