// SPDX-License-Identifier: GPL-3.0-or-later
//! The tables of the reference, as tests read them.

use std::path::Path;

/// A file of docs/reference.
pub(super) fn reference(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The rows of the table whose header has these columns.
pub(super) fn table<const N: usize>(text: &str, columns: [&str; N]) -> Vec<[String; N]> {
    let mut lines = text.lines().skip_while(|line| cells(line) != columns);
    assert!(lines.next().is_some(), "no table {columns:?}");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|line| {
        cells(line).try_into().unwrap_or_else(|cells: Vec<String>| panic!("{} cells in: {line}", cells.len()))
    })
    .collect()
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(|cell| cell.trim().replace('`', "")).collect()
}

/// Whether a cell of alternatives, `A, B`, `any` or `not A`, fits a word.
pub(super) fn fits(cell: &str, word: &str) -> bool {
    match cell.strip_prefix("not ").filter(|_| !cell.contains(',')) {
        // "not begun" is a word of its own.
        Some(other) if cell != "not begun" => other != word,
        _ => cell == "any" || words(cell).any(|w| w == word),
    }
}

/// The words of a cell.
pub(super) fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(", ").filter(|word| *word != "-")
}
