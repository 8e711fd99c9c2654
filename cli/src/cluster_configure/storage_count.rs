// SPDX-License-Identifier: GPL-3.0-or-later
//! The number of storage networks of a cluster, with automatic VLANs.

use crate::program::{Ended, Exit};
use hps::config::{Cluster, MAX_STORAGE_NETWORKS, StorageNetwork};
use ipnet::Ipv4Net;
use std::fmt;
use std::str::FromStr;

/// Why a text is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 0 to {MAX_STORAGE_NETWORKS}")]
pub(super) struct StorageCountError;

/// The number of storage networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StorageCount(usize);

impl StorageCount {
    /// `None` for more than there can be.
    pub(super) fn from_number(count: u8) -> Option<Self> {
        count.to_string().parse().ok()
    }

    pub(super) fn from_cluster(cluster: &Cluster) -> Self {
        Self(cluster.storage_networks.len())
    }

    /// Gives the cluster this number of storage networks: existing ones stay, further ones are numbered, surplus ones
    /// are removed from the end.
    pub(super) fn apply(self, cluster: &mut Cluster) -> anyhow::Result<()> {
        let networks = &mut cluster.storage_networks;
        networks.truncate(self.0);
        let mut number = 0;
        while networks.len() < self.0 {
            number += 1;
            let subnets = cluster.subnets.iter().map(|subnet| subnet.network);
            let taken: Vec<Ipv4Net> = networks.iter().map(|n| n.network).chain(subnets).collect();
            let next = StorageNetwork::numbered(number, cluster.network.address, &taken).ok_or_else(|| {
                Ended::error(Exit::Failed, "no private network is left for storage: write [[storage_network]] by hand")
            })?;
            if networks.iter().all(|n| n.name != next.name) {
                networks.push(next);
            }
        }
        Ok(())
    }
}

impl FromStr for StorageCount {
    type Err = StorageCountError;

    fn from_str(text: &str) -> Result<Self, StorageCountError> {
        match text.parse() {
            Ok(count) if count <= MAX_STORAGE_NETWORKS => Ok(Self(count)),
            _ => Err(StorageCountError),
        }
    }
}

impl fmt::Display for StorageCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
