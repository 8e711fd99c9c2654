// SPDX-License-Identifier: GPL-3.0-or-later
//! The rules between one `[[storage_network]]`, the main network and the others.

use super::host_network::{MAX_STORAGE_NETWORKS, StorageNetwork, overlap};
use super::links::is_free_name;
use crate::types::InterfaceName;
use ipnet::Ipv4Net;

/// Why a network is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum StorageNetworkError {
    /// The limit is reached.
    #[error("storage_network {0} is one too many: expected at most {MAX_STORAGE_NETWORKS}")]
    TooMany(InterfaceName),
    /// Its interface would have the name of a card.
    #[error("storage_network {0}: this name is reserved for cards; expected one such as storage1")]
    NameOfCard(InterfaceName),
    /// It is an address in a network.
    #[error("storage_network {name} is {given}: expected a network, such as {}", given.trunc())]
    NotANetwork { name: InterfaceName, given: Ipv4Net },
    /// It lacks an address for each host.
    #[error(
        "storage_network {name} is {network}: too small, because a host needs the address at the same place as its main one; expected a prefix of at most {most} bits"
    )]
    TooSmall { name: InterfaceName, network: Ipv4Net, most: u8 },
    /// Another network has its name.
    #[error("two storage_networks have the name {0}: give each its own name")]
    SameName(InterfaceName),
    /// It shares addresses with another network.
    #[error("storage_network {name}, {network}, overlaps {label}, {}", other.trunc())]
    Overlap { name: InterfaceName, network: Ipv4Net, label: String, other: Ipv4Net },
}

/// Checks a network against those before it and the main one.
///
/// # Errors
/// The first reason against it.
pub(super) fn check_storage_network<'a>(
    storage: &StorageNetwork,
    before: impl ExactSizeIterator<Item = &'a StorageNetwork>,
    main: Ipv4Net,
) -> Result<(), StorageNetworkError> {
    let (name, network) = (storage.name.clone(), storage.network);
    if before.len() >= MAX_STORAGE_NETWORKS {
        return Err(StorageNetworkError::TooMany(name));
    }
    if !is_free_name(name.as_str()) {
        return Err(StorageNetworkError::NameOfCard(name));
    }
    if network != network.trunc() {
        return Err(StorageNetworkError::NotANetwork { name, given: network });
    }
    if network.prefix_len() > main.prefix_len() {
        return Err(StorageNetworkError::TooSmall { name, network, most: main.prefix_len() });
    }
    let before = before.map(|other| (other.network, other.name.as_str()));
    for (other, label) in before.chain([(main, "the main network")]) {
        if label == name.as_str() {
            return Err(StorageNetworkError::SameName(name));
        }
        if overlap(&network, &other) {
            return Err(StorageNetworkError::Overlap { name, network, label: label.to_owned(), other });
        }
    }
    Ok(())
}
