// SPDX-License-Identifier: GPL-3.0-or-later
//! A host type of the site's own stays in the cluster file while a host has it: without it the record means nothing.

use crate::program::{Ended, Exit};
use hps::config::{Cluster, HpsConf};
use hps::store::{Paths, Store};
use hps::types::HostType;
use std::collections::BTreeMap;

/// Refuses `after` if a host of the cluster has a type that only `before` defines.
///
/// # Errors
/// [`Exit::Refused`] with the hosts, or when the records cannot be read.
pub(super) fn keep_used_types(conf: &HpsConf, before: &Cluster, after: &Cluster) -> anyhow::Result<()> {
    if before.types.keys().all(|host_type| after.check_type(*host_type).is_ok()) {
        return Ok(());
    }
    let store = Store::new(Paths::new(conf.clone(), before.name.clone()), before.clone());
    let mut used: BTreeMap<HostType, Vec<String>> = BTreeMap::new();
    for host in store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()) {
        if let Some(host_type) = host.host_type.filter(|host_type| after.check_type(*host_type).is_err()) {
            used.entry(host_type).or_default().push(host.label());
        }
    }
    let Some((host_type, hosts)) = used.into_iter().next() else { return Ok(()) };
    let more = match hosts.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let first = hosts.into_iter().next().unwrap_or_default();
    let message = format!(
        "[types.{host_type}] cannot be removed: {first}{more} has this type; give its hosts another type first: host-state set {first} type=TYPE"
    );
    Err(Ended::error(Exit::Refused, message))
}
