// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes that an administrator makes: allocated first, then written, so that no two records ever hold the same.

use super::Hosts;
use super::edit_note::edit_note;
use crate::host::{Edit, Host, Installed, Mark, Permission, Who};
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::allocations::Allocations;
use crate::store::installed_marks::InstalledMarks;
use crate::store::journal::Journal;
use crate::store::permissions::Permissions;
use crate::types::{Line, MacAddr, Timestamp, check_not_reserved, check_whole_name};

impl<'a> Hosts<'a> {
    fn allocations(self) -> Allocations<'a> {
        Allocations::new(self.parts)
    }

    fn marks(self) -> InstalledMarks<'a> {
        InstalledMarks::new(self.parts)
    }

    /// What a host would be after an edit; nothing is written. A host that is not known is treated as a new one.
    ///
    /// # Errors
    /// [`StoreError::Edit`] and [`StoreError::Taken`], as [`Hosts::edit`] would report them; the files.
    pub fn preview_edit(self, mac: MacAddr, edit: &Edit, now: Timestamp) -> Result<(Option<Host>, Host), StoreError> {
        let known = self.find(mac)?;
        let after = self.edited(known.clone().unwrap_or_else(|| Host::new(mac, now)), edit, now)?;
        if let Some(name) = &after.name
            && let Some(holder) = self.mac_by_name(name)?.filter(|holder| *holder != after.mac())
        {
            return Err(StoreError::Taken(format!("host name {name} belongs to host {}", holder.colons())));
        }
        let allocations = self.allocations();
        if let Some(address) = after.address
            && let Some(holder) = allocations.holder_of_address(address)?.filter(|holder| *holder != after.mac())
        {
            let holder = allocations.label_of(holder);
            return Err(StoreError::Taken(format!("address {address} belongs to host {holder}")));
        }
        for further in after.macs().filter(|m| *m != after.mac()) {
            if let Some(other) = self.find(further)?.filter(|h| h.mac() != after.mac()) {
                return Err(Allocations::mac_taken(further, &other.label()));
            }
        }
        Ok((known, after))
    }

    /// Changes a host, which is created where it is not known. Name, address and further MACs are allocated before the
    /// record says them, and what it no longer has is released after.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for what another host has; [`StoreError::Edit`] for what cannot be; the files.
    pub fn edit(self, mac: MacAddr, edit: &Edit, what: &Line, who: &Who, now: Timestamp) -> Result<Host, StoreError> {
        // Held until the record is written: a process that reads an allocation under this lock sees its record too.
        let locked = AllocationLock::wait(self.parts.paths)?;
        let (known, after) = self.preview_edit(mac, edit, now)?;
        let mac = after.mac();
        self.allocations().take_all(&locked, &after)?;
        for (permission, why) in self.permissions_ended_by(known.as_ref(), &after, now)? {
            Permissions::new(self.parts).mark_used(&permission, why)?;
            let note = format!("{why}; given by {} until {}", permission.given_by, permission.expires);
            Journal::new(self.parts).note(mac, who, now, "disarmed", &note)?;
        }
        self.marks().share(known.as_ref(), &after, now)?;
        if known.as_ref().is_some_and(|known| known.state() != after.state() && after.state().has_system()) {
            self.marks().mark_again(&after, now)?;
        }
        if known.is_none() {
            self.create_locked(&locked, mac, who, now)?;
        }
        let host = self.change(mac, who, now, |host| {
            let before = host.clone();
            *host = self.edited(host.clone(), edit, now)?;
            Ok::<_, StoreError>(host.differs_from(&before).then(|| (what.clone(), edit_note(&before, host))))
        })?;
        if let Some(before) = known {
            self.allocations().release_difference(&before, &host)?;
        }
        Ok(host)
    }

    /// The permissions that end because a host gets these MACs, each with why: a permission of another set of interfaces was not
    /// meant for this one.
    ///
    /// # Errors
    /// When a permission or a mark cannot be read.
    pub fn permissions_ended_by(
        self,
        known: Option<&Host>,
        after: &Host,
        now: Timestamp,
    ) -> Result<Vec<(Permission, &'static str)>, StoreError> {
        let permissions = Permissions::new(self.parts);
        let mut ended = Vec::new();
        for further in after.macs().filter(|mac| *mac != after.mac()) {
            // What a machine was permitted as a host of its own, it was not permitted as a part of this one.
            let joined = permissions.unmarked(further)?.into_iter();
            ended.extend(joined.map(|permission| (permission, "its machine became a part of another host")));
        }
        let Some(known) = known.filter(|known| !known.macs().eq(after.macs())) else { return Ok(ended) };
        let old = self.marks().installed_host(known)?;
        let mark = self.marks().newest(Some(known), after, now)?;
        let marks = after.macs().map(|mac| Ok(self.marks().mark_of(mac)?.or_else(|| mark.clone())));
        let marks: Vec<Option<Mark>> = marks.collect::<Result<_, StoreError>>()?;
        let new = Installed::new(Some(marks.into_iter().flatten().collect()), Some(after));
        for permission in permissions.unmarked(after.mac())? {
            if old.outdates(&permission, Some(known)).is_none() && new.outdates(&permission, Some(known)).is_some() {
                ended.push((permission, "the host got other MACs, and with them other marks of installations"));
            }
        }
        Ok(ended)
    }

    /// The record after the edit, checked by itself and against the cluster.
    fn edited(self, mut host: Host, edit: &Edit, now: Timestamp) -> Result<Host, StoreError> {
        let label = host.label();
        let refuse = |problem: String| StoreError::Edit { host: label.clone(), problem };
        let (before, called) = (host.address, host.name.clone());
        edit.apply(&mut host, self.parts.cluster, now).map_err(|e| refuse(e.to_string()))?;
        if let Some(address) = host.address.filter(|a| Some(*a) != before) {
            self.parts.cluster.takes_host(address).map_err(|why| refuse(format!("address {why}")))?;
            let place = self.parts.cluster.placement(address);
            let dhcp = place.dhcp_range();
            if dhcp.contains(address) {
                let key = place.key("dhcp_range");
                return Err(refuse(format!("address {address} is in {key} {dhcp}, which is for unknown machines")));
            }
        }
        if let Some(name) = host.name.as_ref().filter(|name| Some(*name) != called.as_ref()) {
            check_whole_name(name, self.parts.cluster.placement_of_host(host.address).domain())
                .map_err(|why| refuse(why.to_string()))?;
            check_not_reserved(name, None).map_err(|why| refuse(why.to_string()))?;
        }
        // A record that no reader would accept is not written.
        Host::parse(&host.to_text(), host.mac()).map_err(|e| refuse(e.problem))?;
        Ok(host)
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
