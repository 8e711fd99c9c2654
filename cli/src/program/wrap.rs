// SPDX-License-Identifier: GPL-3.0-or-later
//! Lines on a terminal: broken between words, with an indent for the following lines. A word that is too long stays
//! whole, because it may be a path to copy. In a pipe every line stays whole.

use hps::types::printable_line;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Fewer columns are too few for sentences.
const MIN_SENTENCE_COLUMNS: usize = 40;
/// Longer lines are hard to read.
const MAX_SENTENCE_COLUMNS: usize = 80;
/// Values of a record need this many columns after their indent; otherwise the terminal breaks their lines.
const MIN_VALUE_COLUMNS: usize = 24;

/// The number of columns of the terminal; `None` if the answer does not go to one.
pub fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col))
}

/// A line of a record, fitted to the terminal; following lines are indented by `indent` blanks.
pub fn wrapped(line: &str, indent: usize) -> String {
    wrapped_at(&printable_line(line), indent, terminal_width())
}

fn wrapped_at(line: &str, indent: usize, columns: Option<usize>) -> String {
    let begin = line.char_indices().nth(indent).map_or(line.len(), |(at, _)| at);
    let (title, text) = line.split_at(begin);
    match columns.filter(|columns| *columns >= indent + MIN_VALUE_COLUMNS) {
        Some(columns) => fill(title, text, indent, columns),
        None => line.to_owned(),
    }
}

/// `title` and then sentences, indented below the first word. `columns` is the result of [`terminal_width`].
pub fn wrapped_sentences(title: &str, text: &str, columns: Option<usize>) -> String {
    let text = &printable_line(text);
    match columns {
        None => format!("{title}{text}"),
        // A terminal without a known width reports 0.
        Some(0) => fill(title, text, title.chars().count(), MAX_SENTENCE_COLUMNS),
        Some(columns) => {
            let columns = columns.clamp(MIN_SENTENCE_COLUMNS, MAX_SENTENCE_COLUMNS);
            fill(title, text, title.chars().count(), columns)
        }
    }
}

fn fill(title: &str, text: &str, indent: usize, columns: usize) -> String {
    let blanks = " ".repeat(indent);
    let options = Options::new(columns)
        .initial_indent(title)
        .subsequent_indent(&blanks)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::fill(text, options)
}

#[cfg(test)]
mod tests {
    use super::{wrapped_at, wrapped_sentences};

    #[test]
    fn a_long_line_is_broken_between_words_on_a_terminal_and_nowhere_else() {
        let line = format!("key   {}", "four ".repeat(20));
        assert_eq!(wrapped_at(&line, 6, None), line);
        assert_eq!(wrapped_at(&line, 6, Some(0)), line, "a terminal that does not know its width");
        let wrapped = wrapped_at(&line, 6, Some(40));
        assert!(wrapped.lines().all(|l| l.chars().count() <= 40), "{wrapped}");
        assert!(wrapped.lines().skip(1).all(|l| l.starts_with("      four")), "{wrapped}");
        assert_eq!(wrapped.split_whitespace().count(), 21, "no word is lost");
        assert_eq!(wrapped_at(&"x".repeat(100), 6, Some(40)).lines().count(), 1, "one word stays whole");
        assert_eq!(wrapped_at(&format!("key   {}", "/".repeat(90)), 6, Some(40)).lines().count(), 1, "beside its key");
        assert_eq!(wrapped_at("key   arm --dry-run  now", 6, Some(40)), "key   arm --dry-run  now");
    }

    #[test]
    fn sentences_end_before_the_edge_and_a_pipe_has_one_line() {
        let text = "one two three four five six seven eight nine ten eleven";
        assert_eq!(wrapped_sentences("  1. ", text, None), format!("  1. {text}"));
        let terminal = wrapped_sentences("  1. ", text, Some(40));
        assert_eq!(terminal, "  1. one two three four five six seven\n     eight nine ten eleven");
        let long = "word ".repeat(60);
        assert!(wrapped_sentences("", &long, Some(200)).lines().all(|line| line.chars().count() <= 80));
        assert!(wrapped_sentences("", &long, Some(0)).lines().count() > 1);
        let path = "/".repeat(90);
        let wrapped = wrapped_sentences("  ", &format!("at {path} here"), Some(80));
        assert_eq!(wrapped, format!("  at\n  {path}\n  here"));
    }
}
