// SPDX-License-Identifier: GPL-3.0-or-later
//! A host moves to another cluster of this node.
//!
//! The record of the new cluster is written first, without a permission; then the host is removed from the old one, as
//! `host-state rm` does. A process may die at any moment: the mark that the machine was installed is for all clusters,
//! and the same move again finishes the rest.

use super::reserve;
use crate::host::{Edit, Event, Host, HostState, Who};
use crate::store::{Role, Store, StoreError};
use crate::types::{HostName, Line, MacAddr, Timestamp};
use std::net::Ipv4Addr;

/// What a host will be called in another cluster, and its address there. `None`: it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: Option<HostName>,
    /// Its address.
    pub address: Option<Ipv4Addr>,
}

/// The places that hosts of another cluster would get in `target`, one after the other: each its own name and address
/// if they are free there, or the next ones. A host without a type gets no others.
///
/// # Errors
/// [`StoreError::Taken`] if a machine is another host there; [`StoreError::Edit`] for a host that is INSTALLING, or
/// whose type `target` does not have; no free address; the files.
pub fn places_in(target: &Store, hosts: &[Host], who: &Who) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    for host in hosts {
        places.push(place_beside(target, host, &places, who)?);
    }
    Ok(places)
}

/// The place of one host, where earlier ones will have those of `others`.
fn place_beside(target: &Store, host: &Host, others: &[Place], who: &Who) -> Result<Place, StoreError> {
    let refuse = |problem: String| StoreError::Edit { host: host.label(), problem };
    if host.state() == HostState::Installing {
        return Err(refuse("is INSTALLING; if the installation is dead, set state=FAILED first".to_owned()));
    }
    if let Some(host_type) = host.host_type {
        target
            .cluster
            .check_type(host_type)
            .map_err(|unknown| refuse(format!("cannot move to cluster {}: {unknown}", target.cluster.name)))?;
    }
    let has_name = |name: &str| others.iter().any(|other| other.name.as_ref().is_some_and(|own| own.as_str() == name));
    let has_address = |address: Ipv4Addr| others.iter().any(|other| other.address == Some(address));
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
        Ok(fits && !has_address(address) && allocations.is_free(address, host.mac())?)
    };
    let is_own_name_free = match &host.name {
        Some(name) if has_name(name.as_str()) => false,
        Some(name) => target.hosts().mac_by_name(name)?.is_none_or(|holder| holder == host.mac()),
        None => false,
    };
    let is_own_address_free = host.address.map_or(Ok(false), is_free)?;
    let name = match host.host_type {
        _ if is_own_name_free => host.name.clone(),
        Some(host_type) => allocations.next_name(host_type, |name| !has_name(name))?,
        None => None,
    };
    let address = match host.host_type {
        _ if is_own_address_free => host.address,
        Some(_) => {
            let free = allocations.free_addresses(host.mac(), None, who, 1, |address| !has_address(address))?;
            Some(*free.first().ok_or_else(|| allocations.none_free(None, who))?)
        }
        None => None,
    };
    Ok(Place { name, address })
}

/// Moves the host that `mac` names, and returns its record in `target`. Its state, type, disks and keys stay;
/// permissions end, in both clusters.
///
/// # Errors
/// Those of [`places_in`]; [`StoreError::Busy`] if the host is gone; the files.
pub fn move_host(source: &Store, target: &Store, mac: MacAddr, who: &Who, now: Timestamp) -> Result<Host, StoreError> {
    // No installation begins between the check and the removal, in either cluster.
    let _here = source.hosts().lock_installation(mac)?;
    let _there = target.hosts().lock_installation(mac)?;
    let host = &source
        .hosts()
        .find(mac)?
        .ok_or_else(|| StoreError::Busy { path: source.paths.host(mac).path().to_path_buf(), holder: None })?;
    let place = place_beside(target, host, &[], who)?;
    for permission in target.permissions().unmarked(mac)? {
        target.permissions().mark_used(&permission, "host moved")?;
    }
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
