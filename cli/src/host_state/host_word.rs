// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts as people write them: as in files of the cluster, and also by address or by name with the cluster's domain.

use crate::program::{Ended, Exit};
use hps::store::Store;
use hps::types::{DomainName, HostName, HostPattern, HostRef, Invalid, MacAddr};
use std::net::Ipv4Addr;
use std::str::FromStr;

/// A MAC, a name, a range of names, an IPv4 address, or a name with the domain of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostWord {
    Pattern(HostPattern),
    Address(Ipv4Addr),
    /// A fully qualified domain name, with or without its final dot.
    Qualified(HostName, DomainName),
}

impl FromStr for HostWord {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = match text.parse() {
            Ok(pattern) => return Ok(Self::Pattern(pattern)),
            Err(invalid) => invalid,
        };
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let lower = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let qualified =
            lower.split_once('.').and_then(|(name, domain)| Some((name.parse().ok()?, domain.parse().ok()?)));
        qualified.map(|(name, domain)| Self::Qualified(name, domain)).ok_or(invalid)
    }
}

impl HostWord {
    /// The hosts, in the order in which they are written.
    ///
    /// # Errors
    /// [`Exit::NotFound`] for an address that no host has, and for a name in another domain.
    pub(super) fn refs(&self, store: &Store) -> anyhow::Result<Vec<HostRef>> {
        let cluster = &store.cluster.name;
        match self {
            Self::Pattern(pattern) => Ok(pattern.hosts()),
            Self::Address(address) => match holder_of(store, *address)? {
                Some(mac) => Ok(vec![HostRef::Mac(mac)]),
                None => Err(Ended::error(
                    Exit::NotFound,
                    format!("no host of cluster {cluster} has the address {address}; see: host-state list"),
                )),
            },
            Self::Qualified(name, domain) if store.cluster.placements().any(|place| place.domain() == domain) => {
                Ok(vec![HostRef::Name(name.clone())])
            }
            Self::Qualified(name, domain) => Err(Ended::error(
                Exit::NotFound,
                format!(
                    "{name}.{domain} is not in {}, the domain of cluster {cluster}; see: host-state list",
                    store.cluster.network.domain
                ),
            )),
        }
    }

    /// Whether it can only name one host.
    pub(crate) fn is_one(&self) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.hosts().len() == 1,
            Self::Address(_) | Self::Qualified(..) => true,
        }
    }
}

/// The MAC that names the record with this address.
///
/// # Errors
/// When the registry cannot be read.
fn holder_of(store: &Store, address: Ipv4Addr) -> anyhow::Result<Option<MacAddr>> {
    if let Some(mac) = store.allocations().holder_of_address(address)? {
        return Ok(Some(mac));
    }
    // An address that was set by hand is in the record, but not claimed yet.
    let hosts = store.hosts().list()?.into_iter().filter_map(|file| file.host.ok());
    Ok(hosts.filter(|host| host.address == Some(address)).map(|host| host.mac()).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        let word = |text: &str| text.parse::<HostWord>();
        let qualified = HostWord::Qualified("sch-001".parse().unwrap(), "site1.example".parse().unwrap());
        for text in ["sch-001.site1.example", "SCH-001.Site1.Example", "sch-001.site1.example."] {
            assert_eq!(word(text).unwrap(), qualified, "{text}");
        }
        assert_eq!(word("10.20.0.2").unwrap(), HostWord::Address("10.20.0.2".parse().unwrap()));
        // The MAC as switches write it is no name.
        assert!(matches!(word("5254.0012.3456").unwrap(), HostWord::Pattern(_)));
        for text in ["", ".", "sch-001.", "sch-001..example", "10.20.0.256", "10.20.0.2/16", "sch-[1-2].site1", "a b.c"]
        {
            assert!(word(text).is_err(), "{text}: {:?}", word(text));
        }
    }
}
