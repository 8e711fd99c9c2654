// SPDX-License-Identifier: GPL-3.0-or-later
//! The `.cluster` file: TOML, versioned, unknown keys refused, every value typed.
//!
//! [`Cluster::parse`] reads and checks it whole; a value that contradicts another is refused there, so that
//! renderers never meet one. The text form, with its comments, is [`super::cluster_text`]'s.

use super::StageLimits;
use super::legacy::Legacy;
use super::rule::Rule;
use super::values::{Console, CryptHash, SiteCommand, Timezone, UserName};
use crate::types::{
    ClusterName, Distro, DomainName, HostType, InterfaceName, Ipv4Range, Lifetime, Line, Method, Profile, SshKey,
};
use ipnet::Ipv4Net;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// What the site says about one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub(super) version: u32,
    /// The technical name, which is also the file's.
    pub name: ClusterName,
    /// One line for people.
    #[serde(default = "empty_line")]
    pub description: Line,
    /// The network it is built on.
    pub network: Network,
    /// Who may be installed, and how.
    pub install: InstallSettings,
    /// How machines boot.
    #[serde(default)]
    pub boot: BootSettings,
    /// What each host type is installed with. A type that is not named cannot be installed.
    pub types: BTreeMap<HostType, TypeSettings>,
    /// Machines that may be installed though nobody named them one by one.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// Commands of the shell release that are still answered.
    #[serde(default)]
    pub legacy: Legacy,
}

/// The network of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The interface that DHCP, TFTP, DNS and HTTP are served on.
    pub interface: InterfaceName,
    /// The address of this node on it, with the length of the prefix.
    pub address: Ipv4Net,
    /// Addresses for machines that are not known yet.
    pub dhcp_range: Ipv4Range,
    /// Addresses that are reserved for hosts, one each, for good.
    pub host_range: Ipv4Range,
    /// The default gateway of hosts.
    #[serde(default)]
    pub gateway: Option<Ipv4Addr>,
    /// Name servers of hosts; empty means this node.
    #[serde(default)]
    pub dns: Vec<Ipv4Addr>,
    /// Time servers of hosts.
    #[serde(default)]
    pub ntp: Vec<Ipv4Addr>,
    /// The domain of hosts.
    pub domain: DomainName,
    /// The port of the boot manager and of everything that is fetched by HTTP.
    #[serde(default = "http_port")]
    pub http_port: u16,
}

/// Who may be installed when nobody armed the host by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enrolment {
    /// A person at the console of a machine that was never installed may choose.
    Menu,
    /// Nobody: an unknown machine waits.
    Armed,
}

/// Settings of installations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallSettings {
    /// Who may be installed without being armed.
    #[serde(default = "menu")]
    pub enrolment: Enrolment,
    /// How often one permission may start an installation.
    #[serde(default = "max_attempts")]
    pub max_attempts: u32,
    /// How many requests with a bad ticket or token a host that may be installed can meet before its permission ends; 0 is
    /// never.
    #[serde(default = "max_refusals")]
    pub max_refusals: u32,
    /// How long a permission lives where the operator gives no other time.
    #[serde(default = "permission_lifetime")]
    pub permission_lifetime: Lifetime,
    /// How long one attempt may take; its tokens die then.
    #[serde(default = "attempt_lifetime")]
    pub attempt_lifetime: Lifetime,
    /// Smallest system disk, in GiB.
    #[serde(default = "disk_min_gib")]
    pub disk_min_gib: u32,
    /// The administrator's account on every host.
    #[serde(default = "admin_user")]
    pub admin_user: UserName,
    /// The administrator's keys.
    pub ssh_keys: Vec<SshKey>,
    /// A crypt(5) hash for root; none means that root has no password and cannot log in with one.
    #[serde(default)]
    pub root_password_hash: Option<CryptHash>,
    /// As in /usr/share/zoneinfo.
    #[serde(default = "timezone")]
    pub timezone: Timezone,
    /// How long an installation may stay in a stage.
    #[serde(default)]
    pub stage_limits: StageLimits,
    /// Called when a host becomes INSTALLED or FAILED.
    #[serde(default)]
    pub notify: Option<SiteCommand>,
}

