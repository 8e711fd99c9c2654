// SPDX-License-Identifier: GPL-3.0-or-later
//! Claims of addresses, names and further MACs: two processes can never hold the same one, whatever dies when.
//!
//! A claim is a file that is named like what it claims and holds a MAC; link(2) makes it, so of two
//! claimants one wins. Everything here runs under the allocation lock; a claim whose host does not exist or
//! holds something else is left over from a process that died, and is taken back there.

use super::claim_kind::ClaimKind;
use super::records::{Key, Kind};
use super::{Store, StoreError};
use crate::files::{Lock, LockKind};
use crate::host::{Event, Host, Who};
use crate::types::{HostName, HostType, Line, MacAddr, Profile, Timestamp, check_whole_name};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

/// What a host is given its place for.
#[derive(Debug, Clone, Copy)]
pub struct Role {
    /// What it is to become.
    pub host_type: HostType,
    /// In which variant.
    pub profile: Option<Profile>,
    /// What happened: its type was chosen, or it was armed.
    pub event: Event,
}

/// Names run from `<type>-001`; a site has a few thousand machines. The longest one is `LONGEST_GIVEN_NAME` of `types`.
const LAST_NUMBER: u32 = 99_999;

/// How long anybody waits for the allocation lock. A rack that is switched on at once asks for two hundred places in the same
/// second, and each takes a dozen syncs of a disk that may be slow.
const ALLOCATION_TIMEOUT: Duration = Duration::from_secs(60);

/// The names of a type, in the order in which they are given out.
fn names_of(host_type: HostType) -> impl Iterator<Item = String> {
    let prefix = host_type.as_str().to_ascii_lowercase();
    (1..=LAST_NUMBER).map(move |number| format!("{prefix}-{number:03}"))
}

impl Store {
    /// Whoever holds it may give out and take back what hosts claim, and create and remove records.
    pub(super) fn lock_allocation(&self) -> Result<Lock, StoreError> {
        Ok(Lock::wait(&self.paths.allocation_lock(), LockKind::Shared, ALLOCATION_TIMEOUT)?)
    }

    /// Gives a host its type, an address and a name, and writes them into its record, which is created where there
    /// is none. Address and name of the record stay where it has them; else it gets the first free ones.
    ///
    /// # Errors
    /// No free address; a name or address of the record that another host holds; a state that does not take the
    /// event; the files.
    pub fn place_host(
        &self,
        mac: MacAddr,
        role: Role,
        name: Option<&HostName>,
        who: &Who,
        now: Timestamp,
    ) -> Result<Host, StoreError> {
        // Held until the record is written: whoever looks at a claim under this lock sees its record too.
        let locked = self.lock_allocation()?;
        let known = self.host(mac)?;
        // It may be asked for by a further MAC.
        let mac = known.as_ref().map_or(mac, Host::mac);
        let address = match known.as_ref().and_then(|h| h.address) {
            Some(address) if self.claim_address(address, mac)? => address,
            Some(address) => return Err(self.address_taken(address)),
            None => self.free_address(mac, who)?,
        };
        self.cluster.takes_host(address).map_err(|why| StoreError::content(self.paths.host(mac).path(), why))?;
        if let Some(name) = name {
            check_whole_name(name, &self.cluster.network.domain).map_err(|problem| {
                let host = known.as_ref().map_or_else(|| mac.colons(), Host::label);
                StoreError::Edit { host, problem: problem.to_string() }
            })?;
        }
        let name = match name.or(known.as_ref().and_then(|h| h.name.as_ref())) {
            Some(name) if self.claim_name(name, mac)? => name.clone(),
            Some(name) => return Err(self.name_taken(name)),
            None => self.free_name(mac, role.host_type)?,
        };
        if known.is_none() {
            self.create_record(&locked, mac, who, now)?;
        }
        self.change_host(mac, who, now, |host| {
            let before = host.clone();
            host.apply(role.event, now).map_err(StoreError::refused(host))?;
            if role.event == Event::Armed {
                // Whoever arms it has read why it stood.
                host.reason = None;
                host.force_asked = false;
            }
            host.host_type = Some(role.host_type);
            host.profile = role.profile;
            host.address = Some(address);
            host.name = Some(name.clone());
            // Nothing is written that no reader would take.
            Host::parse(&host.to_text(), mac)
                .map_err(|e| StoreError::content(self.paths.host(mac).path(), e.problem))?;
            let changed = host.differs_from(&before);
            let note = format!(
                "{}{} as {name}, {address}",
                role.host_type,
                role.profile.map_or_else(String::new, |p| format!(" {p}"))
            );
            Ok::<_, StoreError>(changed.then(|| (Line::lossy(&role.event.to_string()), Some(Line::lossy(&note)))))
        })
    }

    /// The address and the name that a new host of this type would be given now. Nothing is claimed.
    ///
    /// # Errors
    /// When the claims cannot be read.
    pub fn free_place(&self, host_type: HostType) -> Result<(Option<Ipv4Addr>, Option<HostName>), StoreError> {
        let taken = self.taken(ClaimKind::Address)?;
        let address = self.cluster.network.host_range.iter().find(|a| !taken.contains(&a.to_string()));
        let taken = self.taken(ClaimKind::Name)?;
        let name = names_of(host_type).find(|name| !taken.contains(name)).and_then(|name| name.parse().ok());
        Ok((address, name))
    }

