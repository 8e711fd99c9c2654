// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state move`.

use super::find::Hosts;
use super::operator::who;
use super::view::or_dash;
use crate::program::{self, Ended, Exit};
use hps::files::make_dir;
use hps::host::Host;
use hps::reservation::{Place, move_host, places_in};
use hps::store::{Store, StoreError};
use hps::types::ClusterName;

/// Move hosts to another cluster of this node.
///
/// A host keeps its MACs, type, state, disks, keys and the mark that it was installed.
/// It keeps its name and its address if they are free in the other cluster and fit its network; otherwise it gets the next ones.
/// Permissions end. The history of the old cluster stays there.
/// The system on its disk keeps the network of the old cluster until it is installed again.
/// If the command was interrupted, the same command again finishes it.
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("cluster").required(true),
    after_help = "\
Examples:
  host-state move 'sch-[001-004]' --to site2 --dry-run
  host-state move 'sch-[001-004]' --to site2
  host-state move tch-007 --from site2     to the active cluster"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// From the active cluster to this one
    #[arg(long, value_name = "CLUSTER", group = "cluster")]
    to: Option<ClusterName>,
    /// From this cluster to the active one
    #[arg(long, value_name = "CLUSTER", group = "cluster")]
    from: Option<ClusterName>,
    /// Show what would change, and change nothing; exit code 10
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: a list of mac, from, to, name, address
    #[arg(long)]
    json: bool,
}

/// One host that moves.
#[derive(Debug, serde::Serialize)]
struct Moved<'a> {
    mac: String,
    /// Its name in the old cluster, or its MAC.
    host: String,
    from: &'a ClusterName,
    to: &'a ClusterName,
    name: Option<String>,
    address: Option<std::net::Ipv4Addr>,
}

impl<'a> Moved<'a> {
    fn new(host: &Host, source: &'a Store, target: &'a Store, place: Place) -> Self {
        Self {
            mac: host.mac().colons(),
            host: host.label(),
            from: &source.cluster.name,
            to: &target.cluster.name,
            name: place.name.map(|name| name.to_string()),
            address: place.address,
        }
    }
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let named = arguments.to.as_ref().or(arguments.from.as_ref());
    let Some(named) = named.filter(|named| **named != store.cluster.name) else {
        let name = &store.cluster.name;
        return Err(Ended::error(Exit::Refused, format!("{name} is the active cluster; name another one")));
    };
    let other = Store::open_cluster(store.paths.conf(), named).map_err(|error| match error {
        StoreError::Io(error) if error.is_not_found() => {
            Ended::error(Exit::NotFound, format!("there is no cluster {named}; see: cluster-configure list"))
        }
        other => other.into(),
    })?;
    let (source, target) = if arguments.to.is_some() { (store, &other) } else { (&other, store) };
    let hosts = arguments.hosts.records(source)?;
    // Every host is checked before the first one moves.
    let places = places_in(target, &hosts, &who())?;
    let mut moved: Vec<Moved<'_>> =
        hosts.iter().zip(places).map(|(host, place)| Moved::new(host, source, target, place)).collect();
    if !arguments.dry_run {
        program::need_root()?;
        store.ended_marks().require_place()?;
        moved.clear();
        for host in &hosts {
            // How it is switched goes with it.
            if let Some(control) = source.power_controls().get(host.mac())? {
                make_dir(&target.paths.power_controls_dir(), 0o700, None)?;
                target.power_controls().put(host.mac(), &control)?;
            }
            super::erase_end::end_with(source, host, "host moved to another cluster")?;
            let after = move_host(source, target, host.mac(), &who(), program::now())?;
            source.power_controls().remove(host.mac())?;
            moved.push(Moved::new(host, source, target, Place { name: after.name, address: after.address }));
        }
        crate::reload::reread_hosts(store)?;
    }
    if arguments.json {
        program::print_json(&moved)?;
    } else {
        let moves = if arguments.dry_run { "would move" } else { "moved" };
        for one in &moved {
            program::print(format_args!(
                "{} {moves} from {} to {} as {}, {}",
                one.host,
                one.from,
                one.to,
                or_dash(one.name.as_ref()),
                or_dash(one.address)
            ))?;
        }
    }
    warn(&hosts, &moved, arguments.dry_run);
    Ok(if arguments.dry_run && !moved.is_empty() { Exit::WouldChange } else { Exit::Done })
}

/// The systems on their disks keep the network of the old cluster.
fn warn(hosts: &[Host], moved: &[Moved<'_>], dry_run: bool) {
    let systems = hosts.iter().zip(moved).filter(|(host, _)| host.state().has_system());
    let names: Vec<String> =
        systems.map(|(host, one)| one.name.clone().unwrap_or_else(|| host.mac().colons())).collect();
    if !names.is_empty() && !dry_run {
        program::eprint(format_args!(
            "host-state: the installed systems of these hosts have the name and the network of the old cluster until they are installed again: {}",
            names.join(" ")
        ));
    }
}
