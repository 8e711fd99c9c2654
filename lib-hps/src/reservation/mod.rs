// SPDX-License-Identifier: GPL-3.0-or-later
//! The reservation of a host: its address and name in the record, and the same for dnsmasq, in DHCP and DNS. Also
//! everything else that follows from a record.
//!
//! A record is written first, and a process may die before it has written what follows from it. So a correct record
//! does not mean that nothing is left to do. [`gaps`] finds what is missing, and [`complete`] makes it. `reload`
//! completes every host, and `host-state check` names each gap.

mod addresses;
mod conflicts;
mod moved;

pub use addresses::Addresses;
pub use conflicts::{AddressConflict, conflicts};
pub use moved::{Place, move_host, places_in};

use crate::config::Subnet;
use crate::host::{Host, HostState, Who};
use crate::render::dnsmasq::{host_entry, host_names};
use crate::store::{EntryKind, HeldAllocations, Role, Store, StoreError};
use crate::types::{HostName, Line, MacAddr, Stage, Timestamp};

/// Gives a host type, address and name, and reserves them. dnsmasq sees names and a new reservation at once, and a
/// changed reservation when it reads its hosts again. See [`Allocations::allocate`](crate::store::Allocations::allocate).
/// A new address is one that no machine of the network uses; the history names those that were passed over.
///
/// # Errors
/// When the allocation fails, or the reservation cannot be written.
pub fn allocate(
    addresses: &Addresses<'_>,
    mac: MacAddr,
    role: Role,
    name: Option<&HostName>,
    subnet: Option<&Subnet>,
    who: &Who,
    now: Timestamp,
) -> Result<Host, StoreError> {
    let store = addresses.store();
    let allocations = store.allocations();
    let host = loop {
        let has_address = store.hosts().find(mac)?.is_some_and(|host| host.address.is_some());
        // Many machines may ask at the same moment, and each sees the same free ones: which of them is decided later,
        // under the lock.
        let silent = if has_address { Vec::new() } else { addresses.silent(mac, subnet, who)? };
        match allocations.allocate(mac, role, name, &silent, who, now) {
            // Other processes took all of them.
            Err(StoreError::Taken(_)) if !silent.is_empty() && allocations.first_free(&silent, mac)?.is_none() => {}
            result => break result?,
        }
    };
    if let Some(passed_over) = addresses.newly_passed_over() {
        store.journal().note(host.mac(), who, now, "passed over", &passed_over)?;
    }
    reserve(store, &host)?;
    Ok(host)
}

/// The entry of this kind that follows from a record; `None` if the host has no address or name yet.
pub fn entry(store: &Store, kind: EntryKind, host: &Host) -> Option<String> {
    match kind {
        EntryKind::Reservation => host_entry(host),
        EntryKind::Names => host_names(host, store.cluster.placement_of_host(host.address).domain()),
    }
}

/// Whether an entry of dnsmasq is what follows from the record.
fn is_current(store: &Store, kind: EntryKind, host: &Host) -> bool {
    store.host_entries(kind).get(host.mac()) == entry(store, kind, host)
}

/// Writes the reservation and the names of a host, or removes them where the host has no address or name.
///
/// # Errors
/// When one of them cannot be written or removed.
pub fn reserve(store: &Store, host: &Host) -> Result<(), StoreError> {
    EntryKind::ALL.into_iter().try_for_each(|kind| match entry(store, kind, host) {
        Some(entry) => store.host_entries(kind).save(host.mac(), &entry).map(drop),
        None => store.host_entries(kind).remove(host.mac()),
    })
}

/// Writes the reservation and the names of a host if they differ from the record. A machine that keeps its address and name calls
/// this: the process that gave them may have died after it wrote the record.
///
/// # Errors
/// As [`reserve`].
pub fn ensure_reserved(store: &Store, host: &Host) -> Result<(), StoreError> {
    if EntryKind::ALL.into_iter().all(|kind| is_current(store, kind, host)) { Ok(()) } else { reserve(store, host) }
}

