// SPDX-License-Identifier: GPL-3.0-or-later
//! The logs of the hosts that somebody looks at, as they grow.

use crate::host_state::log::LogLine;
use crate::hps_web::http::Event;
use hps::store::{LogTail, Store};
use hps::types::{MacAddr, printable_json};
use std::collections::{BTreeMap, BTreeSet};

/// Logs that are followed, by MAC.
#[derive(Debug, Default)]
pub(super) struct Logs(BTreeMap<MacAddr, LogTail>);

impl Logs {
    /// New lines of the logs of these hosts. A log that cannot be read is tried again at the next look.
    pub(super) fn lines(&mut self, store: &Store, topics: &BTreeSet<String>) -> Vec<Event> {
        let macs: BTreeSet<MacAddr> = topics.iter().filter_map(|topic| topic.parse().ok()).collect();
        self.0.retain(|mac, _| macs.contains(mac));
        let mut events = Vec::new();
        for mac in macs {
            let Some(tail) = self.0.get_mut(&mac) else {
                // What is there already is on the page.
                if let Ok((_, tail)) = store.journal().follow_log(mac) {
                    self.0.insert(mac, tail);
                }
                continue;
            };
            let text = tail.read().unwrap_or_default();
            events.extend(text.lines().filter_map(|line| {
                let line = serde_json::to_string(&LogLine::from_line(line)).ok()?;
                Some(event("log", Some(mac.colons()), &line))
            }));
        }
        events
    }
}

/// An event with a line of JSON.
pub(super) fn event(name: &str, topic: Option<String>, json: &str) -> Event {
    Event { topic, text: format!("event: {name}\ndata: {}\n\n", printable_json(json).replace('\n', " ")) }
}
