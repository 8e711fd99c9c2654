// SPDX-License-Identifier: GPL-3.0-or-later
//! The `.cluster` file: TOML, versioned, unknown keys refused, every value typed.
//!
//! [`Cluster::parse`] reads and checks it whole. It refuses a value that contradicts another, so renderers never meet
//! one. Its sections have files of their own. [`super::cluster_text`] writes the text form, with its comments.

use super::boot_loader_choice::BootLoaderChoice;
use super::disks::DiskSettings;
use super::host_network::{HostNetwork, StorageNetwork};
use super::install::InstallSettings;
use super::legacy::Legacy;
use super::network::Network;
use super::parse_error::ParseErrors;
use super::rule::Rule;
use super::subnet::Subnet;
use super::time::TimeSettings;
use super::values::Console;
use super::web::WebSettings;
use crate::types::{
    ClusterName, Distro, HostType, Line, Loader, LocalBoot, NamePrefix, PackageName, Ports, Profile, TypeTitle,
    UnitName, text_enum,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// The settings of one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub(super) version: u32,
    /// The technical name, which is also the file's.
    pub name: ClusterName,
    /// A description in one line.
    #[serde(default = "empty_line")]
    pub description: Line,
    /// The network it is built on.
    pub network: Network,
    /// Its time server.
    #[serde(default)]
    pub time: TimeSettings,
    /// The page, the API and the metrics.
    #[serde(default)]
    pub web: WebSettings,
    /// Which machines may be installed, and how.
    pub install: InstallSettings,
    /// How machines boot.
    #[serde(default)]
    pub boot: BootSettings,
    /// What each host type is installed with. A type without an entry cannot be installed.
    pub types: BTreeMap<HostType, TypeSettings>,
    /// Networks behind relays.
    #[serde(default, rename = "subnet")]
    pub subnets: Vec<Subnet>,
    /// Networks for storage, besides the main one.
    #[serde(default, rename = "storage_network")]
    pub storage_networks: Vec<StorageNetwork>,
    /// Machines that may be installed without being armed one by one.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// Other boot loaders, for some machines or for all.
    #[serde(default, rename = "boot_loader")]
    pub boot_loaders: Vec<BootLoaderChoice>,
    /// Commands of the shell release that are still answered.
    #[serde(default)]
    pub legacy: Legacy,
}

/// Settings of the boot of machines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BootSettings {
    /// Serial consoles in the form of the kernel's `console=`, besides the screen; the last one is the main one.
    pub consoles: Vec<Console>,
    /// After this number of seconds without a key a menu does the safe thing.
    pub menu_timeout: u32,
    /// What the firmware of an installed host tries first.
    pub order: BootOrder,
    /// How machines are handed over to their own disks; a host may have another way.
    pub local: LocalBoot,
    /// What a machine does that was never installed and has no permission, where enrolment is armed.
    pub unknown: UnknownMachines,
    /// What UEFI machines boot through, where both can be served.
    pub loader: Loader,
}

text_enum! {
    /// What UEFI tries first. An installation can set that there; a BIOS has an order of its own.
    #[derive(Default)]
    BootOrder, "boot order",

    /// Each start asks the boot manager, which sends the machine to its disk.
    #[default]
    Network = "network",
    /// Starts without this node; a new installation needs one start from the network.
    Disk = "disk",
}

text_enum! {
    /// What a machine does that was never installed and has no permission, after the message that says so.
    #[derive(Default)]
    UnknownMachines, "way of unknown machines",

    /// Starts its own disk, if one starts; otherwise it asks again.
    #[default]
    Local = "local",
    /// Asks again, until it has a permission.
    Wait = "wait",
}

impl Default for BootSettings {
    fn default() -> Self {
        Self {
            consoles: Vec::new(),
            menu_timeout: 60,
            order: BootOrder::Network,
            local: LocalBoot::default(),
            unknown: UnknownMachines::default(),
            loader: Loader::default(),
        }
    }
}

/// What one host type is installed with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeSettings {
    /// The type of HPS that a type of the site's own is made from.
    #[serde(default)]
    pub from: Option<HostType>,
    /// Its title in menus, if it is another.
    #[serde(default)]
    pub title: Option<TypeTitle>,
    /// How the names of its hosts begin, if it is not the name of the type.
    #[serde(default)]
    pub prefix: Option<NamePrefix>,
    /// The operating system.
    pub distro: Distro,
    /// The variant, if the permission names none.
    #[serde(default)]
    pub profile: Option<Profile>,
    /// Packages of its hosts, besides those of the type of HPS.
    #[serde(default)]
    pub packages: Vec<PackageName>,
    /// Units that start with its hosts, besides those of the type of HPS.
    #[serde(default)]
    pub services: Vec<UnitName>,
    /// Ports that the firewall of its hosts leaves open, besides those of the type of HPS.
    #[serde(default)]
    pub ports: Vec<Ports>,
    /// On which disks.
    #[serde(default)]
    pub disks: DiskSettings,
    /// Its network cards and links.
    #[serde(default)]
    pub network: HostNetwork,
}

impl TypeSettings {
    /// With this operating system, and defaults otherwise.
    pub fn new(distro: Distro) -> Self {
        let (disks, network) = (DiskSettings::default(), HostNetwork::default());
        let (packages, services, ports) = (Vec::new(), Vec::new(), Vec::new());
        Self { from: None, title: None, prefix: None, distro, profile: None, packages, services, ports, disks, network }
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
    /// Two values that contradict each other, if there is no file.
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
        let (boot, time, web) = (BootSettings::default(), TimeSettings::default(), WebSettings::default());
        let (subnets, storage_networks, rules, boot_loaders) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let legacy = Legacy::default();
        let version = Self::VERSION;
        let cluster = Self {
            version,
            name,
            description,
            network,
            time,
            web,
            install,
            boot,
            types,
            subnets,
            storage_networks,
            rules,
            boot_loaders,
            legacy,
        };
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

    /// `http://<address>[:<port>]`, the base of all addresses.
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

    /// Time servers of hosts: those of the file, otherwise this node, if it is one.
    pub fn time_servers(&self) -> Vec<Ipv4Addr> {
        let own = self.time.server && self.network.ntp.is_empty();
        if own { vec![self.server()] } else { self.network.ntp.clone() }
    }

    /// Name servers of hosts: those of the file, otherwise this node.
    pub fn name_servers(&self) -> Vec<Ipv4Addr> {
        if self.network.dns.is_empty() { vec![self.server()] } else { self.network.dns.clone() }
    }
}
