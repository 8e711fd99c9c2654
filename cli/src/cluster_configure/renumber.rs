// SPDX-License-Identifier: GPL-3.0-or-later
//! What a change of networks does to the addresses of hosts.

use super::networks_before::NetworksBefore;
use crate::program::{self, Ended, Exit};
use hps::config::{Addressing, Cluster, NewAddress};
use hps::exec::ip;
use hps::host::{Host, HostState, Who};
use hps::reservation::conflicts;
use hps::store::{Renumbered, Store};
use hps::types::one_line;
use hps::wire::AddressProbe;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::Ipv4Addr;

/// The hosts whose addresses the new cluster file cannot give, each with its new one.
#[derive(Debug, Default)]
pub(super) struct Renumber {
    hosts: Vec<(Host, Ipv4Addr, NewAddress)>,
    /// Of the hosts, those whose own system keeps the old address.
    installed: Vec<bool>,
    /// The other hosts whose address is of no network of the cluster.
    left: Vec<(Host, Ipv4Addr)>,
    before: NetworksBefore,
}

impl Renumber {
    /// Finds them. Without `all` a host counts only if the file of before could give its address: what was wrong before
    /// is reported by `host-state check`, and is no reason to refuse this run.
    ///
    /// # Errors
    /// Records that cannot be listed or read.
    pub(super) fn plan(store: &Store, all: bool) -> anyhow::Result<Self> {
        if !store.paths.hosts_dir().try_exists()? {
            return Ok(Self::default());
        }
        let before = NetworksBefore::load(store)?;
        let (mut hosts, mut unreadable) = (Vec::new(), Vec::new());
        for file in store.hosts().list()? {
            match file.host {
                Ok(host) => hosts.push(host),
                Err(error) => unreadable.push(one_line(&error)),
            }
        }
        let addresses: Vec<Ipv4Addr> = hosts.iter().filter_map(|host| host.address).collect();
        let new = store.cluster.renumbered(&before.all(&store.cluster), &addresses);
        let mut found = Self { before, ..Self::default() };
        for host in hosts {
            let Some(from) = host.address else { continue };
            if let Some(to) = new.get(&from).filter(|_| all || found.before.gave(from)) {
                found.installed.push(is_installed(store, &host));
                found.hosts.push((host, from, *to));
            } else if !store.cluster.has_network_of(from) {
                found.left.push((host, from));
            }
        }
        // Such a record may have an address too, which nobody else may get.
        if let Some(first) = unreadable.first().filter(|_| !found.hosts.is_empty()) {
            let line = format!("{first}; correct it before hosts get other addresses: host-state check");
            return Err(Ended::error(Exit::Refused, line));
        }
        found.hosts.sort_by(|(one, ..), (other, ..)| one.name.cmp(&other.name));
        Ok(found)
    }

