// SPDX-License-Identifier: GPL-3.0-or-later
//! The arguments of `cluster-configure export`.

use super::encryption::Recipient;
use crate::program::{self, Exit};
use std::path::PathBuf;

/// Pack this node into one file
///
/// FILE is a tar archive with hps.conf, the cluster files, the records and histories of hosts, the marks of installed machines and of
/// ended permissions, boot loaders, scripts of the site, and the key that signs packages.
/// It has no permission or window to install, and no key of tokens: after an import, none of before is valid.
/// With --media it has trees, images and packages too.
/// The first member lists every file with its SHA-256, and an import compares all of them before it writes.
///
/// A name that ends with .gz or .zst is packed by gzip or zstd, also below .age or .gpg.
/// FILE is complete or not there, and only root can read it. With - it goes to standard output.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = program::after_help("\
Examples:
  cluster-configure export /root/site.tar
  cluster-configure export --media --dry-run -        list what would be in it
  cluster-configure export --encrypt age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p /mnt/usb/site.tar.zst.age
  cluster-configure export --encrypt passphrase site.tar.age
  cluster-configure export --encrypt admin@example.org - | ssh backup 'cat > site.tar.gpg'",
    &[(Exit::Busy, "a reload or cluster-configure is running"), (Exit::WouldChange, "a file would be written (--dry-run)")]))]
pub(crate) struct Export {
    /// The file, or - for standard output
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Add trees, images and packages
    #[arg(long)]
    pub(super) media: bool,
    /// Encrypt for this recipient, by age (age1..., an ssh key, a file with such keys, or the word passphrase) or by gpg (the id of a
    /// key, its fingerprint or e-mail address). May be given again
    #[arg(long, value_name = "RECIPIENT")]
    pub(super) encrypt: Vec<Recipient>,
    /// List the files with their sizes, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}
