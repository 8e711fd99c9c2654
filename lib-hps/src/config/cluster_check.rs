// SPDX-License-Identifier: GPL-3.0-or-later
//! The rules between the parts of a cluster file, besides the rules of each part.

use super::boot_loader_choice::check_choice;
use super::cluster::Cluster;
use super::links::links;
use super::rule_check::check_rule;
use super::setting_error::{SettingError, SettingErrors};
use super::storage_network_check::check_storage_network;
use super::subnet_check::check_subnet;
use super::type_definition::TypeDefinition;

impl Cluster {
    /// Every contradiction in the file.
    pub(super) fn contradictions(&self) -> Vec<SettingError> {
        let mut found = SettingErrors::default();
        if self.version != Self::VERSION {
            // The meaning of its other keys is not known.
            let problem = format!("version is {}: this program reads version {}", self.version, Self::VERSION);
            found.add(&["version"], problem);
            return found.into_vec();
        }
        self.network.check(&mut found);
        self.time.check(&mut found);
        self.web.check(self.network.http_port, &mut found);
        self.install.check(&mut found);
        self.check_types(&mut found);
        for (host_type, settings) in &self.types {
            let disks = format!("types.{host_type}.disks");
            let definition = TypeDefinition::with_settings(*host_type, settings);
            for wrong in settings.disks.contradictions(&definition, self.install.disk_min_gib) {
                let key = format!("{disks}.{}", wrong.key);
                let compared: Vec<String> =
                    wrong.compared_with.iter().map(|other| format!("{disks}.{other}")).collect();
                let mut keys = vec![key.as_str(), "install.disk_min_gib"];
                keys.extend(compared.iter().map(String::as_str));
                found.add(&keys, format!("{key} {}", wrong.problem));
            }
        }
        for (index, subnet) in self.subnets.iter().enumerate() {
            check_subnet(self, index, subnet, &mut found);
        }
        self.check_storage_networks(&mut found);
        self.check_links(&mut found);
        if !(10..=3_600).contains(&self.boot.menu_timeout) {
            let problem = format!("boot.menu_timeout is {}: expected 10 to 3600 seconds", self.boot.menu_timeout);
            found.add(&["boot.menu_timeout"], problem);
        }
        self.check_rules(&mut found);
        self.check_boot_loaders(&mut found);
        found.into_vec()
    }

    fn check_storage_networks(&self, found: &mut SettingErrors) {
        for (index, storage) in self.storage_networks.iter().enumerate() {
            let before = self.storage_networks.iter().take(index);
            if let Err(error) = check_storage_network(storage, before, self.network.address) {
                found.add(&[&format!("storage_network.{index}"), "network.address"], error.to_string());
            }
        }
    }

    /// A mistake of a network that is found for each type is shown once. A network that is already wrong is not checked
    /// again.
    fn check_links(&self, found: &mut SettingErrors) {
        for (host_type, settings) in &self.types {
            let networks = self.storage_networks.iter().enumerate();
            let networks: Vec<_> =
                networks.filter(|(index, _)| !found.has(&format!("storage_network.{index}"))).collect();
            let definition = TypeDefinition::with_settings(*host_type, settings);
            links(&definition, &settings.network, self.network.mtu, networks.into_iter(), found);
        }
    }

    fn check_boot_loaders(&self, found: &mut SettingErrors) {
        for (index, choice) in self.boot_loaders.iter().enumerate() {
            if let Err(error) = check_choice(choice, self.boot_loaders.iter().take(index)) {
                found.add(&[&format!("boot_loader.{index}")], error.to_string());
            }
        }
    }

    fn check_rules(&self, found: &mut SettingErrors) {
        for (index, rule) in self.rules.iter().enumerate() {
            if let Err(error) = check_rule(rule, self.rules.iter().take(index)) {
                found.add(&[&format!("rule.{index}")], error.to_string());
            }
        }
    }
}
