// SPDX-License-Identifier: GPL-3.0-or-later
//! What may be typed.

use crate::program::{self, Exit};
use clap::Parser;
use hps::media::mirror::Mirror;
use hps::media::vendor::{Variant, Vendor, Wanted};
use hps::types::{Distro, Sha256Digest};
use std::path::PathBuf;

/// Publish the newest installation tree of Rocky Linux or AlmaLinux, after verifying it.
///
/// The program asks the mirrors for the newest release, and downloads its ISO if that is newer than the published tree.
/// The ISO counts only if the release key in this program has signed its CHECKSUM.
/// The tree is extracted, checked, and published in one step.
/// Machines that are being installed keep their tree.
/// Under cron the program is silent if there is nothing new, and prints one line if there is.
#[derive(Debug, Parser)]
#[command(
    name = "check-and-download-rocky",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  check-and-download-rocky                          the newest release, if it is not published yet
  check-and-download-rocky --release 10 --keep 2    of one line, with two older trees kept
  check-and-download-rocky --check                  exit 10 when there is a newer one
  check-and-download-rocky --from-file /media/stick/Rocky-10.1-x86_64-dvd1.iso
                                                    without the Internet, with CHECKSUM and CHECKSUM.sig beside it
  check-and-download-rocky --list
  check-and-download-rocky --verify                 read every published file again",
        &[
            (Exit::Done, "done, or nothing is new"),
            (Exit::Refused, "refused: not verified, or in use"),
            (Exit::Busy, "another run is in progress"),
            (Exit::WouldChange, "something is newer (--check, --dry-run)"),
        ]
    )
)]
pub struct Arguments {
    /// The system: rockylinux or almalinux
    #[arg(long, default_value = "rockylinux", value_name = "NAME")]
    pub(super) os: Vendor,
    /// A line (10), a release (10.1), or latest
    #[arg(long, default_value = "latest")]
    pub(super) release: Wanted,
    /// The ISO: dvd, with all packages, or minimal
    #[arg(long, default_value = "dvd", value_parser = variant)]
    pub(super) variant: Variant,
    /// The processor architecture
    #[arg(long, default_value = "x86_64", value_parser = ["x86_64", "aarch64"])]
    pub(super) cpu: String,
    /// A mirror (repeatable, tried in this order) [default: the maker's own]
    #[arg(long = "mirror", value_name = "URL")]
    pub(super) mirrors: Vec<Mirror>,
    /// Only report what is newer
    #[arg(long, conflicts_with = "from_file")]
    pub(super) check: bool,
    /// Verify what is offered, and publish nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Publish the tree of this ISO
    #[arg(long, value_name = "ISO")]
    pub(super) from_file: Option<PathBuf>,
    /// The SHA-256 of an ISO that is not signed: you vouch for it, and media.log records that
    #[arg(long, value_name = "HEX")]
    pub(super) sha256: Option<Sha256Digest>,
    /// How many older trees of the line stay; trees in use always stay
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) keep: usize,
    /// Also keep the ISO
    #[arg(long)]
    pub(super) keep_iso: bool,
    /// The highest rate in bytes a second, such as 20M
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(super) limit: Option<u64>,
    /// Give up on a mirror that sends nothing for this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    /// How often to retry a mirror after a temporary error; a mirror that cannot be reached is retried once
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(super) retries: u32,
    /// List everything that this node can install: trees, and builds of build-image
    #[arg(long, conflicts_with_all = ["check", "dry_run", "from_file", "verify", "remove"])]
    pub(super) list: bool,
    /// Read and verify every file of one published tree, or of all
    #[arg(long, value_name = "DISTRO", num_args = 0..=1, conflicts_with_all = ["check", "dry_run", "from_file", "remove"])]
    pub(super) verify: Option<Option<Distro>>,
    /// Remove a published tree, unless it is in use
    #[arg(long, value_name = "DISTRO", conflicts_with_all = ["check", "from_file"])]
    pub(super) remove: Option<Distro>,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// The installer alone is an ISO too, but nothing can be installed from its tree.
fn variant(text: &str) -> Result<Variant, String> {
    match text.parse() {
        Ok(Variant::Boot) | Err(_) => Err("expected dvd or minimal".to_owned()),
        Ok(variant) => Ok(variant),
    }
}

/// `500K`, `20M`, `1G`, in powers of 1024.
fn rate(text: &str) -> Result<u64, String> {
    const MIN_RATE: u64 = 16 << 10;
    let digits = text.trim_end_matches(['K', 'M', 'G']);
    let unit = match text.get(digits.len()..) {
        Some("") => 1,
        Some("K") => 1 << 10,
        Some("M") => 1 << 20,
        Some("G") => 1u64 << 30,
        _ => 0,
    };
    let rate = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    rate.filter(|rate| *rate >= MIN_RATE).ok_or_else(|| "expected at least 16K, such as 500K, 20M or 1G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_variants() {
        assert_eq!(rate("16K"), Ok(16 << 10));
        assert_eq!(rate("20M"), Ok(20 << 20));
        assert_eq!(rate("20000"), Ok(20_000));
        for bad in ["", "0", "15K", "M", "20MM", "20m", "-1M", "99999999999G"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        assert!(variant("boot").is_err());
        assert!(variant("dvd").is_ok());
    }
}
