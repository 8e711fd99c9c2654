// SPDX-License-Identifier: GPL-3.0-or-later
//! A host moves to another cluster of this node.
//!
//! The record of the new cluster is written first, without a permission; then the host is removed from the old one, as
//! `host-state rm` does. A process may die at any moment: the mark that the machine was installed is for all clusters,
//! and the same move again finishes the rest.

use super::reserve;
use crate::host::{Edit, Event, Host, HostState, Who};
use crate::store::{Role, Store, StoreError};
use crate::types::{HostName, Line, Timestamp};
use std::net::Ipv4Addr;

/// What a host will be called in another cluster, and its address there. `None`: it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: Option<HostName>,
    /// Its address.
    pub address: Option<Ipv4Addr>,
}

/// The place that a host of another cluster would get in `target`: its own name and address if they are free there, or
/// the next ones. A host without a type gets no others.
///
/// # Errors
/// [`StoreError::Taken`] if the machine is another host there; [`StoreError::Edit`] for a host that is INSTALLING; the
/// files.
pub fn place_in(target: &Store, host: &Host, who: &Who) -> Result<Place, StoreError> {
    let refuse = |problem: &str| StoreError::Edit { host: host.label(), problem: problem.to_owned() };
    if host.state() == HostState::Installing {
        return Err(refuse("is INSTALLING; if the installation is dead, set state=FAILED first"));
    }
    for mac in host.macs() {
        let Some(other) = target.hosts().find(mac)? else { continue };
        let is_same = other.mac() == host.mac() && other.macs().eq(host.macs());
        let is_idle =
            other.state() != HostState::Installing && other.host_type.is_none_or(|t| Some(t) == host.host_type);
        if !is_same || !is_idle {
            let cluster = &target.cluster.name;
            return Err(StoreError::Taken(format!(
                "{} of {} belongs to host {} of cluster {cluster}",
                mac.colons(),
                host.label(),
                other.label()
            )));
        }
        if other.name.is_some() || other.address.is_some() {
            // A move that was interrupted.
            return Ok(Place { name: other.name, address: other.address });
        }
    }
    let allocations = target.allocations();
    let is_free = |address: Ipv4Addr| -> Result<bool, StoreError> {
        let place = target.cluster.placement(address);
        let fits = target.cluster.takes_host(address).is_ok() && !place.dhcp_range().contains(address);
        Ok(fits && allocations.is_free(address, host.mac())?)
    };
    let is_own_name_free = match &host.name {
        Some(name) => target.hosts().mac_by_name(name)?.is_none_or(|holder| holder == host.mac()),
        None => false,
    };
    let is_own_address_free = host.address.map_or(Ok(false), is_free)?;
    let name = match host.host_type {
        _ if is_own_name_free => host.name.clone(),
        Some(host_type) => allocations.next_name(host_type)?,
        None => None,
    };
    let address = match host.host_type {
        _ if is_own_address_free => host.address,
        Some(_) => allocations.free_addresses(host.mac(), None, who, 1, |_| true)?.first().copied(),
        None => None,
    };
    Ok(Place { name, address })
}

/// Moves a host, and returns its record in `target`. Its state, type, disks and keys stay; permissions end.
///
/// # Errors
/// Those of [`place_in`]; the files.
pub fn move_host(source: &Store, target: &Store, host: &Host, who: &Who, now: Timestamp) -> Result<Host, StoreError> {
    let place = place_in(target, host, who)?;
    // The mark is for all clusters: whatever happens next, no cluster forgets that the machine has a system.
    if source.installed_marks().installed_host(host)?.ever() {
        source.installed_marks().mark_host(host, now)?;
    }
    let what = Line::lossy(&format!("moved from cluster {}", source.cluster.name));
    let moved = place_record(target, host, &place, &what, who, now)?;
    let note = format!("to cluster {} as {}", target.cluster.name, moved.label());
    source.journal().note(host.mac(), who, now, "moved", &note)?;
    source.hosts().remove(host.mac(), false, who, now)?;
    Ok(moved)
}

/// The record in the other cluster.
fn place_record(
    target: &Store,
    host: &Host,
    place: &Place,
    what: &Line,
    who: &Who,
    now: Timestamp,
) -> Result<Host, StoreError> {
    let mac = host.mac();
    let is_new = target.hosts().find(mac)?.is_none_or(|known| known.name.is_none() && known.address.is_none());
    if is_new {
        let edit = Edit {
            macs: Some(host.macs().collect()),
            local: Some(host.local),
            cpu: Some(host.cpu),
            name: Some(place.name.clone()),
            address: Some(place.address),
            ..Edit::default()
        };
        target.hosts().edit(mac, &edit, what, who, now)?;
        if let Some(host_type) = host.host_type {
            let role = Role { host_type, profile: host.profile, event: Event::TypeChosen };
            target.allocations().allocate(mac, role, place.name.as_ref(), &[], who, now)?;
        }
    }
    let edit = Edit { state: Some(host.state()), reason: Some(host.reason.clone()), ..Edit::default() };
    let known = target.hosts().find(mac)?;
    if known.is_none_or(|known| known.state() != host.state() || known.reason != host.reason) {
        target.hosts().edit(mac, &edit, what, who, now)?;
    }
    let moved = target.hosts().change(mac, who, now, |record| {
        let before = record.clone();
        record.firmware.clone_from(&host.firmware);
        record.system_disks = host.last_disks();
        record.ssh_host_key = host.proven_host_key().cloned();
        record.retired = host.retired;
        Ok::<_, StoreError>(record.differs_from(&before).then(|| (what.clone(), None)))
    })?;
    reserve(target, &moved)?;
    Ok(moved)
}
