// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes that an administrator makes: claimed first, then written, so that no two records ever hold the same.

use super::{Store, StoreError};
use crate::host::{Edit, Host, Installed, Mark, Permission, Who};
use crate::types::{HostName, Line, MacAddr, Timestamp, check_whole_name};
use std::net::Ipv4Addr;

impl Store {
    /// What a host would be after an edit; nothing is written. A host that is not known is taken as a new one.
    ///
    /// # Errors
    /// [`StoreError::Edit`] and [`StoreError::Taken`], as [`Store::edit_host`] would say them; the files.
    pub fn preview_edit(&self, mac: MacAddr, edit: &Edit, now: Timestamp) -> Result<(Option<Host>, Host), StoreError> {
        let known = self.host(mac)?;
        let after = self.edited(known.clone().unwrap_or_else(|| Host::new(mac, now)), edit, now)?;
        if let Some(name) = &after.name
            && let Some(holder) = self.mac_of(name)?.filter(|holder| *holder != after.mac())
        {
            return Err(StoreError::Taken(format!("host name {name} belongs to host {}", holder.colons())));
        }
        if let Some(address) = after.address
            && let Some(holder) = self.holder_of(address)?.filter(|holder| *holder != after.mac())
        {
            return Err(StoreError::Taken(format!("address {address} belongs to host {}", self.label_of(holder))));
        }
        for further in after.macs().filter(|m| *m != after.mac()) {
            if let Some(other) = self.host(further)?.filter(|h| h.mac() != after.mac()) {
                return Err(taken_mac(further, &other.label()));
            }
        }
        Ok((known, after))
    }

    /// Changes a host, which is created where it is not known. Name, address and further MACs are claimed before the
    /// record says them, and what it no longer has is released after.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for what another host has; [`StoreError::Edit`] for what cannot be; the files.
    pub fn edit_host(
        &self,
        mac: MacAddr,
        edit: &Edit,
        what: &Line,
        who: &Who,
        now: Timestamp,
    ) -> Result<Host, StoreError> {
        // Held until the record is written: whoever looks at a claim under this lock sees its record too.
        let locked = self.lock_allocation()?;
        let (known, after) = self.preview_edit(mac, edit, now)?;
        let mac = after.mac();
        self.claim_all(&after)?;
        for (permission, why) in self.ended_by_macs(known.as_ref(), &after, now)? {
            self.mark_used(&permission, why)?;
            let note = format!("{why}; given by {} until {}", permission.given_by, permission.expires);
            self.note_history(mac, who, now, "disarmed", &note)?;
        }
        self.keep_ever_installed(known.as_ref(), &after, now)?;
        if known.as_ref().is_some_and(|known| known.state() != after.state() && after.state().has_system()) {
            self.mark_anew(&after, now)?;
        }
        if known.is_none() {
            self.create_record(&locked, mac, who, now)?;
        }
        let host = self.change_host(mac, who, now, |host| {
            let before = host.clone();
            *host = self.edited(host.clone(), edit, now)?;
            Ok::<_, StoreError>(host.differs_from(&before).then(|| (what.clone(), note_of(&before, host))))
        })?;
        if let Some(before) = known {
            self.release_what_is_gone(&before, &host)?;
        }
        Ok(host)
    }

    /// The permissions that end because a host gets these MACs, each with why: nobody says that a permission of another set of
    /// interfaces was meant for this one.
    ///
    /// # Errors
    /// When a permission or a mark cannot be read.
    pub fn ended_by_macs(
        &self,
        known: Option<&Host>,
        after: &Host,
        now: Timestamp,
    ) -> Result<Vec<(Permission, &'static str)>, StoreError> {
        let mut ended = Vec::new();
        for further in after.macs().filter(|mac| *mac != after.mac()) {
            // What a machine was permitted as a host of its own, it was not permitted as a part of this one.
            let joined = self.unspent_permissions(further)?.into_iter();
            ended.extend(joined.map(|permission| (permission, "its machine became a part of another host")));
        }
        let Some(known) = known.filter(|known| !known.macs().eq(after.macs())) else { return Ok(ended) };
        let old = self.installed_host(known)?;
        let mark = self.newest_mark(Some(known), after, now)?;
        let marks = after.macs().map(|mac| Ok(self.ever_installed_mark(mac)?.or_else(|| mark.clone())));
        let marks: Vec<Option<Mark>> = marks.collect::<Result<_, StoreError>>()?;
        let new = Installed::of(Some(marks.into_iter().flatten().collect()), Some(after));
        for permission in self.unspent_permissions(after.mac())? {
            if old.outdates(&permission, Some(known)).is_none() && new.outdates(&permission, Some(known)).is_some() {
                ended.push((permission, "the host got other MACs, and with them other marks of installations"));
            }
        }
        Ok(ended)
    }

