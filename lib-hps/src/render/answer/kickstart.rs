// SPDX-License-Identifier: GPL-3.0-or-later
//! The kickstart of Rocky and AlmaLinux: a strict template with a typed context.
//!
//! The decisions are made here; the template only places facts. If the template names a value that the context lacks,
//! that is an error, never an empty string. The scripts of `scripts/node` are compiled in unchanged.

use super::Answer;
use super::host_error::HostError;
use crate::boot::Source;
use crate::config::{PackageSources, TypeDefinition};
use crate::render::system::{PlacedFile, Script, ZFS_PACKAGE, kernel_line, system};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

const TEMPLATE: &str = include_str!("kickstart.ks");
const REPORT: &str = include_str!("../../../../scripts/node/report.sh");
const FIT: &str = include_str!("../../../../scripts/node/steps/fit.sh");
const SIZES: &str = include_str!("../../../../scripts/node/steps/sizes.sh");
/// Which disks, for the first script.
const DISKS: &str = concat!(
    include_str!("../../../../scripts/node/steps/disk_rule.sh"),
    include_str!("../../../../scripts/node/steps/disks_found.sh"),
    include_str!("../../../../scripts/node/steps/disks_wait.sh"),
    include_str!("../../../../scripts/node/steps/disks.sh"),
);
const DISK: &str = include_str!("../../../../scripts/node/steps/disk.sh");
const HARDWARE: &str = include_str!("../../../../scripts/node/steps/hardware.sh");
const LAYOUT: &str = include_str!("../../../../scripts/node/kickstart/layout.sh");
const MARKS: &str = include_str!("../../../../scripts/node/kickstart/marks.sh");
const ZFS: &str = include_str!("../../../../scripts/node/steps/zfs.sh");
const POOL: &str = include_str!("../../../../scripts/node/kickstart/pool.sh");
const BOOTORDER: &str = include_str!("../../../../scripts/node/steps/bootorder.sh");
const COMMON: &str = include_str!("../../../../scripts/node/kickstart/common.sh");
const LOGS: &str = include_str!("../../../../scripts/node/kickstart/logs.sh");
const TARGET: &str = include_str!("../../../../scripts/node/kickstart/target.sh");

/// Why there is no kickstart.
#[derive(Debug, thiserror::Error)]
pub enum KickstartError {
    /// The source is not a tree.
    #[error("{0} is not installed by kickstart")]
    NotATree(String),
    /// The record of the host lacks something that the cluster file expects.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The template does not fit its context. The message leaves the values out, because some are secrets.
    #[error("kickstart template: {kind}, line {line}")]
    Template {
        /// What is wrong.
        kind: String,
        /// Where.
        line: usize,
    },
}

#[derive(Serialize)]
struct Context {
    host_name: String,
    cluster: String,
    attempt: u32,
    tree_url: String,
    packages_url: Option<String>,
    mac: String,
    mac_colons: String,
    address: String,
    netmask: String,
    gateway: Option<String>,
    name_servers: String,
    ntp: Vec<String>,
    domain: String,
    timezone: String,
    keyboard: String,
    root_hash: Option<String>,
    admin_user: String,
    ssh_keys: Vec<String>,
    packages: Vec<String>,
    services: Vec<String>,
    ports: Vec<String>,
    outside: bool,
    mtu: Option<String>,
    files: Vec<Quoted>,
    scripts: Vec<Quoted>,
    host_type: String,
    profile: &'static str,
    append: String,
    boot_manager_url: String,
    token: String,
    cpu_level: &'static str,
    memory_min_mib: u32,
    disk_min_bytes: u64,
    require_blank: &'static str,
    disk_mark: String,
    system_rule: String,
    system_order: &'static str,
    system_conditions: Vec<String>,
    boot_order: &'static str,
    mirror: &'static str,
    root_gib: Option<u32>,
    swap_gib: Option<u32>,
    pool: &'static str,
    pool_rule: Option<String>,
    pool_conditions: Vec<String>,
    pool_level: String,
    volumes: &'static str,
    may_wipe: Vec<String>,
    wipe: Vec<String>,
    known_disks: Vec<String>,
    report: &'static str,
    fit: &'static str,
    disk: &'static str,
    hardware: &'static str,
    sizes: &'static str,
    layout: &'static str,
    marks: &'static str,
    disks: &'static str,
    bootorder: &'static str,
    common: String,
    target: &'static str,
    major: u32,
    zfs_steps: Option<String>,
}

/// A file as arguments of the shell. No line of it can act as the end of a section or as a command.
#[derive(Serialize)]
struct Quoted {
    path: String,
    mode: String,
    lines: Vec<String>,
}

impl Quoted {
    fn file(file: &PlacedFile) -> Self {
        Self::new(&format!("/{}", file.path), file.mode, &file.text)
    }

    /// `path` is its name in messages.
    fn script(script: &Script) -> Self {
        Self::new(&script.name, 0o700, &script.text)
    }

    fn new(path: &str, mode: u32, text: &str) -> Self {
        let quote = |line: &str| format!("'{}'", line.replace('\'', "'\\''"));
        Self { path: quote(path), mode: format!("{mode:04o}"), lines: text.lines().map(quote).collect() }
    }
}

