// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure`: makes the folders and `hps.conf` where they are missing, writes a cluster file, makes the cluster
//! the active one, and runs `reload`.

mod back;
mod draft;
mod keys;
mod questions;

use crate::change::Change;
use crate::layout;
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use hps::config::{Cluster, DEFAULT_CONF, Dir, HpsConf, ServiceManagerSetting};
use hps::files::{self, Access, Base, Trust};
use hps::media;
use hps::store::{Paths, Store, StoreError, activate, active_name, cluster_text};
use hps::types::{ClusterName, Distro, DomainName, HostType, InterfaceName, Ipv4Range, Line, SshKey, SyslogServer};
use ipnet::Ipv4Net;
use std::io::IsTerminal as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Configure a cluster: write its file, make it active, and start the services.
///
/// On a terminal the program asks for the values that no flag gives: name, interface, address, gateway, ranges, domain, log server,
/// networks for storage, key, enrolment and operating system.
/// Flags and the cluster file set all others.
/// Without a terminal it asks nothing and uses its defaults; a missing value without a default is an error.
/// If the cluster exists, it keeps every value that no flag and no answer changes.
/// Its file keeps its comments, order and layout.
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
  cluster-configure --name other --activate  serve another cluster from now on

A missing hps.conf is written.",
        &[
            (Exit::Failed, "failed, or a problem was reported"),
            (Exit::Usage, "wrong usage, or a value is missing"),
            (Exit::Busy, "a port is in use, or a reload is running"),
        ]
    )
)]
pub struct Arguments {
    /// Put everything below this folder instead of / (a lab)
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// Use this cluster file, and ask nothing
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Technical name of the cluster
    #[arg(long)]
    name: Option<ClusterName>,
    /// A description, in one line
    #[arg(long)]
    description: Option<Line>,
    /// Interface to serve DHCP, TFTP, DNS and HTTP on
    #[arg(long)]
    interface: Option<InterfaceName>,
    /// Address of this machine on it, such as 10.0.0.1/24
    #[arg(long, value_parser = address)]
    address: Option<Ipv4Net>,
    /// Addresses for unknown machines
    #[arg(long, value_name = "FIRST-LAST")]
    dhcp_range: Option<Ipv4Range>,
    /// Addresses that are reserved for hosts
    #[arg(long, value_name = "FIRST-LAST")]
    host_range: Option<Ipv4Range>,
    /// Default gateway of hosts
    #[arg(long)]
    gateway: Option<Ipv4Addr>,
    /// Name server of hosts (repeatable) [default: this machine]
    #[arg(long)]
    dns: Vec<Ipv4Addr>,
    /// Time server of hosts (repeatable)
    #[arg(long)]
    ntp: Vec<Ipv4Addr>,
    /// Server that hosts send their logs to: ADDRESS, ADDRESS:PORT, or either behind tcp:
    #[arg(long)]
    syslog: Option<SyslogServer>,
    /// Number of storage networks, as VLANs from 101 on; 0: none
    #[arg(long, value_name = "COUNT")]
    storage_networks: Option<draft::StorageCount>,
    /// Domain of hosts
    #[arg(long)]
    domain: Option<DomainName>,
    /// Port of the boot manager
    #[arg(long)]
    http_port: Option<u16>,
    /// Which machines may be installed: those chosen at the console too, or only those that host-state armed
    #[arg(long)]
    enrolment: Option<Enrolment>,
    /// File with the administrator's public ssh key (repeatable)
    #[arg(long, value_name = "FILE")]
    ssh_key_file: Vec<PathBuf>,
    /// Administrator's account on hosts
    #[arg(long)]
    admin_user: Option<hps::config::UserName>,
    /// Serial console of hosts, such as ttyS0,115200n8 (repeatable)
    #[arg(long)]
    console: Vec<hps::config::Console>,
    /// Operating system of a host type, such as SCH=x86_64-linux-debian-12 (repeatable)
    #[arg(long = "type", value_name = "TYPE=DISTRO")]
    types: Vec<TypeDistro>,
    /// The service manager
    #[arg(long)]
    services: Option<Services>,
    /// Make this cluster the active one, instead of another
    #[arg(long)]
    activate: bool,
    /// Write the files, and start no service
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

/// The service manager.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Services {
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
struct TypeDistro(HostType, Distro);

impl FromStr for TypeDistro {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host_type, distro) =
            text.split_once('=').ok_or("expected TYPE=DISTRO, such as SCH=x86_64-linux-debian-12")?;
        Ok(Self(host_type.parse().map_err(|e| format!("{e}"))?, distro.parse().map_err(|e| format!("{e}"))?))
    }
}

