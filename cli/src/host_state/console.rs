// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state console`: looks at the console of a host, and types at it.

use super::find::{HostArgument, completer};
use crate::audit;
use crate::console::{PersonLock, Record, RecorderLock, TypingTerminal};
use crate::power;
use crate::program::{self, Ended, Exit};
use hps::power::{ConsoleRead, ConsoleScreen, PowerError, open_console};
use hps::store::Store;
use hps::types::{MacAddr, one_line, printable};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Look at the console of a host, and type at it.
///
/// The console is recorded while the host is installed.
/// Without --attach the program prints this record, as text that acts on no terminal.
/// With --attach the terminal is the console.
/// Every key goes to the host, Ctrl-C too; Ctrl-] leaves the console.
/// One person at a time can type. What is shown meanwhile is recorded too.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state console sch-001
  host-state console sch-001 --last 50
  host-state console sch-001 --follow
  host-state console sch-001 --attach        Ctrl-] leaves")]
pub(crate) struct Arguments {
    /// MAC, host name or address
    #[arg(add = completer())]
    host: HostArgument,
    /// Print only the last N lines
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "attach")]
    last: Option<usize>,
    /// Keep running and print new lines; end with Ctrl-C
    #[arg(long, short, conflicts_with = "attach")]
    follow: bool,
    /// Type at the console; needs a terminal
    #[arg(long, short)]
    attach: bool,
}

const PAUSE: Duration = Duration::from_millis(250);
/// How often keys and signals are looked for.
const TURN: Duration = Duration::from_millis(50);
/// Ctrl-].
const LEAVE: u8 = 0x1d;

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    let mac = arguments.host.mac(store)?;
    let stop = program::interrupted()?;
    if arguments.attach { attach(store, mac, &stop) } else { look(store, mac, arguments, &stop) }
}

fn look(store: &Store, mac: MacAddr, arguments: &Arguments, stop: &AtomicBool) -> anyhow::Result<Exit> {
    let (text, mut tail) = store.journal().follow_console(mac)?;
    if text.is_empty() {
        let label = store.hosts().find(mac)?.map_or_else(|| mac.colons(), |host| host.label());
        let control = store.power_controls().get(mac)?;
        let why = match control.and_then(|control| control.console) {
            Some(_) => format!(
                "nothing of the console of {label} is recorded yet; to type at it: host-state console {label} --attach"
            ),
            None => format!(
                "HPS does not know where the console of {label} is; store that with: host-power set {label} --console sol"
            ),
        };
        if !arguments.follow {
            return Err(Ended::error(Exit::NotFound, why));
        }
        program::eprint(format_args!("host-state: {why}"));
    }
    print(&text, arguments.last)?;
    while arguments.follow && !stop.load(Ordering::Relaxed) {
        print(&tail.read()?, None)?;
        std::thread::sleep(PAUSE);
    }
    Ok(Exit::Done)
}

/// A person could have changed the file, so it is made harmless here too.
fn print(text: &str, last: Option<usize>) -> std::io::Result<()> {
    let skip = last.map_or(0, |most| text.lines().count().saturating_sub(most));
    let mut out = std::io::stdout().lock();
    text.lines().skip(skip).try_for_each(|line| writeln!(out, "{}", printable(line)))?;
    out.flush()
}

fn attach(store: &Store, mac: MacAddr, stop: &AtomicBool) -> anyhow::Result<Exit> {
    let Some(terminal) = TypingTerminal::of_this_process() else {
        return Err(Ended::error(Exit::Usage, "--attach needs a terminal; to read: host-state console HOST --follow"));
    };
    let ready = power::ready(store, &[mac], stop)?;
    let Some(ready) = ready.first() else { return Ok(Exit::NotFound) };
    let label = &ready.label;
    if ready.control.console.is_none() {
        return Err(Ended::error(Exit::NotFound, of_host(&PowerError::NoConsole, label)));
    }
    let who = audit::who("host-state");
    let person = who.as_line().as_str();
    let _person = PersonLock::take(store, mac, label, person)?;
    let _session = RecorderLock::wait(store, mac, label)?;
    store.journal().note(mac, &who, program::now(), "console attached", "")?;
    let mut record = Record::new(store, mac)?;
    record.note(&format!("{person} types at the console"))?;
    let mut console =
        open_console(&ready.target()).map_err(|error| Ended::error(Exit::Failed, of_host(&error, label)))?;
    program::eprint(format_args!(
        "host-state: the console of {label}; Ctrl-] leaves it, and every other key goes to the host"
    ));
    let mut screen = ConsoleScreen::default();
    let raw = terminal.raw()?;
    let ended_by_itself = loop {
        if stop.load(Ordering::Relaxed) {
            break false;
        }
        match console.read(Duration::ZERO)? {
            ConsoleRead::Bytes(bytes) => {
                raw.show(&screen.shown(&bytes))?;
                record.add(&bytes)?;
            }
            ConsoleRead::Nothing => record.rest()?,
            ConsoleRead::End => break true,
        }
        let Some(keys) = raw.keys(&console, TURN)? else { break false };
        let leaves = keys.iter().position(|key| *key == LEAVE);
        let typed = keys.get(..leaves.unwrap_or(keys.len())).unwrap_or_default();
        // It has ended: the next read says so.
        let _ended = console.write(typed);
        if leaves.is_some() {
            break false;
        }
    };
    raw.show(screen.reset())?;
    drop(raw);
    program::eprint("");
    let ended = console.end(!ended_by_itself);
    let why = ended.as_ref().err().map(|error| of_host(error, label));
    record.note(&why.clone().unwrap_or_else(|| format!("{person} has left the console")))?;
    match why {
        Some(why) => Err(Ended::error(Exit::Failed, why)),
        None => {
            program::eprint(format_args!("host-state: left the console of {label}"));
            Ok(Exit::Done)
        }
    }
}

/// The messages of the library know no host.
fn of_host(error: &PowerError, label: &str) -> String {
    format!("{label}: {}", one_line(error)).replace("host-power set HOST", &format!("host-power set {label}"))
}