    /// The record after the edit, checked by itself and against the cluster.
    fn edited(&self, mut host: Host, edit: &Edit, now: Timestamp) -> Result<Host, StoreError> {
        let label = host.label();
        let refuse = |problem: String| StoreError::Edit { host: label.clone(), problem };
        let (before, called) = (host.address, host.name.clone());
        edit.apply(&mut host, now).map_err(|e| refuse(e.to_string()))?;
        if let Some(address) = host.address.filter(|a| Some(*a) != before) {
            self.cluster.takes_host(address).map_err(|why| refuse(format!("address {why}")))?;
            let dhcp = self.cluster.network.dhcp_range;
            if dhcp.contains(address) {
                return Err(refuse(format!(
                    "address {address} lies in network.dhcp_range {dhcp}, which is for machines that are not known"
                )));
            }
        }
        if let Some(name) = host.name.as_ref().filter(|name| Some(*name) != called.as_ref()) {
            check_whole_name(name, &self.cluster.network.domain).map_err(|why| refuse(why.to_string()))?;
        }
        // Nothing is written that no reader would take.
        Host::parse(&host.to_text(), host.mac()).map_err(|e| refuse(e.problem))?;
        Ok(host)
    }

    /// Claims what the record of a host holds: for `reload`, after somebody edited a record by hand. A MAC that joined in this way
    /// carries the past of the host from then on.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for what another host has; the files.
    pub fn claim_for(&self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        if !self.has_its_claims(host)? {
            let _locked = self.lock_allocation()?;
            self.claim_all(host)?;
        }
        self.keep_ever_installed(None, host, now)
    }

    fn claim_all(&self, host: &Host) -> Result<(), StoreError> {
        let mac = host.mac();
        if let Some(name) = &host.name
            && !self.claim_name(name, mac)?
        {
            return Err(self.name_taken(name));
        }
        if let Some(address) = host.address
            && !self.claim_address(address, mac)?
        {
            return Err(self.address_taken(address));
        }
        for further in host.macs().filter(|m| *m != mac) {
            if !self.claim_mac(further, mac)? {
                let holder = self
                    .claimed_by(further)
                    .ok()
                    .flatten()
                    .map_or_else(|| "another host".to_owned(), |m| self.label_of(m));
                return Err(taken_mac(further, &holder));
            }
        }
        Ok(())
    }

    /// Of two lists of MACs that belong to one machine at some time, one mark is enough: each MAC carries it before the
    /// record changes, so that no MAC leaves or joins a host with its past forgotten.
    fn keep_ever_installed(&self, before: Option<&Host>, after: &Host, now: Timestamp) -> Result<(), StoreError> {
        let Some(mark) = self.newest_mark(before, after, now)? else { return Ok(()) };
        before.into_iter().chain([after]).try_for_each(|host| self.mark_host(host, &mark))
    }

    /// The mark that MACs without one get when their lists are joined or parted.
    fn newest_mark(&self, before: Option<&Host>, after: &Host, now: Timestamp) -> Result<Option<Mark>, StoreError> {
        let hosts = before.into_iter().chain([after]);
        let pasts = hosts.map(|host| self.installed_host(host)).collect::<Result<Vec<Installed>, _>>()?;
        // The very mark, so that a permission that was given after it goes on counting.
        let newest = pasts.iter().filter_map(Installed::last).max_by_key(|mark| mark.at()).cloned();
        Ok(newest.or_else(|| pasts.iter().any(Installed::ever).then(|| Mark::new(now, &self.cluster.name))))
    }

    /// What messages call the host of a record that may be gone.
    fn label_of(&self, mac: MacAddr) -> String {
        self.own_record(mac).ok().flatten().map_or_else(|| mac.colons(), |(host, _)| host.label())
    }

    /// That a name belongs to another host, and to which.
    pub(super) fn name_taken(&self, name: &HostName) -> StoreError {
        let holder = self.mac_of(name).ok().flatten();
        let holder = holder.map_or_else(|| "another host".to_owned(), |mac| format!("host {}", mac.colons()));
        StoreError::Taken(format!("host name {name} belongs to {holder}"))
    }

    /// That an address belongs to another host, and to which.
    pub(super) fn address_taken(&self, address: Ipv4Addr) -> StoreError {
        let holder = self.holder_of(address).ok().flatten();
        let holder = holder.map_or_else(|| "another host".to_owned(), |mac| format!("host {}", self.label_of(mac)));
        StoreError::Taken(format!("address {address} belongs to {holder}"))
    }
}

fn taken_mac(mac: MacAddr, holder: &str) -> StoreError {
    let mac = mac.colons();
    StoreError::Taken(format!("MAC {mac} belongs to {holder}; if it is the same machine: host-state rm {mac}"))
}

/// The values that changed, for the history.
fn note_of(before: &Host, after: &Host) -> Option<Line> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let macs = |host: &Host| host.macs().map(MacAddr::colons).collect::<Vec<_>>().join(" ");
    let values = |host: &Host| {
        [
            ("name", text(host.name.as_ref().map(ToString::to_string))),
            ("type", text(host.host_type.map(|t| t.to_string()))),
            ("profile", text(host.profile.map(|p| p.to_string()))),
            ("address", text(host.address.map(|a| a.to_string()))),
            ("macs", macs(host)),
            ("reason", text(host.reason.as_ref().map(|r| format!("\"{r}\"")))),
        ]
    };
    let changed: Vec<String> = values(before)
        .into_iter()
        .zip(values(after))
        .filter(|(old, new)| old != new)
        .map(|((key, old), (_, new))| format!("{key} {old} -> {new}"))
        .collect();
    (!changed.is_empty()).then(|| Line::lossy(&changed.join(", ")))
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
