// SPDX-License-Identifier: GPL-3.0-or-later
//! What takes longer to find out, or starts programs: who waits, the services, the interface, what is published. A thread
//! of its own finds it out, and works a small part of the time.

use super::current::{Current, Slow};
use crate::front::gather::Surroundings;
use crate::host_state::pending::{self, Problem};
use crate::program;
use hps::types::{one_line, printable_json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(5);
/// It rests for this many times the time that it took.
const REST: u32 = 10;
const NAP: Duration = Duration::from_millis(250);

/// Finds it out again and again, until `stop` is set.
pub(super) fn run(current: &Current, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        if let Some(slow) = look(current) {
            current.set_slow(slow);
        }
        let pause = PAUSE.max(begun.elapsed() * REST);
        while !stop.load(Ordering::Relaxed) && begun.elapsed() < pause {
            std::thread::sleep(NAP);
        }
    }
}

pub(super) fn look(current: &Current) -> Option<Slow> {
    let snapshot = current.snapshot().ok()?;
    let site = program::load_site().ok()?;
    let store = &snapshot.store;
    let hosts = snapshot.hosts.values().map(|known| Ok(known.host().clone()));
    let mut slow = Slow { surroundings: Surroundings::look(&site, store), ..Slow::default() };
    match store.pending().list() {
        Ok(list) => slow.unknown = list.waiting.len(),
        Err(error) => slow.problems.push(one_line(&error)),
    }
    match pending::waiting(store, hosts, program::now()) {
        Ok((waiting, problems)) => {
            slow.waiting_json = printable_json(&serde_json::to_string(&waiting).unwrap_or_default());
            slow.waiting = waiting;
            slow.problems.extend(problems.into_iter().filter_map(|problem| match problem {
                Problem::Unreadable(error) => Some(one_line(&error)),
                Problem::OnlyRoot => None,
            }));
        }
        Err(error) => slow.problems.push(format!("{error:#}")),
    }
    Some(slow)
}
