// SPDX-License-Identifier: GPL-3.0-or-later
//! The report of an import for a reader: what is the same for many hosts is one line.

use hps::config::{Fate, Note};
use std::collections::HashMap;

/// The same words for so many files are one line.
const MANY: usize = 4;

/// One line for each note, in their order. A change that many files share stands where the first of them is.
pub(super) fn lines(notes: &[Note]) -> Vec<String> {
    let mut files: HashMap<&str, Vec<&str>> = HashMap::new();
    for note in notes.iter().filter(|note| note.fate != Fate::Kept) {
        files.entry(&note.text).or_default().push(&note.file);
    }
    let is_shared =
        |note: &Note| note.fate != Fate::Kept && files.get(note.text.as_str()).is_some_and(|all| all.len() >= MANY);
    let mut is_told: HashMap<&str, bool> = HashMap::new();
    let mut lines = Vec::new();
    for note in notes {
        if !is_shared(note) {
            lines.push(note.to_string());
        } else if is_told.insert(&note.text, true).is_none() {
            let all = files.get(note.text.as_str()).map(Vec::as_slice).unwrap_or_default();
            let (count, last) = (all.len(), all.last().copied().unwrap_or_default());
            lines.push(format!("{count} files, {} to {last}: {}: {}", note.file, note.fate, note.text));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_hosts_with_the_same_change_are_one_line() {
        let note = |number: usize, fate: Fate, text: &str| {
            let file = format!("hosts/52540000000{number}.conf");
            Note { file, line: number, fate, text: text.to_owned() }
        };
        let mut notes: Vec<Note> = (1..=4).map(|number| note(number, Fate::Changed, "STATE ACTIVE: x")).collect();
        notes.insert(2, note(2, Fate::Refused, "IP y"));
        notes.extend((1..=4).map(|number| note(number, Fate::Kept, "z")));
        let lines = lines(&notes);
        assert_eq!(lines.len(), 6, "{lines:#?}");
        assert_eq!(lines[0], "4 files, hosts/525400000001.conf to hosts/525400000004.conf: changed: STATE ACTIVE: x");
        assert_eq!(lines[1], "hosts/525400000002.conf:2: refused: IP y");
    }
}
