// SPDX-License-Identifier: GPL-3.0-or-later
//! The `.cluster` file: TOML, versioned, unknown keys refused, every value typed.
//!
//! [`Cluster::parse`] reads and checks it whole; a value that contradicts another is refused there, so that
//! renderers never meet one. Its sections have files of their own. The text form, with its comments, is [`super::cluster_text`]'s.

use super::disks::{DiskSettings, VolumeManager};
use super::host_network::{HostNetwork, StorageNetwork};
use super::install::InstallSettings;
use super::legacy::Legacy;
use super::links::{Link, links};
use super::network::Network;
use super::parse_error::ParseErrors;
use super::rule::Rule;
use super::setting_error::{SettingError, SettingErrors};
use super::site_profile::SiteProfile;
use super::values::Console;
use crate::types::{ClusterName, Distro, HostType, Line, MOST_CONSOLES, Method, Profile, check_domain};
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
    /// Networks beside the main one.
    #[serde(default, rename = "storage_network")]
    pub storage_networks: Vec<StorageNetwork>,
    /// Machines that may be installed though nobody named them one by one.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// Commands of the shell release that are still answered.
    #[serde(default)]
    pub legacy: Legacy,
}

/// Settings of the boot of machines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BootSettings {
    /// Serial consoles as the kernel's `console=` takes them, beside the screen; the last one is the main one.
    pub consoles: Vec<Console>,
    /// After so many seconds without a key a menu does the safe thing.
    pub menu_timeout: u32,
    /// What the firmware of an installed host tries first.
    pub order: BootOrder,
}

/// What UEFI tries first. An installation can set it there; a BIOS has an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BootOrder {
    /// Each start asks the boot manager, which sends it to its disk.
    #[default]
    Network,
    /// Starts without this node; a new installation needs one start from the network.
    Disk,
}

impl BootOrder {
    /// As the file and the node call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Disk => "disk",
        }
    }
}

impl Default for BootSettings {
    fn default() -> Self {
        Self { consoles: Vec::new(), menu_timeout: 60, order: BootOrder::Network }
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
    /// On which disks.
    #[serde(default)]
    pub disks: DiskSettings,
    /// By which cards its hosts are connected.
    #[serde(default)]
    pub network: HostNetwork,
}

impl TypeSettings {
    /// With this operating system, and all else as it is by itself.
    pub fn new(distro: Distro) -> Self {
        Self { distro, profile: None, disks: DiskSettings::default(), network: HostNetwork::default() }
    }
}

fn empty_line() -> Line {
    Line::lossy("")
}

/// Why a cluster is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ClusterError {
    /// Mistakes of its file.
    #[error(transparent)]
    File(#[from] ParseErrors),
    /// Two values that contradict each other, where there is no file.
    #[error("{0}")]
    Contradiction(String),
}

impl Cluster {
    /// The version of the format that this program writes.
    pub const VERSION: u32 = 1;

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
        let (storage_networks, rules, legacy) = (Vec::new(), Vec::new(), Legacy::default());
        let version = Self::VERSION;
        let cluster =
            Self { version, name, description, network, install, boot, types, storage_networks, rules, legacy };
        cluster.checked()
    }

    /// The same after a change, checked again.
    ///
    /// # Errors
    /// [`ClusterError::Contradiction`].
    pub fn checked(self) -> Result<Self, ClusterError> {
        match self.contradictions().first() {
            Some(first) => Err(ClusterError::Contradiction(first.problem().to_owned())),
            None => Ok(self),
        }
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

    /// The links of hosts of a type, the main one first.
    ///
    /// # Errors
    /// What contradicts what, or that the cluster does not install the type. Of one that was read there is nothing else.
    pub fn links(&self, host_type: HostType) -> Result<Vec<Link<'_>>, String> {
        let settings = self.types.get(&host_type);
        let main = settings.map(|settings| &settings.network).ok_or_else(|| self.installs_no(host_type))?;
        let mut errors = Vec::new();
        let links = links(host_type, main, self.network.mtu, self.storage_networks.iter().enumerate(), &mut errors);
        errors.into_iter().next().map_or(Ok(links), |error| Err(error.problem))
    }

    /// Whether the record of a host has all cards that hosts of this type need.
    ///
    /// # Errors
    /// One line that says which is missing, and what to do.
    pub fn has_cards(&self, host_type: HostType, host: &str, macs: usize) -> Result<(), String> {
        let links = self.links(host_type)?;
        let last = links.iter().flat_map(|link| link.nics).max().map_or(1, |nic| usize::from(nic.get()));
        if last <= macs {
            return Ok(());
        }
        Err(format!(
            "a {host_type} of cluster {} has {last} network cards, and the record of {host} has {macs}: name them all with host-state set {host} macs=MAC,MAC,... in the order of the cluster file's nics",
            self.name
        ))
    }

