// SPDX-License-Identifier: GPL-3.0-or-later
//! The escape sequences of a console (ECMA-48), taken apart byte by byte. A machine writes what it wants, so a sequence that
//! does not end is given up after some bytes, and the text behind it is text again.

/// The longest control sequence that is passed on.
const MAX_SEQUENCE_BYTES: usize = 32;
/// After so many bytes, or at the end of a line, a string without an end is given up.
const MAX_STRING_BYTES: usize = 512;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// What a byte completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A byte of text, or a control character.
    Byte(u8),
    /// A control sequence, by its last byte; [`Escapes::sequence`] has all of it.
    Control(u8),
    /// Another escape sequence, by its last byte.
    Escape(u8),
    /// Nothing yet, or something that is left out.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Escape,
    Control,
    /// A string for the terminal: a title, the clipboard, a key. None of them is passed on.
    String(usize),
    StringEscape(usize),
}

/// The state between two bytes.
#[derive(Debug)]
pub(super) struct Escapes {
    state: State,
    sequence: Vec<u8>,
}

impl Escapes {
    pub(super) fn new() -> Self {
        Self { state: State::Text, sequence: Vec::new() }
    }

    /// The sequence that the last byte completed.
    pub(super) fn sequence(&self) -> &[u8] {
        &self.sequence
    }

    pub(super) fn step(&mut self, byte: u8) -> Piece {
        match self.state {
            State::Text => self.text(byte),
            State::Escape => self.escape(byte),
            State::Control => self.control(byte),
            State::String(left) => self.string(byte, left),
            State::StringEscape(_) if byte == b'\\' => {
                self.state = State::Text;
                Piece::Nothing
            }
            // The string was broken off by another sequence.
            State::StringEscape(_) => self.escape(byte),
        }
    }

    fn text(&mut self, byte: u8) -> Piece {
        self.state = State::Text;
        if byte != ESC {
            return Piece::Byte(byte);
        }
        self.state = State::Escape;
        self.sequence.clear();
        self.sequence.push(byte);
        Piece::Nothing
    }

    fn escape(&mut self, byte: u8) -> Piece {
        self.sequence.push(byte);
        match byte {
            b'[' => self.state = State::Control,
            b']' | b'P' | b'X' | b'^' | b'_' => self.state = State::String(MAX_STRING_BYTES),
            b' '..=b'/' if self.sequence.len() < MAX_SEQUENCE_BYTES => self.state = State::Escape,
            b'0'..=b'~' => {
                self.state = State::Text;
                return Piece::Escape(byte);
            }
            _ => return self.text(byte),
        }
        Piece::Nothing
    }

    fn control(&mut self, byte: u8) -> Piece {
        match byte {
            b' '..=b'?' if self.sequence.len() < MAX_SEQUENCE_BYTES => {
                self.sequence.push(byte);
                Piece::Nothing
            }
            b'@'..=b'~' => {
                self.sequence.push(byte);
                self.state = State::Text;
                Piece::Control(byte)
            }
            _ => self.text(byte),
        }
    }

    fn string(&mut self, byte: u8, left: usize) -> Piece {
        match byte {
            BEL => self.state = State::Text,
            ESC => {
                self.state = State::StringEscape(left);
                self.sequence.clear();
                self.sequence.push(byte);
            }
            b'\r' | b'\n' => return self.text(byte),
            _ if left == 0 => return self.text(byte),
            _ => self.state = State::String(left - 1),
        }
        Piece::Nothing
    }
}
