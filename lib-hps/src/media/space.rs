// SPDX-License-Identifier: GPL-3.0-or-later
//! Space on disks, and sizes in words.

use std::path::Path;

/// Bytes that root's programs and users can still write to the file system of a folder.
///
/// # Errors
/// When the folder is not there.
pub fn free(folder: &Path) -> std::io::Result<u64> {
    let info = rustix::fs::statvfs(folder)?;
    Ok(info.f_bavail.saturating_mul(info.f_frsize))
}

/// `1.5 GiB`.
pub fn in_words(bytes: u64) -> String {
    let units = [("GiB", 1u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        // Tenths, without floating point.
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_words() {
        let words = [0, 1023, 1024, 1_600_000_000, 12 << 30].map(in_words);
        assert_eq!(words, ["0 bytes", "1023 bytes", "1.0 KiB", "1.4 GiB", "12.0 GiB"]);
        assert!(free(Path::new("/")).is_ok());
    }
}
