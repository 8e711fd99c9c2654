// SPDX-License-Identifier: GPL-3.0-or-later
//! Files and scripts of a site profile: their text and their permission bits.

use serde::Deserialize;

/// Permission bits, `"0644"` in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FileMode(pub u32);

impl Default for FileMode {
    fn default() -> Self {
        Self(0o644)
    }
}

impl TryFrom<String> for FileMode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.len() == 4 && text.starts_with('0') && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
        match u32::from_str_radix(&text, 8) {
            Ok(mode) if digits => Ok(Self(mode)),
            _ => Err("expected four octal digits, such as \"0644\""),
        }
    }
}

/// Lines of text: no control characters except tabs and line ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(String);

/// An answer file is sent whole in one reply, and the node limits its size.
const MAX_TEXT_BYTES: usize = 65_536;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The reply could not have it.
    #[error("expected text of at most {MAX_TEXT_BYTES} bytes")]
    TooLong,
    /// It has control characters.
    #[error("expected text without control characters (tabs and line ends are allowed)")]
    Control,
}

impl Text {
    /// An empty one.
    ///
    /// # Errors
    /// Characters that it must not have.
    pub fn new(text: String) -> Result<Self, TextError> {
        Self::try_from(text)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(TextError::TooLong);
        }
        // These two are not control characters, but end lines for Python, and so for Anaconda.
        let breaks = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{2028}' | '\u{2029}');
        if text.chars().any(breaks) {
            return Err(TextError::Control);
        }
        Ok(Self(text))
    }
}
