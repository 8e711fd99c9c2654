// SPDX-License-Identifier: GPL-3.0-or-later
//! What the program reports while a person waits.

use crate::program;

pub(super) const PROGRAM: &str = "site-copy";

pub(super) fn progress(line: impl std::fmt::Display) {
    program::eprint_progress(PROGRAM, line);
}
