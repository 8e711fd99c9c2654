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
pub(super) const CHECKS: [Check; 20] = [
    check("cluster", "hps.conf and the active cluster can be read", &[], checks::cluster::run),
    of_root(check("rights", "owners and modes of files and folders", &[], checks::rights::run)),
    check("interface", "the cluster's interface and address", &[], checks::interface::run),
    of_root(check("ports", "other programs on the ports of HPS", &[], checks::ports::run)),
    of_root(check("services", "dnsmasq, lighttpd, chronyd and hps-notify run", &[], checks::services::run)),
    of_root(check(
        "configuration",
        "what reload would write, and what the services read",
        &[],
        checks::configuration::run,
    )),
    of_root(check(
        "dhcp",
        "the offer to each client architecture, and to iPXE",
        &["interface", "dnsmasq"],
        checks::dhcp::run,
    )),
    of_root(check("boot-files", "boot loaders: on disk, by TFTP and by HTTP", &["interface"], checks::boot_files::run)),
    of_root(check(
        "boot-manager",
        "the answer to an unknown machine",
        &["interface", "lighttpd", "rights"],
        checks::boot_manager::run,
    )),
    of_root(check(
        "names",
        "names and addresses in DNS: this node, hosts, aliases",
        &["interface", "dnsmasq"],
        checks::names::run,
    )),
    of_root(check("records", "records, permissions, marks, rules and site profiles", &[], checks::records::run)),
    of_root(check("addresses", "addresses of hosts that other machines use", &["interface"], checks::addresses::run)),
    of_root(check("leases", "leases that keep a host from its address", &[], checks::leases::run)),
    of_root(check("media", "trees, images and packages of each host type", &[], checks::media::run)),
    of_root(check(DHCP_SERVERS, "other DHCP servers", &["interface"], checks::dhcp_servers::run)),
    check("clock", "the clock of this node", &[], checks::clock::run),
    check("disk-space", "free space of each folder", &[], checks::disk_space::run),
    of_root(check("locks", "locks that a process does not release", &[], checks::locks::run)),
    check("log-rotation", "logrotate knows the logs of HPS", &[], checks::log_rotation::run),
    of_root(check("reload", "a reload that was interrupted", &[], checks::interrupted::run)),
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