/// An address with its prefix; the parser's own words do not say which of the two is missing.
fn address(text: &str) -> Result<Ipv4Net, String> {
    hps::types::network(text).map_err(|invalid| match text.parse::<Ipv4Addr>() {
        Ok(_) => format!("the length of the network's prefix is missing: expected such as {text}/24"),
        Err(_) => invalid.to_string(),
    })
}

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if !arguments.dry_run {
        program::need_root()?;
    }
    let site = site(&arguments)?;
    let (cluster, whole) = match &arguments.from {
        Some(path) => from_file(path).map(|(cluster, text)| (cluster, Some(text)))?,
        None => (compose(&arguments, &site.conf)?, None),
    };
    let switch = Switch::of(&site.conf, &cluster.name)?;
    if !arguments.dry_run && !arguments.activate {
        switch.may_be(true)?;
    }
    let _lock = match arguments.dry_run {
        true => None,
        false => Some(reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?),
    };
    let paths = Paths::new(site.conf.clone(), cluster.name.clone());
    let conf_change = Change::of(site.path.clone(), site.conf.to_text().into_bytes(), Access::World)?;
    let text = match whole {
        Some(text) => text,
        None => edited(&site.conf, &cluster, &paths.cluster_file())?,
    };
    let cluster_change = Change::of(paths.cluster_file(), text.into_bytes(), Access::GroupRead)?;
    let store = Store::new(paths, cluster);
    if arguments.dry_run {
        let exit = dry_run(&[conf_change, cluster_change])?;
        if let Some(line) = switch.in_words("would be", "would not be active any more") {
            program::print(line)?;
        }
        if !arguments.no_reload {
            reload::check(&site, &store)?;
        }
        if !arguments.activate {
            switch.may_be(false)?;
        }
        return Ok(if switch.before.is_some() { Exit::WouldChange } else { exit });
    }
    let group = layout::web_group()?;
    layout::make_open(site.path.parent().unwrap_or(Path::new("/")))?;
    let lost = layout::make(&site.conf, &store, group)?;
    lost.iter().for_each(|line| program::eprint(format_args!("cluster-configure: {line}")));
    if !arguments.no_reload {
        // Before anything is written: what cannot be served must not become the active cluster.
        reload::check(&site, &store)?;
    }
    let former = back::Former::of(&site.conf)?;
    conf_change.apply()?;
    cluster_change.apply()?;
    activate(&site.conf, &store.cluster.name)?;
    if let Some(line) = switch.in_words("is", "is not active any more") {
        program::eprint(format_args!("cluster-configure: {line}"));
        if arguments.no_reload {
            program::eprint("cluster-configure: the services serve the old one until: reload");
        }
    }
    let exit = if arguments.no_reload {
        match reload::repair_permissions(&site).problems.as_slice() {
            [] => Exit::Done,
            problems => {
                problems.iter().for_each(|line| program::eprint(format_args!("cluster-configure: {line}")));
                Exit::Failed
            }
        }
    } else {
        reload::apply(&site, &store, false)
            .map_err(|error| former.put_back(&site.path, &[&conf_change, &cluster_change], &error))?
    };
    if program::on_terminal() {
        next_steps(&site, &store, arguments.no_reload);
    }
    Ok(exit)
}

