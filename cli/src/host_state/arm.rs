// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm` and `host-state reinstall`: every host is checked before the first one is armed.

use super::complete;
use super::find::{HostArgument, Hosts, completer};
use super::grant::{Plan, Terms, grant};
use super::placed::placed;
use crate::program::{self, Ended, Exit};
use hps::answer::PublishedSystem;
use hps::boot::CpuObjection;
use hps::config::{Cluster, supported};
use hps::host::{Host, HostState};
use hps::media;
use hps::store::Store;
use hps::types::{DiskName, Distro, HostType, MacAddr, Profile, SubnetName, check_domain, check_whole_name, one_line};

/// Permit hosts to be installed, once, until a given time.
///
/// The host is installed when it next boots from the network, without a key press.
/// A host that is not known yet is added.
/// Its disk must have no signature, unless --wipe names that disk.
/// A node refuses any other disk before it writes anything.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state arm 52:54:00:12:34:56 --type SCH --reason 'first storage host'
  host-state arm 'sch-[001-040]' --expires 2h
  host-state arm --hosts-from rack7.txt --type SCH --reason 'rack 7'
  host-state arm 52:54:00:12:34:57 --type SCH --subnet rack2
  host-state arm sch-003 --wipe S3Z8NB0K --dry-run")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Host type: SCH, TCH, CCH or DRH [default: the type in the host's record]
    #[arg(value_parser = program::in_any_case::<HostType>, long = "type", value_name = "TYPE", add = complete::types())]
    host_type: Option<HostType>,
    /// Variant of the type [default: that of the record, then that of the cluster]
    #[arg(value_parser = program::in_any_case::<Profile>, long)]
    profile: Option<Profile>,
    /// Give an address of this [[subnet]] [default: the one that the machine has a lease of, otherwise the main network]
    #[arg(long, value_name = "NAME")]
    subnet: Option<SubnetName>,
    #[command(flatten)]
    terms: Terms,
}

/// Permit a new installation of a host that was installed.
///
/// The content of its disk is lost.
/// So you name the disk by its serial, or by its WWN if several disks of the machine share that serial.
/// No other disk is wiped, whatever values the machine reports.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state reinstall sch-001
      names the disk that its last installation used
  host-state reinstall sch-001 --wipe S3Z8NB0K --reason 'new release'")]
pub(super) struct Reinstall {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    #[command(flatten)]
    terms: Terms,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let macs = arguments.hosts.macs(store)?;
    // Every host is checked before the first one is armed.
    let plans = macs
        .into_iter()
        .map(|mac| {
            plan(store, mac, arguments.host_type, arguments.profile, arguments.subnet.as_ref(), &arguments.terms)
        })
        .collect::<anyhow::Result<Vec<Plan>>>()?;
    if plans.len() > 1 && !arguments.terms.wipe.is_empty() {
        return Err(Ended::error(Exit::Refused, "--wipe names a disk of one host, but several hosts are given"));
    }
    grant(store, plans, &arguments.terms)
}

pub(super) fn reinstall(store: &Store, arguments: &Reinstall) -> anyhow::Result<Exit> {
    let host = arguments.host.host(store)?;
    let label = host.label();
    if host.host_type.is_none() {
        return Err(Ended::error(
            Exit::Refused,
            format!("{label} has no type; name its type: host-state arm {label} --type TYPE"),
        ));
    }
    let disks = host.last_disks();
    if arguments.terms.wipe.is_empty() {
        let known = if disks.is_empty() {
            "its record has no disk; read the label of the disk, or run lsblk -o NAME,SERIAL,WWN on the host".to_owned()
        } else {
            format!("its last installation used: {}", joined(&disks))
        };
        return Err(Ended::error(Exit::Refused, format!("{label}: name the disk to wipe with --wipe SERIAL; {known}")));
    }
    let left: Vec<DiskName> = disks.iter().filter(|d| !is_among(d, &arguments.terms.wipe)).cloned().collect();
    if !left.is_empty() && left.len() < disks.len() {
        program::eprint(format_args!(
            "host-state: {label}: its last installation used {} too; such a disk is refused unless it is empty or named with --wipe",
            joined(&left)
        ));
    }
    let strange: Vec<DiskName> = arguments.terms.wipe.iter().filter(|d| !is_among(d, &disks)).cloned().collect();
    if !strange.is_empty() && !disks.is_empty() {
        // It may be a new disk, so this is reported and not refused.
        program::eprint(format_args!(
            "host-state: {label}: --wipe names {}, but its last installation used: {}",
            joined(&strange),
            joined(&disks)
        ));
    }
    let plan = plan(store, host.mac(), None, None, None, &arguments.terms)?;
    grant(store, vec![Plan { what: "reinstall", ..plan }], &arguments.terms)
}

