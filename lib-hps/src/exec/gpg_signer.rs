// SPDX-License-Identifier: GPL-3.0-or-later
//! gpg(1) with a secret key, in a folder of its own, so that no configuration or keyring of the user has an effect.
//!
//! gpg starts a gpg-agent for the folder. That process ends when the folder is removed (`have_homedir_inotify` in
//! GnuPG's agent/gpg-agent.c).

use super::{ExecError, Limit, Run, program_path};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "gpg";
/// gpg starts it for everything with a secret key, and does not say which package has it.
const AGENT: &str = "gpg-agent";

/// A folder of gpg with one secret key.
#[derive(Debug)]
pub struct Signer<'a> {
    home: &'a Path,
    stop: &'a AtomicBool,
}

impl<'a> Signer<'a> {
    /// With a new key for signatures (Ed25519), which never expires and has no passphrase. `home` is an empty folder
    /// that only the caller can enter. Its path has at most 80 characters, because gpg-agent has a socket there.
    ///
    /// # Errors
    /// When gpg or gpg-agent is missing or fails, or `stop` is set meanwhile.
    pub fn with_new_key(home: &'a Path, user: &str, stop: &'a AtomicBool) -> Result<Self, ExecError> {
        let signer = Self::new(home, stop)?;
        let no_passphrase = ["--pinentry-mode", "loopback", "--passphrase", ""];
        let key = ["--quick-generate-key", user, "ed25519", "sign", "never"];
        signer.call().args(no_passphrase).args(key).output(Limit::CHECK, stop)?;
        Ok(signer)
    }

    /// With the secret key in a file.
    ///
    /// # Errors
    /// As [`Signer::with_new_key`], and for a file without a secret key.
    pub fn with_key(home: &'a Path, file: &Path, stop: &'a AtomicBool) -> Result<Self, ExecError> {
        let signer = Self::new(home, stop)?;
        signer.call().args(["--import", "--"]).path(file).output(Limit::CHECK, stop)?;
        let secret = signer.call().args(["--with-colons", "--list-secret-keys"]).text(Limit::CHECK, stop)?;
        if secret.lines().filter(|line| line.starts_with("sec:")).count() == 1 {
            return Ok(signer);
        }
        Err(ExecError::Output { program: PROGRAM, problem: "not one secret key".to_owned() })
    }

    fn new(home: &'a Path, stop: &'a AtomicBool) -> Result<Self, ExecError> {
        match program_path::find(AGENT) {
            Some(_) => Ok(Self { home, stop }),
            None => Err(ExecError::Missing { program: AGENT, package: AGENT }),
        }
    }

    /// The secret key, in ASCII armor.
    ///
    /// # Errors
    /// When gpg fails, or `stop` is set meanwhile.
    pub fn secret_key(&self) -> Result<String, ExecError> {
        self.call().args(["--armor", "--export-secret-keys"]).text(Limit::CHECK, self.stop)
    }

    /// The public key, in ASCII armor.
    ///
    /// # Errors
    /// When gpg fails, or `stop` is set meanwhile.
    pub fn public_key(&self) -> Result<String, ExecError> {
        self.call().args(["--armor", "--export"]).text(Limit::CHECK, self.stop)
    }

    /// The text of a file with a signature around it, as in `InRelease`.
    ///
    /// # Errors
    /// When gpg fails, or `stop` is set meanwhile.
    pub fn clear_sign(&self, file: &Path) -> Result<String, ExecError> {
        let call = self.call().args(["--digest-algo", "SHA512", "--output", "-", "--clear-sign", "--"]);
        call.path(file).text(Limit::CHECK, self.stop)
    }

    fn call(&self) -> Run {
        Run::new(PROGRAM, "gpg and gpg-agent").arg("--homedir").path(self.home).args(["--batch", "--no-tty", "--quiet"])
    }
}
