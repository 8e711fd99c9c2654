// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster.conf` of the shell release. Real ones are less tidy than its questions: a value is written twice, a maker is
//! missing, the disaster recovery type has two names.

use super::lines::{Assignment, assignments};
use super::note::{Fate, Note, Notes};
use crate::config::supported;
use crate::types::{ClusterName, Distro, HostType, InterfaceName, Line, SyslogServer, network};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;

/// A cluster of the shell release, as far as it is understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellCluster {
    /// Its name.
    pub name: Option<ClusterName>,
    /// What a person wrote about it.
    pub description: Option<Line>,
    /// The interface that it serves.
    pub interface: Option<InterfaceName>,
    /// The address of the node there.
    pub address: Option<Ipv4Net>,
    /// The number of storage networks.
    pub storage_networks: Option<u8>,
    /// The log server.
    pub syslog: Option<SyslogServer>,
    /// The system of each type.
    pub types: BTreeMap<HostType, Distro>,
}

/// Settings without a meaning here.
const DROPPED: [(&str, &str); 3] = [
    ("NET_AUTONUMBER", "hosts always get the next free address"),
    ("UPDATE_HPS_CODE", "a package updates HPS"),
    ("HPS_VERSION", "it is of the shell release"),
];

/// Reads the text of `file`, the name in messages. `folder` is the name of the cluster's folder.
pub fn read_cluster(file: &str, folder: &str, text: &str) -> (ShellCluster, Vec<Note>) {
    let mut notes = Notes::new(file);
    let all = assignments(text, &mut notes);
    let mut cluster = ShellCluster::default();
    let mut net = Net::default();
    let mut systems: BTreeMap<HostType, System> = BTreeMap::new();
    for found in &all {
        if found.value.is_empty() {
            notes.add(Fate::Dropped, found.line, format!("{} is empty", found.key));
            continue;
        }
        match found.key.as_str() {
            "CLUSTER_NAME" => cluster.name = taken(found, &mut notes),
            "DESCRIPTION" | "CLUSTER_DESCRIPTION" => {
                cluster.description = Some(Line::lossy(&found.value));
                notes.add(Fate::Kept, found.line, format!("DESCRIPTION {:?}", found.value));
            }
            "DHCP_IFACE" if found.value.eq_ignore_ascii_case("none") => {
                notes.add(Fate::Dropped, found.line, "DHCP_IFACE none: give --interface");
            }
            "DHCP_IFACE" => cluster.interface = taken(found, &mut notes),
            "DHCP_IP" => net.ip = Some(found.clone()),
            "DHCP_CIDR" => net.cidr = Some(found.clone()),
            "NETWORK_CIDR" => net.network = Some(found.clone()),
            "SYSLOG_SERVER" if found.value.eq_ignore_ascii_case("none") => {
                notes.add(Fate::Dropped, found.line, "SYSLOG_SERVER none");
            }
            "SYSLOG_SERVER" => {
                // Other programs write it as a URL.
                let value = found.value.strip_prefix("udp://").map(str::to_owned);
                let value = value.unwrap_or_else(|| found.value.replacen("tcp://", "tcp:", 1));
                cluster.syslog = taken(&Assignment { value, ..found.clone() }, &mut notes);
            }
            "STORAGE_SUBNET_Q" | "STORAGE_SUBNETS" => match found.value.parse::<u8>() {
                Ok(count) if count <= 5 => {
                    cluster.storage_networks = Some(count);
                    notes.add(Fate::Kept, found.line, format!("{count} storage networks"));
                }
                _ => notes.add(Fate::Refused, found.line, format!("{} {:?}: expected 0 to 5", found.key, found.value)),
            },
            key => match (type_of(key), DROPPED.iter().find(|(dropped, _)| *dropped == key)) {
                (Some((host_type, part)), _) => systems.entry(host_type).or_default().add(part, found, &mut notes),
                (None, Some((_, why))) => notes.add(Fate::Dropped, found.line, format!("{key} {}: {why}", found.value)),
                (None, None) => {
                    notes.add(Fate::Dropped, found.line, format!("{key} {:?}: HPS has no such setting", found.value));
                }
            },
        }
    }
    if cluster.name.is_none() {
        cluster.name = folder.parse().ok();
        let what = match &cluster.name {
            Some(name) => {
                (Fate::Changed, format!("no usable CLUSTER_NAME: the cluster is called {name}, as its folder"))
            }
            None => {
                (Fate::Refused, format!("no usable CLUSTER_NAME, and the folder is called {folder:?}: give --name"))
            }
        };
        notes.add(what.0, 0, what.1);
    }
    cluster.address = net.address(&mut notes);
    for (host_type, system) in systems {
        if let Some(distro) = system.distro(host_type, &mut notes) {
            cluster.types.insert(host_type, distro);
        }
    }
    (cluster, notes.into_sorted())
}

