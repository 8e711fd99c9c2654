// SPDX-License-Identifier: GPL-3.0-or-later
//! Sentences on a terminal: broken at spaces, with what follows below the first word.

use hps::types::printable_line;

/// Less than that is no column for words.
const NARROWEST: usize = 40;
/// What reads well, however wide the terminal is.
const WIDEST: usize = 80;

/// `title` and then `text`, in as many lines as `columns` need; in one where there is no terminal. A word that is too long
/// stays whole, since it may be a path.
pub(super) fn wrapped(title: &str, text: &str, columns: Option<usize>) -> String {
    let text = &printable_line(text);
    let Some(columns) = columns else { return format!("{title}{text}") };
    // 0 is a terminal that does not know.
    let columns = if columns == 0 { WIDEST } else { columns.clamp(NARROWEST, WIDEST) };
    let indent = title.chars().count();
    let (mut out, mut column) = (title.to_owned(), indent);
    for (number, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if number > 0 && column + 1 + length > columns {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if number > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_end_before_the_edge_and_a_pipe_has_one() {
        let text = "one two three four five six seven eight nine ten eleven";
        assert_eq!(wrapped("  1. ", text, None), format!("  1. {text}"));
        let terminal = wrapped("  1. ", text, Some(40));
        assert_eq!(terminal, "  1. one two three four five six seven\n     eight nine ten eleven");
        assert!(wrapped("", &"word ".repeat(60), Some(200)).lines().all(|line| line.chars().count() <= 80));
        assert!(wrapped("", &"word ".repeat(60), Some(0)).lines().count() > 1);
        let path = "/".repeat(90);
        assert_eq!(wrapped("  ", &format!("at {path} here"), Some(80)), format!("  at\n  {path}\n  here"));
    }
}
