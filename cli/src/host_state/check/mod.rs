// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state check`: reads all of the registry, and what its hosts would be served, and says what a person should look at.

mod claims;
mod desk;
mod findings;
mod folder;
mod lines;
mod marks;
mod permissions;
mod profiles;
mod proofs;
mod published;
mod readers;
mod records;
mod registry;

use crate::program::{self, Exit};
use findings::{Findings, Severity};
use hps::store::Store;

/// Read all of the registry, and what its hosts would be served, and say what is wrong.
///
/// One line for each problem, with file and line and what to do; files of one folder with the same problem share a line, and its
/// command mends all of them. What mends itself, at the next reload or when the host asks,
/// is a note and no problem. Exit code 1 when there is any problem, 0 when there is none.
///
/// For each host type of the cluster file a sample host is given its answer file from what is published now, and the file is read
/// as its reader will: a kickstart by ksvalidator and bash, and beside the package lists of its tree and of the local packages; the
/// answer of the node environment by that environment's script. A tree or an image that is not published is a problem where a host,
/// a rule or a window is permitted to be installed with it, else a note on a terminal and in JSON.
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
    claims::check(&registry, &mut findings)?;
    let permissions = permissions::check(&registry, &mut findings);
    marks::check(&registry, &mut findings);
    proofs::check(&registry, &mut findings);
    profiles::check(&registry, &mut findings);
    readers::check(&registry, &mut findings);
    published::check(&registry, &mut findings);
    let (owed, services) = crate::reload::owed_restarts(store.paths.conf());
    for service in services {
        let why = format!("a reload was interrupted: {service} runs with an older configuration than its files have");
        findings.problem(&owed, None, why, "reload starts it again");
    }
    // A site that is not made use of yet, or a type that nobody installs, is nothing for cron.
    let all = arguments.json || program::on_terminal();
    desk::check(&registry, &permissions, all, &mut findings)?;
    let problems = findings.0.iter().filter(|f| f.severity == Severity::Problem).count();
    if arguments.json {
        program::print_json(&findings.0)?;
    } else {
        for line in lines::of(&findings.0) {
            program::print(line)?;
        }
        // Silent under cron, where all is well.
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