/// Puts the card `new` in the place of `old`, and writes what follows for dnsmasq. The lease of the old card is the
/// caller's: dnsmasq gives no address to another card before it ends.
///
/// # Errors
/// Those of [`Hosts::replace_card`](crate::store::Hosts::replace_card), and of [`reserve`].
pub fn replace_card(
    store: &Store,
    mac: MacAddr,
    old: MacAddr,
    new: MacAddr,
    who: &Who,
    now: Timestamp,
) -> Result<Host, StoreError> {
    let host = store.hosts().replace_card(mac, old, new, who, now)?;
    if host.mac() != mac {
        EntryKind::ALL.into_iter().try_for_each(|kind| store.host_entries(kind).remove(mac))?;
    }
    reserve(store, &host)?;
    store.pending().forget(new)?;
    Ok(host)
}

/// Finishes a replacement that was interrupted, and returns the host. `host` has `new` and not `old`.
///
/// # Errors
/// As [`replace_card`] and [`complete`].
pub fn finish_card(
    store: &Store,
    host: Host,
    old: MacAddr,
    new: MacAddr,
    who: &Who,
    now: Timestamp,
) -> Result<Host, StoreError> {
    let host = match store.hosts().half_replaced(&host, old, new)? {
        Some(first) => replace_card(store, first.mac(), old, new, who, now)?,
        None => host,
    };
    if store.hosts().finish_card(&host, old, new, who, now)? {
        EntryKind::ALL.into_iter().try_for_each(|kind| store.host_entries(kind).remove(old))?;
    }
    complete(store, &host, &store.allocations().held()?, who, now)?;
    store.pending().forget(new)?;
    Ok(host)
}

/// Puts the machine with these MACs in the place of the host that `mac` names, and writes what follows for dnsmasq.
///
/// # Errors
/// Those of [`Hosts::replace_machine`](crate::store::Hosts::replace_machine), and of [`reserve`].
pub fn replace_machine(
    store: &Store,
    mac: MacAddr,
    macs: &[MacAddr],
    who: &Who,
    now: Timestamp,
) -> Result<Host, StoreError> {
    let host = store.hosts().replace_machine(mac, macs, who, now)?;
    let gone = macs.iter().skip(1).chain([&mac]);
    for gone in gone {
        EntryKind::ALL.into_iter().try_for_each(|kind| store.host_entries(kind).remove(*gone))?;
    }
    reserve(store, &host)?;
    Ok(host)
}

/// Finishes a replacement that was interrupted; `host` is the new machine.
///
/// # Errors
/// As [`replace_machine`] and [`complete`].
pub fn finish_machine(store: &Store, host: &Host, who: &Who, now: Timestamp) -> Result<(), StoreError> {
    if let Some(old) = store.hosts().replaces(host)? {
        store.hosts().finish_machine(host, old, who, now)?;
    }
    // Also if the histories are complete: the entries go after them.
    if let Some(old) = store.hosts().predecessor(host)? {
        match store.hosts().find(old)? {
            // It asked since then.
            Some(stranger) => ensure_reserved(store, &stranger)?,
            None => EntryKind::ALL.into_iter().try_for_each(|kind| store.host_entries(kind).remove(old))?,
        }
    }
    complete(store, host, &store.allocations().held()?, who, now).map(drop)
}

/// The machine that `host` replaces, if [`finish_machine`] would find something to do.
///
/// # Errors
/// When a file cannot be read.
pub fn unfinished_machine(store: &Store, host: &Host) -> Result<Option<MacAddr>, StoreError> {
    if let Some(old) = store.hosts().replaces(host)? {
        return Ok(Some(old));
    }
    let Some(old) = store.hosts().predecessor(host)? else { return Ok(None) };
    let is_left = store.hosts().find(old)?.is_none()
        && EntryKind::ALL.into_iter().any(|kind| store.host_entries(kind).get(old).is_some());
    let is_current = EntryKind::ALL.into_iter().all(|kind| is_current(store, kind, host));
    Ok((is_left || !is_current).then_some(old))
}

/// Takes name and address from the retired hosts whose time is over, and what dnsmasq has of them. Returns why some of
/// them keep their place: one host stops no other.
///
/// # Errors
/// Those of [`Hosts::places_over`](crate::store::Hosts::places_over).
pub fn free_retired(store: &Store, who: &Who, now: Timestamp) -> Result<Vec<StoreError>, StoreError> {
    let free = |host: &Host| {
        // The entries go first: if this process dies behind the record, nothing would look for them. As long as the record
        // has a place, the next call comes back to it.
        EntryKind::ALL.into_iter().try_for_each(|kind| store.host_entries(kind).remove(host.mac()))?;
        let freed = store.hosts().free_place(host.mac(), who, now);
        // One that was not freed keeps its entries.
        let after = if let Ok(Some(host)) = &freed { Some(host.clone()) } else { store.hosts().find(host.mac())? };
        after.map_or(Ok(()), |host| reserve(store, &host))?;
        freed.map(drop)
    };
    let over = store.hosts().places_over(now)?;
    Ok(over.iter().filter_map(|host| free(host).err()).collect())
}

