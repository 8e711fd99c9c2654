// SPDX-License-Identifier: GPL-3.0-or-later
//! One printable line of free text: reasons, descriptions, messages of nodes.

use super::checked_text;

checked_text! {
    /// At most 512 bytes of printable Unicode without control characters. May be empty.
    Line, "text", "expected one line of at most 512 bytes without control characters",
    |text| text.len() <= 512 && !text.chars().any(forbidden)
}

/// Control characters, and the separators and direction marks that make a log line read as another one.
fn forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl Line {
    /// Whatever was sent, made one line: forbidden characters become `?`, and it is cut to 512 bytes.
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

    /// What is printable ASCII, the rest as `?`: for consoles and iPXE.
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
        assert_eq!(Line::lossy(&"\u{e9}".repeat(600)).as_str().len(), 512);
    }
}
