// SPDX-License-Identifier: GPL-3.0-or-later
//! The flags of the settings: one for each question, and for settings that nobody is asked for.

use super::storage_count::StorageCount;
use super::values::{Address, DiskLayout, OrNone, Systems, TimeServers, addresses, consoles};
use crate::program::in_any_case;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use hps::config::{self, Console, DhcpMode, PackageSources, Timezone};
use hps::types::{
    ClusterName, Distro, DomainName, HostType, InterfaceName, Ipv4Range, Keyboard, Line, SshKey, SyslogServer,
};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(super) struct SettingFlags {
    /// Technical name of the cluster
    #[arg(long)]
    pub(super) name: Option<ClusterName>,
    /// A description, in one line
    #[arg(long)]
    pub(super) description: Option<Line>,
    /// Interface to serve DHCP, TFTP, DNS and HTTP on
    #[arg(long)]
    pub(super) interface: Option<InterfaceName>,
    /// Address of this machine on it, such as 10.0.0.1/24
    #[arg(long, value_parser = address)]
    pub(super) address: Option<Ipv4Net>,
    /// Who gives addresses: this node; another server, with boot files from this node; or another server for both
    #[arg(long, value_name = "MODE")]
    pub(super) dhcp: Option<Dhcp>,
    /// Address of another DHCP server that may answer beside this node's (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(super) accept_dhcp_server: Vec<Ipv4Addr>,
    /// Addresses for unknown machines
    #[arg(long, value_name = "FIRST-LAST")]
    pub(super) dhcp_range: Option<Ipv4Range>,
    /// Addresses that are reserved for hosts
    #[arg(long, value_name = "FIRST-LAST")]
    pub(super) host_range: Option<Ipv4Range>,
    /// Default gateway of hosts, or none
    #[arg(long)]
    pub(super) gateway: Option<OrNone<Address>>,
    /// Name server of hosts (repeatable); none: this machine [default: this machine]
    #[arg(long, value_name = "ADDRESS")]
    dns: Vec<AddressList>,
    /// Time server of hosts (repeatable); this-node: this machine; none: the default of their system
    #[arg(long, value_name = "ADDRESS")]
    ntp: Vec<TimeServers>,
    /// Time zone of hosts, such as Europe/Zurich
    #[arg(long, value_name = "ZONE")]
    pub(super) timezone: Option<Timezone>,
    /// Server that hosts send their logs to: ADDRESS, ADDRESS:PORT, either behind tcp:, or none
    #[arg(long)]
    pub(super) syslog: Option<OrNone<SyslogServer>>,
    /// Number of storage networks, as VLANs from 101 on; 0: none
    #[arg(long, value_name = "COUNT")]
    pub(super) storage_networks: Option<StorageCount>,
    /// Domain of hosts
    #[arg(long)]
    pub(super) domain: Option<DomainName>,
    /// Port of the boot manager
    #[arg(long)]
    pub(super) http_port: Option<u16>,
    /// Port of a page for other machines, with TLS and a login, such as 8443; none: no page
    #[arg(long, value_name = "PORT")]
    pub(super) web: Option<OrNone<u16>>,
    /// Which machines may be installed: those chosen at the console too, or only those that host-state armed
    #[arg(long)]
    pub(super) enrolment: Option<Enrolment>,
    /// File with the administrator's public ssh key (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(super) ssh_key_file: Vec<PathBuf>,
    /// The administrator's public ssh key: the line of a .pub file (repeatable)
    #[arg(long, value_name = "LINE")]
    pub(super) ssh_key: Vec<SshKey>,
    /// Administrator's account on hosts
    #[arg(long)]
    pub(super) admin_user: Option<config::UserName>,
    /// Serial console of hosts, such as ttyS0,115200n8 (repeatable); none: only the screen
    #[arg(long)]
    console: Vec<ConsoleList>,
    /// Keyboard layout of the consoles of hosts, as XKB calls it
    #[arg(long, value_name = "LAYOUT")]
    pub(super) keyboard: Option<Keyboard>,
    /// Operating system of all host types, such as debian-12 or rockylinux-10
    #[arg(long, value_name = "SYSTEM", conflicts_with = "types")]
    pub(super) system: Option<Systems>,
    /// Operating system of a host type, such as SCH=x86_64-linux-debian-12 (repeatable)
    #[arg(long = "type", value_name = "TYPE=DISTRO")]
    pub(super) types: Vec<TypeDistro>,
    /// Where hosts get packages after the installation: site, this node alone; distribution, its mirrors too; auto, mirrors for Debian with a gateway
    #[arg(long, value_name = "SOURCES")]
    pub(super) sources: Option<PackageSources>,
    /// Disks of hosts
    #[arg(long, value_name = "LAYOUT")]
    pub(super) disks: Option<DiskLayout>,
}