    pub(super) fn is_needed(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// A line about hosts that stay in no network of the cluster: a run that was killed, or a file that was edited, left
    /// them. What was wrong otherwise is for `host-state check`.
    pub(super) fn left(&self, cluster: &Cluster) -> Option<String> {
        let (host, address) = self.left.first()?;
        let (hosts, label, name) = (of_hosts(self.left.len()), host.label(), &cluster.name);
        // With subnets nothing says which network is meant.
        let command = match cluster.subnets.is_empty() {
            true => format!("to change them: cluster-configure --name {name} --renumber"),
            false => format!("for each of them: host-state set {label} address=ADDRESS"),
        };
        Some(format!(
            "{hosts} with an address of no network of cluster {name}, first {label} with {address}; {command}"
        ))
    }

    /// One line for each host.
    pub(super) fn lines(&self, cluster: &Cluster) -> Vec<String> {
        let line = |((host, from, to), installed): (&(Host, Ipv4Addr, NewAddress), &bool)| {
            let to = match to {
                NewAddress::Same(to) | NewAddress::Free(to) => to.to_string(),
                NewAddress::Outside => "outside: no address of host_range is free".to_owned(),
                NewAddress::Unknown => "unknown: of no network of the cluster".to_owned(),
            };
            let label = host.label();
            let more = match (host.state(), installed) {
                (HostState::Installing, _) => "; it is INSTALLING".to_owned(),
                (_, true) if is_static(cluster, host) => {
                    format!("; its own system keeps {from} until you change it there or install it again")
                }
                (_, true) => "; its own system gets the new address at its next DHCP request".to_owned(),
                (_, false) => String::new(),
            };
            format!("{label}: {from} -> {to}{more}")
        };
        self.hosts.iter().zip(&self.installed).map(line).collect()
    }

    /// Whether it may be: `given` is `--renumber`. A person on a terminal is asked, if `ask`.
    ///
    /// # Errors
    /// [`Exit::Refused`]: hosts would have no address, one is being installed, or nobody agreed.
    pub(super) fn may_be(&self, given: bool, ask: bool) -> anyhow::Result<()> {
        if !self.is_needed() {
            return Ok(());
        }
        let refused = |line: String| Ended::error(Exit::Refused, line);
        let count = |of: &dyn Fn(&(Host, Ipv4Addr, NewAddress)) -> bool| self.hosts.iter().filter(|h| of(h)).count();
        if let Some((host, from, _)) = self.hosts.iter().find(|(.., to)| *to == NewAddress::Unknown) {
            let label = host.label();
            return Err(refused(format!(
                "{label} has {from}, which is of no network of the cluster, and there are subnets; give it an address of its network: host-state set {label} address=ADDRESS"
            )));
        }
        let outside = count(&|(.., to)| *to == NewAddress::Outside);
        if outside > 0 {
            return Err(refused(format!("{} would have no address: widen host_range", of_hosts(outside))));
        }
        if let Some((host, ..)) = self.hosts.iter().find(|(host, ..)| host.state() == HostState::Installing) {
            let label = host.label();
            return Err(refused(format!(
                "{label} is INSTALLING, and its installer uses its address; if that installation is dead: host-state set {label} state=FAILED"
            )));
        }
        self.refuse_third_network()?;
        let hosts = of_hosts(self.hosts.len());
        if given || (program::can_ask() && (!ask || program::confirm(&format!("Give {hosts} another address"))?)) {
            return Ok(());
        }
        Err(refused(match self.hosts.iter().any(|(_, from, _)| self.before.is_of_kept(*from)) {
            true => {
                format!("a run that was interrupted left {hosts} with an old address; to finish it, give --renumber")
            }
            false => format!("the new network would change the address of {hosts}; to change them, give --renumber"),
        }))
    }

    /// Hosts of two networks would go to a third one, and only one cluster file of before can be kept.
    fn refuse_third_network(&self) -> anyhow::Result<()> {
        let of_kept = self.hosts.iter().filter(|(_, from, _)| self.before.is_of_kept(*from)).count();
        if of_kept == 0 || of_kept == self.hosts.len() {
            return Ok(());
        }
        let hosts = of_hosts(of_kept);
        let line = format!(
            "a run that was interrupted left {hosts} with an old address; finish it before hosts go to another network: cluster-configure --renumber"
        );
        Err(Ended::error(Exit::Refused, line))
    }

    /// Keeps the cluster file of before, so that the same command can finish this run.
    ///
    /// # Errors
    /// The files.
    pub(super) fn begin(&self, store: &Store) -> anyhow::Result<()> {
        if !self.is_needed() {
            return Ok(());
        }
        self.before.keep(store, self.hosts.iter().map(|(_, from, _)| *from))
    }

    /// All addresses are as before. If the cluster file is too, the one that was kept is not needed.
    pub(super) fn end_undone(&self, store: &Store) {
        if self.before.is_back(store) {
            Self::end(store);
        }
    }

    /// All addresses are changed, so the cluster file that was kept is not needed.
    pub(super) fn end(store: &Store) {
        if let Err(error) = NetworksBefore::forget(&store.paths) {
            program::eprint(format_args!("cluster-configure: {}", one_line(&error)));
        }
    }

    /// Refuses new addresses that other machines use. Where nobody could be asked, a line is printed.
    ///
    /// # Errors
    /// [`Exit::Refused`], with each such address.
    pub(super) fn refuse_used(&self, cluster: &Cluster) -> anyhow::Result<()> {
        let network = &cluster.network;
        let with_new = |(host, _, to): &(Host, Ipv4Addr, NewAddress)| {
            let mut host = host.clone();
            host.address = Some(to.address()?);
            Some(host)
        };
        let is_near = |host: &Host| host.address.is_some_and(|address| network.address.contains(&address));
        let (near, far): (Vec<Host>, Vec<Host>) = self.hosts.iter().filter_map(with_new).partition(is_near);
        let not_asked = |count: usize, why: &str| {
            let hosts = of_hosts(count);
            program::eprint(format_args!("cluster-configure: the new addresses of {hosts} may be in use: {why}"));
        };
        if !far.is_empty() {
            not_asked(far.len(), "machines of a subnet cannot be asked, since ARP does not pass a router");
        }
        if near.is_empty() {
            return Ok(());
        }
        let interface = &network.interface;
        let own = ip::interfaces()?.into_iter().find(|found| found.name == *interface);
        if !own.is_some_and(|own| own.addresses.iter().any(|own| own.trunc() == network.address.trunc())) {
            let why = format!("nobody was asked, since {interface} has no address of {} yet", network.address.trunc());
            not_asked(near.len(), &why);
            return Ok(());
        }
        match conflicts(&AddressProbe::new(network), &near) {
            Ok(used) if used.is_empty() => Ok(()),
            Ok(used) => {
                let used: Vec<String> = used.iter().map(ToString::to_string).collect();
                let line = format!("{}; free these addresses, or give another --host-range", used.join(", "));
                Err(Ended::error(Exit::Refused, line))
            }
            Err(error) => {
                not_asked(near.len(), &format!("nobody could be asked: {}", one_line(&error)));
                Ok(())
            }
        }
    }

    /// Writes all new addresses, or none. A history that cannot be written is printed: [`Exit::Failed`].
    ///
    /// # Errors
    /// As [`hps::store::Hosts::renumber`]: nothing is changed.
    pub(super) fn apply(&self, store: &Store) -> anyhow::Result<Exit> {
        self.write(store, false)
    }

    /// Writes all old addresses again.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub(super) fn undo(&self, store: &Store) -> anyhow::Result<()> {
        self.write(store, true).map(drop)
    }

