// SPDX-License-Identifier: GPL-3.0-or-later
//! A cluster under construction: what is decided, and for the rest the existing values, the facts of this machine, and
//! defaults. Nothing here asks anybody.

use super::machine::Machine;
use super::plan::Plan;
use super::question::Question;
use super::storage_count::StorageCount;
use super::values::{DiskLayout, OrNone, Systems, TimeServers};
use crate::program::{Ended, Exit};
use hps::config::{
    Cluster, Console, DhcpMode, Enrolment, InstallSettings, Network, PackageSources, TimeSettings, TypeSettings,
    default_ranges, roomy_ranges,
};
use hps::types::{ClusterName, Distro, DomainName, HostType, InterfaceName, Ipv4Range, SshKey, check_domain};
use ipnet::Ipv4Net;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) plan: Plan,
    /// The plan without answers.
    pub(super) given: Plan,
    /// What flags or a file decided: it is not asked, and an answer that contradicts it is refused.
    pub(super) fixed: BTreeSet<Question>,
    /// The cluster as it is, if there is one.
    pub(super) before: Option<Cluster>,
    pub(super) machine: Machine,
    /// Whether somebody sees each value before it is written. Otherwise a value that would be a surprise has no default,
    /// and other defaults stay as scripts know them.
    pub(super) guided: bool,
    /// Whether the services are started, so interface and address must be there now.
    pub(super) must_be_there: bool,
    /// Other DHCP servers that answer on the interface.
    pub(super) heard: Vec<Ipv4Addr>,
}

const FIRST_DISTRO: &str = "x86_64-linux-debian-12";
const FIRST_NAME: &str = "site1";

impl Draft {
    pub(super) fn new(plan: Plan, before: Option<Cluster>, machine: Machine, guided: bool) -> Self {
        let fixed = Question::ALL.into_iter().filter(|question| plan.text(*question).is_some()).collect();
        let given = plan.clone();
        Self { plan, given, fixed, before, machine, guided, must_be_there: false, heard: Vec::new() }
    }

    /// Begins again with the cluster that an answered name means: an existing one keeps its settings.
    pub(super) fn begin_from(&mut self, before: Option<Cluster>) {
        self.plan = Plan { name: self.plan.name.clone(), ..self.given.clone() };
        self.before = before;
    }

    /// Forgets an answer that no longer fits those before it, because they were changed.
    pub(super) fn forget_stale(&mut self, question: Question) {
        if !self.fixed.contains(&question) && !self.still_holds(question) {
            match question {
                Question::Address => self.plan.address = None,
                Question::Gateway => self.plan.gateway = None,
                Question::HostRange => self.plan.host_range = None,
                Question::DhcpRange => self.plan.dhcp_range = None,
                _ => {}
            }
        }
    }

    fn network_before(&self) -> Option<&Network> {
        self.before.as_ref().map(|cluster| &cluster.network)
    }

    fn install_before(&self) -> Option<&InstallSettings> {
        self.before.as_ref().map(|cluster| &cluster.install)
    }

    pub(super) fn name(&self) -> Option<ClusterName> {
        let before = || self.before.as_ref().map(|cluster| cluster.name.clone());
        let first = || self.machine.name.clone().or_else(|| FIRST_NAME.parse().ok()).filter(|_| self.guided);
        self.plan.name.clone().or_else(before).or_else(first)
    }

    /// One that does not exist now may be configured, or stay configured: its driver may load later, and another
    /// interface leads to another network. reload reports what is missing.
    pub(super) fn interface(&self) -> Option<InterfaceName> {
        let before = || self.network_before().map(|network| network.interface.clone());
        let found = || match self.machine.with_address().as_slice() {
            [one] => Some(one.name.clone()),
            [first, ..] if self.guided => Some(first.name.clone()),
            _ => None,
        };
        self.plan.interface.clone().or_else(before).or_else(found)
    }

