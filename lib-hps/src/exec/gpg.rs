// SPDX-License-Identifier: GPL-3.0-or-later
//! gpg(1): which public keys a file has. Only gpgv checks signatures.

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A primary key in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    /// Its fingerprint, in hex digits.
    pub fingerprint: String,
    /// Why it cannot be used: "expired", "revoked"...
    pub problem: Option<&'static str>,
}

/// The keys of `file`; `home` is an empty folder, so that no configuration or keyring of the user has an effect.
///
/// # Errors
/// When gpg is missing, finds no key in the file, or `stop` is set meanwhile.
pub fn show_keys(home: &Path, file: &Path, stop: &AtomicBool) -> Result<Vec<FoundKey>, ExecError> {
    let text = Run::new("gpg", "gpg")
        .arg("--homedir")
        .path(home)
        .args(["--batch", "--no-tty", "--no-autostart", "--with-colons", "--show-keys", "--"])
        .path(file)
        .text(Limit::CHECK, stop)?;
    Ok(keys_of(&text))
}

/// Records as GnuPG's doc/DETAILS has them: `pub`, its validity in the second field, then its `fpr`, with the fingerprint in the
/// tenth; `sec` is a secret key.
fn keys_of(text: &str) -> Vec<FoundKey> {
    let mut keys = Vec::new();
    let mut next: Option<Option<&'static str>> = None;
    for line in text.lines() {
        let mut fields = line.split(':');
        match fields.next().unwrap_or_default() {
            "pub" => {
                next = Some(match fields.next().unwrap_or_default() {
                    "e" => Some("it has expired"),
                    "r" => Some("it was revoked"),
                    "i" | "d" | "n" => Some("it is not valid"),
                    _ => None,
                });
            }
            "sec" => next = Some(Some("it is a secret key, which must not be here")),
            "fpr" => {
                // The fingerprints of subkeys follow; they are not returned.
                if let Some(problem) = next.take() {
                    keys.push(FoundKey { fingerprint: fields.nth(8).unwrap_or_default().to_owned(), problem });
                }
            }
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_keys() {
        let text = "pub:u:255:22:ED66:1795::: u:::scSC:::::ed25519:::0:\nfpr:::::::::521D242F:\nuid:u::::1:::good:\nsub:u:255:18:1:\nfpr:::::::::FFFF:\n\
                    pub:e:3072:1:FC6C:1704:1705::u:::sc:\nfpr:::::::::3DCC:\n";
        let found: Vec<_> = keys_of(text).into_iter().map(|k| (k.fingerprint, k.problem.is_none())).collect();
        assert_eq!(found, [("521D242F".to_owned(), true), ("3DCC".to_owned(), false)]);
        assert!(keys_of("sec:u:1\nfpr:::::::::A:\n").first().is_some_and(|key| key.problem.is_some()));
        assert!(keys_of("").is_empty());
    }
}
