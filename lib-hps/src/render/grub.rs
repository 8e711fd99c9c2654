// SPDX-License-Identifier: GPL-3.0-or-later
//! Scripts of GRUB as typed lines (the manual of GRUB 2.12, "Shell-like scripting").
//!
//! A word of GRUB in single quotes is taken as it is: nothing in it is expanded, and only a single quote ends it. So
//! every text and every address is [`Quoted`], and a command that acts is a constant of this program. What firmware
//! reports is in variables of GRUB, which are expanded once, inside double quotes, and are never read as commands.

use super::rows::rows;
use std::fmt::{self, Display, Write as _};

/// One word in single quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// Text for the screen, at most 200 characters of it. A character that is not printable ASCII becomes `?`; so does
    /// a backslash, which `echo` would read.
    pub fn new(text: &str) -> Self {
        let harmless = |c: char| (c.is_ascii_graphic() || c == ' ') && c != '\\';
        let cleaned: String = text.chars().take(200).map(|c| if harmless(c) { c } else { '?' }).collect();
        // A quote is closed, written between double quotes, and opened again.
        Self(cleaned.trim_end().replace('\'', r#"'"'"'"#))
    }

    /// The same for `echo` and menus, which read a first `-` as an option.
    pub(super) fn shown(text: &str) -> Self {
        if text.trim_start().starts_with('-') { Self::new(&format!("* {text}")) } else { Self::new(text) }
    }
}

impl Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0)
    }
}

/// A script under construction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    text: String,
    depth: usize,
}

impl Script {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// A line of commands. Only for text from constants, types and [`Quoted`]; the callers in this module tree see to
    /// that.
    pub(super) fn line(mut self, line: impl Display) -> Self {
        let indent = "  ".repeat(self.depth);
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.text, "{indent}{line}");
        self
    }

    /// A line that opens a block, the lines in it, and the line that closes it.
    pub(super) fn block(self, open: impl Display, lines: impl FnOnce(Self) -> Self, close: &'static str) -> Self {
        let mut script = self.line(open);
        script.depth += 1;
        let mut script = lines(script);
        script.depth -= 1;
        script.line(close)
    }

    /// Shows a line.
    #[must_use]
    pub fn echo(self, text: &str) -> Self {
        self.line(format_args!("echo {}", Quoted::shown(text)))
    }

    /// Shows a long text over several lines of the screen.
    #[must_use]
    pub fn echo_wrapped(self, text: &str) -> Self {
        rows(text).iter().fold(self, |script, row| script.echo(row))
    }

    /// Waits.
    #[must_use]
    pub fn sleep(self, seconds: u32) -> Self {
        self.line(format_args!("sleep {seconds}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line, as GRUB's lexer splits them (grub-core/script/yylex.l); `None` where it would act.
    fn words(line: &str) -> Option<Vec<String>> {
        let (mut words, mut word) = (Vec::new(), None::<String>);
        let mut rest = line.chars();
        while let Some(c) = rest.next() {
            match c {
                ' ' => words.extend(word.take()),
                '\'' => {
                    let word = word.get_or_insert_default();
                    loop {
                        match rest.next()? {
                            '\'' => break,
                            c => word.push(c),
                        }
                    }
                }
                '"' => {
                    let word = word.get_or_insert_default();
                    loop {
                        match rest.next()? {
                            '"' => break,
                            '$' | '\\' => return None,
                            c => word.push(c),
                        }
                    }
                }
                '$' | '\\' | '&' | '|' | ';' | '#' | '<' | '>' | '{' | '}' | '\n' => return None,
                c => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        Some(words)
    }

    #[test]
    fn nothing_hostile_survives() {
        for hostile in [
            "a ${net0/mac} b",
            "x && reboot",
            "x ; reboot",
            "it's; reboot #",
            "'; reboot; echo '",
            "'\"'; reboot",
            "\"$root\"",
            "-n x",
            " --help",
            "tail \\",
            "a\nreboot",
            "\u{1b}[2J",
            "caf\u{e9}",
            "}",
        ] {
            let text = Script::new().echo(hostile).into_text();
            let words = words(text.strip_suffix('\n').unwrap()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((words.len(), words[0].as_str()), (2, "echo"), "{text}");
            assert!(!words[1].trim_start().starts_with('-'), "{text}");
        }
        let text = Script::new().echo("the node's disks").into_text();
        assert_eq!(words(text.trim_end()).unwrap()[1], "the node's disks");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_one_harmless_word(text: String) {
            let script = Script::new().echo(&text).into_text();
            proptest::prop_assert_eq!(script.lines().count(), 1);
            let words = words(script.strip_suffix('\n').unwrap_or_default());
            proptest::prop_assert_eq!(words.map(|words| words.len()), Some(2));
        }
    }
}