    pub(super) fn address(&self) -> Option<Ipv4Net> {
        let interface = self.interface()?;
        let before = self.network_before().filter(|network| network.interface == interface);
        let before = before.map(|network| network.address);
        let on_it = self.machine.addresses(&interface);
        // In a guided run an address that is gone is no default, since it would be refused.
        let is_there = |address: &Ipv4Net| !self.guided || on_it.is_empty() || on_it.contains(address);
        self.plan.address.or(before.filter(is_there)).or_else(|| on_it.first().copied())
    }

    /// The network of before, if this node keeps its address.
    fn same_network(&self) -> Option<&Network> {
        let address = self.address()?;
        self.network_before().filter(|network| network.address == address)
    }

    pub(super) fn dhcp(&self) -> DhcpMode {
        let interface = self.interface();
        let before = self.network_before().filter(|network| Some(&network.interface) == interface.as_ref());
        self.plan.dhcp.or(before.map(|network| network.dhcp)).unwrap_or_default()
    }

    pub(super) fn other_dhcp_servers(&self) -> Vec<Ipv4Addr> {
        let interface = self.interface();
        let before = self.network_before().filter(|network| Some(&network.interface) == interface.as_ref());
        let mut others = before.map(|network| network.other_dhcp_servers.clone()).unwrap_or_default();
        for address in &self.plan.accepted_servers {
            if !others.contains(address) {
                others.push(*address);
            }
        }
        others
    }

    pub(super) fn gateway(&self) -> Option<Ipv4Addr> {
        if let Some(OrNone(gateway)) = self.plan.gateway {
            return gateway;
        }
        match self.same_network() {
            Some(network) => network.gateway,
            None => {
                let address = self.address()?;
                let gateway = self.machine.gateway(&self.interface()?);
                gateway.filter(|gateway| address.contains(gateway) && *gateway != address.addr())
            }
        }
    }

    /// Those of hosts and of unknown machines; `None` if the network is too small.
    fn suggested_ranges(&self) -> Option<(Ipv4Range, Ipv4Range)> {
        let suggest = if self.guided { roomy_ranges } else { default_ranges };
        suggest(self.address()?, self.gateway())
    }

    pub(super) fn host_range(&self) -> Option<Ipv4Range> {
        let before = || self.same_network().map(|network| network.host_range).filter(|range| self.is_free(*range));
        self.plan.host_range.or_else(before).or_else(|| self.suggested_ranges().map(|(hosts, _)| hosts))
    }

    pub(super) fn dhcp_range(&self) -> Option<Ipv4Range> {
        let before = || self.same_network().map(|network| network.dhcp_range).filter(|range| self.is_free(*range));
        let suggested = || {
            let (_, range) = self.suggested_ranges()?;
            Some(range).filter(|range| !self.guided || self.host_range().is_none_or(|hosts| !hosts.overlaps(*range)))
        };
        self.plan.dhcp_range.or_else(before).or_else(suggested)
    }

    /// Without the gateway. In a run without questions such a range is reported, and not replaced.
    fn is_free(&self, range: Ipv4Range) -> bool {
        !self.guided || self.gateway().is_none_or(|gateway| !range.contains(gateway))
    }

    pub(super) fn domain(&self) -> Option<DomainName> {
        let before = || self.network_before().map(|network| network.domain.clone());
        let new = || {
            // A default must leave room for the names of hosts.
            let name = self.name()?.as_str().to_ascii_lowercase().replace('_', "-");
            format!("{name}.internal").parse().ok().filter(|domain| check_domain(domain).is_ok())
        };
        self.plan.domain.clone().or_else(before).or_else(new)
    }

    pub(super) fn dns(&self) -> Vec<Ipv4Addr> {
        let before = || self.network_before().map(|network| network.dns.clone());
        self.plan.dns.clone().or_else(before).unwrap_or_default()
    }

    pub(super) fn ntp(&self) -> TimeServers {
        self.plan.ntp.clone().unwrap_or_else(|| self.ntp_before())
    }

