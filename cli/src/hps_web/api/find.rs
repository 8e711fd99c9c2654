// SPDX-License-Identifier: GPL-3.0-or-later
//! The host that an address names: found in memory, or by the file that holds its name. No request reads all records.

use crate::host_state::HostWord;
use crate::hps_web::site::Snapshot;
use crate::program::{Ended, Exit};
use hps::host::Host;
use hps::types::{HostRef, MacAddr};

/// A host as it is written in an address.
///
/// # Errors
/// [`Exit::NotFound`] for a text that names no single host.
pub(in crate::hps_web) fn word(text: &str) -> anyhow::Result<HostWord> {
    let bad = || Ended::error(Exit::NotFound, "expected a MAC, such as 52:54:00:12:34:56, a host name or an address");
    text.parse::<HostWord>().ok().filter(HostWord::is_one).ok_or_else(bad)
}

/// The MAC that names the record of a host; an unknown MAC is its own answer.
///
/// # Errors
/// [`Exit::NotFound`] for a text that names no single host, and for a name or address of no host.
pub(in crate::hps_web) fn find_host(snapshot: &Snapshot, text: &str) -> anyhow::Result<MacAddr> {
    let store = &snapshot.store;
    let known =
        |fits: &dyn Fn(&Host) -> bool| snapshot.hosts.values().map(|known| known.host()).find(|host| fits(host));
    let found = match word(text)? {
        HostWord::Address(address) => known(&|host| host.address == Some(address)).map(Host::mac),
        HostWord::Qualified(name, domain) => {
            let ours = store.cluster.placements().any(|place| *place.domain() == domain);
            known(&|host| ours && host.name.as_ref() == Some(&name)).map(Host::mac)
        }
        HostWord::Pattern(pattern) => match pattern.hosts().first() {
            Some(HostRef::Mac(mac)) => match known(&|host| host.macs().any(|own| own == *mac)) {
                Some(host) => Some(host.mac()),
                None => Some(store.hosts().naming_mac(*mac)?),
            },
            Some(HostRef::Name(name)) => match known(&|host| host.name.as_ref() == Some(name)) {
                Some(host) => Some(host.mac()),
                None => store.hosts().mac_by_name(name)?,
            },
            None => None,
        },
    };
    let cluster = &store.cluster.name;
    let missing =
        || Ended::error(Exit::NotFound, format!("cluster {cluster} has no host {text}; see: host-state list"));
    found.ok_or_else(missing)
}