    fn write(&self, store: &Store, back: bool) -> anyhow::Result<Exit> {
        if !self.is_needed() {
            return Ok(Exit::Done);
        }
        raise_file_limit();
        let renumbered = |(host, from, to): &(Host, Ipv4Addr, NewAddress)| {
            let (mac, from, to) = (host.mac(), *from, to.address()?);
            Some(if back { Renumbered { mac, from: to, to: from } } else { Renumbered { mac, from, to } })
        };
        let hosts: Vec<Renumbered> = self.hosts.iter().filter_map(renumbered).collect();
        let who = Who::operator("cluster-configure", &program::operator());
        let unwritten = store.hosts().renumber(&hosts, &who, program::now())?;
        for error in &unwritten {
            let why = one_line(error);
            program::eprint(format_args!("cluster-configure: the address is changed, but the history is not: {why}"));
        }
        Ok(if unwritten.is_empty() { Exit::Done } else { Exit::Failed })
    }
}

fn of_hosts(count: usize) -> String {
    if count == 1 { "1 host".to_owned() } else { format!("{count} hosts") }
}

/// A mark that cannot be read counts as one.
fn is_installed(store: &Store, host: &Host) -> bool {
    host.state().has_system() || store.installed_marks().installed_host(host).map_or(true, |installed| installed.ever())
}

fn is_static(cluster: &Cluster, host: &Host) -> bool {
    let settings = host.host_type.and_then(|host_type| cluster.types.get(&host_type));
    settings.is_none_or(|settings| settings.network.addressing == Addressing::Static)
}

/// A transaction holds a lock for each record, and a shell gives a program 1,024 open files.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    // If it stays, the transaction fails as a whole.
    let _ignored = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
