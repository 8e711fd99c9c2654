// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power record`: records the consoles of hosts while they are installed.

use crate::console::{Record, RecorderLock, person_has_it};
use crate::power::{self, Ready};
use crate::program::{self, Exit};
use hps::host::HostState;
use hps::power::{ConsoleRead, PowerError, open_console};
use hps::store::Store;
use hps::types::{MacAddr, one_line};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Record the consoles of hosts while they are installed.
///
/// A console is recorded from the permission to install until some minutes after the end of the installation.
/// So the record has what the firmware, the boot loader and the kernel print.
/// While a person types at a console, the program of that person records it.
/// It ends with Ctrl-C.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power record
  host-state console sch-001 --follow        shows what is recorded")]
pub(super) struct Arguments {}

/// How often states are read.
const LOOK: Duration = Duration::from_secs(3);
/// How often a recorder looks whether it should end, or a person wants the console.
const TURN: Duration = Duration::from_millis(500);
/// So long after the end of its installation a host is recorded: its first start.
const AFTERWARDS: Duration = Duration::from_secs(300);
/// So many consoles at a time: each is a process of ipmitool.
const MOST: usize = 256;
/// Before the first and the last try again.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// A thread that records one host.
struct Worker {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

pub(super) fn run(mut store: Store, stop: &AtomicBool) -> anyhow::Result<Exit> {
    let mut workers: BTreeMap<MacAddr, Worker> = BTreeMap::new();
    let mut last_needed: BTreeMap<MacAddr, Instant> = BTreeMap::new();
    let mut said = String::new();
    while !stop.load(Ordering::Relaxed) {
        // Another cluster may be active now. While its file cannot be read, the last one counts.
        let problem = match program::open_store().map(|newest| store = newest) {
            Ok(()) => String::new(),
            Err(error) => format!("{error:#}"),
        };
        if problem != said && !problem.is_empty() {
            program::eprint(format_args!("host-power: {problem}"));
        }
        said = problem;
        let now = Instant::now();
        last_needed.extend(installing(&store).into_iter().map(|mac| (mac, now)));
        last_needed.retain(|_, at| at.elapsed() < AFTERWARDS);
        let wanted: BTreeSet<MacAddr> = newest(&last_needed);
        let ended: Vec<MacAddr> = workers
            .iter()
            .filter(|(mac, worker)| !wanted.contains(mac) || worker.thread.is_finished())
            .map(|(mac, _)| *mac)
            .collect();
        end(ended.iter().filter_map(|mac| workers.remove(mac)).collect());
        for mac in wanted {
            if workers.contains_key(&mac) {
                continue;
            }
            let stop = Arc::new(AtomicBool::new(false));
            let inner = Arc::clone(&stop);
            let thread = std::thread::Builder::new().spawn(move || recorder(mac, &inner));
            match thread {
                Ok(thread) => drop(workers.insert(mac, Worker { stop, thread })),
                Err(error) => program::eprint(format_args!("host-power: {}: {error}", mac.colons())),
            }
        }
        pause(LOOK, stop);
    }
    end(workers.into_values().collect());
    Ok(Exit::Done)
}

/// The hosts that were needed last.
fn newest(needed: &BTreeMap<MacAddr, Instant>) -> BTreeSet<MacAddr> {
    let mut macs: Vec<(MacAddr, Instant)> = needed.iter().map(|(mac, at)| (*mac, *at)).collect();
    macs.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    macs.into_iter().take(MOST).map(|(mac, _)| mac).collect()
}

/// All of them at the same time: each closes a session.
fn end(workers: Vec<Worker>) {
    workers.iter().for_each(|worker| worker.stop.store(true, Ordering::Relaxed));
    for worker in workers {
        if worker.thread.join().is_err() {
            program::eprint("host-power: a recorder has ended");
        }
    }
}

/// The hosts with a console that are being installed, or may be at their next boot. A record that cannot be read is reported by
/// host-state check.
fn installing(store: &Store) -> Vec<MacAddr> {
    let controls = store.power_controls();
    let has_console =
        |mac: &MacAddr| controls.get(*mac).ok().flatten().is_some_and(|control| control.console.is_some());
    let needs = |mac: &MacAddr| {
        let host = store.hosts().find(*mac).ok().flatten();
        let is_installing = host.is_some_and(|host| host.state() == HostState::Installing);
        is_installing || store.permissions().get(*mac, program::now()).ok().flatten().is_some()
    };
    controls.list().unwrap_or_default().into_iter().filter(|mac| needs(mac) && has_console(mac)).collect()
}

/// Records one host until it should end.
fn recorder(mac: MacAddr, stop: &AtomicBool) {
    let mut retry = RETRY.0;
    let mut said = String::new();
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let ended = once(mac, stop, &said);
        // It was there for some time, so the next problem is a new one.
        if begun.elapsed() > RETRY.1 {
            (retry, said) = (RETRY.0, String::new());
        }
        if let Err(error) = ended {
            let problem = format!("{error:#}");
            if problem != said {
                program::eprint(format_args!("host-power: {problem}"));
            }
            said = problem;
            pause(retry, stop);
            retry = (retry * 2).min(RETRY.1);
        } else {
            pause(TURN, stop);
        }
    }
}

/// Opens the console, and records it until it ends, a person wants it, or this should end. A problem that was reported before
/// is not recorded again.
fn once(mac: MacAddr, stop: &AtomicBool, said: &str) -> anyhow::Result<()> {
    let store = program::open_store()?;
    if person_has_it(&store, mac)? {
        return Ok(());
    }
    let Some(_session) = RecorderLock::try_take(&store, mac)? else { return Ok(()) };
    let ready = power::ready(&store, &[mac], stop)?;
    let Some(ready) = ready.first() else { return Ok(()) };
    let mut record = Record::new(&store, mac)?;
    let ended = read(&store, ready, &mut record, stop);
    if let Err(error) = &ended
        && format!("{error:#}") != said
    {
        record.note(&format!("the console is not recorded: {error:#}"))?;
    }
    ended
}

fn read(store: &Store, ready: &Ready, record: &mut Record<'_>, stop: &AtomicBool) -> anyhow::Result<()> {
    let of_host = |error: PowerError| anyhow::anyhow!("{}: {}", ready.label, one_line(&error));
    let mut console = open_console(&ready.target()).map_err(of_host)?;
    let (mut is_there, mut looked) = (false, Instant::now());
    let is_wanted = loop {
        match console.read(TURN).map_err(of_host)? {
            ConsoleRead::Bytes(bytes) => record.add(&bytes)?,
            ConsoleRead::Nothing => record.rest()?,
            ConsoleRead::End => break false,
        }
        if !is_there && console.is_there() {
            is_there = true;
            record.note("recorded from here on")?;
        }
        if stop.load(Ordering::Relaxed) {
            break true;
        }
        if looked.elapsed() >= TURN {
            looked = Instant::now();
            if person_has_it(store, ready.mac)? {
                break true;
            }
        }
    };
    let ended = console.end(is_wanted).map_err(of_host);
    if is_wanted {
        record.note("recorded until here")?;
    }
    ended
}

fn pause(time: Duration, stop: &AtomicBool) {
    let begun = Instant::now();
    while begun.elapsed() < time && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
    }
}
