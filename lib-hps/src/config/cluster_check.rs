// SPDX-License-Identifier: GPL-3.0-or-later
//! What the parts of a cluster file must be to each other, beyond what each is by itself.

use super::cluster::Cluster;
use super::host_network::{MOST_STORAGE_NETWORKS, StorageNetwork, overlap};
use super::links::{is_free_name, links};
use super::rule::Rule;
use super::setting_error::{SettingError, SettingErrors};

impl Cluster {
    /// Everything in which the file contradicts itself.
    pub(super) fn contradictions(&self) -> Vec<SettingError> {
        let mut found = SettingErrors::default();
        if self.version != Self::VERSION {
            // What its other keys mean is not known.
            let problem = format!("version is {}: this program reads version {}", self.version, Self::VERSION);
            found.add(&["version"], problem);
            return found.into_vec();
        }
        self.network.check(&mut found);
        self.install.check(&mut found);
        for (host_type, settings) in &self.types {
            let disks = format!("types.{host_type}.disks");
            for wrong in settings.disks.contradictions(*host_type, self.install.disk_min_gib) {
                let key = format!("{disks}.{}", wrong.key);
                let compared: Vec<String> =
                    wrong.compared_with.iter().map(|other| format!("{disks}.{other}")).collect();
                let mut keys = vec![key.as_str(), "install.disk_min_gib"];
                keys.extend(compared.iter().map(String::as_str));
                found.add(&keys, format!("{key} {}", wrong.problem));
            }
        }
        self.check_storage_networks(&mut found);
        self.check_links(&mut found);
        if !(10..=3_600).contains(&self.boot.menu_timeout) {
            let problem = format!("boot.menu_timeout is {}: expected 10 to 3600 seconds", self.boot.menu_timeout);
            found.add(&["boot.menu_timeout"], problem);
        }
        self.check_rules(&mut found);
        found.into_vec()
    }

    fn check_storage_networks(&self, found: &mut SettingErrors) {
        for (index, storage) in self.storage_networks.iter().enumerate() {
            if let Err(problem) = self.check_storage_network(index, storage) {
                found.add(&[&format!("storage_network.{index}"), "network.address"], problem);
            }
        }
    }

    fn check_storage_network(&self, index: usize, storage: &StorageNetwork) -> Result<(), String> {
        let main = self.network.address;
        let name = &storage.name;
        if index >= MOST_STORAGE_NETWORKS {
            return Err(format!("storage_network {name} is one too many: expected at most {MOST_STORAGE_NETWORKS}"));
        }
        if !is_free_name(name.as_str()) {
            return Err(format!(
                "storage_network {name}: the name is one that cards have; expected one such as storage1"
            ));
        }
        if storage.network != storage.network.trunc() {
            let (given, network) = (storage.network, storage.network.trunc());
            return Err(format!("storage_network {name} is {given}: expected a network, such as {network}"));
        }
        if storage.network.prefix_len() > main.prefix_len() {
            return Err(format!(
                "storage_network {name} is {}: too small, since a host has the address in it that is at the place of its main one; expected a prefix of at most {} bits",
                storage.network,
                main.prefix_len()
            ));
        }
        let before = self.storage_networks.iter().take(index);
        let before = before.map(|other| (other.network, other.name.as_str()));
        for (other, label) in before.chain([(main, "the main network")]) {
            if label == name.as_str() {
                return Err(format!("two storage_networks are called {name}: give each a name of its own"));
            }
            if overlap(&storage.network, &other) {
                return Err(format!(
                    "storage_network {name}, {}, overlaps {label}, {}",
                    storage.network,
                    other.trunc()
                ));
            }
        }
        Ok(())
    }

    /// One mistake of a network is shown once, though it is one on each type. A network that is wrong already is not looked at again.
    fn check_links(&self, found: &mut SettingErrors) {
        for (host_type, settings) in &self.types {
            let mut errors = Vec::new();
            let networks = self.storage_networks.iter().enumerate();
            let networks = networks.filter(|(index, _)| !found.has(&format!("storage_network.{index}")));
            links(*host_type, &settings.network, self.network.mtu, networks, &mut errors);
            for error in errors {
                let network = format!("types.{host_type}.network");
                found.add(&[&error.key, &network, "network.mtu", "storage_network"], error.problem);
            }
        }
    }

    fn check_rules(&self, found: &mut SettingErrors) {
        for (index, rule) in self.rules.iter().enumerate() {
            if let Err(problem) = check_rule(rule, self.rules.iter().take(index)) {
                found.add(&[&format!("rule.{index}")], problem);
            }
        }
    }
}

fn check_rule<'a>(rule: &Rule, mut others: impl Iterator<Item = &'a Rule>) -> Result<(), String> {
    let name = &rule.name;
    if name.as_str().is_empty() {
        return Err("a [[rule]] has an empty name: messages and the history call it by that".to_owned());
    }
    if !rule.is_narrowed() {
        return Err(format!(
            "rule {name} names no machine: give mac, mac_prefix, uuid, serial or product (for every machine, open a window: host-state window)"
        ));
    }
    others.try_for_each(|other| {
        if other.name == rule.name {
            return Err(format!("two rules are called {name}: give each a name of its own"));
        }
        let machines = |rule: &Rule| {
            (rule.mac, rule.mac_prefix.clone(), rule.uuid.clone(), rule.serial.clone(), rule.product.clone())
        };
        if machines(other) == machines(rule) {
            return Err(format!(
                "rules {} and {name} mean the same machines: make one narrower, or take it away",
                other.name
            ));
        }
        Ok(())
    })
}
