// SPDX-License-Identifier: GPL-3.0-or-later
//! Records of hosts: each alone, and each compared with the others.

use super::findings::Findings;
use super::folder::{line_of, mac_of_file, names};
use super::registry::Registry;
use crate::program::node_name;
use hps::host::Host;
use hps::reservation::{Gap, entry, gaps};
use hps::store::{EntryKind, HeldAllocations, Store};
use hps::types::{MacAddr, check_not_reserved, check_whole_name};
use std::collections::HashMap;
use std::path::PathBuf;

const BY_HAND: &str = "correct it by hand; until then only this host is refused";

/// Reads all of them; a bad one is found at once.
pub(super) fn read<'a>(store: &'a Store, findings: &mut Findings) -> anyhow::Result<Registry<'a>> {
    let folder = store.paths.hosts_dir();
    for name in names(&folder, findings) {
        if mac_of_file(&name).is_none() {
            findings.problem(
                &folder.join(&name),
                None,
                "not read: the name is not a MAC of 12 lower-case hex digits with .toml",
                "rename or remove it",
            );
        }
    }
    let mut registry = Registry { store, hosts: Vec::new(), unreadable: Vec::new() };
    for file in store.hosts().list()? {
        match file.host {
            Ok(host) => registry.hosts.push(host),
            Err(error) => {
                findings.error(store.paths.host(file.mac).path(), &error, BY_HAND);
                registry.unreadable.push(file.mac);
            }
        }
    }
    Ok(registry)
}

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    for host in &registry.hosts {
        check_address(registry.store, host, findings);
        whole_name(registry.store, host, findings);
        reserved_name(registry.store, host, findings);
        past(registry.store, host, findings);
        entries(registry.store, host, findings);
        unfinished(registry.store, host, findings);
    }
    twice(registry, findings);
    // A reservation without a host would block an address.
    for kind in EntryKind::ALL {
        let folder = registry.store.paths.host_entries_dir(kind);
        for name in names(&folder, findings) {
            let known = name
                .parse::<MacAddr>()
                .is_ok_and(|mac| registry.unreadable.contains(&mac) || registry.hosts.iter().any(|h| h.mac() == mac));
            if !known {
                findings.note(&folder.join(&name), format!("{} without a host", word(kind)), "reload removes it");
            }
        }
    }
}

fn file_of(store: &Store, host: &Host) -> PathBuf {
    store.paths.host(host.mac()).path().to_path_buf()
}

/// Compares the address with the cluster's network.
fn check_address(store: &Store, host: &Host, findings: &mut Findings) {
    let Some(address) = host.address else { return };
    let (file, place) = (file_of(store, host), store.cluster.placement(address));
    let advice =
        format!("host-state set {} address=ADDRESS, or host-state unset {} address", host.label(), host.label());
    if let Err(why) = store.cluster.takes_host(address) {
        findings.problem(&file, line_of(&file, "address"), format!("address {why}"), &advice);
    } else if place.dhcp_range().contains(address) {
        let why = format!("address {address} is in {} {}", place.key("dhcp_range"), place.dhcp_range());
        findings.problem(&file, line_of(&file, "address"), why, &advice);
    } else if !place.host_range().contains(address) {
        let why = format!("address {address} is outside {} {}", place.key("host_range"), place.host_range());
        findings.note(&file, why, "this is right if it was chosen on purpose");
    }
}

/// Compares the name with the cluster's domain. A record may be from before the domain, and a domain from before the
/// limit.
fn whole_name(store: &Store, host: &Host, findings: &mut Findings) {
    let Some(name) = &host.name else { return };
    if let Err(why) = check_whole_name(name, store.cluster.placement_of_host(host.address).domain()) {
        let file = file_of(store, host);
        let advice = format!("until then it cannot be installed: host-state set {name} name=NAME");
        findings.problem(&file, line_of(&file, "name"), why.to_string(), &advice);
    }
}

/// A record may have such a name from an older version, or by hand.
fn reserved_name(store: &Store, host: &Host, findings: &mut Findings) {
    let Some(name) = &host.name else { return };
    let file = file_of(store, host);
    if let Err(why) = check_not_reserved(name, None) {
        let advice = format!("host-state set {name} name=NAME");
        findings.problem(&file, line_of(&file, "name"), why.to_string(), &advice);
    } else if node_name().as_ref() == Some(name) {
        let why = format!("{name} is also the name of this provisioning node");
        findings.note(&file, why, "this is right if this host became the provisioning node");
    }
}

/// A system on the disk that only the record remembers.
fn past(store: &Store, host: &Host, findings: &mut Findings) {
    if !host.state().has_system() {
        return;
    }
    let file = file_of(store, host);
    match store.installed_marks().installed_host(host) {
        Ok(installed) if installed.is_marked() => {}
        Ok(_) => findings.problem(
            &file,
            line_of(&file, "state"),
            format!("{} is {}, but it has no mark that it was ever installed", host.label(), host.state()),
            &format!("host-state set {} state={} makes it", host.label(), host.state()),
        ),
        // Reported once, with the marks.
        Err(_) => {}
    }
}

/// The steps after the record that its writer did not do. Allocations and reservations are checked separately.
fn unfinished(store: &Store, host: &Host, findings: &mut Findings) {
    let path = store.paths.history(host.mac());
    match gaps(store, host, &HeldAllocations::default()) {
        Ok(gaps) => {
            for gap in gaps.into_iter().filter(|gap| matches!(gap, Gap::Ended | Gap::History)) {
                let why = format!("{} is {}: {gap}", host.label(), host.state());
                findings.note(&path, why, "reload completes it");
            }
        }
        Err(error) => findings.error(&path, &error, "check the owner and mode of the file, and the disk"),
    }
}

/// What an entry of dnsmasq is.
fn word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Reservation => "a reservation",
        EntryKind::Names => "a name in DNS",
    }
}

fn entries(store: &Store, host: &Host, findings: &mut Findings) {
    // A record that reload would not use is reported elsewhere.
    if host.address.is_some_and(|address| store.cluster.takes_host(address).is_err()) {
        return;
    }
    for kind in EntryKind::ALL {
        let path = store.paths.host_entry(kind, host.mac());
        let (label, word) = (host.label(), word(kind));
        match (entry(store, kind, host), store.host_entries(kind).get(host.mac())) {
            (Some(expected), Some(entry)) if expected != entry => {
                findings.note(&path, format!("differs from the record of {label}"), "reload writes it again");
            }
            (Some(_), None) => {
                findings.note(&path, format!("{label} has no file here for {word}"), "reload writes it");
            }
            (None, Some(_)) => findings.note(
                &path,
                format!("{word} for {label}, whose record has no address or no name"),
                "reload removes it",
            ),
            _ => {}
        }
    }
}

/// Addresses, names and MACs that two records have.
fn twice(registry: &Registry<'_>, findings: &mut Findings) {
    let mut seen: HashMap<(&str, String), &Host> = HashMap::new();
    for host in &registry.hosts {
        let address = host.address.map(|a| ("address", a.to_string()));
        let name = host.name.as_ref().map(|n| ("name", n.to_string()));
        let macs = host.macs().map(|m| ("macs", m.colons()));
        for (key, value) in address.into_iter().chain(name).chain(macs) {
            if let Some(other) = seen.insert((key, value.clone()), host) {
                let file = file_of(registry.store, host);
                findings.problem(
                    &file,
                    line_of(&file, key),
                    format!("{key} {value} is also in {}", file_of(registry.store, other).display()),
                    "one of the two must have another one",
                );
            }
        }
    }
}
