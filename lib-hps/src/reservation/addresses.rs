// SPDX-License-Identifier: GPL-3.0-or-later
//! Free addresses for hosts: no host has them, and no machine of the network uses them.

use crate::config::Subnet;
use crate::host::{Host, Who};
use crate::store::{Store, StoreError};
use crate::types::MacAddr;
use crate::wire::{AddressInUse, AddressProbe, WireError};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// So many are asked for at once, since each question takes a second: a rack of machines that asks at the same time, or
/// a command for many hosts, needs one or two.
const AT_ONCE: usize = 64;

/// A machine that answers for every address must not hold a request for minutes.
const MAX_ROUNDS: usize = 3;

/// Chooses addresses, for one command or one request.
#[derive(Debug)]
pub struct Addresses<'a> {
    store: &'a Store,
    probe: AddressProbe<'a>,
    passed_over: RefCell<Vec<AddressInUse>>,
    /// How many of them are in the history of a host.
    noted: Cell<usize>,
    failure: RefCell<Option<WireError>>,
}

impl<'a> Addresses<'a> {
    /// Nothing is asked yet.
    pub fn new(store: &'a Store) -> Self {
        let probe = AddressProbe::new(&store.cluster.network);
        Self { store, probe, passed_over: RefCell::default(), noted: Cell::default(), failure: RefCell::default() }
    }

    /// The first address that a host could get now. See [`Self::silent`].
    ///
    /// # Errors
    /// No free address; the allocations cannot be read.
    pub fn first(&self, mac: MacAddr, subnet: Option<&Subnet>, who: &Who) -> Result<Ipv4Addr, StoreError> {
        let silent = self.silent(mac, subnet, who)?;
        silent.first().copied().ok_or_else(|| self.none_free(subnet, who))
    }

    /// The next addresses that a host could get now, of the subnet or of the main network, at least one. It allocates
    /// nothing. In a subnet nothing is asked: ARP does not pass a router. If the network cannot be asked, they are those
    /// that no host has: a machine must not stop for that.
    ///
    /// # Errors
    /// No free address; the allocations cannot be read.
    pub fn silent(&self, mac: MacAddr, subnet: Option<&Subnet>, who: &Who) -> Result<Vec<Ipv4Addr>, StoreError> {
        let own = self.store.hosts().find(mac)?;
        let mut rounds = 0;
        let is_own = |user: AddressInUse| user.user.is_among(own.iter().flat_map(Host::macs).chain([mac]));
        loop {
            let may = |address| self.passed_over.borrow().iter().all(|used| used.address != address || is_own(*used));
            let free = self.store.allocations().free_addresses(mac, subnet, who, AT_ONCE, may)?;
            if free.is_empty() {
                return Err(self.none_free(subnet, who));
            }
            if self.failure.borrow().is_some() {
                return Ok(free);
            }
            // A command for many hosts does not ask again for the one address that is new in the list.
            let known = self.probe.known_silent(&free);
            if !known.is_empty() {
                return Ok(known);
            }
            if who.is_request() && rounds == MAX_ROUNDS {
                return Err(self.none_free(subnet, who));
            }
            rounds += 1;
            match self.probe.in_use(&free) {
                Ok(used) => {
                    let is_used = |address: &Ipv4Addr| used.iter().any(|u| u.address == *address && !is_own(*u));
                    let silent: Vec<_> = free.iter().copied().filter(|address| !is_used(address)).collect();
                    // Those behind the first one were not passed over.
                    let before = used.iter().filter(|u| silent.first().is_none_or(|first| u.address < *first));
                    self.pass_over(before.filter(|used| !is_own(**used)));
                    if !silent.is_empty() {
                        return Ok(silent);
                    }
                }
                Err(error) => drop(self.failure.replace(Some(error))),
            }
        }
    }

    fn pass_over<'u>(&self, used: impl Iterator<Item = &'u AddressInUse>) {
        let mut passed_over = self.passed_over.borrow_mut();
        for used in used {
            if !passed_over.contains(used) {
                passed_over.push(*used);
            }
        }
    }

    fn none_free(&self, subnet: Option<&Subnet>, who: &Who) -> StoreError {
        let passed_over = self.passed_over.borrow();
        let Some(first) = passed_over.first().filter(|_| subnet.is_none()) else {
            return self.store.allocations().none_free(subnet, who);
        };
        let users: BTreeSet<String> = passed_over.iter().map(|used| used.user.to_string()).collect();
        let range = self.store.cluster.network.host_range;
        // A router that answers for every address (proxy ARP) is one MAC.
        let who = if users.len() == 1 && passed_over.len() > 1 {
            format!("{} answers for {} addresses", first.user, passed_over.len())
        } else {
            format!("{} addresses, such as {first}", passed_over.len())
        };
        StoreError::Taken(format!(
            "no free address: those of network.host_range {range} that no host has are in use: {who}; find these machines, or widen the range"
        ))
    }

    /// The addresses that were passed over since this was last asked, for the history of the host that got another one.
    pub(super) fn newly_passed_over(&self) -> Option<String> {
        let passed_over = self.passed_over.borrow();
        let new = passed_over.get(self.noted.replace(passed_over.len())..).unwrap_or_default();
        (!new.is_empty()).then(|| new.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }

    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// The addresses among these that are in use.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub fn in_use(&self, addresses: &[Ipv4Addr]) -> Result<Vec<AddressInUse>, WireError> {
        self.probe.in_use(addresses)
    }

    /// What an administrator should know of the choices so far: each address that was passed over, and that the network
    /// could not be asked.
    pub fn notes(&self) -> Vec<String> {
        let passed_over = self.passed_over.borrow();
        let failure = self.failure.borrow();
        let passed_over = passed_over.iter().map(|used| format!("{used}, so no host gets this address"));
        let failure = failure.iter().map(|error| format!("nobody looked for addresses that are in use: {error}"));
        passed_over.chain(failure).collect()
    }
}
