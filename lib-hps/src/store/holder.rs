// SPDX-License-Identifier: GPL-3.0-or-later
//! Who holds a lock, as the kernel tells it in /proc/locks. It serves one message, so whatever cannot be read is left out.

use crate::types::Line;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;

/// The process that holds a lock of the file, in words.
pub(super) fn of(file: &File) -> Option<String> {
    let metadata = file.metadata().ok()?;
    let (device, inode) = (metadata.dev(), metadata.ino());
    let id = format!("{:02x}:{:02x}:{inode}", rustix::fs::major(device), rustix::fs::minor(device));
    let pid = pid_in(&std::fs::read_to_string("/proc/locks").ok()?, &id)?;
    let program = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(format!("process {pid} ({})", Line::lossy(String::from_utf8_lossy(&program).trim())))
}

/// `1: FLOCK  ADVISORY  WRITE 812 fe:00:1311 0 EOF`; one that waits has an arrow behind its number.
fn pid_in(locks: &str, id: &str) -> Option<u32> {
    let holds = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        (words.next()? == "FLOCK").then_some(())?;
        let pid = words.nth(2)?;
        (words.next()? == id).then(|| pid.parse().ok()).flatten()
    };
    locks.lines().find_map(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_found_and_who_waits_is_not() {
        let locks = "1: POSIX  ADVISORY  READ 5 08:20:2086 0 EOF\n2: FLOCK  ADVISORY  WRITE 812 fe:00:1311 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 813 fe:00:99 0 EOF\n";
        assert_eq!(pid_in(locks, "fe:00:1311"), Some(812));
        assert_eq!(pid_in(locks, "fe:00:99"), None);
        assert_eq!(pid_in(locks, "08:20:2086"), None);
    }
}
