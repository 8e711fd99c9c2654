// SPDX-License-Identifier: GPL-3.0-or-later
//! What may be typed.

use crate::host_state::HostArgument;
use crate::program::{self, Exit};
use clap::Parser;
use hps::exec::ssh::LoginName;
use hps::types::PlainPath;
use std::path::Path;

/// Copy this provisioning node to a disaster recovery host.
///
/// A copy has the settings, records, site key, trees, images, packages and programs of this node. It has no permission to install.
/// Copies are folders of /srv/hps-copy on the host, each named by the time (UTC) at which it was begun. Files that have not changed are
/// stored once. The link /srv/hps-copy/current moves to a new copy when all of it is on the disk.
///
/// Run it as root, by hand or from cron. It prints nothing when all went well.
#[derive(Debug, Parser)]
#[command(
    name = "site-copy",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  site-copy --identity /root/.ssh/site-copy drh-001
  site-copy --dry-run drh-001                    list what would be copied
  41 2 * * * root /usr/local/sbin/site-copy --identity /root/.ssh/site-copy drh-001
                                                 every night, as a line of /etc/cron.d/hps-site-copy",
        &[
            (Exit::Refused, "refused: the host does not prove its identity, or holds no copies"),
            (Exit::NotFound, "no such host"),
            (Exit::Busy, "another run, or a reload, is in progress"),
            (Exit::WouldChange, "something would be copied (--dry-run)"),
        ]
    )
)]
pub struct Arguments {
    /// The disaster recovery host (DRH): its MAC or name
    pub(super) host: HostArgument,
    /// The account there, which needs sudo without a password; by default admin_user of the cluster
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<LoginName>,
    /// The private ssh key; its public half is one of ssh_keys of the cluster
    #[arg(long, value_name = "FILE", value_parser = identity)]
    pub(super) identity: Option<PlainPath>,
    /// How many older copies stay
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(0..=9999))]
    pub(super) keep: u16,
    /// List what would be copied, and copy nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A path from this folder, made absolute: ssh runs in another one.
fn identity(text: &str) -> Result<PlainPath, String> {
    let path = std::path::absolute(Path::new(text)).map_err(|error| error.to_string())?;
    PlainPath::try_from(path.as_path()).map_err(|error| error.to_string())
}
