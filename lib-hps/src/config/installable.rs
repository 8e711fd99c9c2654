// SPDX-License-Identifier: GPL-3.0-or-later
//! Settings of a good cluster file that this version cannot carry out, so that single machines must stop.

use super::cluster::{Cluster, TypeSettings};
use super::cluster_role::supported;
use super::setting_error::{SettingError, SettingErrors};
use super::type_definition::TypeDefinition;
use crate::types::{DomainName, HOST_NAME_MAX, HostType, MAX_CONSOLES, MAX_GIVEN_NAME, check_domain, longest_name};

impl Cluster {
    /// The types whose rules for disks have a word without meaning. Hosts of such a type are not installed; the others
    /// are.
    pub fn meaningless(&self) -> Vec<(HostType, SettingError)> {
        let of = |host_type: HostType, settings: &TypeSettings| {
            let (name, problem) = settings.disks.meaningless()?;
            let key = format!("types.{host_type}.disks.{name}");
            Some((host_type, SettingError::new(&[&key], format!("{key}: {problem}"))))
        };
        self.types.iter().filter_map(|(host_type, settings)| of(*host_type, settings)).collect()
    }

    /// Settings of types and rules that this version cannot carry out, besides those of [`Self::meaningless`]. The file
    /// is still good: only the machines that are concerned must stop.
    pub fn not_installable(&self) -> Vec<SettingError> {
        let mut found = SettingErrors::default();
        if let Err(problem) = check_domain(&self.network.domain) {
            found.add(&["network.domain"], problem.to_string());
        }
        for (index, subnet) in self.subnets.iter().enumerate() {
            if let Some(Err(problem)) = subnet.domain.as_ref().map(check_domain) {
                found.add(&[&format!("subnet.{index}.domain")], format!("subnet {}: {problem}", subnet.name));
            }
        }
        let consoles = self.boot.consoles.len();
        if consoles > MAX_CONSOLES {
            let problem = format!(
                "boot.consoles has {consoles}: expected at most {MAX_CONSOLES}, because the kernel's command line has a limit"
            );
            found.add(&["boot.consoles"], problem);
        }
        for (host_type, settings) in &self.types {
            if let Err(why) = supported(&settings.distro) {
                let key = format!("types.{host_type}.distro");
                found.add(&[&key], format!("{key}: {why}"));
            }
            let definition = TypeDefinition::with_settings(*host_type, settings);
            let domains =
                std::iter::once(&self.network.domain).chain(self.subnets.iter().filter_map(|s| s.domain.as_ref()));
            let longest = longest_name(&definition.prefix);
            // Names of three letters and a number are checked with the domain.
            let too_long = |domain: &&DomainName| longest + 1 + domain.as_str().len() > HOST_NAME_MAX;
            if let Some(domain) = domains.into_iter().filter(|_| longest > MAX_GIVEN_NAME).find(too_long) {
                let key = format!("types.{host_type}.prefix");
                let problem = format!(
                    "{key}: a name such as {}-99999 ({longest}), a dot and the domain {domain} ({}) are longer than Linux accepts, {HOST_NAME_MAX}; choose a shorter prefix",
                    definition.prefix,
                    domain.as_str().len()
                );
                found.add(&[&key], problem);
            }
            if let Some(profile) = settings.profile.filter(|p| !definition.profiles.contains(p)) {
                let key = format!("types.{host_type}.profile");
                found.add(&[&key], format!("{key}: {profile} is not a profile of {host_type}"));
            }
        }
        for (index, rule) in self.rules.iter().enumerate() {
            let role = self.role(rule.host_type, rule.profile).map(drop);
            if let Err(why) = role.and_then(|()| rule.distro.as_ref().map_or(Ok(()), supported)) {
                found.add(&[&format!("rule.{index}")], format!("rule {}: {why}", rule.name));
            }
        }
        found.into_vec()
    }
}