/// Something that follows from the record of a host and is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The mark says that the installation which the record calls INSTALLING ended well.
    Ended,
    /// A name, an address or a MAC is not claimed.
    Allocations,
    /// A name, an address or a MAC is claimed that it no longer has.
    Stale,
    /// The reservation or the names are missing, are others, or should not be there.
    Reservation,
    /// The history does not show the state, and perhaps a notification is missing.
    History,
}

/// What is wrong, to follow the name of the host.
impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ended => "its installation is complete, but its record does not show it",
            Self::Allocations => "its name, address and MACs are not all allocated to it",
            Self::Stale => "a name, an address or a MAC that it no longer has is still allocated to it",
            Self::Reservation => "its DHCP reservation or its name in DNS differs from its record",
            Self::History => "its history does not show its state, and a notification may be missing",
        })
    }
}

/// What does not follow from the record of a host as it should. Nothing is changed. `held` is [`Allocations::held`](crate::store::Allocations::held), read once for all hosts.
///
/// # Errors
/// When a file cannot be read.
pub fn gaps(store: &Store, host: &Host, held: &HeldAllocations) -> Result<Vec<Gap>, StoreError> {
    let mut gaps = Vec::new();
    if is_ended(store, host)? {
        gaps.push(Gap::Ended);
    }
    if !store.allocations().has_all_of(host)? {
        gaps.push(Gap::Allocations);
    }
    if held.stale(host).next().is_some() {
        gaps.push(Gap::Stale);
    }
    if !EntryKind::ALL.into_iter().all(|kind| is_current(store, kind, host)) {
        gaps.push(Gap::Reservation);
    }
    if store.hosts().unfinished_move(host)?.is_some() {
        gaps.push(Gap::History);
    }
    Ok(gaps)
}

/// Makes everything that follows from the record of a host, and returns what was missing.
///
/// # Errors
/// [`StoreError::Taken`] for a name, an address or a MAC that another host has; the files.
pub fn complete(
    store: &Store,
    host: &Host,
    held: &HeldAllocations,
    who: &Who,
    now: Timestamp,
) -> Result<Vec<Gap>, StoreError> {
    let gaps = gaps(store, host, held)?;
    for gap in &gaps {
        match gap {
            Gap::Ended => end(store, host, who, now)?,
            Gap::Allocations => store.allocations().complete(host, now)?,
            Gap::Stale => store.allocations().release_stale(host, held)?,
            Gap::Reservation => reserve(store, host)?,
            Gap::History => store.hosts().finish_move(host, Line::lossy("completed"), None, who, now)?,
        }
    }
    Ok(gaps)
}

fn is_ended(store: &Store, host: &Host) -> Result<bool, StoreError> {
    let Some(attempt) = host.attempt.as_ref().filter(|_| host.state() == HostState::Installing) else {
        return Ok(false);
    };
    let installed = store.installed_marks().installed_host(host)?;
    Ok(installed.is_complete(attempt) && !installed.is_outdated(attempt))
}

/// Completes the record from the mark: the process that received the last report died between the two.
fn end(store: &Store, host: &Host, who: &Who, now: Timestamp) -> Result<(), StoreError> {
    let _locked = store.hosts().lock_installation(host.mac())?;
    let note = Line::lossy("the mark of the installation was made, and the record was not written");
    store.hosts().change(host.mac(), who, now, |host| {
        if !is_ended(store, host)? {
            return Ok(None);
        }
        if let Some(attempt) = &host.attempt {
            // Each MAC has its mark: that process may have died between two of them.
            store.installed_marks().mark_success(host, attempt, now)?;
        }
        host.report(Stage::Installed, &note, &[], now).map_err(StoreError::refused(host))?;
        Ok::<_, StoreError>(Some((Line::lossy(Stage::Installed.as_str()), Some(note.clone()))))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
