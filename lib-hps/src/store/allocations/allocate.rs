// SPDX-License-Identifier: GPL-3.0-or-later
//! How a host gets an address and a name.

use super::value::Value;
use super::{AllocationKind, Allocations};
use crate::config::{Placement, Subnet, SubnetError};
use crate::host::{Event, Host, Who};
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::hosts::Hosts;
use crate::store::records::Kind;
use crate::types::{
    HostName, HostType, Ipv4Range, Line, MacAddr, Profile, Timestamp, check_not_reserved, check_whole_name,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// For what a host gets its address and name.
#[derive(Debug, Clone, Copy)]
pub struct Role {
    /// What it is to become.
    pub host_type: HostType,
    /// In which variant.
    pub profile: Option<Profile>,
    /// What happened: its type was chosen, or it was armed.
    pub event: Event,
}

/// Names run from `<prefix>-001`; a site has a few thousand machines. The longest one is `longest_name` of `types`.
const MAX_NAME_NUMBER: u32 = 99_999;

/// The names that begin with a prefix, in the order in which hosts get them.
fn names_with(prefix: &str) -> impl Iterator<Item = String> {
    (1..=MAX_NAME_NUMBER).map(move |number| format!("{prefix}-{number:03}"))
}

impl Allocations<'_> {
    /// Gives a host its type, an address and a name, and writes them into its record, which is created where there
    /// is none. Address and name of the record stay where it has them; otherwise it gets the first free one of
    /// `addresses`, or of the main network where none is given, and the first free name.
    ///
    /// # Errors
    /// No free address; a name or address of the record that another host holds; a state that does not accept the
    /// event; the files.
    pub fn allocate(
        self,
        mac: MacAddr,
        role: Role,
        name: Option<&HostName>,
        addresses: &[Ipv4Addr],
        who: &Who,
        now: Timestamp,
    ) -> Result<Host, StoreError> {
        let (hosts, paths) = (Hosts::new(self.parts), self.parts.paths);
        // Held until the record is written: a process that reads an allocation under this lock sees its record too.
        let locked = AllocationLock::wait(paths)?;
        let known = hosts.find(mac)?;
        // The request may name a further MAC.
        let mac = known.as_ref().map_or(mac, Host::mac);
        let address = match (known.as_ref().and_then(|host| host.address), addresses) {
            (Some(address), _) if self.is_free(address, mac)? => address,
            (Some(address), _) => return Err(self.taken(&Value::Address(address))),
            (None, [first, ..]) => {
                self.first_free(addresses, mac)?.ok_or_else(|| self.taken(&Value::Address(*first)))?
            }
            (None, []) => {
                let free = self.free_addresses(mac, None, who, 1, |_| true)?;
                free.first().copied().ok_or_else(|| self.none_free(None, who))?
            }
        };
        let had_address = known.as_ref().is_some_and(|host| host.address.is_some());
        if let Some(subnet) = self.parts.cluster.subnet_at(address).filter(|_| !had_address) {
            let refuse = |why: SubnetError| StoreError::Edit { host: self.label_of(mac), problem: why.to_string() };
            subnet.takes(role.host_type, mac).map_err(refuse)?;
        }
        self.parts.cluster.takes_host(address).map_err(|why| StoreError::content(paths.host(mac).path(), why))?;
        let before = known.as_ref().and_then(|host| host.name.as_ref());
        let name = match name.or(before) {
            Some(name) => name.clone(),
            None => self.free_name(mac, role.host_type)?,
        };
        let refuse = |problem: String| {
            let host = known.as_ref().map_or_else(|| mac.colons(), Host::label);
            StoreError::Edit { host, problem }
        };
        // Also a name of the record, or of HPS itself: the domain may be a later one.
        check_whole_name(&name, self.parts.cluster.placement(address).domain())
            .map_err(|why| refuse(why.to_string()))?;
        if before != Some(&name) {
            check_not_reserved(&name, None).map_err(|why| refuse(why.to_string()))?;
        }
        self.take(&locked, &[Value::Address(address), Value::Name(name.clone())], mac)?;
        if known.is_none() {
            hosts.create_locked(&locked, mac, who, now)?;
        }
        hosts.change(mac, who, now, |host| {
            let before = host.clone();
            host.apply(role.event, now).map_err(StoreError::refused(host))?;
            if role.event == Event::Armed {
                // An operator who arms it has read the reason.
                host.reason = None;
                host.force_asked = false;
            }
            host.host_type = Some(role.host_type);
            host.profile = role.profile;
            host.address = Some(address);
            host.name = Some(name.clone());
            // A record that no reader would accept is not written.
            Host::parse(&host.to_text(), mac).map_err(|e| StoreError::content(paths.host(mac).path(), e.problem))?;
            let changed = host.differs_from(&before);
            let note = format!(
                "{}{} as {name}, {address}",
                role.host_type,
                role.profile.map_or_else(String::new, |p| format!(" {p}"))
            );
            Ok::<_, StoreError>(changed.then(|| (Line::lossy(&role.event.to_string()), Some(Line::lossy(&note)))))
        })
    }

    /// The first free name of this type that `may` accepts. It allocates nothing.
    ///
    /// # Errors
    /// When the allocations cannot be read.
    pub fn next_name(self, host_type: HostType, may: impl Fn(&str) -> bool) -> Result<Option<HostName>, StoreError> {
        let taken = self.allocated(AllocationKind::Name)?;
        let prefix = self.prefix(host_type)?;
        let name = names_with(&prefix).find(|name| !taken.contains(name) && may(name));
        Ok(name.and_then(|name| name.parse().ok()))
    }

    /// Whether no other host holds an address.
    ///
    /// # Errors
    /// When an allocation or a record cannot be read.
    pub fn is_free(self, address: Ipv4Addr, mac: MacAddr) -> Result<bool, StoreError> {
        self.is_available(&Value::Address(address), mac)
    }

    fn allocated(self, kind: AllocationKind) -> Result<BTreeSet<String>, StoreError> {
        Ok(self.parts.records.list(Kind::Allocation(kind))?.iter().map(|key| key.name().to_owned()).collect())
    }

    /// The first `most` addresses that this host could get and that `may` accepts, in the order in which hosts get
    /// them.
    ///
    /// Any program on the network can make up MACs and ask for an address for each. So some addresses are kept for the operator.
    ///
    /// # Errors
    /// When the allocations or a record cannot be read.
    pub fn free_addresses(
        self,
        mac: MacAddr,
        subnet: Option<&Subnet>,
        who: &Who,
        most: usize,
        may: impl Fn(Ipv4Addr) -> bool,
    ) -> Result<Vec<Ipv4Addr>, StoreError> {
        let range = self.placement(subnet).host_range();
        let reserved = self.reserved(range, who);
        let taken = self.allocated(AllocationKind::Address)?;
        // One listing finds what is free without a look into any record. Only a full range is searched for allocations that no host
        // holds any more.
        let (free, allocated): (Vec<_>, Vec<_>) =
            range.iter().take(range.count() - reserved).partition(|address| !taken.contains(&address.to_string()));
        let mut found = Vec::new();
        for address in free.into_iter().chain(allocated).filter(|address| may(*address)) {
            if found.len() == most {
                break;
            }
            if self.is_free(address, mac)? {
                found.push(address);
            }
        }
        Ok(found)
    }

    /// The first of these that no other host holds.
    ///
    /// # Errors
    /// When an allocation or a record cannot be read.
    pub fn first_free(self, addresses: &[Ipv4Addr], mac: MacAddr) -> Result<Option<Ipv4Addr>, StoreError> {
        let taken = self.allocated(AllocationKind::Address)?;
        // As in `free_addresses`: one listing before a look into records.
        let (free, allocated): (Vec<_>, Vec<_>) =
            addresses.iter().copied().partition(|address| !taken.contains(&address.to_string()));
        for address in free.into_iter().chain(allocated) {
            if self.is_free(address, mac)? {
                return Ok(Some(address));
            }
        }
        Ok(None)
    }

    /// How many addresses a request does not get.
    fn reserved(self, range: Ipv4Range, who: &Who) -> usize {
        if who.is_request() { reserved_for_operators(range.count()) } else { 0 }
    }

    /// That there is no address left.
    pub fn none_free(self, subnet: Option<&Subnet>, who: &Who) -> StoreError {
        let place = self.placement(subnet);
        let (key, range) = (place.key("host_range"), place.host_range());
        match self.reserved(range, who) {
            0 => StoreError::NoFreeAddress { key, range },
            reserved => StoreError::Reserved { key, range, reserved },
        }
    }

    fn placement<'s>(&'s self, subnet: Option<&'s Subnet>) -> Placement<'s> {
        subnet.map_or(self.parts.cluster.main_network(), |subnet| self.parts.cluster.placement(subnet.gateway))
    }

    /// How the names of hosts of a type begin.
    fn prefix(self, host_type: HostType) -> Result<Cow<'static, str>, StoreError> {
        Ok(self.parts.cluster.known_definition(host_type)?.prefix)
    }

    fn free_name(self, mac: MacAddr, host_type: HostType) -> Result<HostName, StoreError> {
        let taken = self.allocated(AllocationKind::Name)?;
        let prefix = self.prefix(host_type)?;
        for text in names_with(&prefix) {
            if taken.contains(&text) {
                continue;
            }
            let Ok(name) = text.parse::<HostName>() else { continue };
            if self.is_available(&Value::Name(name.clone()), mac)? {
                return Ok(name);
            }
        }
        Err(StoreError::Taken(format!("no free host name: {prefix}-001 to {prefix}-{MAX_NAME_NUMBER} are taken")))
    }
}

/// How many of so many addresses no request gets: a tenth, at least one where there are more than four.
pub(super) fn reserved_for_operators(addresses: usize) -> usize {
    if addresses > 4 { (addresses / 10).max(1) } else { 0 }
}
