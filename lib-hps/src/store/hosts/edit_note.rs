// SPDX-License-Identifier: GPL-3.0-or-later
//! What the history says of an edit.

use crate::host::{Host, Values};
use crate::types::Line;

/// The values that changed.
pub(super) fn edit_note(before: &Host, after: &Host) -> Option<Line> {
    let changed = Values::from_host(before).changes_to(&Values::from_host(after));
    (!changed.is_empty()).then(|| Line::lossy(&changed.join(", ")))
}
