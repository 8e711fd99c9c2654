// SPDX-License-Identifier: GPL-3.0-or-later
//! The settings of the site: `hps.conf` (where files are on this machine) and one `.cluster` file for each cluster.
//! Text goes in, checked settings come out; only settings leave this module.

mod address;
mod boot_loader_choice;
mod cluster;
mod cluster_check;
mod cluster_edit;
mod cluster_read;
mod cluster_role;
mod cluster_text;
mod cluster_types;
mod dhcp_mode;
mod disks;
mod host_network;
mod hps_conf;
mod install;
mod installable;
mod legacy;
mod link_error;
mod links;
mod network;
mod parse_error;
mod placement;
mod power_control;
mod reader;
mod renumbering;
mod rule;
mod rule_check;
mod setting_error;
mod shell_release;
mod site_profile;
mod site_profile_fit;
mod site_text;
mod stage_limits;
mod storage_network_check;
mod subnet;
mod subnet_check;
#[cfg(test)]
mod subnet_tests;
mod time;
mod type_check;
mod type_definition;
#[cfg(test)]
mod type_tests;
mod values;
mod web;

pub use boot_loader_choice::BootLoaderChoice;
pub use cluster::{BootOrder, BootSettings, Cluster, ClusterError, TypeSettings, UnknownMachines};
pub use cluster_edit::EditError;
pub use cluster_role::{RoleError, supported};
pub use dhcp_mode::DhcpMode;
pub use disks::{DiskChanges, DiskSettings, PoolLevel, PoolPlace, VolumeManager};
pub use host_network::{Addressing, BondMode, HostNetwork, MAX_STORAGE_NETWORKS, Nics, StorageNetwork};
pub use hps_conf::{ConfError, DEFAULT_CONF, Dir, HpsConf, ServiceManagerSetting};
pub use install::{Enrolment, InstallSettings, PackageSources};
pub use legacy::Legacy;
pub use links::{Bond, Link, Untagged, Vlan};
pub use network::{Network, default_ranges, roomy_ranges};
pub use parse_error::{ParseError, ParseErrors};
pub use placement::{AddressError, Placement};
pub use power_control::PowerControl;
pub use reader::line_of_key;
pub use renumbering::NewAddress;
pub use rule::{Rule, Specificity};
pub use setting_error::SettingError;
pub use shell_release::{
    Fate, Note, ShellCluster, ShellHost, clusters_folder, read_cluster, read_host, settle_doubles,
};
pub use site_profile::{SiteFile, SiteProfile, SiteScript};
pub use site_profile_fit::SiteProfileFitError;
pub use site_text::{FileMode, Text, TextError};
pub use stage_limits::StageLimits;
pub use subnet::{Subnet, SubnetError, SubnetIdentity};
pub use time::TimeSettings;
pub use type_check::UnknownType;
pub use type_definition::{PoolUse, TypeDefinition, TypeFeature};
pub use values::{Console, CryptHash, NoCryptHash, SiteCommand, Timezone, UserName};
pub use web::{WebLogin, WebSettings};
