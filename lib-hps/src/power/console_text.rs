// SPDX-License-Identifier: GPL-3.0-or-later
//! A console as lines of text, for the record of a host: what a machine writes acts on no terminal, pager or editor later.

use super::escapes::{Escapes, Piece};
use crate::types::printable_line;

/// A longer line is split.
pub const MAX_CONSOLE_LINE_BYTES: usize = 1000;

/// Makes lines of the bytes of a console. Escape sequences are left out. Where one moves the cursor to another line, a new
/// line begins, so that menus and screens of firmware stay readable.
#[derive(Debug)]
pub struct ConsoleText {
    escapes: Escapes,
    line: Vec<u8>,
    /// The last byte was a carriage return.
    returned: bool,
    /// The last line was empty.
    was_empty: bool,
}

impl Default for ConsoleText {
    fn default() -> Self {
        Self { escapes: Escapes::new(), line: Vec::new(), returned: false, was_empty: true }
    }
}

impl ConsoleText {
    /// Adds bytes, and calls `line` for each line that is complete.
    pub fn push(&mut self, bytes: &[u8], mut line: impl FnMut(&str)) {
        for byte in bytes {
            let piece = self.escapes.step(*byte);
            if self.returned && piece != Piece::Nothing {
                self.returned = false;
                if piece == Piece::Byte(b'\n') {
                    self.end(true, &mut line);
                    continue;
                }
                self.returned = piece == Piece::Byte(b'\r');
                self.end(false, &mut line);
            }
            match piece {
                Piece::Byte(b'\n') => self.end(true, &mut line),
                Piece::Byte(b'\r') => self.returned = true,
                Piece::Byte(8) => self.go_back(),
                Piece::Byte(b'\t') => self.add(b' ', &mut line),
                Piece::Byte(0..0x20 | 0x7f) | Piece::Nothing => {}
                Piece::Byte(byte) => self.add(byte, &mut line),
                Piece::Control(b'A' | b'B' | b'E' | b'F' | b'H' | b'J' | b'd' | b'f') | Piece::Escape(_) => {
                    self.end(false, &mut line);
                }
                Piece::Control(b'C' | b'G') if self.line.last().is_some_and(|last| *last != b' ') => {
                    self.add(b' ', &mut line);
                }
                Piece::Control(_) => {}
            }
        }
    }

    /// Ends a line that pauses, such as a prompt. It calls `line` if there is one.
    pub fn flush(&mut self, mut line: impl FnMut(&str)) {
        self.end(false, &mut line);
    }

    /// Whether a line was begun.
    pub fn has_rest(&self) -> bool {
        !self.line.is_empty()
    }

    fn add(&mut self, byte: u8, line: &mut impl FnMut(&str)) {
        // Not inside a character of UTF-8, which has four bytes at most.
        let is_boundary = byte & 0xc0 != 0x80 || self.line.len() >= MAX_CONSOLE_LINE_BYTES + 4;
        if self.line.len() >= MAX_CONSOLE_LINE_BYTES && is_boundary {
            self.end(false, line);
        }
        self.line.push(byte);
    }

    /// A backspace: over the whole character.
    fn go_back(&mut self) {
        while self.line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }

    /// `is_shown` if it is empty: of several empty lines one is kept.
    fn end(&mut self, is_shown: bool, line: &mut impl FnMut(&str)) {
        let text = printable_line(&String::from_utf8_lossy(&self.line));
        self.line.clear();
        let text = text.trim_end();
        if !text.is_empty() || (is_shown && !self.was_empty) {
            self.was_empty = text.is_empty();
            line(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let (mut text, mut found) = (ConsoleText::default(), Vec::new());
        text.push(bytes, |line| found.push(line.to_owned()));
        text.flush(|line| found.push(line.to_owned()));
        // The same in pieces of one byte.
        let (mut again, mut single) = (ConsoleText::default(), Vec::new());
        bytes.iter().for_each(|byte| again.push(&[*byte], |line| single.push(line.to_owned())));
        again.flush(|line| single.push(line.to_owned()));
        assert_eq!(found, single);
        found
    }

    #[test]
    fn what_machines_write_is_lines_of_text() {
        for (bytes, expected) in [
            (&b"[    0.0] Linux\r\nlogin: "[..], &["[    0.0] Linux", "login: ".trim_end()][..]),
            (b"10%\r20%\r\ndone\n", &["10%", "20%", "done"]),
            (b"a\n\n\n\nb", &["a", "", "b"]),
            (b"\x1b[2J\x1b[1;1HGRUB\x1b[3;1H*Debian\x1b[4;1H Advanced", &["GRUB", "*Debian", " Advanced"]),
            (b"\x1b[1m\x1b[33mShell> \x1b[0mlx\x08s\tx", &["Shell> ls x"]),
            (b"left\x1b[40Cright", &["left right"]),
            (b"t\xc3\xbcr \xff end", &["t\u{fc}r \u{fffd} end"]),
            (b"nul\0s and \x07 bells \x05\x0e", &["nuls and  bells"]),
        ] {
            assert_eq!(lines(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn nothing_that_acts_on_a_terminal_is_left() {
        let hostile = b"\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x1b\\\x1bP$q\"p\x1b\\\x1b[6n\x1b[c\x9b31m\xc2\x9b31m\xe2\x80\xaeevil\x1b[?1049h\x1b";
        let found = lines(hostile).concat();
        assert!(found.contains("evil"), "{found}");
        assert!(!found.chars().any(|c| c.is_control() || c == '\u{202e}'), "{found:?}");
        assert!(!found.contains("title") && !found.contains("ZXZ"), "{found}");
    }

    #[test]
    fn a_string_without_an_end_hides_no_text_behind_it() {
        let mut bytes = b"\x1b]0;".to_vec();
        bytes.extend_from_slice("x".repeat(3000).as_bytes());
        bytes.extend_from_slice(b"\nKernel panic\n\x1b]0;never ended\nnext\x1b[");
        bytes.extend_from_slice("1;".repeat(100).as_bytes());
        bytes.extend_from_slice(b"\nlast\n");
        let found = lines(&bytes);
        for wanted in ["Kernel panic", "next", "last"] {
            assert!(found.iter().any(|line| line.starts_with(wanted)), "{wanted}: {found:?}");
        }
    }

    #[test]
    fn a_line_without_an_end_takes_no_memory() {
        let mut text = ConsoleText::default();
        let (mut count, mut longest) = (0, 0);
        for _ in 0..100 {
            text.push(&[b'x'; 10_000], |line| {
                count += 1;
                longest = longest.max(line.len());
            });
        }
        assert_eq!((count, longest), (999, MAX_CONSOLE_LINE_BYTES));
        text.push("\u{fc}".repeat(10_000).as_bytes(), |line| assert!(!line.contains('\u{fffd}')));
    }
}