/// The whole kickstart.
///
/// # Errors
/// See [`KickstartError`].
pub fn kickstart(answer: &Answer<'_>) -> Result<String, KickstartError> {
    let Source::Tree { path } = answer.source else {
        return Err(KickstartError::NotATree(answer.permission.distro.to_string()));
    };
    let (cluster, install) = (answer.cluster, &answer.cluster.install);
    let disks = answer.disks().map_err(HostError::from)?;
    let system = system(&answer.target_system()).map_err(HostError::from)?;
    let strings = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>();
    let definition = cluster.known_definition(answer.host_type).map_err(HostError::from)?;
    let mut all_packages = strings(&mut packages(&definition).into_iter().map(str::to_owned));
    let zfs = answer.zfs(&disks)?;
    all_packages.extend(zfs.then(|| ZFS_PACKAGE.to_owned()));
    all_packages.extend(system.packages);
    let place = cluster.placement(answer.address);
    let context = Context {
        host_name: answer.name.to_string(),
        cluster: cluster.name.to_string(),
        attempt: answer.attempt.number,
        tree_url: format!("{}/distros/{path}", cluster.base_url()),
        packages_url: answer.attempt.packages.as_ref().map(|d| format!("{}/packages/{d}/Repo/", cluster.base_url())),
        mac: answer.interface.to_string(),
        mac_colons: answer.interface.colons(),
        address: answer.address.to_string(),
        netmask: place.network().netmask().to_string(),
        gateway: place.gateway().map(|g| g.to_string()),
        name_servers: strings(&mut place.name_servers().iter().map(ToString::to_string)).join(","),
        ntp: strings(&mut place.ntp().iter().map(ToString::to_string)),
        domain: place.domain().to_string(),
        timezone: install.timezone.to_string(),
        keyboard: install.keyboard.to_string(),
        root_hash: install.root_password_hash.as_ref().map(ToString::to_string),
        admin_user: install.admin_user.to_string(),
        ssh_keys: strings(&mut install.ssh_keys.iter().map(ToString::to_string)),
        packages: all_packages,
        services: system.services,
        ports: strings(&mut system.ports.iter().map(|ports| format!("{}:{}", ports.range(), ports.protocol()))),
        outside: install.sources == PackageSources::Distribution,
        mtu: cluster.network.mtu.map(|mtu| mtu.to_string()),
        files: system.files.iter().map(Quoted::file).collect(),
        scripts: system.scripts.iter().map(Quoted::script).collect(),
        host_type: answer.host_type.to_string(),
        profile: answer.permission.profile.map_or("", |profile| profile.as_str()),
        append: kernel_line(cluster, &system.kernel_arguments),
        boot_manager_url: cluster.boot_manager_url(),
        token: answer.token.to_string(),
        // The processor level that RPMs of release 10 are compiled for.
        cpu_level: if answer.permission.distro.needs_x86_64_v3() { "x86-64-v3" } else { "" },
        memory_min_mib: install.memory_min_mib,
        disk_min_bytes: answer.disk_min_bytes(),
        require_blank: if answer.permission.require_blank { "yes" } else { "no" },
        disk_mark: answer.disk_mark.to_string(),
        system_rule: disks.system.to_string(),
        system_order: disks.system.order().as_str(),
        system_conditions: strings(&mut disks.system.conditions().iter().map(ToString::to_string)),
        boot_order: cluster.boot.order.as_str(),
        mirror: if disks.mirror { "yes" } else { "no" },
        root_gib: disks.root_gib,
        swap_gib: disks.swap_gib,
        pool: answer.pool(&disks).as_str(),
        pool_rule: disks.pool.as_ref().map(ToString::to_string),
        pool_conditions: strings(&mut answer.pool_conditions(&disks).iter().map(ToString::to_string)),
        pool_level: disks.level.to_string(),
        volumes: if zfs { "zfs" } else { "lvm" },
        may_wipe: strings(&mut answer.attempt.may_wipe.iter().map(ToString::to_string)),
        wipe: strings(&mut answer.permission.wipe.iter().map(ToString::to_string)),
        known_disks: strings(&mut answer.known_disks().iter().map(ToString::to_string)),
        report: REPORT,
        fit: FIT,
        disk: DISK,
        hardware: HARDWARE,
        sizes: SIZES,
        layout: LAYOUT,
        marks: MARKS,
        disks: DISKS,
        bootorder: BOOTORDER,
        common: format!("{COMMON}{LOGS}"),
        target: TARGET,
        major: answer.permission.distro.major(),
        zfs_steps: zfs.then(|| format!("{ZFS}{POOL}")),
    };
    render(&context)
        .map_err(|error| KickstartError::Template { kind: error.kind().to_string(), line: error.line().unwrap_or(0) })
}

fn render(context: &Context) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).keep_trailing_newline(true).build()?);
    environment.add_template("kickstart", TEMPLATE)?;
    environment.get_template("kickstart")?.render(Serde(context))
}

/// What the kickstart of a host type installs: the minimal environment (as Anaconda writes it), and what the type needs
/// besides.
pub fn packages(definition: &TypeDefinition) -> Vec<&'static str> {
    [&["@^minimal-environment", "curl", "rsyslog"], definition.packages()].concat()
}