    /// On which disks a host of this type is installed that has these profiles.
    ///
    /// # Errors
    /// What contradicts what.
    pub fn disks(&self, host_type: HostType, profiles: &[SiteProfile]) -> Result<DiskSettings, String> {
        let settings = self.types.get(&host_type).ok_or_else(|| self.installs_no(host_type))?;
        let mut disks = settings.disks.clone();
        if let Some(first) = self.meaningless().into_iter().find(|(of, _)| *of == host_type) {
            return Err(first.1.problem().to_owned());
        }
        for profile in profiles {
            profile.disks.apply(&mut disks);
            let wrong = disks.contradictions(host_type, self.install.disk_min_gib).into_iter().next();
            if let Some((key, problem)) = wrong.map(|wrong| (wrong.key, wrong.problem)).or_else(|| disks.meaningless())
            {
                return Err(format!("site profile {}: disks.{key} {problem}", profile.label()));
            }
        }
        Ok(disks)
    }

    /// Whether a pool of ZFS is asked for by this type, or by a site profile of its hosts, so that images need it.
    pub fn wants_zfs(&self, host_type: HostType, profiles: &[SiteProfile]) -> bool {
        let of_type = self.types.get(&host_type).map(|settings| settings.disks.volumes);
        let of_profiles = profiles.iter().filter(|p| p.types.contains(&host_type)).filter_map(|p| p.disks.volumes());
        of_type.into_iter().chain(of_profiles).any(|volumes| volumes == VolumeManager::Zfs)
    }

    /// What a host becomes that is to be of this type: its variant, and the operating system. Without a profile it is the
    /// type's default one.
    ///
    /// # Errors
    /// One line that says why this cluster, or this version of HPS, does not install that.
    pub fn role(&self, host_type: HostType, profile: Option<Profile>) -> Result<(Option<Profile>, &Distro), String> {
        let Some(settings) = self.types.get(&host_type) else {
            return Err(self.installs_no(host_type));
        };
        let profile = profile.or(settings.profile).or_else(|| host_type.profiles().first().copied());
        if profile.is_some_and(|p| !host_type.profiles().contains(&p)) {
            return Err(format!("{host_type} has no profile {}", profile.map_or_else(String::new, |p| p.to_string())));
        }
        Ok((profile, &settings.distro))
    }

    fn installs_no(&self, host_type: HostType) -> String {
        format!("cluster {} installs no {host_type}: its file has no [types.{host_type}]", self.name)
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

    /// The types whose rules for disks have a word that means nothing. No host of such a type is installed, and the others are.
    pub fn meaningless(&self) -> Vec<(HostType, SettingError)> {
        let of = |host_type: HostType, settings: &TypeSettings| {
            let (name, problem) = settings.disks.meaningless()?;
            let key = format!("types.{host_type}.disks.{name}");
            Some((host_type, SettingError::new(&[&key], format!("{key}: {problem}"))))
        };
        self.types.iter().filter_map(|(host_type, settings)| of(*host_type, settings)).collect()
    }

    /// What this version cannot do of what the types and rules ask for, beside what [`Self::meaningless`] finds. The file is good all
    /// the same: only the machines that are concerned must stop.
    pub fn not_installable(&self) -> Vec<SettingError> {
        let mut found = SettingErrors::default();
        if let Err(problem) = check_domain(&self.network.domain) {
            found.add(&["network.domain"], problem);
        }
        let consoles = self.boot.consoles.len();
        if consoles > MOST_CONSOLES {
            let problem = format!(
                "boot.consoles has {consoles}: expected at most {MOST_CONSOLES}, since the kernel's command line has an end"
            );
            found.add(&["boot.consoles"], problem);
        }
        for (host_type, settings) in &self.types {
            if let Err(why) = supported(&settings.distro) {
                let key = format!("types.{host_type}.distro");
                found.add(&[&key], format!("{key}: {why}"));
            }
            if let Some(profile) = settings.profile.filter(|p| !host_type.profiles().contains(p)) {
                let key = format!("types.{host_type}.profile");
                found.add(&[&key], format!("{key}: {profile} is no profile of {host_type}"));
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

/// Whether this version installs an operating system.
///
/// # Errors
/// One line that says why not.
pub fn supported(distro: &Distro) -> Result<(), String> {
    let known = match distro.method() {
        Method::Kickstart => distro.major() >= 9,
        Method::Image => distro.codename().is_some(),
    };
    if known && distro.as_str().starts_with("x86_64-") {
        return Ok(());
    }
    Err(format!(
        "{distro} cannot be installed by this version; it installs Rocky Linux and AlmaLinux from 9 and Debian 12 and 13, on x86_64"
    ))
}
