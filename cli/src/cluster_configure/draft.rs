// SPDX-License-Identifier: GPL-3.0-or-later
//! A cluster under construction: existing values, flags, facts of this machine, and answers.

use super::arguments::{Arguments, Enrolment, TypeDistro};
use super::keys;
use super::questions::{AnswerError, Answers, Nobody, Person};
use super::storage_count::StorageCount;
use crate::program::{Ended, Exit};
use hps::config::{self, Cluster, DhcpMode, HpsConf, InstallSettings, Network, TypeSettings, default_ranges};
use hps::exec::ip::{self, Interface};
use hps::store::{StoreError, active_cluster, load_cluster};
use hps::types::{ClusterName, Distro, DomainName, HostType, InterfaceName, SshKey, check_domain};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

pub(super) struct Draft<'a> {
    arguments: &'a Arguments,
    before: Option<Cluster>,
    keys: Vec<SshKey>,
    interfaces: Vec<Interface>,
}

const FIRST_DISTRO: &str = "x86_64-linux-debian-12";

impl<'a> Draft<'a> {
    pub(super) fn new(arguments: &'a Arguments, conf: &HpsConf, keys: Vec<SshKey>) -> anyhow::Result<Self> {
        // A file that cannot be read must not count as a new cluster: its settings would be lost.
        let before = match &arguments.name {
            Some(name) => match load_cluster(conf, name) {
                Err(StoreError::Io(error)) if error.is_not_found() => None,
                read => Some(read?),
            },
            // Without a name it is the active cluster, if there is one; a bad file of it is an error.
            None => match active_cluster(conf) {
                Err(StoreError::NoActiveCluster { .. }) => None,
                read => Some(read?),
            },
        };
        Ok(Self { arguments, before, keys, interfaces: ip::interfaces()? })
    }

    pub(super) fn finish(self, ask: bool) -> anyhow::Result<Cluster> {
        if ask { self.compose(&Person) } else { self.compose(&Nobody) }
    }

    fn compose(self, answers: &impl Answers) -> anyhow::Result<Cluster> {
        let given = self.arguments;
        let before = self.before.as_ref();
        let name: ClusterName = answers.value(
            "Technical name of the cluster",
            "--name",
            given.name.clone(),
            before.map(|c| c.name.clone()),
        )?;
        let interface = self.interface(answers)?;
        let address = self.address(answers, &interface)?;
        let same_net = before.map(|c| &c.network).filter(|n| n.address == address);
        // Asked before the ranges, which must leave it out.
        let gateway = answers.optional(
            "Default gateway of hosts",
            given.gateway,
            match same_net {
                Some(network) => network.gateway,
                None => ip::default_gateway(&interface.name).ok().flatten().filter(|g| address.contains(g)),
            },
            |gateway| match address.contains(gateway) && *gateway != address.addr() {
                true => Ok(()),
                false => Err(AnswerError::Gateway(address.trunc())),
            },
        )?;
        let (hosts, dhcp) = default_ranges(address, gateway).ok_or_else(|| {
            Ended::error(
                Exit::Failed,
                format!("the network of {address} is too small: expected a prefix of at most 29 bits"),
            )
        })?;
        let known = |pick: fn(&Network) -> _, default| Some(same_net.map_or(default, pick));
        let host_range = answers.value(
            "Addresses reserved for hosts",
            "--host-range",
            given.host_range,
            known(|n| n.host_range, hosts),
        )?;
        let dhcp_range = answers.value(
            "Addresses for unknown machines",
            "--dhcp-range",
            given.dhcp_range,
            known(|n| n.dhcp_range, dhcp),
        )?;
        let default_domain: Option<DomainName> = match before {
            Some(cluster) => Some(cluster.network.domain.clone()),
            // A default must leave room for the names of hosts.
            None => format!("{}.internal", name.as_str().to_ascii_lowercase().replace('_', "-"))
                .parse()
                .ok()
                .filter(|domain| check_domain(domain).is_ok()),
        };
        let domain = answers.value("Domain of hosts", "--domain", given.domain.clone(), default_domain)?;
        let syslog = answers.optional(
            "Server that hosts send their logs to (ADDRESS, ADDRESS:PORT, tcp:ADDRESS)",
            given.syslog,
            before.and_then(|c| c.network.syslog),
            |_| Ok(()),
        )?;
        let storage_networks = answers.value(
            "Networks for storage (0 to 5; VLANs 101 and on)",
            "--storage-networks",
            given.storage_networks,
            Some(before.map_or_else(StorageCount::default, StorageCount::from_cluster)),
        )?;
        let (dhcp, other_dhcp_servers) = self.dhcp(answers, &interface.name)?;
        let network = Network {
            interface: interface.name,
            address,
            dhcp,
            other_dhcp_servers,
            dhcp_range,
            host_range,
            gateway,
            dns: listed(&given.dns, before.map(|c| &c.network.dns)),
            ntp: listed(&given.ntp, before.map(|c| &c.network.ntp)),
            syslog,
            mtu: before.and_then(|c| c.network.mtu),
            domain,
            http_port: given.http_port.or(before.map(|c| c.network.http_port)).unwrap_or(80),
        };
        let install = self.install(answers)?;
        let types = self.types(answers)?;
        let mut cluster = match before {
            Some(before) => {
                let mut cluster = before.clone();
                (cluster.name, cluster.network, cluster.install, cluster.types) = (name, network, install, types);
                cluster
            }
            None => Cluster::new(name, hps::types::Line::lossy(""), network, install, types)?,
        };
        if let Some(description) = &given.description {
            cluster.description.clone_from(description);
        }
        storage_networks.apply(&mut cluster)?;
        if !given.console.is_empty() {
            cluster.boot.consoles.clone_from(&given.console);
        }
        Ok(cluster.checked()?)
    }