fn taken<T: std::str::FromStr<Err = crate::types::Invalid> + std::fmt::Display>(
    found: &Assignment,
    notes: &mut Notes,
) -> Option<T> {
    match found.value.parse::<T>() {
        Ok(value) => {
            notes.add(Fate::Kept, found.line, format!("{} {value}", found.key));
            Some(value)
        }
        Err(error) => {
            notes.add(Fate::Refused, found.line, format!("{}: {error}", found.key));
            None
        }
    }
}

/// `SCH_OSVER` is of a type; `DRN` is the old name of DRH.
fn type_of(key: &str) -> Option<(HostType, &str)> {
    let (name, part) = key.split_once('_')?;
    let name = if name == "DRN" { "DRH" } else { name };
    let host_type = HostType::of_hps(name).ok()?;
    matches!(part, "CPU" | "MFR" | "OSNAME" | "OSVER").then_some((host_type, part))
}

/// The address of the node, which three settings describe.
#[derive(Debug, Default)]
struct Net {
    ip: Option<Assignment>,
    cidr: Option<Assignment>,
    network: Option<Assignment>,
}

impl Net {
    fn address(&self, notes: &mut Notes) -> Option<Ipv4Net> {
        let prefix = [&self.cidr, &self.network].into_iter().flatten().find_map(|found| {
            let digits = found.value.rsplit('/').next().unwrap_or_default();
            digits.parse::<u8>().ok().or_else(|| {
                let mask = found.value.parse().ok()?;
                ipnet::ipv4_mask_to_prefix(mask).ok()
            })
        });
        let with_prefix = [&self.ip, &self.cidr].into_iter().flatten().find_map(|found| {
            // The network's own address is not the node's.
            network(&found.value)
                .ok()
                .filter(|net| net.addr() != net.network())
                .map(|net| (found.line, net.to_string()))
        });
        let ip = self.ip.as_ref().and_then(|found| Some((found.line, format!("{}/{}", found.value, prefix?))));
        let Some((line, text)) = with_prefix.or(ip) else {
            let line = self.ip.as_ref().or(self.cidr.as_ref()).map_or(0, |found| found.line);
            notes.add(Fate::Refused, line, "no address of this node with its network: give --address");
            return None;
        };
        match network(&text) {
            Ok(address) => {
                notes.add(Fate::Kept, line, format!("address {address}"));
                Some(address)
            }
            Err(error) => {
                notes.add(Fate::Refused, line, error.to_string());
                None
            }
        }
    }
}

/// The parts of a distro string.
#[derive(Debug, Default)]
struct System {
    cpu: Option<String>,
    maker: Option<String>,
    name: Option<String>,
    version: Option<String>,
    line: usize,
}

impl System {
    fn add(&mut self, part: &str, found: &Assignment, notes: &mut Notes) {
        self.line = self.line.max(found.line);
        let value = found.value.to_ascii_lowercase();
        match part {
            // The question for the maker wrote its answer under the name of the processor.
            "CPU" if value == "linux" => {
                notes.add(Fate::Changed, found.line, format!("{} linux: this is the maker", found.key));
                self.maker = Some(value);
            }
            "CPU" => self.cpu = Some(value),
            "MFR" => self.maker = Some(value),
            "OSNAME" => self.name = Some(value),
            _ => self.version = Some(value),
        }
    }

    fn distro(&self, host_type: HostType, notes: &mut Notes) -> Option<Distro> {
        let cpu = match self.cpu.as_deref() {
            None | Some("amd64" | "x86-64") => "x86_64",
            Some("arm64") => "aarch64",
            Some(cpu) => cpu,
        };
        let name: String = self.name.iter().flat_map(|name| name.chars()).filter(char::is_ascii_alphanumeric).collect();
        let name = match name.as_str() {
            "rocky" => "rockylinux",
            "alma" => "almalinux",
            name => name,
        };
        let (maker, version) = (self.maker.as_deref().unwrap_or("linux"), self.version.as_deref().unwrap_or_default());
        let text = format!("{cpu}-{maker}-{name}-{version}");
        let refused =
            |why: String| (Fate::Refused, format!("{host_type} with {text}: {why}; the cluster gets no {host_type}"));
        let (fate, words) = match text.parse::<Distro>() {
            Err(error) => refused(format!("{error:#}")),
            Ok(distro) => match supported(&distro) {
                Err(error) => refused(error.to_string()),
                Ok(()) => {
                    notes.add(Fate::Kept, self.line, format!("{host_type} with {distro}"));
                    return Some(distro);
                }
            },
        };
        notes.add(fate, self.line, words);
        None
    }
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
