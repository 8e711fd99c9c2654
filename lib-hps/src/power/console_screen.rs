// SPDX-License-Identifier: GPL-3.0-or-later
//! A console for the terminal of the person who types on it. Sequences that draw are passed on, because firmware and boot
//! loaders need them. Left out is what asks the terminal for an answer, which would be typed at the host, and what changes
//! the terminal beyond its screen: its title, the clipboard, its keys, reports of the mouse.

use super::escapes::{Escapes, Piece};

/// What a terminal needs afterwards: its usual characters, colours, line wrap, cursor, keys and scrolling region.
const RESET: &[u8] = b"\x1b(B\x1b)B\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1l\x1b>\x1b[?1049l\x1b7\x1b[r\x1b8";
/// Modes that a host may set: cursor keys, wrap, cursor, the other screen.
const MODES: [&[u8]; 5] = [b"1", b"7", b"25", b"47", b"1049"];

/// Passes bytes on, made harmless.
#[derive(Debug)]
pub struct ConsoleScreen {
    escapes: Escapes,
    /// The first byte of a C1 control character in UTF-8 waits for the second one.
    waits: bool,
    /// So many bytes of a character of UTF-8 are to come. Others from 80 to 9F are control characters to old terminals.
    expected: u8,
    changed: bool,
}

impl Default for ConsoleScreen {
    fn default() -> Self {
        Self { escapes: Escapes::new(), waits: false, expected: 0, changed: false }
    }
}

impl ConsoleScreen {
    /// What may be shown of these bytes.
    pub fn shown(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            let piece = self.escapes.step(*byte);
            if std::mem::take(&mut self.waits) {
                if let Piece::Byte(byte @ 0xa0..=0xbf) = piece {
                    out.extend_from_slice(&[0xc2, byte]);
                }
                if matches!(piece, Piece::Byte(0x80..=0xbf)) {
                    continue;
                }
            }
            let expected = std::mem::take(&mut self.expected);
            match piece {
                // C1 control characters are C2 80 to C2 9F.
                Piece::Byte(0xc2) => self.waits = true,
                Piece::Byte(byte @ 0x80..=0xbf) if expected > 0 => {
                    self.expected = expected - 1;
                    out.push(byte);
                }
                Piece::Byte(0x80..=0xbf) => {}
                Piece::Byte(byte @ 0xc3..=0xf4) => {
                    self.expected = byte.leading_ones().saturating_sub(1).try_into().unwrap_or(0);
                    out.push(byte);
                }
                Piece::Byte(7..=13 | 0x20..=0x7e) => out.push(*byte),
                Piece::Control(_) | Piece::Escape(_) if is_drawing(self.escapes.sequence()) => {
                    self.changed = true;
                    out.extend_from_slice(self.escapes.sequence());
                }
                _ => {}
            }
        }
        out
    }

    /// What restores the terminal; empty if nothing was changed.
    pub fn reset(&self) -> &'static [u8] {
        if self.changed { RESET } else { b"" }
    }
}

fn is_drawing(sequence: &[u8]) -> bool {
    match sequence {
        [0x1b, b'7' | b'8' | b'D' | b'E' | b'M' | b'=' | b'>'] => true,
        [0x1b, b'(' | b')', b'A' | b'B' | b'0'] => true,
        [0x1b, b'[', b'?', modes @ .., b'h' | b'l'] => {
            modes.split(|byte| *byte == b';').all(|mode| MODES.contains(&mode))
        }
        [0x1b, b'[', parameters @ .., last] => {
            parameters.iter().all(|byte| byte.is_ascii_digit() || *byte == b';')
                && matches!(last, b'A'..=b'H' | b'J'..=b'M' | b'P' | b'S' | b'T' | b'X' | b'@' | b'd' | b'f' | b'm' | b'r' | b's' | b'u')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Vec<u8> {
        let mut screen = ConsoleScreen::default();
        let whole = screen.shown(bytes);
        let mut single = ConsoleScreen::default();
        assert_eq!(whole, bytes.iter().flat_map(|byte| single.shown(&[*byte])).collect::<Vec<_>>());
        whole
    }

    #[test]
    fn what_draws_is_passed_on() {
        for bytes in [
            &b"\x1b[2J\x1b[1;1H\x1b[1;33;40mGRUB\x1b[0m\r\n"[..],
            b"\x1b[?25l\x1b7\x1b(0lqk\x1b(B\x1b8\x1b[?7;25h",
            "t\u{fc}r \u{a9} \u{2502}".as_bytes(),
        ] {
            assert_eq!(shown(bytes), bytes);
        }
    }

    #[test]
    fn what_asks_or_changes_the_terminal_is_left_out() {
        for bytes in [
            &b"\x1b[c"[..],
            b"\x1b[>c",
            b"\x1b[6n",
            b"\x1b[21t",
            b"\x1b[?1000h",
            b"\x1b[?2004;25h",
            b"\x1b]0;title\x07",
            b"\x1b]52;c;ZXZpbA==\x1b\\",
            b"\x1bP$q\"p\x1b\\",
            b"\x1bc",
            b"\x1b[!p",
            b"\x05\x0e\x0f\0\x7f",
            b"\xc2\x9b",
            b"\x9b",
        ] {
            assert_eq!(shown(bytes), b"", "{bytes:?}");
        }
        assert!(ConsoleScreen::default().reset().is_empty());
    }
}
