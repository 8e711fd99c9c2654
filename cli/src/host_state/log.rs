// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state log`.

use super::complete;
use super::find::{HostArgument, completer};
use crate::program::{self, Ended, Exit};
use hps::store::Store;
use hps::types::{Lifetime, MacAddr, Timestamp, printable};
use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Print the log of a host: its boots and the stages of its installation, or with --install the installer's log.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state log sch-001
  host-state log sch-001 --since 1h --json
  host-state log sch-001 --install")]
pub(crate) struct Arguments {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    /// The attempt whose log --install prints [default: the newest]
    #[arg(requires = "install")]
    attempt: Option<u32>,
    /// Print the installer's log; the logs of the last five attempts are kept
    #[arg(long)]
    install: bool,
    /// Print only the last N lines
    #[arg(long, short = 'n', value_name = "N")]
    lines: Option<usize>,
    /// Print only the lines of the last time
    #[arg(long, value_name = "TIME", conflicts_with = "install", add = complete::times())]
    since: Option<Lifetime>,
    /// Answer in JSON: an object in each line, with time, MAC, name and text
    #[arg(long, conflicts_with = "install")]
    json: bool,
    /// Keep running and print new lines; end with Ctrl-C
    #[arg(long, short, conflicts_with = "install")]
    follow: bool,
}

const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mac = arguments.host.mac(store)?;
    if arguments.install {
        print(&install_log(store, mac, arguments.attempt)?, arguments.lines)?;
        return Ok(Exit::Done);
    }
    let ended = program::interrupted()?;
    let (text, mut tail) = store.journal().follow_log(mac)?;
    // A host without a record may have a log: one that was removed.
    if text.is_empty() {
        let label = arguments.host.host(store)?.label();
        program::eprint(format_args!("host-state: {label} has not asked this node for anything yet; its log is empty"));
    }
    let begin = arguments.since.map(|time| program::now().as_unix().saturating_sub(time.as_secs()));
    let text = begin.map_or_else(|| text.clone(), |begin| since(&text, begin));
    let print = |text: &str, lines| if arguments.json { print_json(text, lines) } else { Ok(print(text, lines)?) };
    print(&text, arguments.lines)?;
    while arguments.follow && !ended.load(Ordering::Relaxed) {
        print(&tail.read()?, None)?;
        std::thread::sleep(PAUSE);
    }
    Ok(Exit::Done)
}

/// The installer's log of an attempt, the newest if `attempt` is `None`.
///
/// # Errors
/// [`Exit::NotFound`] if there is none.
pub(crate) fn install_log(store: &Store, mac: MacAddr, attempt: Option<u32>) -> anyhow::Result<String> {
    let kept = store.journal().install_logs(mac)?;
    // The newest attempt, not the newest log: otherwise an older log would seem to be the present one.
    let host = store.hosts().find(mac)?;
    let newest = host.as_ref().and_then(|host| host.attempt.as_ref()).map(|attempt| attempt.number);
    let attempt = attempt.or(newest).or(kept.last().copied()).unwrap_or_default();
    if let Some(text) = store.journal().install_log(mac, attempt)? {
        return Ok(text);
    }
    let label = host.map_or_else(|| mac.colons(), |host| host.label());
    let kept: Vec<String> = kept.iter().map(u32::to_string).collect();
    let other = match kept.as_slice() {
        [] => format!("see: host-state log {label}"),
        kept => format!("there is one of: {}", kept.join(", ")),
    };
    // Before the first attempt there is no number.
    let of =
        if attempt == 0 { ": no installation of it has begun".to_owned() } else { format!(" of attempt {attempt}") };
    Err(Ended::error(Exit::NotFound, format!("{label} has sent no installer's log{of}; {other}")))
}

/// Prints lines. A node may send control sequences, which would act on a terminal.
fn print(text: &str, lines: Option<usize>) -> std::io::Result<()> {
    let skip = lines.map_or(0, |most| text.lines().count().saturating_sub(most));
    let mut out = std::io::stdout().lock();
    for line in text.lines().skip(skip) {
        writeln!(out, "{}", program::wrapped(&printable(line), 4))?;
    }
    out.flush()
}

/// A line of a log.
#[derive(Debug, serde::Serialize)]
pub(crate) struct LogLine<'a> {
    pub(crate) at: Option<Timestamp>,
    mac: Option<String>,
    name: Option<&'a str>,
    pub(crate) text: &'a str,
}

impl<'a> LogLine<'a> {
    /// One that has another form, as a machine with an old clock could leave it, is text alone.
    pub(crate) fn from_line(line: &'a str) -> Self {
        let mut parts = line.splitn(4, ' ');
        let mut next = || parts.next().unwrap_or_default();
        match (next().parse(), next().parse::<MacAddr>(), next(), next()) {
            (Ok(at), Ok(mac), name, text) if !name.is_empty() => {
                Self { at: Some(at), mac: Some(mac.colons()), name: Some(name).filter(|name| *name != "-"), text }
            }
            _ => Self { at: None, mac: None, name: None, text: line },
        }
    }
}

/// The lines from the first one that is not older than `begin`, in seconds of 1970.
pub(crate) fn since(text: &str, begin: u64) -> String {
    let is_older = |line: &&str| LogLine::from_line(line).at.is_none_or(|at| at.as_unix() < begin);
    text.lines().skip_while(is_older).map(|line| format!("{line}\n")).collect()
}

fn print_json(text: &str, lines: Option<usize>) -> anyhow::Result<()> {
    let skip = lines.map_or(0, |most| text.lines().count().saturating_sub(most));
    text.lines().skip(skip).try_for_each(|line| program::print_json_line(&LogLine::from_line(line)))
}
