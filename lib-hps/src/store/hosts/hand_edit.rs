// SPDX-License-Identifier: GPL-3.0-or-later
//! Edits of a record by hand, found by comparing the record with the values that its history has.

use super::Hosts;
use crate::host::{HistoryLine, Host, Values, Who};
use crate::store::StoreError;
use crate::store::journal::Journal;
use crate::types::{Line, Timestamp};

/// The line of history after which nothing of before is found again.
const EDITED: &str = "edited by hand";

impl Hosts<'_> {
    /// What was edited by hand and is not in the history yet: `name a -> b`. A program that writes this record at this moment looks
    /// the same, so ask twice.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn hand_edits(self, host: &Host) -> Result<Vec<String>, StoreError> {
        Ok(edits(&Journal::new(self.parts).history(host.mac())?, host))
    }

    /// Notes them in the history and in the audit.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn note_hand_edits(
        self,
        host: &Host,
        edits: &[String],
        seen_by: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let note = Line::lossy(&format!("{}; seen by {}", edits.join(", "), seen_by.as_line()));
        let line = HistoryLine::new(now, Who::by_hand(), Line::lossy(EDITED), host.state(), host.state(), Some(note));
        Journal::new(self.parts).append(host.mac(), &line.with_values(None, Values::from_host(host)))
    }
}

/// Where the values of a line do not follow from those of the line before, somebody edited the record in between.
fn edits(history: &[HistoryLine], host: &Host) -> Vec<String> {
    let mut found = Vec::new();
    let mut known: Option<&Values> = None;
    for line in history {
        let Some(values) = &line.values else { continue };
        if line.what.as_str() == EDITED {
            found.clear();
        } else if let Some(known) = known {
            found.extend(known.changes_to(line.before.as_ref().unwrap_or(values)));
        }
        known = Some(values);
    }
    found.extend(known.map_or_else(Vec::new, |known| known.changes_to(&Values::from_host(host))));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Edit;
    use crate::store::testing::store;
    use crate::store::{Key, Store};
    use crate::types::MacAddr;

    fn mac() -> MacAddr {
        "525400000001".parse().unwrap()
    }

    fn who() -> Who {
        Who::operator("host-state", "root")
    }

    fn set(store: &Store, edit: &Edit) -> Host {
        store.hosts().edit(mac(), edit, &Line::lossy("set by hand"), &who(), Timestamp::from_unix(1)).unwrap()
    }

    fn by_hand(store: &Store, from: &str, to: &str) -> Host {
        let text = store.records.text(&Key::host(mac())).unwrap().unwrap().text;
        assert!(text.contains(from), "{text}");
        store.records.put(&Key::host(mac()), text.replace(from, to).as_bytes()).unwrap();
        store.hosts().find(mac()).unwrap().unwrap()
    }

    #[test]
    fn an_edit_by_hand_is_found_once_also_after_a_change_by_a_program() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let name = |text: &str| Edit { name: Some(Some(text.parse().unwrap())), ..Edit::default() };
        let reason = Edit { reason: Some(Some(Line::lossy("rack 4"))), ..Edit::default() };
        let host = set(&store, &name("one"));
        assert!(store.hosts().hand_edits(&host).unwrap().is_empty());
        let host = by_hand(&store, "\"one\"", "\"two\"");
        assert_eq!(store.hosts().hand_edits(&host).unwrap(), ["name one -> two"]);
        let host = set(&store, &reason);
        assert_eq!(store.hosts().hand_edits(&host).unwrap(), ["name one -> two"], "behind a change of a program");
        store.hosts().note_hand_edits(&host, &["name one -> two".to_owned()], &who(), Timestamp::from_unix(2)).unwrap();
        assert!(store.hosts().hand_edits(&host).unwrap().is_empty());
        let host = by_hand(&store, "rack 4", "rack 5");
        assert_eq!(store.hosts().hand_edits(&host).unwrap(), ["reason \"rack 4\" -> \"rack 5\""]);
        let last = store.audit().read().unwrap().pop().unwrap();
        let words = "lab 52:54:00:00:00:01 edited by hand: name one -> two; seen by root with host-state, by hand";
        assert_eq!(last.to_string(), words);
    }
}
