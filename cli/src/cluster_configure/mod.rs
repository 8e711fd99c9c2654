// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure`: makes the folders and `hps.conf` where they are missing, writes a cluster file, makes the cluster
//! the active one, and runs `reload`.

mod draft;
mod keys;
mod questions;

use crate::change::Change;
use crate::layout;
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use hps::config::{Cluster, Dir, HpsConf, ServiceManager};
use hps::store::{Access, Paths, Store, activate, make_dir};
use hps::types::{ClusterName, Distro, DomainName, HostType, InterfaceName, Ipv4Range, Line, SshKey};
use ipnet::Ipv4Net;
use std::io::IsTerminal as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Configure a cluster: ask, or take flags or a file; write it, make it active, and start the services.
///
/// On a terminal it asks for what no flag gives. Elsewhere it asks nothing and takes its defaults; what has none is an
/// error. A cluster that exists keeps every value that no flag and no answer changes.
#[derive(Debug, Parser)]
#[command(
    name = "cluster-configure",
    version,
    after_help = "\
Examples:
  cluster-configure                          ask everything
  cluster-configure --name site --interface eth1 --address 10.0.0.1/24 --ssh-key-file /root/.ssh/id_ed25519.pub
  cluster-configure --from site.cluster      take a whole cluster file
  cluster-configure --name site --enrolment armed --dry-run

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 not found, 5 a port is in use, 10 something would change.
The file $HPS_CONFIG, or /srv/hps-config/hps.conf, says where everything lies; it is written when it is missing."
)]
pub struct Arguments {
    /// Put everything below this folder instead of / (a lab)
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// Take this cluster file and ask nothing
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Technical name of the cluster
    #[arg(long)]
    name: Option<ClusterName>,
    /// One line for people
    #[arg(long)]
    description: Option<Line>,
    /// Interface to serve DHCP, TFTP, DNS and HTTP on
    #[arg(long)]
    interface: Option<InterfaceName>,
    /// Address of this machine on it, such as 10.0.0.1/24
    #[arg(long)]
    address: Option<Ipv4Net>,
    /// Addresses for machines that are not known yet
    #[arg(long, value_name = "FIRST-LAST")]
    dhcp_range: Option<Ipv4Range>,
    /// Addresses that are reserved for hosts
    #[arg(long, value_name = "FIRST-LAST")]
    host_range: Option<Ipv4Range>,
    /// Default gateway of hosts
    #[arg(long)]
    gateway: Option<Ipv4Addr>,
    /// Name server of hosts (repeat); without it, this machine
    #[arg(long)]
    dns: Vec<Ipv4Addr>,
    /// Time server of hosts (repeat)
    #[arg(long)]
    ntp: Vec<Ipv4Addr>,
    /// Domain of hosts
    #[arg(long)]
    domain: Option<DomainName>,
    /// Port of the boot manager
    #[arg(long)]
    http_port: Option<u16>,
    /// Who may be installed: whoever a person at the console chooses, or only what host-state armed
    #[arg(long)]
    enrolment: Option<Enrolment>,
    /// File with the administrator's public ssh key (repeat)
    #[arg(long, value_name = "FILE")]
    ssh_key_file: Vec<PathBuf>,
    /// Administrator's account on hosts
    #[arg(long)]
    admin_user: Option<hps::config::UserName>,
    /// Serial console of hosts, such as ttyS0,115200n8 (repeat)
    #[arg(long)]
    console: Vec<hps::config::Console>,
    /// Operating system of a host type, such as SCH=x86_64-linux-debian-12 (repeat)
    #[arg(long = "type", value_name = "TYPE=DISTRO")]
    types: Vec<TypeDistro>,
    /// What starts the services
    #[arg(long)]
    services: Option<Services>,
    /// Write the files, start nothing
    #[arg(long)]
    no_reload: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Who may be installed without being armed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Enrolment {
    Menu,
    Armed,
}

/// What starts the services.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Services {
    Auto,
    Systemd,
    Supervisord,
    Plain,
    None,
}

impl From<Services> for ServiceManager {
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
struct TypeDistro(HostType, Distro);

impl FromStr for TypeDistro {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host_type, distro) =
            text.split_once('=').ok_or("expected TYPE=DISTRO, such as SCH=x86_64-linux-debian-12")?;
        Ok(Self(host_type.parse().map_err(|e| format!("{e}"))?, distro.parse().map_err(|e| format!("{e}"))?))
    }
}

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = site(&arguments)?;
    let cluster = match &arguments.from {
        Some(path) => from_file(path)?,
        None => compose(&arguments, &site.conf)?,
    };
    let paths = Paths::new(site.conf.clone(), cluster.name.clone());
    let conf_change = Change::of(site.path.clone(), site.conf.to_text().into_bytes(), Access::World)?;
    let file = site.conf.dir(Dir::Clusters).join(format!("{}.cluster", cluster.name));
    let cluster_change = Change::of(file, cluster.to_text().into_bytes(), Access::World)?;
    if arguments.dry_run {
        return dry_run(&[conf_change, cluster_change]);
    }
    program::need_root()?;
    let group = layout::web_group()?;
    make_dir(site.path.parent().unwrap_or(Path::new("/")), 0o755, None)?;
    layout::make(&site.conf, &paths, group)?;
    let store = Store { paths, cluster };
    if !arguments.no_reload {
        // Before anything is written: what cannot be served must not become the active cluster.
        reload::check(&site, &store)?;
    }
    conf_change.apply()?;
    cluster_change.apply()?;
    activate(&site.conf, &store.cluster.name)?;
    if program::on_terminal() {
        program::note(format_args!(
            "cluster-configure: {} is the active cluster, {}",
            store.cluster.name,
            cluster_change.path().display()
        ));
        if site.path != Path::new(hps::config::DEFAULT_CONF) {
            program::note(format_args!(
                "cluster-configure: for the other programs: export HPS_CONFIG={}",
                site.path.display()
            ));
        }
    }
    if arguments.no_reload {
        return Ok(Exit::Done);
    }
    reload::apply(&site, &store, false).context("the cluster is configured, but the services are not")
}

/// `hps.conf`: the existing one, or the defaults below `--base`.
fn site(arguments: &Arguments) -> anyhow::Result<Site> {
    let base = match &arguments.base {
        Some(base) => std::path::absolute(base).context("--base")?,
        None => PathBuf::from("/"),
    };
    let path = match (&arguments.base, std::env::var_os("HPS_CONFIG")) {
        (None, _) | (Some(_), Some(_)) => program::conf_path(),
        (Some(_), None) => base.join("srv/hps-config/hps.conf"),
    };
    let conf = if path.exists() {
        hps::store::load_conf(&path)?
    } else {
        HpsConf::with_base(&base).map_err(|e| Ended::error(Exit::Failed, e.problem))?
    };
    let conf = match arguments.services {
        Some(services) => conf.with_service_manager(services.into()),
        None => conf,
    };
    Ok(Site { path, conf })
}

fn from_file(path: &Path) -> anyhow::Result<Cluster> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}: cannot read", path.display()))?;
    Cluster::parse(&text).with_context(|| path.display().to_string())
}

fn compose(arguments: &Arguments, conf: &HpsConf) -> anyhow::Result<Cluster> {
    let ask = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let keys: Vec<SshKey> = keys::read(&arguments.ssh_key_file)?;
    draft::Draft::new(arguments, conf, keys)?.finish(ask)
}

fn dry_run(changes: &[Change]) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    for change in changes.iter().filter(|c| c.is_needed()) {
        program::say(change.diff().trim_end())?;
        exit = Exit::WouldChange;
    }
    Ok(exit)
}
