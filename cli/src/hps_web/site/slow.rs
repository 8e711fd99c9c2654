// SPDX-License-Identifier: GPL-3.0-or-later
//! What takes longer to find out, or starts programs: who waits, the services, the interface, what is published. A thread
//! of its own finds it out, and works a small part of the time.

use super::current::{Current, Slow};
use crate::front::gather::Surroundings;
use crate::host_state::pending::{self, Problem};
use crate::hps_web::metrics::media_ages;
use crate::program;
use hps::types::{Timestamp, one_line, printable_json};
use std::net::Ipv4Addr;
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
    let media = media_ages(store.paths.distros());
    let mut slow = Slow { surroundings: Surroundings::look(&site, store), media, ..Slow::default() };
    slow.leases = store.senders().leases().ok().map(|text| current_leases(&text, program::now()));
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

/// The addresses in the lines of a lease file, `END MAC ADDRESS NAME ID`, whose time is not over; an end of 0 is none.
fn current_leases(text: &str, now: Timestamp) -> Vec<Ipv4Addr> {
    let lease = |line: &str| {
        let mut words = line.split(' ');
        let end: u64 = words.next()?.parse().ok()?;
        let address = words.nth(1)?.parse().ok()?;
        (end == 0 || end > now.as_unix()).then_some(address)
    };
    text.lines().filter_map(lease).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_that_are_over_and_torn_lines_do_not_count() {
        let text = "0 52:54:00:00:00:01 10.0.0.130 * *\n100 52:54:00:00:00:02 10.0.0.131 * *\n99 a 10.0.0.132 * *\n10\nduid x\n";
        let addresses = current_leases(text, Timestamp::from_unix(99));
        assert_eq!(addresses, ["10.0.0.130", "10.0.0.131"].map(|address| address.parse::<Ipv4Addr>().unwrap()));
    }
}
