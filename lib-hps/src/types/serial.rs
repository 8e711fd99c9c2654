// SPDX-License-Identifier: GPL-3.0-or-later
//! The serial number of a disk, in the form that a node reports it.

use super::{all_bytes, checked_text};

checked_text! {
    /// 1 to 64 of `[A-Za-z0-9._:-]`. The node writes `_` for every other character of the serial that
    /// the kernel shows, and gives the WWN where there is no serial. `none` is no serial.
    DiskSerial, "disk serial",
    "expected 1 to 64 of a-z, A-Z, 0-9, '.', '_', ':' and '-'",
    |text| all_bytes(text, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
}

impl DiskSerial {
    /// Whether it names one disk. A disk without serial cannot be recognised again, so no retry may wipe it.
    pub fn identifies(&self) -> bool {
        self.as_str() != "none"
    }
}
