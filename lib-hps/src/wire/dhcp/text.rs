// SPDX-License-Identifier: GPL-3.0-or-later

use crate::types::Line;

/// A text field: it ends at the first zero byte. `None` if it is empty. It comes from the network, so it is made one
/// printable line.
pub(super) fn text(field: &[u8]) -> Option<Line> {
    let until_zero = field.split(|byte| *byte == 0).next().unwrap_or_default();
    let line = Line::lossy(&String::from_utf8_lossy(until_zero));
    (!line.as_str().is_empty()).then_some(line)
}
