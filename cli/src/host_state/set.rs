// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state set`: changes values of hosts.

use super::complete;
use super::edit_words::{EXPECTED, SetWord, join};
use super::edits::{How, change, named_hosts};
use super::known_type::known;
use crate::program::{Ended, Exit};
use hps::host::Edit;
use hps::store::Store;

/// Change values of hosts: name, type, profile, address, macs, local, state, reason.
///
/// The change is shown as a diff, and the DHCP reservation is updated.
/// A name, address or MAC that another host has is refused.
/// A state with a system on the disk (INSTALLED, REINSTALL, ACTIVE) is remembered for good.
/// Such a machine boots its disk until it is armed.
/// Setting a state revokes any permission.
///
/// macs= takes all MACs of the host, separated by commas; the MAC that names its record must be among them.
/// A host with several MACs is one machine: a mark of one MAC counts for all.
/// If a MAC joins the host, its own permission is revoked.
/// If the MAC has another installation history, the permission of the host is revoked too.
///
/// local= is how the boot manager hands the host over to its own disk, instead of the cluster's way: chainloader, exit or sanboot.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state set sch-001 name=backup reason='moved to rack 4'
  host-state set sch-001 address=10.0.0.17 --dry-run
  host-state set sch-001 macs=52:54:00:12:34:56,52:54:00:12:34:57
  host-state set sch-001 local=exit
  host-state set 'sch-[001-040]' type=SCH profile=STORAGESINGLE")]
pub(super) struct Arguments {
    /// MACs, host names or ranges, then name=, type=, profile=, address=, macs=, local=, cpu=, state= or reason=
    #[arg(required = true, value_name = "HOST|KEY=VALUE", add = complete::set_words())]
    words: Vec<SetWord>,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut hosts_named = Vec::new();
    let mut edit = Edit::default();
    for word in &arguments.words {
        match word {
            SetWord::Host(word) => hosts_named.push(word.clone()),
            SetWord::Value(value) => edit = join(edit, (**value).clone()),
        }
    }
    if edit == Edit::default() {
        return Err(Ended::error(Exit::Usage, format!("nothing to set; {EXPECTED}")));
    }
    known(store, edit.host_type.flatten())?;
    let hosts = named_hosts(store, &hosts_named)?;
    let single = edit.name.is_some() || edit.address.is_some() || edit.macs.is_some();
    if single && hosts.len() > 1 {
        return Err(Ended::error(
            Exit::Refused,
            format!("name, address and macs belong to one host, but {} are given", hosts.len()),
        ));
    }
    change(store, hosts.into_iter().map(|host| (host, edit.clone())).collect(), &arguments.how)
}
