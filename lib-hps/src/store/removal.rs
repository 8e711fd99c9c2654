// SPDX-License-Identifier: GPL-3.0-or-later
//! Removing a host from a cluster, in an order that a kill at any moment leaves safe: first whatever permits an installation
//! ends, then the reservation goes, then the record, then its claims, which nobody needs without it. Removing it again
//! finishes the rest.

use super::claim_kind::ClaimKind;
use super::claims_list::Claim;
use super::records::Key;
use super::{Store, StoreError};
use crate::files::is_there;
use crate::files::{self, IoError};
use crate::host::{HistoryLine, Host, HostState, Permission, Who};
use crate::types::{Line, MacAddr, Timestamp};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What this cluster holds of a host, and what removing it takes away.
#[derive(Debug)]
pub struct Leftovers {
    /// The MAC that names the record.
    pub mac: MacAddr,
    /// The record; why it cannot be read; or none, where an earlier removal did not come to its end.
    pub record: Option<Result<Host, StoreError>>,
    /// Permissions that are not used up.
    pub permissions: Vec<Permission>,
    /// What it has claimed.
    pub claims: Vec<Claim>,
    /// Other files: permissions, refused tickets that were counted, the reservation.
    pub files: Vec<PathBuf>,
}

impl Leftovers {
    /// Whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.record.is_none() && self.claims.is_empty() && self.files.is_empty()
    }

    /// Every MAC that is known of it, by its record or by claims.
    pub fn macs(&self) -> BTreeSet<MacAddr> {
        let claims = self.claims.iter().filter(|claim| claim.kind == ClaimKind::Mac);
        let claimed = claims.filter_map(|claim| claim.value.parse().ok());
        let recorded = self.record.iter().flatten().flat_map(Host::macs);
        std::iter::once(self.mac).chain(claimed).chain(recorded).collect()
    }

    /// What only `force` removes.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host that is INSTALLING, or whose record cannot be read.
    pub fn refuse(&self) -> Result<(), StoreError> {
        let (host, problem) = match &self.record {
            Some(Ok(host)) if host.state() == HostState::Installing => (
                host.label(),
                "is INSTALLING; --force removes it nevertheless, and what its installer reports then is refused",
            ),
            Some(Err(_)) => (
                self.mac.colons(),
                "its record cannot be read, see: host-state check; --force removes it nevertheless, and the machine boots its disk from then on",
            ),
            _ => return Ok(()),
        };
        Err(StoreError::Edit { host, problem: problem.to_owned() })
    }
}

