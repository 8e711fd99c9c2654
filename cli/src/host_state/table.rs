// SPDX-License-Identifier: GPL-3.0-or-later
//! A table of texts for people.

use crate::program::{self, Tone};

/// One line of a table.
#[derive(Debug)]
pub(super) struct Row<const N: usize> {
    pub(super) cells: [String; N],
    pub(super) tone: Tone,
}

/// Columns as wide as needed. The last one is not padded, and on a terminal it ends at the edge.
///
/// # Errors
/// When stdout is closed or full.
pub(super) fn table<const N: usize>(rows: &[Row<N>]) -> std::io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(&row.cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let edge = program::terminal_width();
    for row in rows {
        let cells: Vec<String> = row.cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let line = cells.join("  ");
        program::print_toned(fit(line.trim_end(), edge), row.tone)?;
    }
    Ok(())
}

/// The line, cut with two dots if it is longer than the terminal is wide.
fn fit(line: &str, edge: Option<usize>) -> String {
    match edge {
        Some(edge) if edge >= 40 && line.chars().count() > edge => {
            line.chars().take(edge - 2).chain("..".chars()).collect()
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_long_note_ends_at_the_edge_of_a_terminal_and_nowhere_else() {
        let line = "x".repeat(100);
        assert_eq!(fit(&line, Some(80)), format!("{}..", "x".repeat(78)));
        assert_eq!(fit(&line, None), line);
        assert_eq!(fit(&line, Some(100)), line);
        assert_eq!(fit(&line, Some(0)), line, "a terminal that does not know its width");
    }
}
