// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether the names of hosts still fit with a new domain.

use crate::program::{Ended, Exit};
use hps::config::{Cluster, Placement};
use hps::host::Host;
use hps::store::{Store, load_cluster};
use hps::types::{DomainName, check_whole_name};

fn domains(cluster: &Cluster) -> impl Iterator<Item = &DomainName> {
    cluster.placements().map(Placement::domain)
}

/// Refuses a domain with which a host would have a name that Linux does not accept. A domain that stays is not checked
/// again: `host-state check` reports such a host. A record that cannot be read has a report of its own.
///
/// # Errors
/// [`Exit::Refused`], with the first such host and their number; records that cannot be listed.
pub(super) fn refuse(store: &Store) -> anyhow::Result<()> {
    let cluster = &store.cluster;
    let before = load_cluster(store.paths.conf(), &cluster.name);
    let is_new = before.map_or(true, |before| !before.placements().map(Placement::domain).eq(domains(cluster)));
    let folder = store.paths.hosts_dir();
    if !is_new || !folder.try_exists()? {
        return Ok(());
    }
    let too_long = |host: Host| {
        let name = host.name?;
        let why = check_whole_name(&name, cluster.placement_of_host(host.address).domain()).err()?;
        Some((name, why))
    };
    let long: Vec<_> = store.hosts().list()?.into_iter().filter_map(|file| too_long(file.host.ok()?)).collect();
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
