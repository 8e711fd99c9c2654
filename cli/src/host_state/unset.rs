// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state unset`: removes values of hosts.

use super::complete;
use super::edit_words::{EditKey, UnsetWord};
use super::edits::{How, change, named_hosts};
use crate::program::{Ended, Exit};
use hps::host::{Edit, Host};
use hps::store::Store;

/// Remove values of hosts: name, type, profile, address, macs, local, reason.
///
/// The change is shown as a diff.
/// A host without a name or an address has no DHCP reservation.
/// A CONFIGURED host without a type becomes UNCONFIGURED.
/// Without macs it keeps only the MAC that names its record.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state unset sch-001 reason
  host-state unset sch-001 address name --dry-run
  host-state unset 'sch-[001-040]' profile type")]
pub(super) struct Arguments {
    /// MACs, host names or ranges, then name, type, profile, address, macs, local or reason
    #[arg(required = true, value_name = "HOST|KEY", add = complete::unset_words())]
    words: Vec<UnsetWord>,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut hosts_named = Vec::new();
    let mut keys = Vec::new();
    for word in &arguments.words {
        match word {
            UnsetWord::Host(word) => hosts_named.push(word.clone()),
            UnsetWord::Key(key) => keys.push(*key),
        }
    }
    if keys.is_empty() {
        return Err(Ended::error(
            Exit::Usage,
            "nothing to remove; expected name, type, profile, address, macs, local or reason after the hosts",
        ));
    }
    let has = |key: EditKey| keys.contains(&key);
    let edit_of = |host: &Host| Edit {
        name: has(EditKey::Name).then_some(None),
        host_type: has(EditKey::Type).then_some(None),
        profile: has(EditKey::Profile).then_some(None),
        address: has(EditKey::Address).then_some(None),
        local: has(EditKey::Local).then_some(None),
        state: None,
        cpu: has(EditKey::Cpu).then_some(None),
        reason: has(EditKey::Reason).then_some(None),
        macs: has(EditKey::Macs).then(|| vec![host.mac()]),
    };
    let hosts = named_hosts(store, &hosts_named)?;
    change(store, hosts.into_iter().map(|host| (host.clone(), edit_of(&host))).collect(), &arguments.how)
}
