// SPDX-License-Identifier: GPL-3.0-or-later
//! What names a disk, in the form that a node reports it.
//!
//! A disk is what its World Wide Name says, and its serial where it has none: logical drives of one RAID controller, and namespaces of one
//! NVMe controller, have one serial and a WWN each. A node reports the serial where one disk of the machine alone has it, because that is
//! what stands on its label, and the WWN of disks that share one (scripts/node/steps/disks_found.sh). It understands both.

use super::{all_bytes, checked_text};

checked_text! {
    /// 1 to 64 of `[A-Za-z0-9._:-]`: a serial, or a WWN as the kernel writes it (`naa.5000c500a1b2c3d4`, `eui.`, `uuid.`). The node
    /// writes `_` for every other character that the kernel shows, and a digest for the end of a WWN that is longer. `none` is no name.
    DiskSerial, "disk serial",
    "expected 1 to 64 of a-z, A-Z, 0-9, '.', '_', ':' and '-'",
    |text| all_bytes(text, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
}

impl DiskSerial {
    /// Whether it names one disk. A disk without serial and WWN cannot be recognised again, so no retry may wipe it.
    pub fn identifies(&self) -> bool {
        self.as_str() != "none"
    }
}
