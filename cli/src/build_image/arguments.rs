// SPDX-License-Identifier: GPL-3.0-or-later
//! What may be typed.

use crate::debian_archives::Mirrors;
use crate::program::{self, Exit};
use clap::{Parser, ValueEnum};
use hps::exec::apt::Mirror;
use hps::media::Item;
use hps::types::{Distro, HostType};

/// Build the node environment and the images for Debian hosts.
///
/// The packages come from Debian's archives; apt verifies them with Debian's keyring.
/// If apt has nothing newer and the recipe is unchanged, nothing is built.
/// A build is published as a whole.
/// Earlier builds stay for the machines that are being installed from them.
/// If build-repository has published packages for installed hosts, the same run refreshes them.
/// Under cron the program is silent if there is nothing new, and prints one line if there is.
#[derive(Debug, Parser)]
#[command(
    name = "build-image",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  build-image                         for all types that the active cluster installs with Debian
  build-image --type SCH --type TCH   images for two types of hosts
  build-image --kernel cloud          for virtual machines only, and smaller
  build-image --check                 exit 10 when apt has something newer
  build-image --keep 2                with two older builds kept
  build-image --boot-loaders          fetch boot loaders that this Debian release lacks
  build-image --list
  build-image --verify                read every file of every build again
  build-image --remove x86_64-linux-debian-12/20261122T110203Z",
        &[
            (Exit::Refused, "refused: not as published, or in use"),
            (Exit::Busy, "another run is in progress"),
            (Exit::WouldChange, "something is newer (--check, --dry-run)"),
        ]
    )
)]
pub struct Arguments {
    /// The system: x86_64-linux-debian-12 or x86_64-linux-debian-13
    #[arg(long, default_value = "x86_64-linux-debian-12")]
    pub(super) distro: Distro,
    /// A host type that gets an image (repeatable); published types stay [default: the types that the active cluster installs with this system, otherwise SCH]
    #[arg(value_parser = program::in_any_case::<HostType>, long = "type", value_name = "TYPE")]
    pub(super) types: Vec<HostType>,
    /// The kernel [default: that of the published build, otherwise generic]
    #[arg(long, value_enum)]
    pub(super) kernel: Option<KernelArgument>,
    /// Add firmware from Debian's non-free-firmware
    #[arg(long)]
    pub(super) firmware: bool,
    /// Debian's archive [default: as this machine's apt is configured, for this release or for its own]
    #[arg(long, value_name = "URL")]
    pub(super) mirror: Option<Mirror>,
    /// Debian's security archive [default: as this machine's apt is configured, for this release or for its own]
    #[arg(long, value_name = "URL")]
    pub(super) security_mirror: Option<Mirror>,
    /// Only report which packages are newer
    #[arg(long)]
    pub(super) check: bool,
    /// Only report what would be done
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Build even if nothing has changed
    #[arg(long, conflicts_with_all = ["list", "verify", "remove"])]
    pub(super) force: bool,
    /// How many older builds stay; builds in use always stay
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) keep: usize,
    /// Fetch the packages of boot loaders instead: of other Debian releases (arm64), and of the installed one if its files are not known; reload then serves them
    #[arg(long, conflicts_with_all = ["distro", "types", "kernel", "firmware", "force", "keep", "list", "verify", "remove"])]
    pub(super) boot_loaders: bool,
    /// List everything that this node can install: builds, and trees of check-and-download-rocky
    #[arg(long, conflicts_with_all = ["check", "dry_run", "verify", "remove"])]
    pub(super) list: bool,
    /// Read and verify every file of one published build, or of all
    #[arg(long, value_name = "BUILD", num_args = 0..=1, value_parser = build, conflicts_with_all = ["check", "dry_run", "remove"])]
    pub(super) verify: Option<Option<Item>>,
    /// Remove a published build, unless it is in use
    #[arg(long, value_name = "BUILD", value_parser = build, conflicts_with = "check")]
    pub(super) remove: Option<Item>,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Arguments {
    /// Where packages come from.
    pub(super) fn mirrors(&self) -> Mirrors<'_> {
        Mirrors { main: self.mirror.as_ref(), security: self.security_mirror.as_ref() }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum KernelArgument {
    /// For all machines
    Generic,
    /// Only for virtual machines; smaller
    Cloud,
}

/// A build by the name that `--list` shows.
fn build(text: &str) -> Result<Item, String> {
    let item = text.parse::<Item>().ok().filter(|item| item.build_name().is_some());
    item.ok_or_else(|| {
        "expected the name of a build as --list shows it, such as x86_64-linux-debian-12/20261122T110203Z".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_named_as_they_are_listed() {
        assert!(build("x86_64-linux-debian-12/20261122T110203Z").is_ok());
        for bad in ["20261122T110203Z", "x86_64-linux-rockylinux-10.2", "x86_64-linux-debian-12/../x"] {
            assert!(build(bad).unwrap_err().contains("--list"), "{bad}");
        }
    }
}
