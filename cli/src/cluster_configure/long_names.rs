// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether the names of hosts still fit with a new domain.

use crate::program::{Ended, Exit};
use hps::store::{Store, load_cluster};
use hps::types::check_whole_name;

/// Refuses a domain with which a host would have a name that Linux does not accept. A domain that stays is not checked
/// again: `host-state check` reports such a host. A record that cannot be read has a report of its own.
///
/// # Errors
/// [`Exit::Refused`], with the first such host and their number; records that cannot be listed.
pub(super) fn refuse(store: &Store) -> anyhow::Result<()> {
    let (cluster, domain) = (&store.cluster.name, &store.cluster.network.domain);
    let is_new = load_cluster(store.paths.conf(), cluster).map_or(true, |before| before.network.domain != *domain);
    let folder = store.paths.hosts_dir();
    if !is_new || !folder.try_exists()? {
        return Ok(());
    }
    let names = store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()?.name);
    let long: Vec<_> = names.filter_map(|name| check_whole_name(&name, domain).err().map(|why| (name, why))).collect();
    let Some((name, why)) = long.first() else { return Ok(()) };
    let more = match long.len() - 1 {
        0 => String::new(),
        1 => ", and 1 more host".to_owned(),
        more => format!(", and {more} more hosts"),
    };
    Err(Ended::error(
        Exit::Refused,
        format!("{why}{more}; nothing was changed; first: host-state set {name} name=NAME"),
    ))
}
