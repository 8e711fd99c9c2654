// SPDX-License-Identifier: GPL-3.0-or-later
//! Where the server listens.

use super::http::Listener;
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use rustix::fs::Mode;
use rustix::process::umask;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt as _, lchown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// A port of the loopback interface, and its address.
///
/// # Errors
/// [`Exit::Busy`] if it is in use.
pub(super) fn loopback(port: u16) -> anyhow::Result<(Listener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            Ended::error(Exit::Busy, format!("port {port} of 127.0.0.1 is in use; take another one: hps-web --port 0"))
        }
        _ => anyhow::Error::new(error).context(format!("port {port} of 127.0.0.1 cannot be used")),
    })?;
    let address = listener.local_addr().context("the address is not known")?;
    Ok((Listener::Tcp(listener), address))
}

/// A socket that its user and its group may open. One that a killed process left is replaced.
///
/// # Errors
/// [`Exit::Busy`] if a process serves it, [`Exit::Refused`] if something else has its name.
pub(super) fn unix(path: &Path) -> anyhow::Result<Listener> {
    bind(path).map(Listener::Unix)
}

/// The same for another group, in a folder where only root makes something.
///
/// # Errors
/// As [`unix`], and when the caller is not root.
pub(super) fn unix_for_group(path: &Path, group: u32) -> anyhow::Result<UnixListener> {
    let listener = bind(path)?;
    lchown(path, None, Some(group)).with_context(|| format!("{}: the group cannot be set", path.display()))?;
    Ok(listener)
}

fn bind(path: &Path) -> anyhow::Result<UnixListener> {
    let name = path.display();
    match path.symlink_metadata() {
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(Ended::error(Exit::Refused, format!("{name} is no socket; choose another path")));
        }
        Ok(_) if UnixStream::connect(path).is_ok() => {
            return Err(Ended::error(Exit::Busy, format!("{name}: another process serves this socket")));
        }
        Ok(_) => std::fs::remove_file(path).with_context(|| format!("{name}: the old socket cannot be removed"))?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("{name}: cannot be looked at")),
    }
    // The mode from the beginning: a later change by the path could meet another file. There is no other thread yet.
    let before = umask(Mode::from_raw_mode(0o117));
    let listener = UnixListener::bind(path);
    umask(before);
    listener.with_context(|| format!("{name}: the socket cannot be made"))
}

/// Removes the socket at the end. The next start replaces one that stays.
pub(super) fn remove(path: &Path) {
    let _stays = std::fs::remove_file(path);
}