impl SettingFlags {
    /// Of all flags; `None` without one.
    pub(super) fn dns(&self) -> Option<Vec<Ipv4Addr>> {
        (!self.dns.is_empty()).then(|| self.dns.iter().flat_map(|list| list.0.clone()).collect())
    }

    pub(super) fn console(&self) -> Option<Vec<Console>> {
        (!self.console.is_empty()).then(|| self.console.iter().flat_map(|list| list.0.clone()).collect())
    }

    /// Several addresses are one list; otherwise the last flag counts.
    pub(super) fn ntp(&self) -> Option<TimeServers> {
        let mut all = Vec::new();
        for given in &self.ntp {
            match given {
                TimeServers::Servers(servers) => all.extend(servers),
                TimeServers::System | TimeServers::ThisNode => all.clear(),
            }
        }
        if all.is_empty() { self.ntp.last().cloned() } else { Some(TimeServers::Servers(all)) }
    }
}

/// Addresses of one flag.
#[derive(Debug, Clone, PartialEq)]
struct AddressList(Vec<Ipv4Addr>);

impl FromStr for AddressList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        addresses(text).map(Self)
    }
}

/// Consoles of one flag.
#[derive(Debug, Clone, PartialEq)]
struct ConsoleList(Vec<Console>);

impl FromStr for ConsoleList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        consoles(text).map(Self)
    }
}

/// Who may be installed without being armed.
#[derive(Debug, Clone, Copy, ValueEnum, PartialEq)]
pub(super) enum Enrolment {
    Menu,
    Armed,
}

impl From<Enrolment> for config::Enrolment {
    fn from(enrolment: Enrolment) -> Self {
        match enrolment {
            Enrolment::Menu => Self::Menu,
            Enrolment::Armed => Self::Armed,
        }
    }
}

/// Who gives addresses.
#[derive(Debug, Clone, Copy, ValueEnum, PartialEq)]
pub(super) enum Dhcp {
    Server,
    Proxy,
    None,
}

impl From<Dhcp> for DhcpMode {
    fn from(dhcp: Dhcp) -> Self {
        match dhcp {
            Dhcp::Server => Self::Server,
            Dhcp::Proxy => Self::Proxy,
            Dhcp::None => Self::None,
        }
    }
}

/// `TYPE=DISTRO`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TypeDistro(pub(super) HostType, pub(super) Distro);

impl FromStr for TypeDistro {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (host_type, distro) =
            text.split_once('=').context("expected TYPE=DISTRO, such as SCH=x86_64-linux-debian-12")?;
        Ok(Self(in_any_case(host_type)?, distro.parse()?))
    }
}

/// An address with its prefix; the parser's own message does not show which of the two is missing.
fn address(text: &str) -> Result<Ipv4Net, String> {
    hps::types::network(text).map_err(|invalid| match text.parse::<Ipv4Addr>() {
        Ok(_) => format!("the length of the network's prefix is missing: expected such as {text}/24"),
        Err(_) => invalid.to_string(),
    })
}