impl InstallSettings {
    /// The defaults, with the administrator's keys.
    pub fn with_keys(ssh_keys: Vec<SshKey>) -> Self {
        Self {
            enrolment: menu(),
            max_attempts: max_attempts(),
            max_refusals: max_refusals(),
            permission_lifetime: permission_lifetime(),
            attempt_lifetime: attempt_lifetime(),
            disk_min_gib: disk_min_gib(),
            admin_user: admin_user(),
            ssh_keys,
            root_password_hash: None,
            timezone: timezone(),
            stage_limits: StageLimits::default(),
            notify: None,
        }
    }
}

/// Settings of the boot of machines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BootSettings {
    /// Serial consoles as the kernel's `console=` takes them, beside the screen; the last one is the main one.
    pub consoles: Vec<Console>,
    /// After so many seconds without a key a menu does the safe thing.
    pub menu_timeout: u32,
}

impl Default for BootSettings {
    fn default() -> Self {
        Self { consoles: Vec::new(), menu_timeout: 60 }
    }
}

/// What one host type is installed with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeSettings {
    /// The operating system.
    pub distro: Distro,
    /// The variant where the permission names none.
    #[serde(default)]
    pub profile: Option<Profile>,
}

/// What this version can install. The others are known, so that records and files of a site can name them.
const INSTALLABLE: [(HostType, Option<Profile>); 1] = [(HostType::Sch, Some(Profile::StorageSingle))];

fn empty_line() -> Line {
    Line::lossy("")
}
fn http_port() -> u16 {
    80
}
fn menu() -> Enrolment {
    Enrolment::Menu
}
fn max_attempts() -> u32 {
    3
}
/// An installer that is restarted in the middle may ask with a retired ticket once or twice an attempt.
fn max_refusals() -> u32 {
    20
}
fn permission_lifetime() -> Lifetime {
    Lifetime::DAY
}
fn attempt_lifetime() -> Lifetime {
    Lifetime::FOUR_HOURS
}
fn disk_min_gib() -> u32 {
    8
}
fn admin_user() -> UserName {
    UserName::default()
}
fn timezone() -> Timezone {
    Timezone::default()
}

/// Why a cluster file is not taken: one line, with the line number where the parser knows it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ClusterError {
    /// Not TOML, a missing or unknown key, or a value of the wrong form.
    #[error("line {line}: {problem}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// The parser's word.
        problem: String,
    },
    /// Two values that contradict each other.
    #[error("{0}")]
    Contradiction(String),
}

impl Cluster {
    /// The version of the format that this program writes.
    pub const VERSION: u32 = 1;

    /// Reads and checks a file.
    ///
    /// # Errors
    /// See [`ClusterError`].
    pub fn parse(text: &str) -> Result<Self, ClusterError> {
        let cluster: Self = toml::from_str(text).map_err(|error| ClusterError::Syntax {
            line: line_of(text, error.span()),
            problem: error.message().replace('\n', " "),
        })?;
        cluster.checked()
    }

    /// A cluster made from its parts, checked as a file is.
    ///
    /// # Errors
    /// [`ClusterError::Contradiction`].
    pub fn new(
        name: ClusterName,
        description: Line,
        network: Network,
        install: InstallSettings,
        types: BTreeMap<HostType, TypeSettings>,
    ) -> Result<Self, ClusterError> {
        let boot = BootSettings::default();
        let (rules, legacy) = (Vec::new(), Legacy::default());
        let cluster = Self { version: Self::VERSION, name, description, network, install, boot, types, rules, legacy };
        cluster.checked()
    }

    /// The same after a change, checked again.
    ///
    /// # Errors
    /// [`ClusterError::Contradiction`].
    pub fn checked(self) -> Result<Self, ClusterError> {
        self.check().map_err(ClusterError::Contradiction)?;
        Ok(self)
    }

    /// The address that hosts reach this node at.
    pub fn server(&self) -> Ipv4Addr {
        self.network.address.addr()
    }

