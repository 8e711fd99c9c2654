// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a disk, in the form that a node reports.
//!
//! A disk is identified by its World Wide Name, or by its serial if it has none: logical drives of one RAID controller,
//! and namespaces of one NVMe controller, share a serial and have one WWN each. A node reports the serial if no other
//! disk of the machine has it, because the serial is on the label. For disks that share a serial it reports the WWN
//! (scripts/node/steps/disks_found.sh). It accepts both.

use super::{all_bytes, checked_text};

checked_text! {
    /// 1 to 64 of `[A-Za-z0-9._:-]`: a serial, or a WWN as the kernel writes it (`naa.5000c500a1b2c3d4`, `eui.`,
    /// `uuid.`). The node writes `_` for every other character, and a digest for the end of a longer WWN. `none` is no
    /// name.
    DiskName, "name of a disk",
    "expected 1 to 64 of a-z, A-Z, 0-9, '.', '_', ':' and '-'",
    |text| all_bytes(text, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
}

impl DiskName {
    /// Whether it names one disk. A disk without serial and WWN cannot be recognised again, so no retry may wipe it.
    pub fn identifies(&self) -> bool {
        self.as_str() != "none"
    }

    /// Whether both name one disk: a WWN is the same as the kernel writes it (`naa.`), as lsblk does (`0x`), and as
    /// /dev/disk/by-id does (`wwn-0x`).
    pub fn is_as(&self, other: &Self) -> bool {
        self == other || self.wwn().is_some_and(|wwn| other.wwn() == Some(wwn))
    }

    /// In the form of the kernel, if it looks like a WWN.
    fn wwn(&self) -> Option<String> {
        let text = self.0.to_ascii_lowercase();
        let text = text.strip_prefix("wwn-").unwrap_or(&text);
        match text.strip_prefix("0x") {
            Some(digits) => Some(format!("naa.{digits}")),
            None => ["naa.", "eui.", "uuid.", "nvme.", "t10."]
                .iter()
                .any(|kind| text.starts_with(kind))
                .then(|| text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wwn_is_the_same_however_it_is_written() {
        let name = |text: &str| text.parse::<DiskName>().unwrap();
        let wwn = name("naa.600508b1001c00aa01");
        for same in
            ["naa.600508b1001c00aa01", "NAA.600508B1001C00AA01", "0x600508b1001c00aa01", "wwn-0x600508B1001C00AA01"]
        {
            assert!(name(same).is_as(&wwn) && wwn.is_as(&name(same)), "{same}");
        }
        for other in ["naa.600508b1001c00aa02", "600508b1001c00aa01", "naa.600508b1001c00", "eui.600508b1001c00aa01"] {
            assert!(!name(other).is_as(&wwn), "{other}");
        }
        assert!(!name("s3z8").is_as(&name("S3Z8")), "a serial is what it is");
    }
}
