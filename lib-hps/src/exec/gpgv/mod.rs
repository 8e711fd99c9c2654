// SPDX-License-Identifier: GPL-3.0-or-later
//! gpgv(1): whether a detached signature over a file is good, made by one pinned key.
//!
//! Its exit code says too little: it is 0 for an expired key, a revoked key and a SHA-1 signature. So this reads its
//! status lines (GnuPG's doc/DETAILS). Each line must be one that a good signature has, and the line with the key must
//! name the pinned one in full.
//!
//! Keys and signatures have times, and gpgv uses the clock of this machine. A refusal for that reason shows both times,
//! because a wrong clock is the more frequent cause.

mod packets;
mod refusal;
mod status;

pub use refusal::Refusal;

use super::{ExecError, Limit, Run};
use crate::types::Timestamp;
use packets::only_signatures;
use status::judge;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Why a signature does not count.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// It could not be checked.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// It is not good, or not by the pinned key.
    #[error(transparent)]
    Refused(Refusal),
}

/// Checks the detached `signature` over `data` with `keyring`, which should contain only the pinned key in binary form.
/// `fingerprint` is that of its primary key, 40 upper-case hex digits.
///
/// # Errors
/// See [`SignatureError`]. When `stop` is set meanwhile. Nothing but `Ok` means that the data is what the holder of the key signed.
pub fn verify(
    keyring: &Path,
    fingerprint: &str,
    signature: &Path,
    data: &Path,
    stop: &AtomicBool,
) -> Result<(), SignatureError> {
    let read = |source| ExecError::Start { program: "gpgv", source };
    let mut bytes = Vec::new();
    std::fs::File::open(signature)
        .and_then(|file| file.take(MAX_SIGNATURE_BYTES).read_to_end(&mut bytes))
        .map_err(read)?;
    only_signatures(&bytes).map_err(SignatureError::Refused)?;
    let called = Run::new("gpgv", "gpgv")
        // A home of its own: no configuration or keyring of the user has an effect.
        .args(["--homedir", "/nonexistent", "--status-fd", "1", "--keyring"])
        .path(keyring)
        .arg("--")
        .path(signature)
        .path(data)
        .ended(LIMIT, stop);
    let output = match called {
        // The signer made it like that: it is no fault of this machine.
        Err(error @ (ExecError::Late { .. } | ExecError::Output { .. })) => {
            return Err(SignatureError::Refused(Refusal::TooMuch(error.to_string())));
        }
        called => called?,
    };
    let status = String::from_utf8_lossy(&output.stdout);
    judge(&status, fingerprint, Timestamp::now()).map_err(SignatureError::Refused)?;
    if output.status.success() {
        return Ok(());
    }
    Err(SignatureError::Refused(Refusal::Exit(output.status)))
}

/// No file with one signature is larger.
const MAX_SIGNATURE_BYTES: u64 = 1 << 20;

/// gpgv prints some hundred bytes about one signature, and checks it in far less than a second. A few kilobytes of
/// packed data can have thousands of signatures.
const LIMIT: Limit = Limit::CHECK.bytes(1 << 14);