    /// `http://<address>[:<port>]`, where everything is fetched from.
    pub fn base_url(&self) -> String {
        match self.network.http_port {
            80 => format!("http://{}", self.server()),
            port => format!("http://{}:{port}", self.server()),
        }
    }

    /// The boot manager's address.
    pub fn boot_manager_url(&self) -> String {
        format!("{}/cgi-bin/boot_manager", self.base_url())
    }

    /// Name servers of hosts: those of the file, else this node.
    pub fn name_servers(&self) -> Vec<Ipv4Addr> {
        if self.network.dns.is_empty() { vec![self.server()] } else { self.network.dns.clone() }
    }

    /// What a host becomes that is to be of this type: its variant, and the operating system. Without a profile it is the
    /// type's default one.
    ///
    /// # Errors
    /// One line that says why this cluster, or this version of HPS, does not install that.
    pub fn role(&self, host_type: HostType, profile: Option<Profile>) -> Result<(Option<Profile>, &Distro), String> {
        let Some(settings) = self.types.get(&host_type) else {
            return Err(format!("cluster {} installs no {host_type}: its file has no [types.{host_type}]", self.name));
        };
        let profile = profile.or(settings.profile).or_else(|| host_type.profiles().first().copied());
        if profile.is_some_and(|p| !host_type.profiles().contains(&p)) {
            return Err(format!("{host_type} has no profile {}", profile.map_or_else(String::new, |p| p.to_string())));
        }
        if !INSTALLABLE.contains(&(host_type, profile)) {
            let variant = profile.map_or_else(String::new, |p| format!(" {p}"));
            return Err(format!(
                "{host_type}{variant} cannot be installed by this version; it installs SCH STORAGESINGLE"
            ));
        }
        Ok((profile, &settings.distro))
    }

