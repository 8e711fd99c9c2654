// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm`: every host is checked before the first one is armed.

use super::complete;
use super::find::Hosts;
use super::grant::{Terms, grant, serial};
use super::known_type::known;
use super::permission_plan::Plan;
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
  host-state arm 'sch-[001-040]' --boot        and boot them from the network now
  host-state arm sch-003 --wipe S3Z8NB0K --dry-run")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Host type: SCH, TCH, CCH, DRH, PLAIN or one of the cluster file [default: the type in the host's record]
    #[arg(value_parser = program::in_any_case::<HostType>, long = "type", value_name = "TYPE", add = complete::types())]
    host_type: Option<HostType>,
    /// Variant of the type [default: that of the record, then that of the cluster]
    #[arg(value_parser = program::in_any_case::<Profile>, long)]
    profile: Option<Profile>,
    /// Give an address of this [[subnet]] [default: the one that the machine has a lease of, otherwise the main network]
    #[arg(long, value_name = "NAME")]
    subnet: Option<SubnetName>,
    /// A disk that may be wiped although it is not empty, by its serial or its WWN; for one host only
    #[arg(long, value_name = "SERIAL", value_parser = serial)]
    wipe: Vec<DiskName>,
    #[command(flatten)]
    terms: Terms,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let Arguments { hosts, host_type, profile, subnet, wipe, terms } = arguments;
    known(store, *host_type)?;
    let macs = hosts.macs(store)?;
    // Every host is checked before the first one is armed.
    let plans = macs
        .into_iter()
        .map(|mac| plan(store, mac, *host_type, *profile, subnet.as_ref(), terms))
        .map(|plan| Ok(Plan { wipe: wipe.clone(), ..plan? }))
        .collect::<anyhow::Result<Vec<Plan>>>()?;
    if plans.len() > 1 && !wipe.is_empty() {
        return Err(Ended::error(Exit::Refused, "--wipe names a disk of one host, but several hosts are given"));
    }
    grant(store, plans, terms)
}

/// What a host will get, or why it cannot be armed. It has no disk that may be wiped.
///
/// # Errors
/// [`Exit::Refused`] with the reason.
pub(super) fn plan(
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
    refuse_retired(host.as_ref())?;
    refuse_erase(store, host.as_ref())?;
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
    Ok(Plan { mac, label, host_type: becomes, profile, distro, was_installed, wipe: Vec::new(), subnet, what: "armed" })
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

/// Its disks are erased at its next boot from the network.
fn refuse_erase(store: &Store, host: Option<&Host>) -> anyhow::Result<()> {
    let Some(host) = host else { return Ok(()) };
    let Some(erase) = store.erasures().live_permission(host.mac(), program::now())? else { return Ok(()) };
    let label = host.label();
    let why = format!(
        "{label} has a permission to erase {} until {}; wait for the end of the erase, or revoke it: host-state erase {label} --cancel",
        erase.serials(),
        erase.expires
    );
    Err(Ended::error(Exit::Refused, why))
}

fn refuse_retired(host: Option<&Host>) -> anyhow::Result<()> {
    let Some(host) = host.filter(|host| host.retired.is_some()) else { return Ok(()) };
    let label = host.label();
    let why = format!("{label} is retired; if it is used again: host-state retire {label} --undo");
    Err(Ended::error(Exit::Refused, why))
}