    pub(super) fn claim_name(&self, name: &HostName, mac: MacAddr) -> Result<bool, StoreError> {
        self.claim(&Key::host_name(name), mac, |h| h.name.as_ref() == Some(name))
    }

    pub(super) fn claim_address(&self, address: Ipv4Addr, mac: MacAddr) -> Result<bool, StoreError> {
        self.claim(&Key::address(address), mac, |h| h.address == Some(address))
    }

    /// Claims a further MAC for the record of `first`. One that has a record of its own is not free.
    pub(super) fn claim_mac(&self, further: MacAddr, first: MacAddr) -> Result<bool, StoreError> {
        if self.records.get(&Key::host(further))?.is_some() {
            return Ok(false);
        }
        self.claim(&Key::further_mac(further), first, |h| h.macs().any(|m| m == further))
    }

    fn taken(&self, kind: ClaimKind) -> Result<BTreeSet<String>, StoreError> {
        Ok(self.records.list(Kind::Allocation(kind))?.iter().map(|key| key.name().to_owned()).collect())
    }

    /// Whoever is on the network can make up MACs and ask for a place for each; what is left then is the operator's.
    fn free_address(&self, mac: MacAddr, who: &Who) -> Result<Ipv4Addr, StoreError> {
        let range = self.cluster.network.host_range;
        let reserved = if who.is_request() { reserve(range.count()) } else { 0 };
        let taken = self.taken(ClaimKind::Address)?;
        // What is free without looking into any record is found in one listing; only a full range is searched for
        // claims that nobody holds any more.
        let (free, claimed): (Vec<_>, Vec<_>) =
            range.iter().take(range.count() - reserved).partition(|address| !taken.contains(&address.to_string()));
        for address in free.into_iter().chain(claimed) {
            if self.claim_address(address, mac)? {
                return Ok(address);
            }
        }
        Err(if reserved > 0 { StoreError::Reserved { range, reserved } } else { StoreError::NoFreeAddress { range } })
    }

    fn free_name(&self, mac: MacAddr, host_type: HostType) -> Result<HostName, StoreError> {
        let taken = self.taken(ClaimKind::Name)?;
        for text in names_of(host_type) {
            if taken.contains(&text) {
                continue;
            }
            let Ok(name) = text.parse::<HostName>() else { continue };
            if self.claim_name(&name, mac)? {
                return Ok(name);
            }
        }
        let prefix = host_type.as_str().to_ascii_lowercase();
        Err(StoreError::Taken(format!("no free host name: {prefix}-001 to {prefix}-{LAST_NUMBER} are taken")))
    }

    /// Claims `key` for `mac`. A claim of another host stands where that host's record `holds` it, or cannot be read.
    fn claim(&self, key: &Key, mac: MacAddr, holds: impl Fn(&Host) -> bool) -> Result<bool, StoreError> {
        let text = format!("{mac}\n");
        loop {
            if self.records.create_if_absent(key, text.as_bytes())?.is_done() {
                return Ok(true);
            }
            let Some(document) = self.records.text(key)? else { continue };
            let holder: Option<MacAddr> = document.text.trim().parse().ok();
            if holder == Some(mac) {
                return Ok(true);
            }
            let stands = match holder.map(|holder| self.own_record(holder)) {
                Some(Ok(Some((host, _)))) => holds(&host),
                // A bad record may still hold it: fail closed.
                Some(Err(_)) => true,
                Some(Ok(None)) => false,
                // Cut short it is empty; whatever else holds no MAC is none of ours, and a person looks at it.
                None => !document.text.is_empty(),
            };
            if stands {
                return Ok(false);
            }
            // Left over: nobody is between claim and record now, since that happens under the lock held here too.
            let _again = self.records.remove_if_unchanged(key, &document.version)?;
        }
    }
}

