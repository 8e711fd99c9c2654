// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a network interface of this machine.

use super::{all_bytes, checked_text};

checked_text! {
    /// As Linux accepts it: 1 to 15 bytes (IFNAMSIZ minus the end), here printable and without separators.
    InterfaceName, "interface name",
    "expected 1 to 15 of a-z, A-Z, 0-9, '.', '_' and '-'",
    |text| all_bytes(text, 15, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && text != "." && text != ".." && !text.starts_with('-')
}
