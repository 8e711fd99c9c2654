// SPDX-License-Identifier: GPL-3.0-or-later
//! The checks, in an order in which the cause of a fault comes before what follows from it.

use super::check::Check;
use super::checks;
use super::context::Context;
use super::found::Found;
use crate::program::{Ended, Exit};

const fn check(
    name: &'static str,
    about: &'static str,
    needs: &'static [&'static str],
    run: fn(&Context) -> anyhow::Result<Vec<Found>>,
) -> Check {
    Check { name, about, root: false, needs, run }
}

const fn of_root(check: Check) -> Check {
    Check { root: true, ..check }
}

/// The check that takes longest, and begins before the others.
pub(super) const DHCP_SERVERS: &str = "dhcp-servers";

/// All of them.
pub(super) const CHECKS: [Check; 21] = [
    check("cluster", "hps.conf and the active cluster can be read", &[], checks::cluster::run),
    of_root(check("rights", "services can read their files, and nobody else reads secrets", &[], checks::rights::run)),
    check("interface", "the cluster's interface is up and has its address", &[], checks::interface::run),
    of_root(check("ports", "no other program has a port of HPS", &[], checks::ports::run)),
    of_root(check("services", "the services that the cluster needs run", &[], checks::services::run)),
    of_root(check("configuration", "the services read what reload would write", &[], checks::configuration::run)),
    of_root(check(
        "dhcp",
        "each client architecture and iPXE are offered a boot file",
        &["interface", "dnsmasq"],
        checks::dhcp::run,
    )),
    of_root(check(
        "boot-files",
        "boot loaders are the same on disk, by TFTP and by HTTP",
        &["interface"],
        checks::boot_files::run,
    )),
    of_root(check(
        "boot-manager",
        "an unknown machine gets an answer",
        &["interface", "lighttpd", "rights"],
        checks::boot_manager::run,
    )),
    of_root(check("page", "the page of [web] answers, and its certificate is valid", &["rights"], checks::page::run)),
    of_root(check(
        "names",
        "DNS answers for this node, hosts and aliases",
        &["interface", "dnsmasq"],
        checks::names::run,
    )),
    of_root(check(
        "records",
        "records, permissions, marks, rules and site profiles are right",
        &[],
        checks::records::run,
    )),
    of_root(check("addresses", "no other machine uses the address of a host", &["interface"], checks::addresses::run)),
    of_root(check("leases", "no lease keeps a host from its address", &[], checks::leases::run)),
    of_root(check("media", "each host type has its tree or image, and its packages", &[], checks::media::run)),
    of_root(check(
        DHCP_SERVERS,
        "no other DHCP server contradicts the cluster file",
        &["interface"],
        checks::dhcp_servers::run,
    )),
    check("clock", "the clock of this node is not before the newest record", &[], checks::clock::run),
    check("disk-space", "each folder has free space", &[], checks::disk_space::run),
    of_root(check("locks", "no hanging process holds a lock", &[], checks::locks::run)),
    check("log-rotation", "logrotate knows the logs of HPS", &[], checks::log_rotation::run),
    of_root(check("reload", "no reload was interrupted", &[], checks::interrupted::run)),
];

/// The checks with these names, in the order of the list; all, if none is named.
///
/// # Errors
/// [`Exit::Usage`] for a name that is no check.
pub(super) fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Check>> {
    if let Some(unknown) = names.iter().find(|name| !CHECKS.iter().any(|check| check.name == *name)) {
        return Err(Ended::error(Exit::Usage, format!("--only {unknown}: no such check; see: self-test --list")));
    }
    Ok(CHECKS.iter().filter(|check| names.is_empty() || names.iter().any(|name| name == check.name)).collect())
}
