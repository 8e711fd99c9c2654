// SPDX-License-Identifier: GPL-3.0-or-later
//! Many hosts at once, so many at a time. This thread notes each change before it is made, and prints each end.

use super::{Outcome, Ready};
use crate::audit;
use crate::program::{self, Exit};
use hps::power::{Change, Done, Limits, PowerError, make, open};
use hps::store::Store;
use hps::types::one_line;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;

/// What to do, and how.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// The program, for messages and for the history.
    pub(crate) program: &'static str,
    /// `status`, `on`, `off`, `cycle`, `boot-once` or `start`.
    pub(crate) action: &'static str,
    /// So many hosts at a time.
    pub(crate) at_once: usize,
    pub(crate) limits: Limits,
    /// No lines: the caller prints JSON.
    pub(crate) quiet: bool,
}

/// Changes the hosts. A host that fails stops no other. Returns what became of each, in the given order, and the exit code.
///
/// # Errors
/// When stdout is closed or full.
pub(crate) fn run(
    store: &Store,
    hosts: &[Ready],
    order: &Order,
    change: impl Fn(&Ready) -> Change,
) -> anyhow::Result<(Vec<Outcome>, Exit)> {
    let mut outcomes: BTreeMap<usize, Outcome> = BTreeMap::new();
    let stop = &order.limits.stop;
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let (sender, receiver) = channel();
        let mut waiting = hosts.iter().enumerate();
        let mut at_work = 0usize;
        loop {
            while at_work < order.at_once.max(1) {
                let Some((index, host)) = waiting.next() else { break };
                let noted = if stop.load(Ordering::Relaxed) {
                    Err(("stopped before it was begun".to_owned(), true))
                } else {
                    note(store, host, order).map_err(|error| (format!("{error:#}"), false))
                };
                if let Err((error, interrupted)) = noted {
                    let outcome = Outcome::failed(host, order.action, &error, interrupted);
                    tell(&outcome, order)?;
                    outcomes.insert(index, outcome);
                    continue;
                }
                at_work += 1;
                let (sender, change) = (sender.clone(), change(host));
                scope.spawn(move || {
                    let ended = one(host, change, &order.limits);
                    // The receiver lives as long as this scope.
                    let _sent = sender.send((index, ended));
                });
            }
            if at_work == 0 {
                return Ok(());
            }
            let Ok((index, ended)) = receiver.recv() else { return Ok(()) };
            at_work -= 1;
            let Some(host) = hosts.get(index) else { continue };
            let outcome = match ended {
                Ok(done) => Outcome::done(host, order.action, done),
                Err(error) => {
                    let interrupted = matches!(error, PowerError::Stopped);
                    Outcome::failed(host, order.action, &one_line(&error), interrupted)
                }
            };
            if order.action != "status"
                && let Some(error) = &outcome.error
            {
                note_failure(store, host, order, error.as_str());
            }
            tell(&outcome, order)?;
            outcomes.insert(index, outcome);
        }
    })?;
    let outcomes: Vec<Outcome> = outcomes.into_values().collect();
    if outcomes.len() > 1 && !order.quiet {
        program::eprint(format_args!("{}: {}", order.program, sum(&outcomes)));
    }
    let exit = if outcomes.iter().all(Outcome::is_done) { Exit::Done } else { Exit::Failed };
    Ok((outcomes, exit))
}

fn one(host: &Ready, change: Change, limits: &Limits) -> Result<Done, PowerError> {
    let target = host.target();
    let mut controller = open(&target, limits)?;
    make(&mut *controller, &host.control.describe(), change, limits)
}

fn tell(outcome: &Outcome, order: &Order) -> anyhow::Result<()> {
    match &outcome.error {
        Some(error) if order.program == "host-state" => {
            let host = &outcome.host;
            program::eprint(format_args!(
                "host-state: {host}: it is armed, but was not started: {error}; to start it: host-power boot-once {host} --now"
            ));
        }
        Some(error) => program::eprint(format_args!("{}: {}: {error}", order.program, outcome.host)),
        None if order.quiet => {}
        None => program::print(outcome.describe())?,
    }
    Ok(())
}

/// Before it is done: nothing is switched without a trace of the person who did it.
fn note(store: &Store, host: &Ready, order: &Order) -> anyhow::Result<()> {
    if order.action == "status" {
        return Ok(());
    }
    let what = format!("power {}", order.action);
    let who = audit::who(order.program);
    Ok(store.journal().note(host.mac, &who, program::now(), &what, &host.control.describe())?)
}

fn note_failure(store: &Store, host: &Ready, order: &Order, error: &str) {
    let what = format!("power {} failed", order.action);
    if let Err(error) = store.journal().note(host.mac, &audit::who(order.program), program::now(), &what, error) {
        program::eprint(format_args!("{}: {}: not in the history: {}", order.program, host.label, one_line(&error)));
    }
}

/// `38 on, 1 off, 1 failed`.
fn sum(outcomes: &[Outcome]) -> String {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome.word()).or_default() += 1;
    }
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}
