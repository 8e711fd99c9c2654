// SPDX-License-Identifier: GPL-3.0-or-later
//! Which process holds a lock: proc_locks(5), proc_pid_fdinfo(5), proc_pid_stat(5).
//!
//! The kernel knows it at each moment. A name in the file of the lock could be that of an earlier process, and a
//! waiting process could not tell. The answer is only for a message, so an unreadable part is left out.

use super::user_name;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;

/// Ticks of the clock in a second, as all architectures report them (USER_HZ).
const TICKS_PER_SECOND: i64 = 100;
/// A longer name is not one of ours.
const MAX_NAME_CHARS: usize = 60;

/// The process that holds a lock of the file: `process 812 (reload) of root, since 2026-11-22T10:00:00Z`.
pub(super) fn find(file: &File) -> Option<String> {
    describe(pid_in(&read("locks")?, &id_of(file)?)?)
}

/// The number of that process, by the text of /proc/locks.
pub(super) fn pid(file: &File, locks: &str) -> Option<u32> {
    pid_in(locks, &id_of(file)?)
}

/// The process in words, as [`find`].
pub(super) fn describe(pid: u32) -> Option<String> {
    let mut words = format!("process {pid} ({})", name_of(pid)?);
    if let Some(user) = user_of(pid) {
        words.push_str(&format!(" of {user}"));
    }
    if let Some(start) = start_of(pid) {
        words.push_str(&format!(", since {start}"));
    }
    Some(words)
}

fn read(name: &str) -> Option<String> {
    std::fs::read(format!("/proc/{name}")).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// A file in the form of /proc/locks. On overlay and btrfs, stat(2) reports another device than the kernel's own.
fn id_of(file: &File) -> Option<String> {
    let metadata = file.metadata().ok()?;
    let (device, inode) = (metadata.dev(), metadata.ino());
    let of_stat = (rustix::fs::major(device), rustix::fs::minor(device));
    let info = read(&format!("self/fdinfo/{}", file.as_raw_fd())).unwrap_or_default();
    let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    let mounts = read("self/mountinfo").unwrap_or_default();
    let of_mount = field("mnt_id:").and_then(|mount| device_in(&mounts, mount));
    let (major, minor) = of_mount.unwrap_or(of_stat);
    Some(format!("{major:02x}:{minor:02x}:{}", field("ino:").unwrap_or(inode)))
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`
fn device_in(mounts: &str, mount: u64) -> Option<(u32, u32)> {
    mounts.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next()?.parse::<u64>().ok()? == mount).then_some(())?;
        let (major, minor) = words.nth(1)?.split_once(':')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}

/// `1: FLOCK  ADVISORY  WRITE 812 fe:00:1311 0 EOF`; a waiting process has an arrow after its number.
fn pid_in(locks: &str, id: &str) -> Option<u32> {
    let holds = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        (words.next()? == "FLOCK").then_some(())?;
        let pid = words.nth(2)?;
        (words.next()? == id).then(|| pid.parse().ok()).flatten()
    };
    locks.lines().find_map(holds)
}

/// The name of its program; the kernel itself keeps 15 bytes of it.
fn name_of(pid: u32) -> Option<String> {
    let arguments = read(&format!("{pid}/cmdline")).unwrap_or_default();
    let program = arguments.split('\0').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let name = if program.is_empty() { read(&format!("{pid}/comm"))? } else { program.to_owned() };
    Some(name.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect())
}

/// The user who logged in, if the system records that (audit), also behind sudo. Otherwise the user of the process.
fn user_of(pid: u32) -> Option<String> {
    let login = read(&format!("{pid}/loginuid")).and_then(|text| text.trim().parse().ok());
    let uid = match login.filter(|uid| *uid != u32::MAX) {
        Some(uid) => uid,
        None => std::fs::metadata(format!("/proc/{pid}")).ok()?.uid(),
    };
    let name = user_name(uid);
    Some(name.split(' ').next().unwrap_or_default().to_owned())
}

/// When a process began: up to two seconds early, since the kernel's numbers are rounded down.
pub(super) fn start_of(pid: u32) -> Option<jiff::Timestamp> {
    let booted = read("stat")?.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<i64>().ok())?;
    let stat = read(&format!("{pid}/stat"))?;
    // The name is in parentheses and may contain any character. After it comes the third field; the start is the 22nd.
    let ticks: i64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    jiff::Timestamp::from_second(booted.checked_add(ticks / TICKS_PER_SECOND)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_found_and_a_process_that_waits_is_not() {
        let locks = "1: POSIX  ADVISORY  READ 5 08:20:2086 0 EOF\n2: FLOCK  ADVISORY  WRITE 812 fe:00:1311 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 813 fe:00:99 0 EOF\n";
        assert_eq!(pid_in(locks, "fe:00:1311"), Some(812));
        assert_eq!(pid_in(locks, "fe:00:99"), None);
        assert_eq!(pid_in(locks, "08:20:2086"), None);
        let mounts =
            "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw\n37 35 0:41 / / rw - overlay o rw\n";
        assert_eq!((device_in(mounts, 37), device_in(mounts, 3)), (Some((0, 41)), None));
    }

    #[test]
    fn this_process_began_before_now() {
        let pid = std::process::id();
        let age = jiff::Timestamp::now().duration_since(start_of(pid).unwrap()).as_secs();
        assert!((-1..3_600).contains(&age), "{age}");
        assert!(user_of(pid).is_some_and(|user| !user.is_empty()) && name_of(pid).unwrap().starts_with("hps-"));
    }
}
