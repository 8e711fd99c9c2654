// SPDX-License-Identifier: GPL-3.0-or-later
//! The host that gets the copy: its address and its ssh host key, as this node knows them, and how to log in.

use super::arguments::Arguments;
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::exec::ssh::{Login, LoginName};
use hps::files::open_input;
use hps::host::Host;
use hps::media::work_folder::{Sheet, sheet};
use hps::store::Store;
use hps::types::PlainPath;

/// The host, and the file with its key while this exists.
#[derive(Debug)]
pub(super) struct Recipient {
    /// Its name in messages.
    pub(super) label: String,
    pub(super) login: Login,
    _known_hosts: Sheet,
}

impl Recipient {
    /// # Errors
    /// [`Exit::Refused`] if it has no address, or its installation reported no ssh host key.
    pub(super) fn new(arguments: &Arguments, store: &Store, host: &Host) -> anyhow::Result<Self> {
        let label = host.label();
        let refused = |message: String| Ended::error(Exit::Refused, message);
        let address =
            host.address.ok_or_else(|| refused(format!("{label} has no address; see host-state show {label}")))?;
        let key = host.proven_host_key().ok_or_else(|| {
            refused(format!("the ssh host key of {label} is not known: a host reports it during its installation"))
        })?;
        let user = match &arguments.user {
            Some(user) => user.clone(),
            None => store.cluster.install.admin_user.as_str().parse::<LoginName>()?,
        };
        if let Some(identity) = &arguments.identity {
            // ssh opens it again; this is for a message with the file.
            open_input(identity.as_path())?;
        }
        let known_hosts = sheet(format!("{address} {key}\n").as_bytes())?;
        let login = Login {
            address,
            user,
            known_hosts: PlainPath::try_from(known_hosts.path()).context("set another folder: TMPDIR=/tmp")?,
            identity: arguments.identity.clone(),
            agent: std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()),
        };
        Ok(Self { label, login, _known_hosts: known_hosts })
    }
}