    fn ntp_before(&self) -> TimeServers {
        match &self.before {
            Some(cluster) if !cluster.network.ntp.is_empty() => TimeServers::Servers(cluster.network.ntp.clone()),
            Some(cluster) if cluster.time.server => TimeServers::ThisNode,
            _ => TimeServers::System,
        }
    }

    pub(super) fn storage_networks(&self) -> StorageCount {
        let before = || self.before.as_ref().map(StorageCount::from_cluster);
        self.plan.storage_networks.or_else(before).unwrap_or_default()
    }

    pub(super) fn sources(&self) -> PackageSources {
        let before = self.install_before().map(|install| install.sources);
        // With a way out, hosts of a new cluster get their distribution's updates.
        let outside = self.guided && self.gateway().is_some();
        let new = if outside { PackageSources::Distribution } else { PackageSources::Auto };
        self.plan.sources.or(before).unwrap_or(new)
    }

    pub(super) fn consoles(&self) -> Vec<Console> {
        let before = || self.before.as_ref().map(|cluster| cluster.boot.consoles.clone());
        self.plan.console.clone().or_else(before).unwrap_or_default()
    }

    /// Those of the plan, or of before; for a guided run, those that were found.
    pub(super) fn ssh_keys(&self) -> Vec<SshKey> {
        if let Some(keys) = &self.plan.ssh_key {
            return keys.keys.clone();
        }
        match self.install_before() {
            Some(install) => install.ssh_keys.clone(),
            // In a run without questions the key must be named: that of a cron job's account would be a surprise.
            None if self.guided => self.machine.keys.clone(),
            None => Vec::new(),
        }
    }

    pub(super) fn enrolment(&self) -> Enrolment {
        let new = if self.guided { Enrolment::Armed } else { Enrolment::Menu };
        self.plan.enrolment.or(self.install_before().map(|install| install.enrolment)).unwrap_or(new)
    }

    /// The system of each type that can be installed.
    pub(super) fn types(&self) -> BTreeMap<HostType, TypeSettings> {
        let mut types = self.before.as_ref().map_or_else(BTreeMap::new, |cluster| cluster.types.clone());
        for (host_type, distro) in self.plan.system.iter().flat_map(|systems| &systems.0) {
            let settings = types.entry(*host_type).or_insert_with(|| TypeSettings::new(distro.clone()));
            settings.distro.clone_from(distro);
        }
        if types.is_empty()
            && let Ok(distro) = FIRST_DISTRO.parse::<Distro>()
        {
            types.extend(HostType::BUILT_IN.map(|host_type| (host_type, TypeSettings::new(distro.clone()))));
        }
        types
    }

    pub(super) fn systems(&self) -> Systems {
        Systems(self.types().into_iter().map(|(host_type, settings)| (host_type, settings.distro)).collect())
    }

    pub(super) fn disks(&self) -> DiskLayout {
        self.plan.disks.unwrap_or_else(|| DiskLayout::from_types(self.types().iter()))
    }