/// What a person does now.
fn next_steps(site: &Site, store: &Store, no_reload: bool) {
    let mut lines =
        vec![format!("{} is the active cluster, {}", store.cluster.name, store.paths.cluster_file().display())];
    if site.path != Path::new(hps::config::DEFAULT_CONF) {
        lines.push(format!("for the other programs: export HPS_CONFIG={}", site.path.display()));
    }
    if no_reload {
        lines.push("next: reload".to_owned());
    }
    for (host_type, settings) in &store.cluster.types {
        if let Err(missing) = media::source(store.paths.distros(), &settings.distro, *host_type, None) {
            let line = format!("next: {missing}");
            // One build is for all types of a system.
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines.push("next: host-state arm MAC --type SCH, and switch that machine on".to_owned());
    for line in lines {
        program::eprint(format_args!("cluster-configure: {line}"));
    }
}

/// Whether another cluster stops being the active one.
struct Switch {
    before: Option<ClusterName>,
    after: ClusterName,
}

impl Switch {
    fn of(conf: &HpsConf, after: &ClusterName) -> anyhow::Result<Self> {
        Ok(Self { before: active_name(conf)?.filter(|before| before != after), after: after.clone() })
    }

    fn in_words(&self, is: &str, is_no_more: &str) -> Option<String> {
        self.before.as_ref().map(|before| format!("{before} {is_no_more}; {} {is}", self.after))
    }

    /// Asks on a terminal, and is refused elsewhere: all machines of the other cluster would lose their answers.
    fn may_be(&self, ask: bool) -> anyhow::Result<()> {
        let Some(before) = &self.before else { return Ok(()) };
        if on_both_ends()
            && (!ask || questions::confirm(&format!("{before} is active now; serve {} in its place", self.after))?)
        {
            return Ok(());
        }
        let line = format!("{before} is the active cluster; to serve {} in its place, give --activate", self.after);
        Err(Ended::error(Exit::Refused, line))
    }
}

/// `hps.conf`: the existing one, or the defaults below `--base`.
fn site(arguments: &Arguments) -> anyhow::Result<Site> {
    let base = match &arguments.base {
        Some(base) => std::path::absolute(base).context("--base")?,
        None => PathBuf::from("/"),
    };
    let path = match &arguments.base {
        None => program::conf_path(),
        Some(_) => {
            let path = base.join("srv/hps-config/hps.conf");
            let other = std::env::var_os("HPS_CONFIG").filter(|other| !other.is_empty()).map(PathBuf::from);
            if let Some(other) = other.filter(|other| !is_same(other, &path)) {
                let line = format!(
                    "--base means {}, and HPS_CONFIG is {}: unset one of them, so that nothing is written in the wrong place",
                    path.display(),
                    other.display()
                );
                return Err(Ended::error(Exit::Refused, line));
            }
            path
        }
    };
    let there = path.try_exists().with_context(|| format!("{}: cannot look at it", path.display()))?;
    let conf = if there {
        let conf = hps::store::load_conf(&path)?;
        let strays = reload::stray_folders(&conf, &path);
        match (strays.first(), &arguments.base) {
            // What a lab's command would write would go into the real system.
            (Some(line), Some(_)) => return Err(Ended::error(Exit::Refused, line.as_str())),
            _ => strays.iter().for_each(|line| program::eprint(format_args!("cluster-configure: {line}"))),
        }
        conf
    } else {
        // It will be made there, in a folder that nobody else may replace.
        if let Some(folder) = path.parent() {
            files::check_folder(folder, &Base::of_conf(&path, Path::new(DEFAULT_CONF)), Trust::Root)?;
        }
        HpsConf::with_base(&base).map_err(|e| Ended::error(Exit::Failed, e.problem))?
    };
    program::check_folders(&conf)?;
    let conf = match arguments.services {
        Some(services) => conf.with_service_manager(services.into()),
        None => conf,
    };
    Ok(Site { path, conf })
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).ok();
    real(one) == real(other)
}

/// Whether a person can be asked.
fn on_both_ends() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A whole cluster file, which is taken as it is written, with its comments.
fn from_file(path: &Path) -> anyhow::Result<(Cluster, String)> {
    let text = program::read_input(path, program::MAX_INPUT_BYTES)?;
    let cluster = Cluster::parse(&text).map_err(|error| StoreError::of_cluster(path, error))?;
    reload::check_settings(&cluster, path, Some(&text))?;
    Ok((cluster, text))
}

/// The text of the cluster's file: the one that exists with the values that differ, or a new one.
fn edited(conf: &HpsConf, cluster: &Cluster, file: &Path) -> anyhow::Result<String> {
    match cluster_text(conf, &cluster.name) {
        Ok(text) => cluster.edit_text(&text).with_context(|| file.display().to_string()),
        Err(StoreError::Io(error)) if error.is_not_found() => Ok(cluster.to_text()),
        Err(error) => Err(error.into()),
    }
}

fn compose(arguments: &Arguments, conf: &HpsConf) -> anyhow::Result<Cluster> {
    let keys: Vec<SshKey> = keys::read(&arguments.ssh_key_file)?;
    let cluster = draft::Draft::new(arguments, conf, keys)?.finish(on_both_ends())?;
    let file = conf.dir(Dir::Clusters).join(format!("{}.cluster", cluster.name));
    reload::check_settings(&cluster, &file, None)?;
    Ok(cluster)
}

fn dry_run(changes: &[Change]) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    for change in changes.iter().filter(|c| c.is_needed()) {
        program::print_text(change.diff().trim_end())?;
        exit = Exit::WouldChange;
    }
    Ok(exit)
}
