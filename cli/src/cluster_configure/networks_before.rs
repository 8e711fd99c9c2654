// SPDX-License-Identifier: GPL-3.0-or-later
//! The networks that the addresses of hosts may be of: those of the cluster file of before, which a run keeps until it
//! has changed all addresses. A run that was killed is finished by the next one, which finds that file.

use hps::config::Cluster;
use hps::files::{Access, IoError, write_atomic};
use hps::store::{Paths, Store, StoreError, cluster_text, former_cluster, load_cluster};
use std::io::ErrorKind;
use std::net::Ipv4Addr;

/// The settings of before this run.
#[derive(Debug, Default)]
pub(super) struct NetworksBefore {
    /// Those of the cluster file as it is.
    current: Option<Cluster>,
    /// Those of before a run that did not end.
    kept: Option<Cluster>,
}

impl NetworksBefore {
    /// Reads both.
    ///
    /// # Errors
    /// A file of a run that did not end, if it cannot be read.
    pub(super) fn load(store: &Store) -> Result<Self, StoreError> {
        let (conf, name) = (store.paths.conf(), &store.cluster.name);
        let current = match load_cluster(conf, name) {
            Err(StoreError::Io(error)) if error.is_not_found() => None,
            // A bad file is replaced; then only --renumber looks at addresses.
            read => read.ok(),
        };
        Ok(Self { current, kept: former_cluster(conf, name)? })
    }

    /// Those that count first stand first. `new` is the cluster of this run: if its file is written already, the rest of
    /// the hosts are where the kept file has them.
    pub(super) fn all(&self, new: &Cluster) -> Vec<&Cluster> {
        let both = self.current.iter().chain(&self.kept);
        if self.current.as_ref() == Some(new) { both.rev().collect() } else { both.collect() }
    }

    /// Whether one of them could give a host this address.
    pub(super) fn gave(&self, address: Ipv4Addr) -> bool {
        self.current.iter().chain(&self.kept).any(|before| before.is_address_of_hosts(address))
    }

    /// Whether only the file that was kept knows the network of an address.
    pub(super) fn is_of_kept(&self, address: Ipv4Addr) -> bool {
        let knows = |before: &Option<Cluster>| before.as_ref().is_some_and(|before| before.has_network_of(address));
        knows(&self.kept) && !knows(&self.current)
    }

    /// Keeps the cluster file as it is, unless the kept one is needed still. `addresses` are those that will change.
    ///
    /// # Errors
    /// The files.
    pub(super) fn keep(&self, store: &Store, mut addresses: impl Iterator<Item = Ipv4Addr>) -> anyhow::Result<()> {
        let Some(current) = &self.current else { return Ok(()) };
        if self.kept.is_some() && (*current == store.cluster || addresses.any(|address| self.is_of_kept(address))) {
            return Ok(());
        }
        let text = cluster_text(store.paths.conf(), &current.name)?;
        write_atomic(&store.paths.former_cluster_file(), text.as_bytes(), Access::GroupRead)?;
        Ok(())
    }

    /// Whether the cluster file is again what it was.
    pub(super) fn is_back(&self, store: &Store) -> bool {
        self.current.is_some() && load_cluster(store.paths.conf(), &store.cluster.name).ok() == self.current
    }

    /// Removes the file that was kept.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(super) fn forget(paths: &Paths) -> Result<(), IoError> {
        let path = paths.former_cluster_file();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(IoError::new("remove", &path, error)),
            _ => Ok(()),
        }
    }
}
