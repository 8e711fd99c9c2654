// SPDX-License-Identifier: GPL-3.0-or-later
//! What the administrator should know of one request.

use crate::types::Line;
use std::cell::RefCell;

/// What the administrator should know, for the error log of the web server.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics(RefCell<Vec<Line>>);

impl Diagnostics {
    pub(crate) fn add(&self, line: &str) {
        let line = Line::lossy(line);
        let mut lines = self.0.borrow_mut();
        // One request reports each problem once, for example a log that cannot be written.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }

    pub(crate) fn into_lines(self) -> Vec<Line> {
        self.0.into_inner()
    }
}
