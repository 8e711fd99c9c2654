// SPDX-License-Identifier: GPL-3.0-or-later
//! What may be typed.

use crate::program::{self, Exit};
use clap::Parser;
use hps::exec::apt::Mirror;
use hps::media::packages::Url;
use hps::types::{Distro, PackageName};
use std::path::PathBuf;
use std::str::FromStr;

/// Maintain the repository of packages for the hosts of one distro.
///
/// It is the folder packages/DISTRO/Repo/, which this node serves to hosts.
/// Readers see the old repository or the new one, never a mixture.
/// If nothing is new, the program changes nothing and prints nothing.
///
/// Debian: an apt repository with all packages of the images and of site profiles, and what they depend on.
/// Each run fetches what is newer in Debian's archives; apt verifies it with Debian's keyring.
/// Files and addresses are packages of your own, for which you answer.
/// The site's key signs the repository, and hosts accept it by that key.
///
/// Rocky Linux and AlmaLinux: a yum repository with RPM packages from files or addresses, which kickstarts use.
/// Each package needs a valid signature by the distro's release key, which is compiled into this program, or by a key that you accepted with --key.
#[derive(Debug, Parser)]
#[command(
    name = "build-repository",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  build-repository --distro x86_64-linux-debian-12         publish, or fetch what is newer; for cron
  build-repository --distro x86_64-linux-debian-12 --dry-run     what is newer? exit 10
  build-repository --distro x86_64-linux-debian-12 --package htop --package tcpdump
                                           more packages of Debian, from now on
  build-repository --distro x86_64-linux-debian-12 ./agent_1.0_amd64.deb     a package of your own
  build-repository --distro x86_64-linux-rockylinux-10 /media/stick/*.rpm
  build-repository --distro x86_64-linux-rockylinux-10 https://mirror.example/tool-1.0-1.el10.x86_64.rpm
  build-repository --distro x86_64-linux-rockylinux-10 --key vendor.asc tool-1.0-1.el10.x86_64.rpm
                                           accept a key, and take a package that it signed
  build-repository --distro x86_64-linux-rockylinux-10 --list
  build-repository --distro x86_64-linux-rockylinux-10 --verify    prove every package again
  build-repository --distro x86_64-linux-rockylinux-10 --check     is all there that hosts are installed with?
  build-repository --distro x86_64-linux-rockylinux-10 --remove tool",
        &[
            (Exit::Refused, "refused: not verified, or another of that name is there"),
            (Exit::NotFound, "not found: a file, a package, or with --check what a host needs"),
            (Exit::Busy, "another run is in progress"),
            (Exit::WouldChange, "something would change (--dry-run)"),
        ]
    )
)]
pub struct Arguments {
    /// The distro: x86_64-linux-debian-12; a line (x86_64-linux-rockylinux-10), or one release of it (x86_64-linux-rockylinux-10.1)
    #[arg(long)]
    pub(super) distro: Distro,
    /// Packages to add: files, or addresses that begin with http:// or https://
    #[arg(value_name = "FILE|URL")]
    pub(super) packages: Vec<Given>,
    /// Debian: add a package of Debian's archives, and keep it up to date from now on (repeatable)
    #[arg(long = "package", value_name = "NAME", conflicts_with_all = ["list", "verify", "remove", "check"])]
    pub(super) names: Vec<PackageName>,
    /// Debian's archive [default: as this machine's apt is configured, for this release or for its own]
    #[arg(long, value_name = "URL")]
    pub(super) mirror: Option<Mirror>,
    /// Debian's security archive [default: as this machine's apt is configured, for this release or for its own]
    #[arg(long, value_name = "URL")]
    pub(super) security_mirror: Option<Mirror>,
    /// Accept the packages of this distro that the key in this file has signed, now and later (repeatable)
    #[arg(long = "key", value_name = "FILE")]
    pub(super) keys: Vec<PathBuf>,
    /// List the packages
    #[arg(long, conflicts_with_all = ["packages", "keys", "verify", "remove", "check", "dry_run"])]
    pub(super) list: bool,
    /// Read and verify every package and the metadata again
    #[arg(long, conflicts_with_all = ["packages", "keys", "remove", "check", "dry_run"])]
    pub(super) verify: bool,
    /// Remove a package of your own, by its name, its NAME_VERSION.deb without the ending, or its name-version-release.arch; or a name of --package (repeatable)
    #[arg(long, value_name = "PACKAGE", conflicts_with_all = ["packages", "keys", "check"])]
    pub(super) remove: Vec<String>,
    /// Check that the repository has the packages of each host type, and their dependencies; for Rocky Linux and AlmaLinux with the published tree
    #[arg(long, conflicts_with_all = ["packages", "keys", "dry_run"])]
    pub(super) check: bool,
    /// Verify the packages, and only report what would be done; for Debian what is newer
    #[arg(long, conflicts_with = "keys")]
    pub(super) dry_run: bool,
    /// Give up on a server that sends nothing for this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    /// How often to retry a server after a temporary error
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(super) retries: u32,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Arguments {
    /// A flag that was given and has no meaning for RPM packages.
    pub(super) fn only_for_debian(&self) -> Option<&'static str> {
        let flags = [
            ("--package", !self.names.is_empty()),
            ("--mirror", self.mirror.is_some()),
            ("--security-mirror", self.security_mirror.is_some()),
        ];
        flags.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }

    /// Whether nothing was named. Without a name, a run for Debian fetches what is newer.
    pub(super) fn is_without_work(&self) -> bool {
        let Self { packages, keys, list, verify, remove, check, .. } = self;
        packages.is_empty() && keys.is_empty() && remove.is_empty() && !(*list || *verify || *check)
    }
}

/// Where a package comes from.
#[derive(Debug, Clone)]
pub(crate) enum Given {
    /// A file on this machine.
    File(PathBuf),
    /// An address.
    Url(Url),
}

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return text.parse().map(Self::Url).map_err(|e: hps::types::Invalid| e.to_string());
        }
        if text.is_empty() { Err("expected a file or an address".to_owned()) } else { Ok(Self::File(text.into())) }
    }
}

impl std::fmt::Display for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_addresses() {
        assert!(matches!("a:b.rpm".parse(), Ok(Given::File(_))));
        assert!(matches!("https://h/a.rpm".parse(), Ok(Given::Url(_))));
        for bad in ["", "ftp://h/a.rpm", "file:///a.rpm", "http://u:p@h/a.rpm"] {
            assert!(bad.parse::<Given>().is_err(), "{bad}");
        }
    }
}