impl Store {
    /// What would be removed of the host with this MAC. It reads all claims.
    ///
    /// # Errors
    /// When a folder or a mark cannot be read.
    pub fn leftovers(&self, mac: MacAddr) -> Result<Leftovers, StoreError> {
        let found = match self.host(mac) {
            Ok(Some(host)) => Some(Ok(host)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        };
        let mac = match &found {
            Some(Ok(host)) => host.mac(),
            // A bad record was found through one of its further MACs.
            Some(Err(_)) => self.naming_mac(mac)?,
            None => mac,
        };
        // A claim that cannot be read is released by its name where the record has it, and taken back where nobody has.
        let is_own = |claim: &Claim| matches!(claim.holder, Ok(holder) if holder == Some(mac));
        let mut claims: Vec<Claim> = self.claims()?.into_iter().filter(is_own).collect();
        // The name goes last: by it a removal that was cut short is finished.
        claims.sort_by_key(|claim| claim.kind == ClaimKind::Name);
        let mut files = vec![
            self.paths.permission(mac).path().to_path_buf(),
            self.paths.menu_permission(mac).path().to_path_buf(),
            self.paths.refusals(mac).path().to_path_buf(),
            self.paths.dhcp_host(mac),
        ];
        let there = files.iter().map(|path| is_there(path)).collect::<Result<Vec<_>, _>>()?;
        let mut there = there.into_iter();
        files.retain(|_| there.next() == Some(true));
        Ok(Leftovers { mac, record: found, permissions: self.unspent_or_no_permission(mac)?, claims, files })
    }

    /// Removes what [`Store::leftovers`] lists. History, logs and the mark that the machine was ever installed stay; a record
    /// that says or may say that the machine has a system leaves that mark behind.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host that is INSTALLING, or whose record cannot be read, without `force`; the files.
    pub fn remove_host(&self, mac: MacAddr, force: bool, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        // Nobody creates a record or claims anything meanwhile.
        let _locked = self.lock_allocation()?;
        let left = self.leftovers(mac)?;
        let mac = left.mac;
        let host = match &left.record {
            Some(Ok(host)) => Some(host),
            _ => None,
        };
        if !force {
            left.refuse()?;
        }
        for permission in &left.permissions {
            self.mark_used(permission, "host removed")?;
        }
        if self.leaves_marks(&left)? {
            self.mark_all(&left, now)?;
        }
        for path in &left.files {
            remove_whatever(path)?;
        }
        if left.record.is_some() {
            let from = host.map_or(HostState::Unconfigured, Host::state);
            let what = Line::lossy("removed");
            let note = host.map(|h| Line::lossy(&format!("it was {}", h.label())));
            let line = HistoryLine { at: now, who: who.clone(), what, from, to: HostState::Unconfigured, note };
            self.append_history(mac, &line)?;
            self.remove_record(mac, host)?;
        }
        if let Some(host) = host {
            self.release_all(host)?;
        }
        for claim in &left.claims {
            self.release(&claim.key, mac)?;
        }
        Ok(())
    }

    /// Whether the machine has, had, or may have a system. One MAC that is marked speaks for all: they part here.
    ///
    /// # Errors
    /// When a mark cannot be looked for.
    pub fn leaves_marks(&self, left: &Leftovers) -> Result<bool, StoreError> {
        match &left.record {
            Some(Ok(host)) if self.installed_host(host)?.ever() => return Ok(true),
            // A record that cannot be read may say so.
            Some(Err(_)) => return Ok(true),
            _ => {}
        }
        for mac in left.macs() {
            if self.installed(mac, None)?.ever() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn mark_all(&self, left: &Leftovers, now: Timestamp) -> Result<(), StoreError> {
        for mac in left.macs() {
            if !self.installed(mac, None)?.ever() {
                self.mark_ever_installed(mac, now)?;
            }
        }
        Ok(())
    }

    /// Removes the record as it was looked at; one that changed since is not the one that was to go.
    fn remove_record(&self, mac: MacAddr, host: Option<&Host>) -> Result<(), StoreError> {
        let key = Key::host(mac);
        let Some(host) = host else { return remove_whatever(&self.records.locate(&key)) };
        let Some((now, document)) = self.own_record(mac)? else { return Ok(()) };
        if now.differs_from(host) || !self.records.remove_if_unchanged(&key, &document.version)?.is_done() {
            return Err(StoreError::Busy { path: self.records.locate(&key), holder: None });
        }
        Ok(())
    }

    /// The permissions of both folders that are not used up, of whatever age.
    ///
    /// # Errors
    /// When a file or a mark cannot be read or taken.
    pub fn unspent_permissions(&self, mac: MacAddr) -> Result<Vec<Permission>, StoreError> {
        let (unspent, bad) = self.unspent_and_unreadable(mac);
        bad.into_iter().next().map_or(Ok(unspent), Err)
    }

    /// The same for whoever takes the files away too: one that was read and is no permission permits nothing, and goes. So does one
    /// whose mark was read and is none.
    fn unspent_or_no_permission(&self, mac: MacAddr) -> Result<Vec<Permission>, StoreError> {
        let (unspent, bad) = self.unspent_and_unreadable(mac);
        let unread = bad.into_iter().find(|error| !error.was_read());
        unread.map_or(Ok(unspent), Err)
    }

    /// The same, and why each file or mark cannot be read or taken; its permission is not among the first.
    pub fn unspent_and_unreadable(&self, mac: MacAddr) -> (Vec<Permission>, Vec<StoreError>) {
        let (mut unspent, mut bad) = (Vec::new(), Vec::new());
        for (key, source) in self.permission_files(mac) {
            let found = self.read_permission(&key, mac, source).and_then(|found| {
                let Some(permission) = found else { return Ok(None) };
                Ok(if self.is_spent(&permission.id)? { None } else { Some(permission) })
            });
            match found {
                Ok(found) => unspent.extend(found),
                Err(error) => bad.push(error),
            }
        }
        (unspent, bad)
    }
}

/// Also a folder in the place of a file, as nothing of ours makes it.
pub(super) fn remove_whatever(path: &Path) -> Result<(), StoreError> {
    if path.symlink_metadata().is_ok_and(|m| m.is_dir()) {
        return Ok(std::fs::remove_dir_all(path).map_err(IoError::during("remove", path))?);
    }
    Ok(files::remove(path)?)
}

#[cfg(test)]
#[path = "removal_tests.rs"]
mod tests;