    /// The cluster, with a default for each setting that is not decided.
    ///
    /// # Errors
    /// [`Exit::Usage`]: a setting has no default. [`Exit::Failed`]: two settings contradict each other.
    pub(super) fn cluster(&self) -> anyhow::Result<Cluster> {
        fn need<T>(value: Option<T>, question: Question) -> anyhow::Result<T> {
            value.ok_or_else(|| missing(question.flag(), question.text()))
        }
        let before = self.before.as_ref();
        let name = need(self.name(), Question::Name)?;
        let interface = self.interface().ok_or_else(|| {
            missing("--interface", "the interface to serve on (this machine has several with an address, or none)")
        })?;
        let address = self.address().ok_or_else(|| self.no_address(&interface))?;
        let too_small = || {
            let line = format!("the network of {address} is too small: expected a prefix of at most 29 bits");
            Ended::error(Exit::Failed, line)
        };
        let network = Network {
            dhcp: self.dhcp(),
            other_dhcp_servers: self.other_dhcp_servers(),
            dhcp_range: self.dhcp_range().ok_or_else(too_small)?,
            host_range: self.host_range().ok_or_else(too_small)?,
            gateway: self.gateway(),
            dns: self.dns(),
            ntp: before.map(|cluster| cluster.network.ntp.clone()).unwrap_or_default(),
            syslog: match self.plan.syslog {
                Some(OrNone(syslog)) => syslog,
                None => before.and_then(|cluster| cluster.network.syslog),
            },
            mtu: before.and_then(|cluster| cluster.network.mtu),
            domain: need(self.domain(), Question::Domain)?,
            http_port: self.plan.http_port.or(before.map(|cluster| cluster.network.http_port)).unwrap_or(80),
            interface,
            address,
        };
        let (install, types) = (self.install()?, self.types_with_disks());
        let mut cluster = match before {
            Some(before) => {
                let mut cluster = before.clone();
                (cluster.name, cluster.network, cluster.install, cluster.types) = (name, network, install, types);
                cluster
            }
            None => Cluster::new(name, hps::types::Line::lossy(""), network, install, types)?,
        };
        self.apply_time(&mut cluster);
        if let Some(OrNone(port)) = self.plan.web {
            cluster.web.server = port.is_some();
            cluster.web.port = port.unwrap_or(cluster.web.port);
        }
        if let Some(description) = &self.plan.description {
            cluster.description.clone_from(description);
        }
        self.storage_networks().apply(&mut cluster)?;
        cluster.boot.consoles = self.consoles();
        Ok(cluster.checked()?)
    }

    fn no_address(&self, interface: &InterfaceName) -> anyhow::Error {
        if self.machine.interface(interface).is_none() {
            let found = self.machine.describe();
            let line =
                format!("interface {interface} is not on this machine, so give --address too; there are: {found}");
            return Ended::error(Exit::Usage, line);
        }
        let text = format!("{interface} has none; add one with: ip address add 10.0.0.1/24 dev {interface}");
        missing("--address", &text)
    }

    fn install(&self) -> anyhow::Result<InstallSettings> {
        let mut install = match self.install_before() {
            Some(install) => install.clone(),
            None => InstallSettings::with_keys(Vec::new()),
        };
        install.ssh_keys = self.ssh_keys();
        if install.ssh_keys.is_empty() && install.root_password_hash.is_none() {
            return Err(missing("--ssh-key-file", "the administrator's public key"));
        }
        install.enrolment = self.enrolment();
        install.sources = self.sources();
        if let Some(user) = &self.plan.admin_user {
            install.admin_user = user.clone();
        }
        if let Some(timezone) = &self.plan.timezone {
            install.timezone = timezone.clone();
        }
        install.keyboard = self.plan.keyboard.clone().unwrap_or(install.keyboard);
        Ok(install)
    }

    fn types_with_disks(&self) -> BTreeMap<HostType, TypeSettings> {
        let mut types = self.types();
        // The same answer again must not change types that differ from storage hosts.
        if let Some(layout) = self.plan.disks.filter(|layout| *layout != DiskLayout::from_types(types.iter())) {
            types.iter_mut().for_each(|(host_type, settings)| layout.apply(*host_type, settings));
        }
        types
    }

    fn apply_time(&self, cluster: &mut Cluster) {
        let Some(ntp) = self.plan.ntp.as_ref().filter(|ntp| **ntp != self.ntp_before()) else { return };
        match ntp {
            // This node may serve the time and hosts use other servers.
            TimeServers::Servers(servers) => cluster.network.ntp.clone_from(servers),
            TimeServers::ThisNode => {
                cluster.time.server = true;
                cluster.network.ntp.clear();
            }
            TimeServers::System => {
                cluster.time = TimeSettings::default();
                cluster.network.ntp.clear();
            }
        }
    }
}

fn missing(flag: &str, what: &str) -> anyhow::Error {
    Ended::error(Exit::Usage, format!("{flag} is missing: {what}"))
}
