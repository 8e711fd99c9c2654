// SPDX-License-Identifier: GPL-3.0-or-later

use std::fmt::Write as _;

/// A text of whole lines.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn line(&mut self, line: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.0, "{line}");
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}