    /// Who gives addresses, and which other servers may answer. A person is asked if another server answers.
    fn dhcp(&self, answers: &impl Answers, interface: &InterfaceName) -> anyhow::Result<(DhcpMode, Vec<Ipv4Addr>)> {
        let given = self.arguments;
        let before = self.before.as_ref().map(|c| &c.network).filter(|n| n.interface == *interface);
        let mut others = before.map(|n| n.other_dhcp_servers.clone()).unwrap_or_default();
        for address in &given.accept_dhcp_server {
            if !others.contains(address) {
                others.push(*address);
            }
        }
        let mode = given.dhcp.map(DhcpMode::from).or(before.map(|n| n.dhcp));
        if given.dhcp.is_some() || given.no_reload {
            return Ok((mode.unwrap_or_default(), others));
        }
        answers.dhcp(interface, mode.unwrap_or_default(), others)
    }

    fn interface(&self, answers: &impl Answers) -> anyhow::Result<Interface> {
        // An interface that does not exist now may be configured, or stay configured: its driver may load later, and another interface
        // leads to another network. reload reports what is missing.
        let named = |name: &InterfaceName| {
            let found = self.interfaces.iter().find(|i| i.name == *name).cloned();
            found.unwrap_or_else(|| Interface { name: name.clone(), addresses: Vec::new() })
        };
        if let Some(name) = &self.arguments.interface {
            return Ok(named(name));
        }
        let before = self.before.as_ref().map(|c| named(&c.network.interface));
        let mut with_address: Vec<Interface> =
            self.interfaces.iter().filter(|i| !i.addresses.is_empty()).cloned().collect();
        // The interface with the default route is rarely that of the machines, and a second DHCP server does harm
        // there. So it does not come first.
        with_address.sort_by_cached_key(|i| matches!(ip::default_gateway(&i.name), Ok(Some(_))));
        answers.interface(before, with_address)
    }

    fn address(&self, answers: &impl Answers, interface: &Interface) -> anyhow::Result<Ipv4Net> {
        let before = self.before.as_ref().filter(|c| c.network.interface == interface.name).map(|c| c.network.address);
        let address = answers.value(
            "Address of this machine on it",
            "--address",
            self.arguments.address.map(Address),
            before.or(interface.addresses.first().copied()).map(Address),
        );
        address.map(|Address(address)| address)
    }

    fn install(&self, answers: &impl Answers) -> anyhow::Result<InstallSettings> {
        let given = self.arguments;
        let mut install = match &self.before {
            Some(cluster) => cluster.install.clone(),
            None => InstallSettings::with_keys(Vec::new()),
        };
        if !self.keys.is_empty() {
            install.ssh_keys.clone_from(&self.keys);
        } else if install.ssh_keys.is_empty() && install.root_password_hash.is_none() {
            install.ssh_keys = answers.keys(keys::own())?;
        }
        install.enrolment = match given.enrolment {
            Some(Enrolment::Menu) => config::Enrolment::Menu,
            Some(Enrolment::Armed) => config::Enrolment::Armed,
            None if self.before.is_some() => install.enrolment,
            None => answers.enrolment()?,
        };
        if let Some(user) = &given.admin_user {
            install.admin_user = user.clone();
        }
        Ok(install)
    }

    fn types(&self, answers: &impl Answers) -> anyhow::Result<BTreeMap<HostType, TypeSettings>> {
        let mut types = self.before.as_ref().map_or_else(BTreeMap::new, |c| c.types.clone());
        for TypeDistro(host_type, distro) in &self.arguments.types {
            let settings = types.entry(*host_type).or_insert_with(|| TypeSettings::new(distro.clone()));
            settings.distro.clone_from(distro);
        }
        if types.is_empty() {
            let default: Option<Distro> = FIRST_DISTRO.parse().ok();
            let distro = answers.value(
                "Operating system of hosts (or x86_64-linux-rockylinux-10, x86_64-linux-almalinux-10)",
                "--type",
                None,
                default,
            )?;
            types.extend(HostType::ALL.map(|host_type| (host_type, TypeSettings::new(distro.clone()))));
        }
        Ok(types)
    }
}

/// In the form of flags and cluster files: the network crate's own parser accepts leading zeros.
#[derive(Debug, Clone, Copy)]
struct Address(Ipv4Net);

impl FromStr for Address {
    type Err = hps::types::Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hps::types::network(text).map(Self)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn listed<T: Clone>(given: &[T], before: Option<&Vec<T>>) -> Vec<T> {
    if given.is_empty() { before.cloned().unwrap_or_default() } else { given.to_vec() }
}
