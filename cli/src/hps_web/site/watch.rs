// SPDX-License-Identifier: GPL-3.0-or-later
//! The thread that keeps the hosts current, and says what became of them.

use super::current::{Current, Snapshot};
use super::folder::Stamp;
use super::follow::{Logs, event};
use super::hosts::Hosts;
use crate::host_state::watch::Shown;
use crate::hps_web::http::{Event, Publisher};
use crate::program;
use hps::config::Dir;
use hps::host::HostState;
use hps::store::Store;
use hps::types::MacAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(500);
/// Between two attempts to read a site that could not be read.
const RETRY: Duration = Duration::from_secs(5);

/// The cluster that is read now.
struct Reading {
    store: Arc<Store>,
    settings: Vec<(PathBuf, Option<Stamp>)>,
    hosts: Hosts,
    /// What was said of each host.
    shown: BTreeMap<MacAddr, Shown>,
    logs: Logs,
}

/// What the thread knows.
pub(super) struct Watch {
    publisher: Publisher,
    reading: Option<Reading>,
    failed: Option<Instant>,
}

impl Watch {
    pub(super) fn new(publisher: Publisher) -> Self {
        Self { publisher, reading: None, failed: None }
    }

    /// Looks again and again, until `stop` is set.
    pub(super) fn run(mut self, current: &Current, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(PAUSE);
            self.look(current);
        }
    }

    /// Reads what changed.
    pub(super) fn look(&mut self, current: &Current) {
        if self.reading.as_ref().is_some_and(Reading::is_outdated) {
            self.reading = None;
            self.failed = None;
        }
        if self.reading.is_none() {
            if self.failed.is_some_and(|at| at.elapsed() < RETRY) {
                return;
            }
            match Reading::new() {
                Ok(reading) => self.reading = Some(reading),
                Err(error) => return self.fail(current, &format!("{error:#}")),
            }
        }
        let Some(reading) = &mut self.reading else { return };
        match reading.look(&self.publisher, current) {
            Ok((snapshot, events)) => {
                if let Some(snapshot) = snapshot {
                    current.set_snapshot(Ok(Arc::new(snapshot)));
                }
                if !events.is_empty() {
                    self.publisher.publish(events);
                }
            }
            Err(error) => {
                self.reading = None;
                self.fail(current, &format!("the records cannot be read: {error}"));
            }
        }
    }

    fn fail(&mut self, current: &Current, why: &str) {
        if self.failed.is_none() {
            program::eprint(format_args!("hps-web: {why}"));
        }
        self.failed = Some(Instant::now());
        current.set_snapshot(Err(why.to_owned()));
    }
}

impl Reading {
    fn new() -> anyhow::Result<Self> {
        let site = program::load_site()?;
        let link = site.conf.dir(Dir::Clusters).join("active");
        // Looked at first: a change while it is read is found by the next look.
        let before = [site.path.clone(), link].map(|path| (path.clone(), Stamp::look(&path)));
        let store = Store::open(&site.conf)?;
        let cluster = store.paths.cluster_file();
        let settings = before.into_iter().chain([(cluster.clone(), Stamp::look(&cluster))]).collect();
        let hosts = Hosts::new(&store);
        Ok(Self { store: Arc::new(store), settings, hosts, shown: BTreeMap::new(), logs: Logs::default() })
    }

    /// Whether a file of settings changed.
    fn is_outdated(&self) -> bool {
        self.settings.iter().any(|(path, stamp)| Stamp::look(path) != *stamp)
    }

    /// A new snapshot if anything changed, and what became of the hosts.
    fn look(&mut self, publisher: &Publisher, current: &Current) -> std::io::Result<(Option<Snapshot>, Vec<Event>)> {
        let first = self.shown.is_empty();
        let changed = self.hosts.look(&self.store)?;
        let mut events = self.steps(&changed);
        self.count(&changed, current);
        if first {
            // How they stand when this program begins is no event.
            events.clear();
        }
        let snapshot = (first || !changed.is_empty()).then(|| {
            events.push(event("change", None, "{}"));
            Snapshot {
                store: Arc::clone(&self.store),
                hosts: self.hosts.known.clone(),
                unreadable: self.hosts.unreadable.values().cloned().collect(),
            }
        });
        events.extend(self.logs.lines(&self.store, &publisher.topics()));
        Ok((snapshot, events))
    }

    /// Counts what is new of the hosts that changed.
    fn count(&self, changed: &BTreeSet<MacAddr>, current: &Current) {
        for known in changed.iter().filter_map(|mac| self.hosts.known.get(mac)) {
            // A count that cannot be read is reported by host-state check.
            let refused = self.store.refusals().number(known.host().mac()).unwrap_or_default();
            current.counted().count(known.host(), refused);
        }
        current.counted().keep(|mac| self.hosts.known.contains_key(mac));
    }

    /// What became of the hosts that changed, and which of the others are stalled now.
    fn steps(&mut self, changed: &BTreeSet<MacAddr>) -> Vec<Event> {
        self.shown.retain(|mac, _| self.hosts.known.contains_key(mac));
        let mut events = Vec::new();
        for (mac, known) in &self.hosts.known {
            let host = known.host();
            if !changed.contains(mac) && host.state() != HostState::Installing {
                continue;
            }
            let steps = self.shown.entry(*mac).or_default().steps(&self.store, host);
            let lines = steps.iter().filter_map(|step| serde_json::to_string(step).ok());
            events.extend(lines.map(|line| event("host", None, &line)));
        }
        events
    }
}
