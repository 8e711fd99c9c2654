// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state check`: reads all of the registry and what its hosts would be served, and reports what a person should
//! look at.

mod addresses;
mod allocations;
mod findings;
mod folder;
mod hardware;
mod lines;
mod marks;
mod other_dhcp;
mod page;
pub(crate) mod parts;
mod permissions;
mod preflight;
mod profiles;
mod proofs;
mod published;
mod readers;
mod records;
mod registry;
mod rules;

use crate::program::{self, Exit};
use findings::Findings;
pub(crate) use findings::{Finding, Severity};
use hps::store::Store;

/// Check the whole registry and what its hosts would be served.
///
/// Each problem is one line with file, line and advice.
/// Files of one folder with the same problem share a line, and its command repairs all of them.
/// A fault that the next reload or the host itself repairs is a note.
/// The exit code is 1 if there is a problem, 0 if there is none.
///
/// For each host type of the cluster file, a sample host gets its answer file from the published trees and images.
/// That file is checked as its reader will read it.
/// A kickstart is checked by ksvalidator and bash, and against the package lists of its tree and of the local packages.
/// An answer of the node environment is read by that environment's script.
/// A tree or an image that is not published is a problem if a host, a rule or a window needs it.
/// Otherwise it is a note, on a terminal and in JSON.
///
/// It asks the network which machines use the addresses of the hosts, in about a second for each 128 hosts.
/// As root, it also looks for other DHCP servers on the cluster's interface, for up to 5 seconds.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state check
  host-state check --json
  out=$(host-state check) || echo \"$out\" | mail -s registry root    from cron, after edits by hand")]
pub(super) struct Arguments {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut findings = Findings::default();
    let registry = records::read(store, &mut findings)?;
    records::check(&registry, &mut findings);
    allocations::check(&registry, &mut findings)?;
    let permissions = permissions::check(&registry, &mut findings);
    marks::check(&registry, &mut findings);
    proofs::check(&registry, &mut findings);
    hardware::check(&registry, &mut findings)?;
    profiles::check(&registry, &mut findings);
    rules::check(&registry, &mut findings);
    readers::check(&registry, &mut findings);
    published::check(&registry, &mut findings);
    let (owed, services) = crate::reload::owed_restarts(store.paths.conf());
    for service in services {
        let why =
            format!("a reload was interrupted: {service} runs with an older configuration than that in its files");
        findings.problem(&owed, None, why, "reload starts it again");
    }
    // An unused site, or a type that no host has, is not worth a message from cron.
    let all = arguments.json || program::on_terminal();
    page::check(&registry, all, &mut findings);
    other_dhcp::check(&registry, all, &mut findings);
    addresses::check(&registry, all, &mut findings);
    preflight::check(&registry, &permissions, all, &mut findings)?;
    let problems = findings.0.iter().filter(|f| f.severity == Severity::Problem).count();
    if arguments.json {
        program::print_json(&findings.0)?;
    } else {
        for line in lines::from_findings(&findings.0) {
            program::print(line)?;
        }
        // Silent under cron, if all is well.
        if problems > 0 || program::on_terminal() {
            program::eprint(format_args!(
                "host-state: {}, {}, {}",
                counted(registry.hosts.len() + registry.unreadable.len(), "host"),
                counted(problems, "problem"),
                counted(findings.0.len() - problems, "note")
            ));
        }
    }
    Ok(if problems == 0 { Exit::Done } else { Exit::Failed })
}

/// `1 problem`, `2 problems`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_not_several() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "note")), ["0 notes", "1 note", "2 notes"]);
    }
}
