// SPDX-License-Identifier: GPL-3.0-or-later

/// A screen of firmware has 80 columns.
const COLUMNS: usize = 76;

/// A long text as the lines of a machine's screen. A longer word has a line of its own.
pub(super) fn rows(text: &str) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        match rows.last_mut() {
            Some(row) if row.is_empty() => row.push_str(word),
            Some(row) if row.len() + word.len() < COLUMNS => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}
