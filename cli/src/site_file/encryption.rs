// SPDX-License-Identifier: GPL-3.0-or-later
//! For whom an export is encrypted, and by which program.

use crate::program::{Ended, Exit};
use hps::exec::{ExecError, FilterOut, age, gpg_file};
use std::fs::File;
use std::path::Path;
use std::str::FromStr;

/// A recipient as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Recipient {
    Age(age::Recipient),
    Gpg(String),
}

impl FromStr for Recipient {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
        if text == "passphrase" {
            return Ok(Self::Age(age::Recipient::Passphrase));
        }
        if begins(&["age1", "ssh-ed25519 ", "ssh-rsa "]) {
            return Ok(Self::Age(age::Recipient::Key(text.to_owned())));
        }
        if text.contains('/') || Path::new(text).is_file() {
            return Ok(Self::Age(age::Recipient::File(text.into())));
        }
        let is_name = !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_control);
        let is_id = text.contains('@') || (text.len() >= 8 && text.bytes().all(|b| b.is_ascii_hexdigit()));
        if is_name && is_id {
            return Ok(Self::Gpg(text.to_owned()));
        }
        Err("expected age1..., an ssh public key, a file with such keys, passphrase, or the key id or e-mail address of a gpg key".to_owned())
    }
}

/// How an export is encrypted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    None,
    Age(Vec<age::Recipient>),
    Gpg(Vec<String>),
}

impl Encryption {
    /// For these recipients.
    ///
    /// # Errors
    /// [`Exit::Usage`] if no one program can encrypt for all of them.
    pub(super) fn new(recipients: &[Recipient]) -> anyhow::Result<Self> {
        let (mut age, mut gpg) = (Vec::new(), Vec::new());
        for recipient in recipients {
            match recipient {
                Recipient::Age(recipient) => age.push(recipient.clone()),
                Recipient::Gpg(recipient) => gpg.push(recipient.clone()),
            }
        }
        let usage = |line: &str| Err(Ended::error(Exit::Usage, line));
        if !age.is_empty() && !gpg.is_empty() {
            return usage("--encrypt: some recipients are of age and some of gpg; use one of the two programs");
        }
        if age.len() > 1 && age.contains(&age::Recipient::Passphrase) {
            return usage("--encrypt passphrase: age takes no other recipient beside a passphrase");
        }
        Ok(match (age.is_empty(), gpg.is_empty()) {
            (true, true) => Self::None,
            (false, _) => Self::Age(age),
            (true, false) => Self::Gpg(gpg),
        })
    }

    /// The filter that encrypts what is written, to `out`.
    pub(super) fn filter(&self, out: File) -> Result<Result<FilterOut, ExecError>, File> {
        match self {
            Self::None => Err(out),
            Self::Age(recipients) => Ok(age::encrypt(recipients, out)),
            Self::Gpg(recipients) => Ok(gpg_file::encrypt(recipients, &gpg_environment(), out)),
        }
    }
}

/// What gpg needs to find the keyring of the administrator, and the terminal.
pub(super) fn gpg_environment() -> Vec<(String, String)> {
    ["HOME", "GNUPGHOME", "GPG_TTY", "TERM"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_says_which_program_encrypts() {
        let of = |text: &str| text.parse::<Recipient>();
        for text in ["age1qxyz", "passphrase", "ssh-ed25519 AAAA", "/root/keys.txt"] {
            assert!(matches!(of(text), Ok(Recipient::Age(_))), "{text}");
        }
        for text in ["admin@example.org", "0123456789ABCDEF", "ED66AAAA"] {
            assert!(matches!(of(text), Ok(Recipient::Gpg(_))), "{text}");
        }
        for text in ["", "-x@y", "bob", "a@b\n"] {
            assert!(of(text).is_err(), "{text:?}");
        }
        let both = ["age1qxyz", "admin@example.org"].map(|text| of(text).unwrap());
        assert!(Encryption::new(&both).is_err());
        let two = ["age1qxyz", "passphrase"].map(|text| of(text).unwrap());
        assert!(Encryption::new(&two).is_err());
        assert_eq!(Encryption::new(&[]).unwrap(), Encryption::None);
    }
}