/// How many of so many addresses no request is given: a tenth, at least one where there are more than four.
fn reserve(addresses: usize) -> usize {
    if addresses > 4 { (addresses / 10).max(1) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;

    const ROLE: Role = Role { host_type: HostType::Sch, profile: None, event: Event::TypeChosen };

    fn mac(n: u32) -> MacAddr {
        format!("5254{n:08x}").parse().unwrap()
    }

    fn place(store: &Store, n: u32) -> Result<Host, StoreError> {
        store.place_host(mac(n), ROLE, None, &Who::operator("test", "root"), Timestamp::from_unix(1))
    }

    #[test]
    fn many_at_once_get_different_places_and_the_same_ones_again() {
        let (_folder, store) = store("10.0.0.2-10.0.0.41");
        let ask = || -> BTreeSet<(MacAddr, Option<Ipv4Addr>, Option<HostName>)> {
            std::thread::scope(|scope| {
                let asking: Vec<_> = (0..40)
                    .map(|n| {
                        let store = &store;
                        scope.spawn(move || place(store, n).unwrap())
                    })
                    .collect();
                asking.into_iter().map(|a| a.join().unwrap()).map(|h| (h.mac(), h.address, h.name)).collect()
            })
        };
        let first = ask();
        assert_eq!(first.iter().map(|(_, address, _)| address).collect::<BTreeSet<_>>().len(), 40);
        assert_eq!(first.iter().map(|(.., name)| name).collect::<BTreeSet<_>>().len(), 40);
        assert_eq!(ask(), first);
        let full = place(&store, 99).unwrap_err();
        assert_eq!(
            full.to_string(),
            "no free address: all of network.host_range 10.0.0.2-10.0.0.41 are taken; widen it in the cluster file"
        );
    }

    #[test]
    fn requests_leave_some_addresses_to_the_operator() {
        assert_eq!([4, 5, 19, 20, 130].map(reserve), [0, 1, 1, 2, 13]);
        let (_folder, store) = store("10.0.0.2-10.0.0.6");
        let request = Who::request(Some("10.0.0.200".parse().unwrap()));
        let ask = |n| store.place_host(mac(n), ROLE, None, &request, Timestamp::from_unix(1));
        for n in 0..4 {
            ask(n).unwrap();
        }
        let refused = ask(4).unwrap_err().to_string();
        assert_eq!(
            refused,
            "no free address for a request: the last 1 of network.host_range 10.0.0.2-10.0.0.6 are kept for host-state add and arm"
        );
        assert!(store.host(mac(4)).unwrap().is_none(), "a refusal leaves nothing");
        assert_eq!(place(&store, 5).unwrap().address, Some("10.0.0.6".parse().unwrap()));
        assert_eq!(ask(3).unwrap().address, Some("10.0.0.5".parse().unwrap()), "what it has stays its own");
    }

    #[test]
    fn requests_do_not_fill_the_folder_of_records() {
        let (_folder, store) = store("10.0.0.2-10.0.0.6");
        let now = Timestamp::from_unix(1);
        for n in 0..5 + 1024 {
            std::fs::write(store.paths.host(mac(n)).path(), "").unwrap();
        }
        let request = Who::request(None);
        assert!(!store.has_room_for_requests().unwrap());
        let full = store.create_host(mac(9_999), &request, now).unwrap_err().to_string();
        assert!(full.contains("1029 records"), "{full}");
        assert!(store.create_host(mac(9_999), &Who::operator("test", "root"), now).unwrap());
        for n in 0..2 {
            std::fs::remove_file(store.paths.host(mac(n)).path()).unwrap();
        }
        assert!(store.create_host(mac(9_998), &request, now).unwrap());
    }

    #[test]
    fn a_claim_that_a_dead_process_left_is_taken_back() {
        let (_folder, store) = store("10.0.0.2-10.0.0.3");
        place(&store, 1).unwrap();
        // A claim without record, as left by a process that died between the two.
        assert!(
            store
                .records
                .create_if_absent(&Key::address("10.0.0.3".parse().unwrap()), b"525400000007\n")
                .unwrap()
                .is_done()
        );
        assert_eq!(place(&store, 2).unwrap().address, Some("10.0.0.3".parse().unwrap()));
        assert!(matches!(place(&store, 3), Err(StoreError::NoFreeAddress { .. })));
    }

    #[test]
    fn a_file_that_is_no_claim_is_not_removed() {
        let (_folder, store) = store("10.0.0.2-10.0.0.3");
        let claim = |text: &str| std::fs::write(store.paths.address_claim("10.0.0.2".parse().unwrap()).path(), text);
        claim("precious\n").unwrap();
        assert_eq!(place(&store, 1).unwrap().address, Some("10.0.0.3".parse().unwrap()));
        assert!(matches!(place(&store, 2), Err(StoreError::NoFreeAddress { .. })));
        claim("").unwrap();
        assert_eq!(place(&store, 2).unwrap().address, Some("10.0.0.2".parse().unwrap()));
    }

    #[test]
    fn whoever_holds_the_lock_is_named() {
        let (_folder, store) = store("10.0.0.2-10.0.0.3");
        let path = store.paths.allocation_lock();
        let held = store.lock_allocation().unwrap();
        let busy = StoreError::from(Lock::try_take(&path, LockKind::Shared).unwrap_err()).to_string();
        let pid = std::process::id();
        assert!(busy.contains(&format!("allocation.lock: busy, process {pid} (")), "{busy}");
        drop(held);
        let record = store.paths.host(mac(1));
        let lock = record.path().with_file_name(format!(".{}.toml.lock", mac(1)));
        std::fs::create_dir(&lock).unwrap();
        let error = place(&store, 1).unwrap_err().to_string();
        assert!(
            error.contains(".toml.lock: something that is no plain file stands") && error.contains("remove it"),
            "{error}"
        );
    }

    #[test]
    fn a_claim_of_an_unreadable_record_stands() {
        let (_folder, store) = store("10.0.0.2-10.0.0.2");
        place(&store, 1).unwrap();
        std::fs::write(store.paths.host(mac(1)).path(), "broken").unwrap();
        assert!(matches!(place(&store, 2), Err(StoreError::NoFreeAddress { .. })));
    }
}
