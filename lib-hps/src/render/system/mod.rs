// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host has beyond what its packages bring: files, services, open ports, and what the site adds to it. Worked out here for both
//! ways of installing; answer files only carry it.

mod firewall;
mod network;
mod role;
mod services;
mod site;
mod sources;
mod zfs;

pub use role::Role;
pub use sources::{SigningKey, Sources};
pub use zfs::PACKAGE as ZFS_PACKAGE;

use crate::config::{Cluster, SiteProfile};
use crate::host::{Host, Permission};
use crate::types::{HostName, HostType, LOADER_BYTES, Method, Ports, check_kernel_line, check_whole_name};
use std::net::Ipv4Addr;

/// A host, and what it is to become.
#[derive(Debug, Clone, Copy)]
pub struct Becoming<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Its record.
    pub host: &'a Host,
    /// Its name.
    pub name: &'a HostName,
    /// Its address on the main network.
    pub address: Ipv4Addr,
    /// What it may become.
    pub permission: &'a Permission,
    /// The site profiles that it has, in their order.
    pub profiles: &'a [SiteProfile],
    /// What this node has for it, once its installation has begun.
    pub sources: Option<Sources<'a>>,
    /// Whether its pool is one of ZFS, once that is known.
    pub zfs: bool,
}

impl<'a> Becoming<'a> {
    /// `None` where the record has no address or no name yet.
    pub fn new(
        cluster: &'a Cluster,
        host: &'a Host,
        permission: &'a Permission,
        profiles: &'a [SiteProfile],
    ) -> Option<Self> {
        Some(Self {
            cluster,
            host,
            name: host.name.as_ref()?,
            address: host.address?,
            permission,
            profiles,
            sources: None,
            zfs: false,
        })
    }

    /// Its type.
    pub fn host_type(&self) -> HostType {
        self.permission.host_type
    }

    /// How its system is installed, and so its family.
    pub fn family(&self) -> Method {
        self.permission.distro.method()
    }
}

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

/// A script of the site, which runs in the new system before its first start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What messages call it: `profile/script`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What a host has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct System {
    /// Its files, each path once.
    pub files: Vec<PlacedFile>,
    /// The units of systemd that start with it.
    pub services: Vec<String>,
    /// The ports that its firewall leaves open, beside that of ssh.
    pub ports: Vec<Ports>,
    /// Packages of the site, beside those of the type.
    pub packages: Vec<String>,
    /// Words of the site for its kernel.
    pub kernel_arguments: Vec<String>,
    /// Scripts of the site, in their order.
    pub scripts: Vec<Script>,
}

/// The longest text of an answer that a node takes, less what else is in it.
const MOST_TEXT: usize = 200_000;

/// Works it out.
///
/// # Errors
/// One sentence: the record of the host lacks a network card that the cluster file counts on, or a site profile cannot be followed.
pub fn system(host: &Becoming<'_>) -> Result<System, String> {
    // A record, or a domain, may be older than the bound.
    check_whole_name(host.name, &host.cluster.network.domain)?;
    let family = host.family();
    let role = Role::of(host.host_type(), family);
    let mut system = System {
        files: network::files(host)?,
        services: role.services.iter().map(|name| (*name).to_owned()).collect(),
        ports: role.ports.to_vec(),
        ..System::default()
    };
    system.files.extend(services::files(host));
    system.files.extend(sources::files(host));
    system.files.extend(role.files(host));
    if host.zfs {
        system.files.extend(zfs::files(host));
        system.services.extend(zfs::services(family).iter().map(|name| (*name).to_owned()));
    }
    site::add(&mut system, host)?;
    let line = kernel_line(host.cluster, &system.kernel_arguments);
    check_kernel_line("the new system", &line, LOADER_BYTES)?;
    if family == Method::Image {
        let firewall = firewall::nftables(&system.ports);
        if system.files.iter().all(|file| file.path != firewall.path) {
            system.files.push(firewall);
        }
        system.services.push("nftables.service".to_owned());
    }
    places(&system.files)?;
    let texts = system.files.iter().map(|f| &f.text).chain(system.scripts.iter().map(|s| &s.text));
    let bytes: usize = texts.map(|text| text.len() + 6 * text.lines().count()).sum();
    if bytes > MOST_TEXT {
        return Err(format!(
            "the files and scripts of its site profiles are {bytes} bytes: expected at most {MOST_TEXT}"
        ));
    }
    Ok(system)
}

/// What the boot loader of the new system gives to the kernel, beside what it adds itself: the screen stays a console, and the
/// last serial one is the main one.
pub fn kernel_line(cluster: &Cluster, more: &[String]) -> String {
    let consoles = &cluster.boot.consoles;
    let screen = (!consoles.is_empty()).then(|| "console=tty0".to_owned());
    let consoles = consoles.iter().map(|console| format!("console={console}"));
    screen.into_iter().chain(consoles).chain(more.iter().cloned()).collect::<Vec<_>>().join(" ")
}

/// Each file has a place of its own: no path twice, and none below another file.
fn places(files: &[PlacedFile]) -> Result<(), String> {
    let paths: std::collections::BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    if paths.len() < files.len() {
        let twice = files.iter().find(|file| files.iter().filter(|other| other.path == file.path).count() > 1);
        return Err(format!("two files of the host are called /{}", twice.map_or("", |file| &file.path)));
    }
    for path in &paths {
        let mut folder = *path;
        while let Some((above, _)) = folder.rsplit_once('/') {
            if paths.contains(above) {
                return Err(format!(
                    "/{above} is a file of the host, and /{path} lies below it: give one of them another path"
                ));
            }
            folder = above;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_place_of_its_own() {
        let files = |paths: &[&str]| paths.iter().map(|path| PlacedFile::new(*path, "")).collect::<Vec<_>>();
        assert_eq!(places(&files(&["etc/a/b", "etc/a/c", "etc/ab"])), Ok(()));
        assert!(places(&files(&["etc/a", "etc/b", "etc/a"])).unwrap_err().contains("called /etc/a"));
        assert!(places(&files(&["etc/a/b/c", "etc/a"])).unwrap_err().contains("/etc/a is a file of the host"));
    }
}
