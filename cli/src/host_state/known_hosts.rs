// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state ssh-known-hosts`.

use super::find::{completer, macs_of, record, refs_of};
use super::host_word::HostWord;
use crate::program::{self, Ended, Exit};
use hps::host::Host;
use hps::store::Store;
use hps::types::one_line;
use hps::types::{DomainName, HostKey};

/// Print the ssh host keys of installed hosts, as lines for ssh_known_hosts.
///
/// Each host made its key during its installation and reported the public half with its token.
/// So the first login need not trust the network.
/// Only the first key that an attempt reported counts, and only after its installation is complete.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state ssh-known-hosts > /etc/ssh/ssh_known_hosts
  host-state ssh-known-hosts 'sch-[001-040]'
  host-state ssh-known-hosts sch-001 --json")]
pub(crate) struct Arguments {
    /// MACs, host names, addresses, or ranges of names such as 'sch-[001-040]' [default: all hosts with a key]
    #[arg(add = completer())]
    host: Vec<HostWord>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Known<'a> {
    names: Vec<String>,
    key: &'a HostKey,
}

impl<'a> Known<'a> {
    /// `None` for a host without key, or without both name and address.
    fn for_host(host: &'a Host, domain: &DomainName) -> Option<Self> {
        let key = host.proven_host_key()?;
        let mut names = Vec::new();
        if let Some(name) = &host.name {
            names.extend([name.to_string(), format!("{name}.{domain}")]);
        }
        names.extend(host.address.map(|address| address.to_string()));
        (!names.is_empty()).then_some(Self { names, key })
    }
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let mut hosts = Vec::new();
    if arguments.host.is_empty() {
        for file in store.hosts().list()? {
            match file.host {
                Ok(host) => hosts.push(host),
                Err(error) => {
                    program::eprint(format_args!("host-state: {}", one_line(&error)));
                    exit = Exit::Failed;
                }
            }
        }
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
    } else {
        for mac in macs_of(store, &refs_of(store, &arguments.host)?)? {
            let host = record(store, mac)?;
            if host.proven_host_key().is_none() {
                let label = host.label();
                let message = if host.ssh_host_key.is_some()
                    || host.attempt.as_ref().is_some_and(|a| a.host_key.is_some())
                {
                    format!("{label} is {}: its ssh host key is shown when its installation is complete", host.state())
                } else {
                    format!("{label} has reported no ssh host key; installations by this version report it")
                };
                return Err(Ended::error(Exit::NotFound, message));
            }
            hosts.push(host);
        }
    }
    let domain = |host: &Host| store.cluster.placement_of_host(host.address).domain();
    let known: Vec<Known<'_>> = hosts.iter().filter_map(|host| Known::for_host(host, domain(host))).collect();
    if arguments.json {
        program::print_json(&known)?;
    } else {
        for known in &known {
            program::print(format_args!("{} {}", known.names.join(","), known.key))?;
        }
    }
    Ok(exit)
}
