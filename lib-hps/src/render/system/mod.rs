// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host has beyond what its packages bring: files, services, open ports. Worked out here for both ways of installing;
//! answer files only carry it.

mod firewall;
mod network;
mod role;
mod services;

pub use firewall::Port;
pub use role::Role;

use super::answer::Answer;
use crate::types::Method;

/// A text file of the installed system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFile {
    /// Where, below the root and without a `/` before it.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Lines, each with its end.
    pub text: String,
}

impl PlacedFile {
    fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), mode: 0o644, text: text.into() }
    }

    fn secret(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { mode: 0o600, ..Self::new(path, text) }
    }
}

/// The first line of files that are made here.
const MADE: &str = "# Made by HPS when this host was installed.\n";

/// What a host has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its files, each path once.
    pub files: Vec<PlacedFile>,
    /// The units of systemd that start with it.
    pub services: Vec<String>,
    /// The ports that its firewall leaves open, beside that of ssh.
    pub ports: Vec<Port>,
}

/// Works it out.
///
/// # Errors
/// One sentence: the record of the host lacks a network card that the cluster file counts on.
pub fn system(answer: &Answer<'_>) -> Result<System, String> {
    let family = answer.permission.distro.method();
    let role = Role::of(answer.host_type, family);
    let mut files = network::files(answer, family)?;
    files.extend(services::files(answer, family));
    files.extend(role.files(answer));
    let mut services: Vec<String> = role.services.iter().map(|name| (*name).to_owned()).collect();
    if family == Method::Image {
        files.push(firewall::nftables(role.ports));
        services.push("nftables.service".to_owned());
    }
    Ok(System { files, services, ports: role.ports.to_vec() })
}