    /// Whether a host may have this address: one of the network, and neither this node's nor the gateway's.
    ///
    /// # Errors
    /// One line that says why not.
    pub fn takes_host(&self, address: Ipv4Addr) -> Result<(), String> {
        let net = self.network.address.trunc();
        let host = net.contains(&address) && address != net.network() && address != net.broadcast();
        if !host || address == self.server() || self.network.gateway == Some(address) {
            return Err(format!(
                "{address} cannot be a host's: expected an address of {net} that is not this node's or the gateway's"
            ));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let Network { address, dhcp_range, host_range, gateway, http_port, .. } = &self.network;
        if self.version != Self::VERSION {
            return Err(format!("version is {}: this program reads version {}", self.version, Self::VERSION));
        }
        let (server, net) = (address.addr(), address.trunc());
        if address.prefix_len() > 29 || server == net.network() || server == net.broadcast() {
            return Err(format!(
                "network.address {address}: expected the address of a host and a prefix of at most 29 bits"
            ));
        }
        for (key, range) in [("network.dhcp_range", dhcp_range), ("network.host_range", host_range)] {
            if !range.is_hosts_of(&net) {
                return Err(format!("{key} {range} lies outside the hosts of {net}"));
            }
            if range.contains(server) {
                return Err(format!("{key} {range} holds this node's own address {server}"));
            }
            if gateway.is_some_and(|g| range.contains(g)) {
                return Err(format!("{key} {range} holds the gateway's address"));
            }
        }
        if dhcp_range.overlaps(*host_range) {
            return Err(format!("network.dhcp_range {dhcp_range} and network.host_range {host_range} overlap"));
        }
        if let Some(gateway) = gateway.filter(|g| !net.contains(g)) {
            return Err(format!("network.gateway {gateway} lies outside {net}"));
        }
        if *http_port == 0 {
            return Err("network.http_port is 0: expected 1 to 65535".to_owned());
        }
        if !(1..=100).contains(&self.install.max_attempts) {
            return Err(format!("install.max_attempts is {}: expected 1 to 100", self.install.max_attempts));
        }
        if !(1..=1_000_000).contains(&self.install.disk_min_gib) {
            return Err(format!("install.disk_min_gib is {}: expected 1 to 1000000", self.install.disk_min_gib));
        }
        if !(10..=3_600).contains(&self.boot.menu_timeout) {
            return Err(format!("boot.menu_timeout is {}: expected 10 to 3600 seconds", self.boot.menu_timeout));
        }
        if self.install.ssh_keys.is_empty() && self.install.root_password_hash.is_none() {
            return Err(
                "install.ssh_keys is empty: nobody could log in to a host; give the administrator's public key"
                    .to_owned(),
            );
        }
        for (host_type, settings) in &self.types {
            if let Some(profile) = settings.profile.filter(|p| !host_type.profiles().contains(p)) {
                return Err(format!("types.{host_type}.profile {profile} is not one of this type"));
            }
            if settings.distro.method() == Method::Kickstart && settings.distro.major() < 9 {
                return Err(format!(
                    "types.{host_type}.distro {}: releases before 9 are not supported",
                    settings.distro
                ));
            }
        }
        self.check_rules()
    }

    fn check_rules(&self) -> Result<(), String> {
        for (index, rule) in self.rules.iter().enumerate() {
            let name = &rule.name;
            if name.as_str().is_empty() {
                return Err("a [[rule]] has an empty name: messages and the history call it by that".to_owned());
            }
            if !rule.is_narrowed() {
                return Err(format!(
                    "rule {name} names no machine: give mac, mac_prefix, uuid, serial or product (for every machine, open a window: host-state window)"
                ));
            }
            let others = self.rules.iter().take(index);
            for other in others {
                if other.name == rule.name {
                    return Err(format!("two rules are called {name}"));
                }
                if (other.mac, &other.mac_prefix, &other.uuid, &other.serial, &other.product)
                    == (rule.mac, &rule.mac_prefix, &rule.uuid, &rule.serial, &rule.product)
                {
                    return Err(format!("rules {} and {name} mean the same machines", other.name));
                }
            }
            self.role(rule.host_type, rule.profile).map_err(|why| format!("rule {name}: {why}"))?;
            if let Some(distro) = &rule.distro {
                supported(distro).map_err(|why| format!("rule {name}: {why}"))?;
            }
        }
        Ok(())
    }
}

/// Whether this version installs an operating system.
///
/// # Errors
/// One line that says why not.
pub fn supported(distro: &Distro) -> Result<(), String> {
    let known = match distro.method() {
        Method::Kickstart => distro.major() >= 9,
        Method::Image => distro.major() == 12,
    };
    if known && distro.as_str().starts_with("x86_64-") {
        return Ok(());
    }
    Err(format!(
        "{distro} cannot be installed by this version; it installs Rocky Linux and AlmaLinux from 9 and Debian 12, on x86_64"
    ))
}

/// The line, from 1, where a span of `text` begins; 1 where there is none.
pub(crate) fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start);
    1 + text.bytes().take(start).filter(|b| *b == b'\n').count()
}

/// Sensible ranges in the network of `address`: hosts in the lower half, unknown machines in the upper one, neither
/// holding `address` or `gateway`. `None` where the network is too small for that.
pub fn default_ranges(address: Ipv4Net, gateway: Option<Ipv4Addr>) -> Option<(Ipv4Range, Ipv4Range)> {
    let (low, high) = (u32::from(address.network()), u32::from(address.broadcast()));
    // Wide networks: a /16 holds more addresses than a site of some thousand machines wants reserved.
    let high = high.min(low.saturating_add(16_384));
    let middle = low + (high - low) / 2;
    let taken = |a: u32| a == u32::from(address.addr()) || gateway.is_some_and(|g| a == u32::from(g));
    let longest = |first: u32, last: u32| {
        let mut best: Option<(u32, u32)> = None;
        let mut start = first;
        for end in first..=last {
            if taken(end) {
                start = end + 1;
            } else if best.is_none_or(|(s, e)| e - s < end - start) {
                best = Some((start, end));
            }
        }
        best.and_then(|(s, e)| Ipv4Range::new(Ipv4Addr::from(s), Ipv4Addr::from(e)))
    };
    Some((longest(low + 1, middle)?, longest(middle + 1, high.checked_sub(1)?)?))
}
