// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state check`: reads all of the registry, and what its hosts would be served, and says what a person should look at.

mod claims;
mod desk;
mod lines;
mod marks;
mod permissions;
mod profiles;
mod proofs;
mod published;
mod readers;
mod records;

use crate::program::{self, Exit};
use hps::files::FileError;
use hps::host::Host;
use hps::store::{Store, StoreError, read_plain};
use hps::types::MacAddr;
use std::path::{Path, PathBuf};

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

/// Something that is not as it should be. The names of the fields are an interface.
#[derive(Debug, serde::Serialize)]
struct Finding {
    severity: Severity,
    file: PathBuf,
    line: Option<usize>,
    problem: String,
    advice: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Problem,
    Note,
}

/// What is found, in the order in which it is found.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, file: &Path, line: Option<usize>, problem: String, advice: &str) {
        self.0.push(Finding { severity, file: file.to_path_buf(), line, problem, advice: advice.to_owned() });
    }

    fn problem(&mut self, file: &Path, line: Option<usize>, problem: impl Into<String>, advice: &str) {
        self.add(Severity::Problem, file, line, problem.into(), advice);
    }

    fn note(&mut self, file: &Path, problem: impl Into<String>, advice: &str) {
        self.add(Severity::Note, file, None, problem.into(), advice);
    }

    /// A file that cannot be read or taken. The store says `line N: ...` where it knows the line.
    fn error(&mut self, file: &Path, error: &StoreError, advice: &str) {
        let (path, text) = match error {
            StoreError::Mistakes { path, mistakes } => {
                for mistake in mistakes.iter() {
                    self.problem(path, Some(mistake.line()), mistake.without_line(), advice);
                }
                return;
            }
            StoreError::Content { path, problem } => (path.as_path(), problem.clone()),
            StoreError::Untrusted(FileError::Untrusted { path, problem, mend }) => {
                return self.problem(path, None, problem, mend);
            }
            StoreError::Io(error) => (error.path(), format!("cannot {}: {}", error.operation(), error.reason())),
            other => (file, other.to_string()),
        };
        let numbered = text.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
        match numbered.and_then(|(number, rest)| Some((number.parse().ok()?, rest))) {
            Some((line, rest)) => self.problem(path, Some(line), rest, advice),
            None => self.problem(path, None, text, advice),
        }
    }
}

/// All records, the good ones and the bad ones' MACs.
struct Registry<'a> {
    store: &'a Store,
    hosts: Vec<Host>,
    unreadable: Vec<MacAddr>,
}

impl Registry<'_> {
    /// The host with this MAC, the naming one or a further one.
    fn host(&self, mac: MacAddr) -> Option<&Host> {
        let by_name = self.hosts.iter().find(|h| h.mac() == mac);
        by_name.or_else(|| self.hosts.iter().find(|h| h.macs().any(|m| m == mac)))
    }
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

/// The names in a folder, sorted, without hidden ones; a folder that cannot be read is a problem.
fn names(folder: &Path, findings: &mut Findings) -> Vec<String> {
    let listed = std::fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<std::io::Result<Vec<_>>>()
    });
    match listed {
        Ok(mut names) => {
            names.retain(|name| !name.starts_with('.'));
            names.sort();
            names
        }
        Err(error) => {
            findings.problem(
                folder,
                None,
                format!("cannot list: {error}"),
                "reload makes the folders that are missing",
            );
            Vec::new()
        }
    }
}

/// Whether a folder is not there. One that cannot be looked at is there, and is a problem where it is listed.
fn is_missing(folder: &Path) -> bool {
    folder.metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// The MAC of a file called `<mac>.toml`, spelled as the programs spell it.
fn mac_of_file(name: &str) -> Option<MacAddr> {
    let stem = name.strip_suffix(".toml")?;
    stem.parse::<MacAddr>().ok().filter(|mac| mac.to_string() == stem)
}

/// More than any record.
const LARGEST: u64 = 1 << 20;

/// The line on which a key stands.
fn line_of(file: &Path, key: &str) -> Option<usize> {
    let text = String::from_utf8(read_plain(file, LARGEST).ok()?).ok()?;
    let found = text
        .lines()
        .position(|line| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))?;
    Some(found + 1)
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_not_several() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "note")), ["0 notes", "1 note", "2 notes"]);
    }
}
