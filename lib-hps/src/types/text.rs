// SPDX-License-Identifier: GPL-3.0-or-later
//! One printable line of free text: reasons, descriptions, messages of nodes.
//!
//! One line stays one line, in every log and on every terminal. A log gets a [`Line`], or a text through [`log_line`]
//! at the one place where that log is written. A program prints through `program::print` or `program::eprint`. So a
//! value from others, such as the name of a file or a key, cannot end a line and begin another one.

use super::checked_text;

checked_text! {
    /// At most 512 bytes of printable Unicode without control characters. May be empty.
    Line, "text", "expected one line of at most 512 bytes without control characters",
    |text| text.len() <= 512 && !text.chars().any(forbidden)
}

/// Control characters, and invisible ones that change how a line is read: separators, direction marks, joiners, tags.
fn forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Text of any length for a terminal: a character that would act, or is invisible, becomes `?`; tabs and line ends
/// stay.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if forbidden(c) && !matches!(c, '\n' | '\t') { '?' } else { c }).collect()
}

/// The same as one line: line ends become blanks.
pub fn printable_line(text: &str) -> String {
    printable(text).replace('\n', " ")
}

/// The same for a log, of any length. A character that would end the line, act on a terminal or be invisible is written
/// as its code, such as `\u{1b}`, so that names stay different.
pub fn log_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if forbidden(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// JSON of the same value for a terminal: characters that would act, or are invisible, are escaped.
pub fn printable_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if forbidden(c) && c != '\n' {
            let mut units = [0; 2];
            // JSON has none of them outside of its strings.
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// The line, from 1, where a span of `text` begins; 1 where there is none.
pub(crate) fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start);
    1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count()
}

/// An error and its causes in one line.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ").replace('\n', " ")
}

impl Line {
    /// Any text, made one line: forbidden characters become `?`, and it is cut to 512 bytes.
    pub fn lossy(text: &str) -> Self {
        let mut line = String::with_capacity(text.len().min(512));
        for c in text.trim().chars() {
            let c = if c == '\n' || c == '\t' {
                ' '
            } else if forbidden(c) {
                '?'
            } else {
                c
            };
            if line.len() + c.len_utf8() > 512 {
                break;
            }
            line.push(c);
        }
        Self(line)
    }

    /// Printable ASCII unchanged, the rest as `?`: for consoles and iPXE.
    pub fn ascii(&self) -> String {
        self.0.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_message_becomes_one_line() {
        let line = Line::lossy("disk full\r\n2026 INSTALLED \u{1b}[2J\u{202e}x");
        assert_eq!(line.as_str(), "disk full? 2026 INSTALLED ?[2J?x");
        assert!(line.as_str().parse::<Line>().is_ok());
        assert!("a\nb".parse::<Line>().is_err());
        for hidden in ['\u{61c}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{2064}', '\u{e0000}', '\u{e007f}'] {
            assert!(hidden.to_string().parse::<Line>().is_err(), "{hidden:?}");
        }
        assert_eq!(Line::lossy(&"\u{e9}".repeat(600)).as_str().len(), 512);
    }

    #[test]
    fn what_goes_to_a_terminal() {
        assert_eq!(printable("a\tb\n\u{1b}]0;x\u{7}\u{9b}\u{202e}\u{e9}\r"), "a\tb\n?]0;x???\u{e9}?");
        assert_eq!(printable_line("a\nb\u{1b}"), "a b?");
        assert_eq!(log_line("a\r\nb\t\u{1b}[2J\u{2028}\u{e9} c"), "a\\r\\nb\\t\\u{1b}[2J\\u{2028}\u{e9} c");
        let value = "x\u{202e}\u{7f}\u{e0001}\n\u{1b}";
        let json = serde_json::to_string_pretty(&[value]).unwrap();
        let shown = printable_json(&json);
        assert!(shown.is_ascii() && shown.contains("\\u202e"), "{shown}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [value]);
    }
}
