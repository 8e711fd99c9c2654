// SPDX-License-Identifier: GPL-3.0-or-later
//! Text files that HPS places in the new system.

/// The first line of files that are made here.
pub(super) const MADE: &str = "# Made by HPS when this host was installed.\n";

/// A text file of the installed system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFile {
    /// Where, below the root and without a `/` before it.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Lines, each with its end.
    pub text: String,
}

impl PlacedFile {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), mode: 0o644, text: text.into() }
    }

    pub(super) fn secret(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { mode: 0o600, ..Self::new(path, text) }
    }
}
