// SPDX-License-Identifier: GPL-3.0-or-later
//! The user and the password behind a name, decrypted if they are encrypted for this machine.

use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::exec::systemd_creds;
use hps::store::{Store, StoredCredentials};
use hps::types::{BmcCredentials, CredentialsName};
use std::sync::atomic::AtomicBool;

/// The name under which systemd-creds encrypts them.
pub(crate) fn secret_name(name: &CredentialsName) -> String {
    format!("hps-bmc-{name}")
}

/// Reads them.
///
/// # Errors
/// [`Exit::NotFound`] if there are none of this name; when they cannot be read or decrypted.
pub(crate) fn load(store: &Store, name: &CredentialsName, stop: &AtomicBool) -> anyhow::Result<BmcCredentials> {
    match store.credential_files().get(name)? {
        Some(StoredCredentials::Plain(credentials)) => Ok(credentials),
        Some(StoredCredentials::Encrypted(bytes)) => {
            let path = store.credential_files().path(name, true);
            let text = systemd_creds::decrypt(&secret_name(name), &bytes, stop).with_context(|| {
                format!(
                    "{}: this machine cannot decrypt it; store it again: host-power credentials set {name}",
                    path.display()
                )
            })?;
            let text = String::from_utf8(text).map_err(|_| anyhow::anyhow!("{}: it is not UTF-8", path.display()))?;
            BmcCredentials::parse(&text).with_context(|| path.display().to_string())
        }
        None => Err(Ended::error(
            Exit::NotFound,
            format!("there are no credentials {name}; store them with: host-power credentials set {name}"),
        )),
    }
}
