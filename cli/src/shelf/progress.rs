// SPDX-License-Identifier: GPL-3.0-or-later
//! A bar for a person who waits.

use crate::program;
use indicatif::{ProgressBar, ProgressStyle};

/// Of bytes that come or are read: how many of how many, how fast, how long still.
pub(crate) const BYTES: &str = "{bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";

/// A bar on a terminal, and nothing elsewhere.
pub(crate) fn bar(template: &str) -> ProgressBar {
    if !program::on_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// What tells a bar how far one is.
pub(crate) fn show(bar: &ProgressBar) -> impl FnMut(u64, Option<u64>) + '_ {
    let mut begun = false;
    move |have, size| {
        // What was there before must not count for the speed.
        if !begun {
            begun = true;
            bar.set_position(have);
            bar.reset_eta();
        }
        if let Some(size) = size.filter(|size| bar.length() != Some(*size)) {
            bar.set_length(size);
        }
        bar.set_position(have);
    }
}
