// SPDX-License-Identifier: GPL-3.0-or-later
//! The machines of a rehearsal: a client in a network namespace asks the services for each of them.

use super::report::Report;
use super::stop::STOP;
use crate::site_file::incoming::Incoming;
use anyhow::Context as _;
use hps::config::DhcpMode;
use hps::exec::curl;
use hps::exec::network_namespace::NetworkNamespace;
use hps::files::random;
use hps::host::Host;
use hps::store::Store;
use hps::types::MacAddr;
use hps::wire::dhcp::ClientKind;
use hps::wire::{DhcpServer, Discovery};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;

/// No boot script is larger.
const MAX_SCRIPT_BYTES: usize = 1 << 20;
/// Firmware by UEFI.
const QUESTIONS: [ClientKind; 1] = [ClientKind::Pxe(7)];

/// Those that are asked for.
pub(super) struct Machines<'a> {
    pub(super) store: &'a Store,
    pub(super) incoming: &'a Incoming,
    /// How many of them ask by DHCP too.
    pub(super) sample: usize,
}

/// What a boot script does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boots {
    Disk,
    Installer,
    Other,
}

impl Machines<'_> {
    /// Asks for each machine.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub(super) fn ask(&self, report: &mut Report) -> anyhow::Result<()> {
        let network = &self.store.cluster.network;
        let [p, h, q, s] = MacAddr::DISCOVERY_PREFIX;
        let [a, b] = random::<2>()?;
        let mac = MacAddr::from_octets([p, h, q, s, a, b]).context("no MAC for the client")?;
        let client = NetworkNamespace::on_bridge(&network.interface, mac).context("the client cannot be made")?;
        // An address of the network, until a host takes its own.
        let some = network.address.hosts().rfind(|address| *address != network.address.addr());
        let some = some.context("the network of the cluster has no address for a client")?;
        client.set_address(Ipv4Net::new(some, network.address.prefix_len())?)?;
        let known = self.known();
        let marked: Vec<MacAddr> =
            self.incoming.settings.iter().filter_map(|setting| setting.name.installed_mark()).collect();
        report.ever_installed = marked.len();
        for mac in &marked {
            match self.boots(&client, *mac) {
                Ok(Boots::Disk) => {}
                Ok(boots) => report.problems.push(format!(
                    "{} was installed, and {}; find out why: host-state explain {}",
                    label(&known, *mac),
                    if boots == Boots::Installer { "gets an installer" } else { "does not boot its disk" },
                    mac.colons()
                )),
                Err(error) => report.problems.push(format!("{}: gets no answer: {error:#}", label(&known, *mac))),
            }
            report.asked += 1;
        }
        for mac in known.keys().filter(|mac| !marked.contains(mac)) {
            match self.boots(&client, *mac) {
                Ok(Boots::Installer) => report.problems.push(format!(
                    "{} gets an installer without a permission; find out why: host-state explain {}",
                    label(&known, *mac),
                    mac.colons()
                )),
                Ok(_) => {}
                Err(error) => report.problems.push(format!("{}: gets no answer: {error:#}", label(&known, *mac))),
            }
            report.asked += 1;
        }
        if network.dhcp != DhcpMode::Server {
            report.notes.push("another server gives the addresses, so none was asked for by DHCP".to_owned());
            return Ok(());
        }
        // Installed ones first: these must have their addresses.
        let mut hosts: Vec<&Host> = known.values().collect();
        hosts.sort_by_key(|host| !marked.contains(&host.mac()));
        let here = |host: &&Host| host.address.is_some_and(|address| network.address.contains(&address));
        for host in hosts.into_iter().filter(here).take(self.sample) {
            match self.offered(&client, host.mac())? {
                Some(offer) if offer.offered() == host.address && offer.boot_file().is_some() => report.by_dhcp += 1,
                Some(offer) => report.problems.push(format!(
                    "{}: DHCP offers {} and {} boot file, and its record has {}; find out why: host-state check",
                    host.label(),
                    or_none(offer.offered()),
                    if offer.boot_file().is_some() { "a" } else { "no" },
                    or_none(host.address)
                )),
                None => {
                    report.problems.push(format!("{}: DHCP offers it nothing; see: host-state check", host.label()))
                }
            }
        }
        Ok(())
    }

    /// The hosts of the active cluster, by the MAC that names their records.
    fn known(&self) -> BTreeMap<MacAddr, Host> {
        let (hosts, _) = self.incoming.hosts();
        let ours = hosts.into_iter().filter(|(cluster, _)| *cluster == self.store.cluster.name);
        ours.map(|(_, host)| (host.mac(), host)).collect()
    }

    fn offered(&self, client: &NetworkNamespace, mac: MacAddr) -> anyhow::Result<Option<DhcpServer>> {
        let own = [self.store.cluster.network.address.addr()];
        let ask = || Discovery::new(client.interface(), &own).as_machine(mac).as_clients(&QUESTIONS).run(STOP);
        Ok(client.run(ask)??.into_iter().find(|server| server.is_at(&own)))
    }

    fn boots(&self, client: &NetworkNamespace, mac: MacAddr) -> anyhow::Result<Boots> {
        let url = format!("{}?cmd=boot_action&mac={mac}", self.store.cluster.boot_manager_url());
        let script = client.run(|| curl::fetch(&url, MAX_SCRIPT_BYTES, STOP))??;
        Ok(Boots::read(&String::from_utf8_lossy(&script)))
    }
}

impl Boots {
    /// Of a script of iPXE.
    fn read(script: &str) -> Self {
        let has = |words: &[&str]| {
            let mut first = script.lines().filter_map(|line| line.split_whitespace().next());
            first.any(|word| words.contains(&word))
        };
        if has(&["kernel", "initrd", "imgfetch"]) {
            Self::Installer
        } else if has(&["menu", "choose", "item"]) {
            Self::Other
        } else if script.contains("sanboot") || has(&["exit"]) {
            Self::Disk
        } else {
            Self::Other
        }
    }
}

fn label(known: &BTreeMap<MacAddr, Host>, mac: MacAddr) -> String {
    known.get(&mac).map_or_else(|| mac.colons(), Host::label)
}

fn or_none(address: Option<std::net::Ipv4Addr>) -> String {
    address.map_or_else(|| "no address".to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_boots() {
        for (script, boots) in [
            ("#!ipxe\nsanboot --no-describe --drive 0x80 || exit\n", Boots::Disk),
            ("#!ipxe\necho x\nexit\n", Boots::Disk),
            ("#!ipxe\nkernel http://10.0.0.1/vmlinuz\ninitrd x\nboot || exit\n", Boots::Installer),
            ("#!ipxe\nmenu x\nitem local y\nchoose z\nexit\n", Boots::Other),
            ("", Boots::Other),
        ] {
            assert_eq!(Boots::read(script), boots, "{script}");
        }
    }
}
