// SPDX-License-Identifier: GPL-3.0-or-later
//! iPXE scripts as typed lines.
//!
//! iPXE has no quoting. It expands `${...}` again and again. The words `&&`, `||` and `;` act anywhere. A word that
//! begins with `#` ends the line, a trailing backslash joins lines, and `echo` reads a first word with `-` as an
//! option. So text passes an allow-list, and everything else is made from types here.

use super::rows::rows;
use crate::types::Line;
use std::fmt::{self, Display, Write as _};

/// Text that iPXE shows unchanged. A character that is not on the list becomes `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// Cleans a text, at most 200 characters of it.
    pub fn new(text: &str) -> Self {
        let harmless = |c: char| c.is_ascii_alphanumeric() || " .,:;/()-_+=%?!'@<>[]*#\"".contains(c);
        let cleaned: String = text.chars().take(200).map(|c| if harmless(c) { c } else { '?' }).collect();
        // iPXE splits at spaces: ";" alone is an end of a command, "#" in front of a word a comment.
        let word = |word: &str| match word.strip_prefix('#') {
            Some(rest) => format!("?{rest}"),
            None if word == ";" => "?".to_owned(),
            None => word.to_owned(),
        };
        Self(cleaned.split(' ').map(word).collect::<Vec<_>>().join(" ").trim_end().to_owned())
    }
}

impl From<&Line> for Shown {
    fn from(line: &Line) -> Self {
        Self::new(line.as_str())
    }
}

impl Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A script under construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script(String);

impl Default for Script {
    fn default() -> Self {
        Self("#!ipxe\n".to_owned())
    }
}

impl Script {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.0
    }

    /// A line of commands. Only for text from constants and types; the callers in this module tree see to that.
    pub(super) fn line(mut self, line: impl Display) -> Self {
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.0, "{line}");
        self
    }

    /// Shows a line.
    #[must_use]
    pub fn echo(self, text: &str) -> Self {
        let shown = Shown::new(text);
        // No option of echo: a first word that begins with "-" would be read as one and end the script.
        let mark = if shown.0.trim_start().starts_with('-') { "* " } else { "" };
        self.line(format_args!("echo {mark}{shown}"))
    }

    /// Shows a long text over several lines of the screen.
    #[must_use]
    pub fn echo_wrapped(self, text: &str) -> Self {
        rows(text).iter().fold(self, |script, row| script.echo(row))
    }

    /// A label for `goto`.
    #[must_use]
    pub fn label(self, name: &'static str) -> Self {
        self.line(format_args!(":{name}"))
    }

    /// Waits.
    #[must_use]
    pub fn sleep(self, seconds: u32) -> Self {
        self.line(format_args!("sleep {seconds}"))
    }

    /// Continues with the script at a URL, which replaces this one.
    #[must_use]
    pub fn chain(self, url: &str) -> Self {
        self.line(format_args!("chain --replace --autofree {url}"))
    }

    /// The same; goes to a label if that fails.
    #[must_use]
    pub fn chain_or(self, url: &str, label: &'static str) -> Self {
        self.line(format_args!("chain --replace --autofree {url} || goto {label}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a word after the first line is one that iPXE acts on (its src/core/exec.c).
    fn acts(script: &str) -> bool {
        let words = script.lines().skip(1).flat_map(str::split_whitespace);
        words.into_iter().any(|word| word == ";" || word.starts_with('#'))
    }

    #[test]
    fn nothing_hostile_survives() {
        for hostile in [
            "a ${net0/mac} b",
            "x && reboot",
            "x || shell",
            "x ; chain http://10.0.0.66/evil",
            "x #",
            "-n x",
            " --help",
            "tail \\",
            "a\nshell",
            "\u{1b}[2J",
            "caf\u{e9}",
            "`x`",
        ] {
            let text = Script::new().echo(hostile).into_text();
            assert_eq!(text.lines().count(), 2, "{hostile:?}");
            assert!(!text.contains(['$', '{', '&', '|', '\\', '`', '\u{1b}']), "{text}");
            assert!(!acts(&text), "{text}");
            assert!(!text.contains("echo -") && !text.contains("echo  -"), "{text}");
            assert!(text.is_ascii());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_one_harmless_line(text: String) {
            let script = Script::new().echo(&text).into_text();
            proptest::prop_assert_eq!(script.lines().count(), 2);
            let expanded = ['$', '{', '}', '&', '|', '\\'];
            proptest::prop_assert!(!script.contains(expanded));
            proptest::prop_assert!(!acts(&script));
            proptest::prop_assert!(!script.split("echo ").nth(1).unwrap_or_default().trim_start().starts_with('-'));
        }
    }
}
