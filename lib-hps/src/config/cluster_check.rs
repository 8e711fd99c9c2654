// SPDX-License-Identifier: GPL-3.0-or-later
//! What the parts of a cluster file must be to each other, beyond what each is by itself.

use super::cluster::Cluster;
use super::host_network::{MOST_STORAGE_NETWORKS, overlap};
use super::links::is_free_name;

/// A setting that contradicts another, or that this version cannot follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible {
    /// As in `install.max_attempts`; `rule.0` is the first rule.
    pub key: String,
    /// What is wrong, with the key, and what to do.
    pub problem: String,
}

impl Impossible {
    pub(super) fn at(key: String, why: impl std::fmt::Display) -> Self {
        Self { problem: format!("{key}: {why}"), key }
    }

    /// A problem whose first word is the key.
    pub(super) fn named_first(problem: String) -> Self {
        let key = problem.split([' ', ':']).next().unwrap_or_default().to_owned();
        Self { key, problem }
    }
}

impl Cluster {
    /// Whether the file contradicts itself.
    pub(super) fn check(&self) -> Result<(), Impossible> {
        if self.version != Self::VERSION {
            let problem = format!("version is {}: this program reads version {}", self.version, Self::VERSION);
            return Err(Impossible { key: "version".to_owned(), problem });
        }
        self.network.check().map_err(Impossible::named_first)?;
        self.install.check().map_err(Impossible::named_first)?;
        for (host_type, settings) in &self.types {
            settings
                .disks
                .check(self.install.disk_min_gib)
                .and_then(|()| settings.disks.check_for(*host_type))
                .map_err(|(key, problem)| {
                    let key = format!("types.{host_type}.disks.{key}");
                    Impossible { problem: format!("{key} {problem}"), key }
                })?;
        }
        self.check_storage_networks()?;
        for host_type in self.types.keys() {
            self.links(*host_type).map_err(Impossible::named_first)?;
        }
        if !(10..=3_600).contains(&self.boot.menu_timeout) {
            let problem = format!("boot.menu_timeout is {}: expected 10 to 3600 seconds", self.boot.menu_timeout);
            return Err(Impossible::named_first(problem));
        }
        self.check_rules()
    }

    fn check_storage_networks(&self) -> Result<(), Impossible> {
        let main = self.network.address;
        for (index, storage) in self.storage_networks.iter().enumerate() {
            let name = &storage.name;
            let refuse = |problem| Err(Impossible { key: format!("storage_network.{index}"), problem });
            if index >= MOST_STORAGE_NETWORKS {
                return refuse(format!(
                    "storage_network {name} is one too many: expected at most {MOST_STORAGE_NETWORKS}"
                ));
            }
            if !is_free_name(name.as_str()) {
                return refuse(format!(
                    "storage_network {name}: the name is one that cards have; expected one such as storage1"
                ));
            }
            if storage.network != storage.network.trunc() {
                let (given, network) = (storage.network, storage.network.trunc());
                return refuse(format!("storage_network {name} is {given}: expected a network, such as {network}"));
            }
            if storage.network.prefix_len() > main.prefix_len() {
                return refuse(format!(
                    "storage_network {name} is {}: too small, since a host has the address in it that is at the place of its main one; expected a prefix of at most {} bits",
                    storage.network,
                    main.prefix_len()
                ));
            }
            let before = self.storage_networks.iter().take(index);
            for (other, label) in before
                .map(|other| (other, other.name.as_str()))
                .map(|(other, label)| (other.network, label))
                .chain([(main, "the main network")])
            {
                if label == name.as_str() {
                    return refuse(format!("two storage_networks are called {name}: give each a name of its own"));
                }
                if overlap(&storage.network, &other) {
                    return refuse(format!(
                        "storage_network {name}, {}, overlaps {label}, {}",
                        storage.network,
                        other.trunc()
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_rules(&self) -> Result<(), Impossible> {
        for (index, rule) in self.rules.iter().enumerate() {
            let name = &rule.name;
            let refuse = |problem| Err(Impossible { key: format!("rule.{index}"), problem });
            if name.as_str().is_empty() {
                return refuse("a [[rule]] has an empty name: messages and the history call it by that".to_owned());
            }
            if !rule.is_narrowed() {
                return refuse(format!(
                    "rule {name} names no machine: give mac, mac_prefix, uuid, serial or product (for every machine, open a window: host-state window)"
                ));
            }
            let others = self.rules.iter().take(index);
            for other in others {
                if other.name == rule.name {
                    return refuse(format!("two rules are called {name}: give each a name of its own"));
                }
                if (other.mac, &other.mac_prefix, &other.uuid, &other.serial, &other.product)
                    == (rule.mac, &rule.mac_prefix, &rule.uuid, &rule.serial, &rule.product)
                {
                    return refuse(format!(
                        "rules {} and {name} mean the same machines: make one narrower, or take it away",
                        other.name
                    ));
                }
            }
        }
        Ok(())
    }
}
