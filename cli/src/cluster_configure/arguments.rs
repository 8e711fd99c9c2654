// SPDX-License-Identifier: GPL-3.0-or-later
//! The arguments of `cluster-configure`.

use super::storage_count::StorageCount;
use crate::program::{self, Exit};
use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use hps::config::{DhcpMode, ServiceManagerSetting};
use hps::types::{ClusterName, Distro, DomainName, HostType, InterfaceName, Ipv4Range, Line, SyslogServer};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::str::FromStr;
/// Configure a cluster: write its file, make it active, and start the services.
///
/// On a terminal the program asks for the values that no flag gives: name, interface, address, gateway, ranges, domain, log server,
/// networks for storage, key, enrolment and operating system.
/// Flags and the cluster file set all others.
/// Without a terminal it asks nothing and uses its defaults; a missing value without a default is an error.
/// If the cluster exists, it keeps every value that no flag and no answer changes.
/// Its file keeps its comments, order and layout.
///
/// Before dnsmasq is started, the program looks for other DHCP servers on the interface, for up to 5 seconds.
/// If the mode of --dhcp does not permit what it finds, nothing is changed.
/// On a terminal it asks for the mode.
///
/// If hosts have addresses that the new networks do not have, the program shows the new address of each host.
/// A host keeps its number in the network where it fits, otherwise it gets the next free address.
/// All records change together.
/// On a terminal the program asks first, and without one it needs --renumber.
#[derive(Debug, Parser)]
#[command(
    name = "cluster-configure",
    version,
    after_help = program::after_help(
        "\
Examples:
  cluster-configure                          ask everything
  cluster-configure --name site --interface eth1 --address 10.0.0.1/24 --ssh-key-file /root/.ssh/id_ed25519.pub
  cluster-configure --from site.cluster      take a whole cluster file
  cluster-configure --name site --enrolment armed --dry-run
  cluster-configure --address 10.30.0.1/24 --renumber --dry-run
      shows the new address of each host
  cluster-configure --name other --activate  serve another cluster from now on

A missing hps.conf is written.",
        &[
            (Exit::Failed, "failed, or a problem was reported"),
            (Exit::Usage, "wrong usage, or a value is missing"),
            (Exit::Refused, "refused; also: another DHCP server answers"),
            (Exit::Busy, "a port is in use, or a reload is running"),
        ]
    )
)]
pub struct Arguments {
    /// Put everything below this folder instead of / (a lab)
    #[arg(long, value_name = "DIR")]
    pub(super) base: Option<PathBuf>,
    /// Use this cluster file, and ask nothing
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,
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
    /// Default gateway of hosts
    #[arg(long)]
    pub(super) gateway: Option<Ipv4Addr>,
    /// Name server of hosts (repeatable) [default: this machine]
    #[arg(long)]
    pub(super) dns: Vec<Ipv4Addr>,
    /// Time server of hosts (repeatable)
    #[arg(long)]
    pub(super) ntp: Vec<Ipv4Addr>,
    /// Server that hosts send their logs to: ADDRESS, ADDRESS:PORT, or either behind tcp:
    #[arg(long)]
    pub(super) syslog: Option<SyslogServer>,
    /// Number of storage networks, as VLANs from 101 on; 0: none
    #[arg(long, value_name = "COUNT")]
    pub(super) storage_networks: Option<StorageCount>,
    /// Domain of hosts
    #[arg(long)]
    pub(super) domain: Option<DomainName>,
    /// Port of the boot manager
    #[arg(long)]
    pub(super) http_port: Option<u16>,
    /// Which machines may be installed: those chosen at the console too, or only those that host-state armed
    #[arg(long)]
    pub(super) enrolment: Option<Enrolment>,
    /// File with the administrator's public ssh key (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(super) ssh_key_file: Vec<PathBuf>,
    /// Administrator's account on hosts
    #[arg(long)]
    pub(super) admin_user: Option<hps::config::UserName>,
    /// Serial console of hosts, such as ttyS0,115200n8 (repeatable)
    #[arg(long)]
    pub(super) console: Vec<hps::config::Console>,
    /// Operating system of a host type, such as SCH=x86_64-linux-debian-12 (repeatable)
    #[arg(long = "type", value_name = "TYPE=DISTRO")]
    pub(super) types: Vec<TypeDistro>,
    /// The service manager
    #[arg(long)]
    pub(super) services: Option<Services>,
    /// Give hosts whose network is replaced an address of the new one
    #[arg(long)]
    pub(super) renumber: bool,
    /// Make this cluster the active one, instead of another
    #[arg(long)]
    pub(super) activate: bool,
    /// Write the files, and start no service
    #[arg(long)]
    pub(super) no_reload: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Who may be installed without being armed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Enrolment {
    Menu,
    Armed,
}

/// Who gives addresses.
#[derive(Debug, Clone, Copy, ValueEnum)]
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

/// The service manager.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Services {
    Auto,
    Systemd,
    Supervisord,
    Plain,
    None,
}

impl From<Services> for ServiceManagerSetting {
    fn from(services: Services) -> Self {
        match services {
            Services::Auto => Self::Auto,
            Services::Systemd => Self::Systemd,
            Services::Supervisord => Self::Supervisord,
            Services::Plain => Self::Plain,
            Services::None => Self::None,
        }
    }
}

/// `TYPE=DISTRO`.
#[derive(Debug, Clone)]
pub(super) struct TypeDistro(pub(super) HostType, pub(super) Distro);

impl FromStr for TypeDistro {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (host_type, distro) =
            text.split_once('=').context("expected TYPE=DISTRO, such as SCH=x86_64-linux-debian-12")?;
        Ok(Self(host_type.parse()?, distro.parse()?))
    }
}

/// An address with its prefix; the parser's own message does not show which of the two is missing.
fn address(text: &str) -> Result<Ipv4Net, String> {
    hps::types::network(text).map_err(|invalid| match text.parse::<Ipv4Addr>() {
        Ok(_) => format!("the length of the network's prefix is missing: expected such as {text}/24"),
        Err(_) => invalid.to_string(),
    })
}
