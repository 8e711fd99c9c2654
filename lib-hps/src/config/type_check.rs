// SPDX-License-Identifier: GPL-3.0-or-later
//! The rules for the names of host types in a cluster file: which types there are, and what they are made from.

use super::cluster::{Cluster, TypeSettings};
use super::setting_error::SettingErrors;
use crate::types::{HostType, nearest};

/// A host type that neither HPS nor the cluster file has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host_type} is no host type of HPS, and the cluster file has no [types.{host_type}]; {advice}")]
pub struct UnknownType {
    host_type: HostType,
    advice: String,
}

impl UnknownType {
    /// Whether a type can be named where this cluster is, or where no cluster is yet.
    ///
    /// # Errors
    /// [`UnknownType`].
    pub fn check(cluster: Option<&Cluster>, host_type: HostType) -> Result<(), Self> {
        match cluster {
            Some(cluster) => cluster.check_type(host_type),
            None if host_type.is_built_in() => Ok(()),
            None => Err(Self::new(host_type, &HostType::BUILT_IN)),
        }
    }

    fn new(host_type: HostType, known: &[HostType]) -> Self {
        Self { host_type, advice: advice(host_type, known) }
    }
}

/// The known type that a name resembles, or all of them.
fn advice(host_type: HostType, known: &[HostType]) -> String {
    match nearest(host_type.as_str(), known.iter().map(HostType::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => {
            let all: Vec<&str> = known.iter().map(HostType::as_str).collect();
            format!("expected one of {}", all.join(", "))
        }
    }
}

impl Cluster {
    /// Whether HPS or this file has a type.
    ///
    /// # Errors
    /// [`UnknownType`].
    pub fn check_type(&self, host_type: HostType) -> Result<(), UnknownType> {
        if host_type.is_built_in() || self.types.contains_key(&host_type) {
            return Ok(());
        }
        Err(UnknownType::new(host_type, &self.known_types()))
    }

    /// Adds the types that nothing defines, wherever the file names one.
    pub(super) fn check_types(&self, found: &mut SettingErrors) {
        for (host_type, settings) in &self.types {
            check_from(*host_type, settings, found);
        }
        let mut check = |key: String, of: String, host_type: HostType| {
            if let Err(unknown) = self.check_type(host_type) {
                found.add(&[&key], format!("{of}: {unknown}"));
            }
        };
        for (index, rule) in self.rules.iter().enumerate() {
            check(format!("rule.{index}.type"), format!("rule {}", rule.name), rule.host_type);
        }
        for (index, subnet) in self.subnets.iter().enumerate() {
            for (place, host_type) in subnet.types.iter().flatten().enumerate() {
                check(format!("subnet.{index}.types.{place}"), format!("types of subnet {}", subnet.name), *host_type);
            }
        }
        for (index, network) in self.storage_networks.iter().enumerate() {
            for (place, host_type) in network.types.iter().enumerate() {
                let of = format!("types of storage_network {}", network.name);
                check(format!("storage_network.{index}.types.{place}"), of, *host_type);
            }
        }
    }
}

fn check_from(host_type: HostType, settings: &TypeSettings, found: &mut SettingErrors) {
    let (section, key) = (format!("types.{host_type}"), format!("types.{host_type}.from"));
    match settings.from {
        None if host_type.is_built_in() => {}
        None => {
            let problem = format!(
                "[{section}]: {host_type} is no host type of HPS ({}); for a type of your own add from, such as from = \"PLAIN\"",
                advice(host_type, &HostType::BUILT_IN)
            );
            found.add(&[&section, &key], problem);
        }
        Some(_) if host_type.is_built_in() => {
            let problem = format!("{key}: {host_type} is a type of HPS, so it is not made from another; remove from");
            found.add(&[&key], problem);
        }
        Some(from) if !from.is_built_in() => {
            let problem = format!("{key} is \"{from}\": expected a type of HPS; {}", advice(from, &HostType::BUILT_IN));
            found.add(&[&key], problem);
        }
        Some(_) => {}
    }
}
