// SPDX-License-Identifier: GPL-3.0-or-later
//! The lines for a DHCP server that HPS does not run.

use super::plan::Plan;
use crate::program::{self, Exit, Site};
use hps::host::Host;
use hps::render::other_dhcp::{self, DhcpProgram};
use hps::store::Store;
use hps::types::one_line;
use std::collections::HashSet;

/// Prints them. A record that cannot be read, or that repeats a value of another one, is left out and reported.
pub(super) fn print_lines(site: &Site, store: &Store, program: DhcpProgram) -> anyhow::Result<Exit> {
    let plan = Plan::make(site, store, None)?;
    let (mut hosts, mut exit): (Vec<Host>, Exit) = (Vec::new(), Exit::Done);
    let (mut addresses, mut names, mut macs) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut report = |line: String| {
        program::eprint(format_args!("reload: {line}; no lines are printed for this host"));
        exit = Exit::Failed;
    };
    for file in store.hosts().list()? {
        match file.host {
            Err(error) => report(one_line(&error)),
            Ok(host) => {
                let is_new = host.address.is_none_or(|address| addresses.insert(address))
                    & host.name.as_ref().is_none_or(|name| names.insert(name.clone()))
                    & host.macs().all(|mac| macs.insert(mac));
                if is_new {
                    hosts.push(host);
                } else {
                    let record = store.paths.host(file.mac);
                    report(format!("{}: a MAC, name or address is also that of another host", record.path().display()));
                }
            }
        }
    }
    let hosts: Vec<&Host> = hosts.iter().collect();
    program::print_bytes(other_dhcp::lines(program, &store.cluster, plan.served(), &hosts).as_bytes())?;
    Ok(exit)
}
