// SPDX-License-Identifier: GPL-3.0-or-later
//! The links of a host: which of its cards carry which networks, derived from `[types.TYPE.network]` and
//! `[[storage_network]]`. Impossible ones are refused when the file is read, so renderers never meet one.

use super::host_network::{Addressing, BondMode, HostNetwork, StorageNetwork};
use super::link_error::LinkError;
use super::setting_error::SettingErrors;
use super::type_definition::TypeDefinition;
use crate::types::{HostType, Mtu, NicPlace, VlanId};

/// One card, or several as a bond, and the networks on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link<'a> {
    /// Its cards.
    pub nics: &'a [NicPlace],
    /// The bond that several of them are.
    pub bond: Option<Bond>,
    /// Its largest packet.
    pub mtu: Option<Mtu>,
    /// Its network without a tag.
    pub untagged: Option<Untagged<'a>>,
    /// Its networks with a tag.
    pub vlans: Vec<Vlan<'a>>,
}

/// A bond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond {
    /// Its interface.
    pub name: String,
    /// How its cards share the work.
    pub mode: BondMode,
}

/// What a link carries without a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untagged<'a> {
    /// The network of the cluster.
    Main {
        /// The bridge over it.
        bridge: Option<&'a str>,
        /// Where its address comes from.
        addressing: Addressing,
    },
    /// A network for storage.
    Storage(&'a StorageNetwork),
}

/// What a link carries with a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vlan<'a> {
    /// The tag.
    pub id: VlanId,
    /// The network, whose name is the interface's.
    pub network: &'a StorageNetwork,
}

/// The links of hosts of a type, the main one first. An impossible network is left out, and `errors` has the reason.
pub(super) fn links<'a>(
    definition: &TypeDefinition,
    main: &'a HostNetwork,
    mtu: Option<Mtu>,
    storage: impl Iterator<Item = (usize, &'a StorageNetwork)>,
    errors: &mut SettingErrors,
) -> Vec<Link<'a>> {
    let host_type = definition.host_type;
    if !main.nics.places().iter().any(|place| place.is_first()) {
        let key = format!("types.{host_type}.network.nics");
        errors.add(&[&key], LinkError::FirstCard { host_type, nics: main.nics.clone() }.to_string());
    }
    let bridge = main.bridge_of(definition);
    let mut links = vec![Link {
        nics: main.nics.places(),
        bond: bond(main.nics.places(), main.bond, 0),
        mtu,
        untagged: Some(Untagged::Main { bridge, addressing: main.addressing }),
        vlans: Vec::new(),
    }];
    for (index, network) in storage.filter(|(_, network)| network.types.contains(&host_type)) {
        if let Err(error) = add(&mut links, main, network, host_type) {
            let others = format!("types.{host_type}.network");
            errors.add(
                &[&format!("storage_network.{index}"), &others, "network.mtu", "storage_network"],
                error.to_string(),
            );
        }
    }
    if let Err(error) = names(&links, host_type) {
        let key = format!("types.{host_type}.network.bridge");
        errors.add(&[&key, "storage_network"], error.to_string());
    }
    links
}

/// Puts a network onto the link of its cards; makes the link if there is none.
fn add<'a>(
    links: &mut Vec<Link<'a>>,
    main: &'a HostNetwork,
    network: &'a StorageNetwork,
    host_type: HostType,
) -> Result<(), LinkError> {
    let nics = network.nics.as_ref().unwrap_or(&main.nics);
    let name = network.name.clone();
    if let Some((at, link)) = links.iter_mut().enumerate().find(|(_, link)| link.nics == nics.places()) {
        let link_mode = link.bond.as_ref().map(|bond| bond.mode);
        if network.nics.is_some() && at > 0 && link_mode.is_some_and(|mode| mode != network.bond) {
            return Err(LinkError::Bond { name, nics: nics.clone() });
        }
        return put(link, network, host_type);
    }
    if let Some(card) = links.iter().flat_map(|link| link.nics).find(|nic| nics.places().contains(nic)) {
        return Err(LinkError::Card { name, nics: nics.clone(), host_type, card: *card });
    }
    let bonds = links.iter().filter(|link| link.bond.is_some()).count();
    let bond = bond(nics.places(), network.bond, bonds);
    let mut link = Link { nics: nics.places(), bond, mtu: None, untagged: None, vlans: Vec::new() };
    put(&mut link, network, host_type)?;
    links.push(link);
    Ok(())
}

fn put<'a>(link: &mut Link<'a>, network: &'a StorageNetwork, host_type: HostType) -> Result<(), LinkError> {
    let name = network.name.clone();
    let Some(id) = network.vlan else {
        if link.untagged.is_some() {
            return Err(LinkError::NoVlan { name, host_type });
        }
        link.untagged = Some(Untagged::Storage(network));
        link.mtu = link.mtu.max(network.mtu);
        return Ok(());
    };
    if let Some(other) = link.vlans.iter().find(|vlan| vlan.id == id) {
        return Err(LinkError::SameVlan { name, other: other.network.name.clone(), id });
    }
    // The limit of Ethernet, if no value is given.
    let mtu = link.mtu.map_or(1_500, Mtu::get);
    let is_above = network.mtu.is_some_and(|wanted| wanted.get() > mtu);
    match link.untagged {
        Some(Untagged::Main { .. }) if is_above => return Err(LinkError::AboveMain { name, mtu }),
        Some(Untagged::Storage(below)) if is_above => {
            return Err(LinkError::AboveStorage { name, below: below.name.clone(), mtu });
        }
        Some(_) => {}
        None => link.mtu = link.mtu.max(network.mtu),
    }
    link.vlans.push(Vlan { id, network });
    Ok(())
}

/// Every created interface has a name of its own.
fn names(links: &[Link<'_>], host_type: HostType) -> Result<(), LinkError> {
    let mut seen: Vec<&str> = Vec::new();
    for link in links {
        let bridge = match link.untagged {
            Some(Untagged::Main { bridge, .. }) => bridge,
            _ => None,
        };
        if let Some(name) = bridge.filter(|name| !is_free_name(name)) {
            return Err(LinkError::Bridge { host_type, name: name.to_owned() });
        }
        let vlans = link.vlans.iter().map(|vlan| vlan.network.name.as_str());
        for name in link.bond.iter().map(|bond| bond.name.as_str()).chain(bridge).chain(vlans) {
            if seen.contains(&name) {
                return Err(LinkError::SameName { host_type, name: name.to_owned() });
            }
            seen.push(name);
        }
    }
    Ok(())
}

fn bond(nics: &[NicPlace], mode: BondMode, number: usize) -> Option<Bond> {
    (nics.len() > 1).then(|| Bond { name: format!("bond{number}"), mode })
}

/// Whether a created interface may have this name. Names that the kernel, udev, libvirt or podman give are refused, and
/// so are the names of a card's own files.
pub(super) fn is_free_name(text: &str) -> bool {
    let numbered =
        |prefix: &&str| text.strip_prefix(*prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if ["nic", "virbr", "podman", "cni"].iter().any(numbered) {
        return false;
    }
    let given = ["eth", "en", "ib", "wl", "ww"].iter().any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            let rest = rest.strip_prefix(|c: char| c.is_ascii_lowercase()).unwrap_or(rest);
            rest.starts_with(|c: char| c.is_ascii_digit())
        })
    });
    !given && !matches!(text, "lo" | "all" | "default" | "bonding_masters")
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
