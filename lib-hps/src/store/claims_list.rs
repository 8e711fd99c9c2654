// SPDX-License-Identifier: GPL-3.0-or-later
//! Claims looked at one by one or all together: who holds what, what is released, what is left over.

use super::claim_kind::ClaimKind;
use super::records::{Key, Kind};
use super::{Store, StoreError};
use crate::host::Host;
use crate::types::MacAddr;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// One claim, as its file says it.
#[derive(Debug)]
pub struct Claim {
    /// What kind of value.
    pub kind: ClaimKind,
    /// The value: the file's name.
    pub value: String,
    /// The file.
    pub path: PathBuf,
    /// The MAC that names the record of the holder; none where the file does not hold one; or why it cannot be read.
    pub holder: Result<Option<MacAddr>, StoreError>,
    pub(super) key: Key,
}

impl Claim {
    /// Whether a record holds what is claimed.
    pub fn is_of(&self, host: &Host) -> bool {
        match self.kind {
            ClaimKind::Address => host.address.is_some_and(|a| a.to_string() == self.value),
            ClaimKind::Name => host.name.as_ref().is_some_and(|n| n.as_str() == self.value),
            ClaimKind::Mac => host.macs().any(|m| m != host.mac() && m.to_string() == self.value),
        }
    }
}

/// All claims by their holders, read once: for programs that look at many hosts.
#[derive(Debug, Default)]
pub struct Held(BTreeMap<MacAddr, Vec<Claim>>);

impl Held {
    /// What the host of this record has claimed, and its record does not have: a process died between the new record and the
    /// release of the old values.
    pub fn stale<'a>(&'a self, host: &'a Host) -> impl Iterator<Item = &'a Claim> {
        self.0.get(&host.mac()).into_iter().flatten().filter(|claim| !claim.is_of(host))
    }
}

impl Store {
    /// All claims by their holders.
    ///
    /// # Errors
    /// When a folder or a claim cannot be read.
    pub fn held(&self) -> Result<Held, StoreError> {
        let mut held = BTreeMap::<MacAddr, Vec<Claim>>::new();
        for claim in self.claims()? {
            match &claim.holder {
                Ok(Some(holder)) => held.entry(*holder).or_default().push(claim),
                Err(error) if !error.was_read() => return claim.holder.map(|_| Held::default()),
                // It holds no MAC, so it is no claim of a host; `check` names it.
                _ => {}
            }
        }
        Ok(Held(held))
    }

    /// Releases what [`Held::stale`] found, as far as the record still says no other thing.
    ///
    /// # Errors
    /// When the record or a claim cannot be read, or a claim not be removed.
    pub fn release_stale(&self, host: &Host, held: &Held) -> Result<(), StoreError> {
        // Whoever looks at a claim under this lock sees its record too.
        let _locked = self.lock_allocation()?;
        let Some((now, _)) = self.own_record(host.mac())? else { return Ok(()) };
        held.stale(&now).try_for_each(|claim| self.release(&claim.key, host.mac()))
    }

    /// All claims, by kind and value. It reads one file for each; nothing on the boot path calls it.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn claims(&self) -> Result<Vec<Claim>, StoreError> {
        let mut claims = Vec::new();
        for kind in ClaimKind::ALL {
            for key in self.records.list(Kind::Allocation(kind))? {
                let (value, path, holder) = (key.name().to_owned(), self.records.locate(&key), self.claim_holder(&key));
                claims.push(Claim { kind, value, path, holder, key });
            }
        }
        Ok(claims)
    }

    /// The host whose record confirms its claim of an address.
    pub(super) fn holder_of(&self, address: Ipv4Addr) -> Result<Option<MacAddr>, StoreError> {
        let Some(holder) = self.claim_holder(&Key::address(address))? else { return Ok(None) };
        match self.own_record(holder) {
            Ok(found) => Ok(found.filter(|(host, _)| host.address == Some(address)).map(|_| holder)),
            // A bad record may still hold it: fail closed.
            Err(_) => Ok(Some(holder)),
        }
    }

    /// Whether everything that a record holds is claimed for it.
    ///
    /// # Errors
    /// When a claim cannot be read.
    pub fn has_its_claims(&self, host: &Host) -> Result<bool, StoreError> {
        let text = format!("{}\n", host.mac());
        for key in self.claim_keys(host) {
            if self.records.text(&key)?.is_none_or(|document| document.text != text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes claims that `before` held and `after` does not, as far as they still name this host.
    pub(super) fn release_what_is_gone(&self, before: &Host, after: &Host) -> Result<(), StoreError> {
        let kept = self.claim_keys(after);
        for key in self.claim_keys(before).iter().filter(|key| !kept.contains(key)) {
            self.release(key, before.mac())?;
        }
        Ok(())
    }

    /// Removes all claims of a host.
    pub(super) fn release_all(&self, host: &Host) -> Result<(), StoreError> {
        self.claim_keys(host).iter().try_for_each(|key| self.release(key, host.mac()))
    }

    /// Removes a claim, if it is this host's.
    pub(super) fn release(&self, key: &Key, mac: MacAddr) -> Result<(), StoreError> {
        if let Some(document) = self.records.text(key)?
            && document.text.trim() == mac.to_string()
        {
            let _is_anothers = self.records.remove_if_unchanged(key, &document.version)?;
        }
        Ok(())
    }

    /// The name last: a removal that was cut short is finished by name.
    fn claim_keys(&self, host: &Host) -> Vec<Key> {
        let name = host.name.iter().map(Key::host_name);
        let address = host.address.iter().map(|address| Key::address(*address));
        let further = host.macs().filter(|mac| *mac != host.mac()).map(Key::further_mac);
        address.chain(further).chain(name).collect()
    }

    fn claim_holder(&self, key: &Key) -> Result<Option<MacAddr>, StoreError> {
        Ok(self.records.text(key)?.and_then(|document| document.text.trim().parse().ok()))
    }
}