fn is_among(disk: &DiskName, disks: &[DiskName]) -> bool {
    disks.iter().any(|other| other.is_as(disk))
}

fn joined(disks: &[DiskName]) -> String {
    disks.iter().map(DiskName::as_str).collect::<Vec<_>>().join(" ")
}

fn plan(
    store: &Store,
    mac: MacAddr,
    host_type: Option<HostType>,
    profile: Option<Profile>,
    subnet: Option<&SubnetName>,
    terms: &Terms,
) -> anyhow::Result<Plan> {
    let host = store.hosts().find(mac)?;
    let label = host.as_ref().map_or_else(|| mac.colons(), Host::label);
    refuse_installing(host.as_ref())?;
    let Some(becomes) = host_type.or_else(|| host.as_ref().and_then(|h| h.host_type)) else {
        return Err(Ended::error(Exit::Refused, format!("the record of {label} has no type; give --type TYPE")));
    };
    // A profile in the record belongs to the type in the record.
    let recorded = host.as_ref().filter(|h| h.host_type == Some(becomes)).and_then(|h| h.profile);
    let (profile, distro) = role(&store.cluster, becomes, profile.or(recorded), terms)?;
    let macs = host.as_ref().map_or(1, |host| host.macs().count());
    let subnet = placed(store, mac, Some(becomes), host.as_ref(), subnet)?;
    let address = host.as_ref().and_then(|host| host.address).or(subnet.as_ref().map(|subnet| subnet.gateway));
    store
        .cluster
        .has_cards(becomes, address, &label, macs)
        .map_err(|why| Ended::error(Exit::Refused, why.to_string()))?;
    let domain = store.cluster.placement_of_host(address).domain();
    check_domain(domain).map_err(|why| Ended::error(Exit::Refused, format!("{label}: {why}")))?;
    if let Some(name) = host.as_ref().and_then(|h| h.name.as_ref()) {
        check_whole_name(name, domain)
            .map_err(|why| Ended::error(Exit::Refused, format!("{label}: {why}: host-state set {label} name=NAME")))?;
    }
    if let Some(host) = &host
        && let Some(objection) = CpuObjection::find(&distro, &host.firmware, host.cpu)
    {
        let why = format!("{label}: {objection}; {}", objection.remedy(&label));
        return Err(Ended::error(Exit::Refused, why));
    }
    let refused = |why: String| Ended::error(Exit::Refused, why);
    store.cluster.disks(becomes, &[]).map_err(|why| refused(why.to_string()))?;
    // A system that is not published yet does not stop this; it is reported when the permission is given.
    if let Ok(source) = media::source(store.paths.distros(), &distro, becomes, None) {
        let macs: Vec<MacAddr> = host.as_ref().map_or_else(|| vec![mac], |host| host.macs().collect());
        let profiles =
            store.site_profiles().of_host(becomes, host.as_ref().and_then(|host| host.name.as_ref()), &macs)?;
        store.cluster.disks(becomes, &profiles).map_err(|why| refused(why.to_string()))?;
        PublishedSystem { distros: store.paths.distros(), distro: &distro, host_type: becomes, source: &source }
            .check(&store.cluster, &store.paths.cluster_file(), &profiles)
            .map_err(|why| refused(one_line(&why)))?;
    }
    let was_installed = store.installed_marks().installed(mac, host.as_ref())?.ever();
    Ok(Plan { mac, label, host_type: becomes, profile, distro, was_installed, subnet, what: "armed" })
}

fn role(
    cluster: &Cluster,
    host_type: HostType,
    profile: Option<Profile>,
    terms: &Terms,
) -> anyhow::Result<(Option<Profile>, Distro)> {
    let (profile, distro) =
        cluster.role(host_type, profile).map_err(|why| Ended::error(Exit::Refused, why.to_string()))?;
    if let Some(distro) = &terms.distro {
        supported(distro).map_err(|why| Ended::error(Exit::Refused, why.to_string()))?;
    }
    Ok((profile, terms.distro.clone().unwrap_or_else(|| distro.clone())))
}

fn refuse_installing(host: Option<&Host>) -> anyhow::Result<()> {
    if let Some(host) = host.filter(|h| h.state() == HostState::Installing) {
        let label = host.label();
        return Err(Ended::error(
            Exit::Refused,
            format!(
                "{label} is INSTALLING; if that installation is dead: host-state set {label} state=FAILED, then arm it again"
            ),
        ));
    }
    Ok(())
}
