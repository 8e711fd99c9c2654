// SPDX-License-Identifier: GPL-3.0-or-later
//! Other addresses for many hosts, in one transaction: all of them, or none.

use super::Hosts;
use super::edit_note::edit_note;
use crate::host::{HostState, Who};
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::records::{Key, Outcome, Transaction};
use crate::types::{Line, MacAddr, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// One host that gets another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renumbered {
    /// The MAC that names its record.
    pub mac: MacAddr,
    /// The address of its record.
    pub from: Ipv4Addr,
    /// The new one.
    pub to: Ipv4Addr,
}

impl Hosts<'_> {
    /// Gives each host its new address, in its record and in the allocations. Nothing is changed where one of them has
    /// another address by now, is being installed, or where another host has the new address. Returned are the histories that
    /// could not be written: all addresses are changed then too.
    ///
    /// # Errors
    /// [`StoreError::Edit`] and [`StoreError::Taken`], with the host; the files. Then nothing is changed.
    pub fn renumber(self, hosts: &[Renumbered], who: &Who, now: Timestamp) -> Result<Vec<StoreError>, StoreError> {
        // Held until all is written: a process that reads an allocation under this lock sees its record too.
        let _locked = AllocationLock::wait(self.parts.paths)?;
        let records = self.parts.records;
        let macs: BTreeSet<MacAddr> = hosts.iter().map(|host| host.mac).collect();
        let mut transaction = Transaction::new();
        let mut changed = Vec::new();
        for Renumbered { mac, from, to } in hosts {
            let refused = |problem: &str| StoreError::Edit { host: mac.colons(), problem: problem.to_owned() };
            let (mut host, document) = self.own(*mac)?.ok_or_else(|| refused("its record is gone"))?;
            if host.address != Some(*from) {
                return Err(refused("its address was changed by another program; run the command again"));
            }
            if host.state() == HostState::Installing {
                return Err(refused("it is INSTALLING, and its installer uses its address"));
            }
            let before = host.clone();
            host.address = Some(*to);
            host.updated = now;
            let key = Key::host(*mac);
            transaction = transaction.if_unchanged(&key, &document.version).put(&key, host.to_text().as_bytes());
            changed.push((host, before));
        }
        // An address may be the old one of one host and the new one of another.
        let new: BTreeMap<Ipv4Addr, MacAddr> = hosts.iter().map(|host| (host.to, host.mac)).collect();
        let old: BTreeSet<Ipv4Addr> = hosts.iter().map(|host| host.from).collect();
        for address in new.keys().chain(old.iter().filter(|address| !new.contains_key(address))) {
            let key = Key::address(*address);
            let claim = records.text(&key)?;
            let holder: Option<MacAddr> = claim.as_ref().and_then(|claim| claim.text.trim().parse().ok());
            let is_ours = holder.is_none_or(|holder| macs.contains(&holder));
            match (new.get(address), claim) {
                (Some(mac), None) => {
                    transaction = transaction.if_absent(&key).put(&key, format!("{mac}\n").as_bytes());
                }
                (Some(mac), Some(claim)) => {
                    if !is_ours && self.is_held(*address, holder)? {
                        return Err(StoreError::Taken(format!("address {address} belongs to another host")));
                    }
                    transaction =
                        transaction.if_unchanged(&key, &claim.version).put(&key, format!("{mac}\n").as_bytes());
                }
                (None, Some(claim)) if is_ours => {
                    transaction = transaction.if_unchanged(&key, &claim.version).remove(&key);
                }
                (None, _) => {}
            }
        }
        if let Outcome::Conflict(key) = records.commit(&transaction)? {
            return Err(StoreError::Busy { path: records.locate(&key), holder: None });
        }
        // From here an error would be read as "nothing is changed".
        let mut unwritten = Vec::new();
        for (host, before) in &changed {
            let note = edit_note(before, host);
            unwritten.extend(self.follow_move(host, before, Line::lossy("renumbered"), note, who, now).err());
        }
        Ok(unwritten)
    }

    /// Whether the record of the holder has the address, or cannot be read.
    fn is_held(self, address: Ipv4Addr, holder: Option<MacAddr>) -> Result<bool, StoreError> {
        let Some(holder) = holder else { return Ok(true) };
        match self.own(holder) {
            Ok(found) => Ok(found.is_some_and(|(host, _)| host.address == Some(address))),
            Err(error) if error.was_read() => Ok(true),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Event;
    use crate::store::Role;
    use crate::store::testing::stores;
    use crate::types::HostType;

    const ROLE: Role = Role { host_type: HostType::SCH, profile: None, event: Event::TypeChosen };

    fn mac(n: u32) -> MacAddr {
        format!("5254{n:08x}").parse().unwrap()
    }

    fn address(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, last)
    }

    #[test]
    fn all_hosts_get_their_address_or_none_does() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let (who, now) = (Who::operator("test", "root"), Timestamp::from_unix(1));
            for n in 1..=3 {
                store.allocations().allocate(mac(n), ROLE, None, &[], &who, now).unwrap();
            }
            let moved = |n: u32, from, to| Renumbered { mac: mac(n), from: address(from), to: address(to) };
            let now_at = |n: u32| store.hosts().find(mac(n)).unwrap().unwrap().address.unwrap();
            let holders = || -> BTreeMap<String, MacAddr> {
                let all = store.allocations().list().unwrap().into_iter();
                all.filter(|a| a.value.starts_with("10.")).map(|a| (a.value, a.holder.unwrap().unwrap())).collect()
            };
            // Two exchange their addresses, and the third one gets a new one.
            let plan = [moved(1, 2, 3), moved(2, 3, 2), moved(3, 4, 100)];
            store.hosts().renumber(&plan, &who, now).unwrap();
            assert_eq!([1, 2, 3].map(now_at), [address(3), address(2), address(100)]);
            let expected = [("10.0.0.2", mac(2)), ("10.0.0.3", mac(1)), ("10.0.0.100", mac(3))];
            assert_eq!(holders(), expected.map(|(value, mac)| (value.to_owned(), mac)).into());
            // The last one is wrong: it has another address.
            let refused = store.hosts().renumber(&[moved(1, 3, 50), moved(2, 99, 51)], &who, now).unwrap_err();
            assert!(matches!(refused, StoreError::Edit { .. }), "{refused}");
            // Another host has the new address.
            let refused = store.hosts().renumber(&[moved(2, 2, 60), moved(1, 3, 100)], &who, now).unwrap_err();
            assert!(matches!(refused, StoreError::Taken(_)), "{refused}");
            assert_eq!([1, 2, 3].map(now_at), [address(3), address(2), address(100)], "nothing was changed");
            assert_eq!(holders(), expected.map(|(value, mac)| (value.to_owned(), mac)).into());
        }
    }
}
