// SPDX-License-Identifier: GPL-3.0-or-later
//! What hosts did and said: a log for each host, one escaped line for each request and message, in files of bounded size and in the
//! system's log; and the installer's own logs of its last attempts.

use super::documents;
use super::reading::{read_end, skip_to_end};
use super::{Store, StoreError, syslog};
use crate::files::is_there;
use crate::files::{self, Access, IoError, MAX_ROTATING_BYTES, RotatingFile};
use crate::types::{Line, MacAddr, Timestamp, log_line};
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// No more than the end of a file is read: whoever can write it could make it any length.
const MOST: u64 = 8 << 20;
/// How many older parts of a log are kept.
const OLDER_LOGS: u32 = 4;
/// How many of a host's attempts keep the installer's own log.
const MAX_INSTALL_LOGS: usize = 5;

impl Store {
    /// Notes a line: time, MAC, name or `-`, text. In the file of the host, and in the system's log where there is one.
    ///
    /// # Errors
    /// When one of them did not take it.
    pub fn log_host(&self, mac: MacAddr, name: Option<&str>, text: &Line, now: Timestamp) -> Result<(), StoreError> {
        let line = log_line(&format!("{mac} {} {text}", name.unwrap_or("-")));
        let written = self.log_file(mac).append(&format!("{now} {line}\n")).map_err(StoreError::from);
        let sent = self.log_system("boot_manager", &Line::lossy(&line));
        written.and(sent)
    }

    /// A line for the system's log, under the name of a program; none where `hps.conf` says so.
    ///
    /// # Errors
    /// When there is one that does not take it.
    pub fn log_system(&self, program: &str, text: &Line) -> Result<(), StoreError> {
        self.paths.conf().syslog().map_or(Ok(()), |socket| syslog::send(socket, program, text))
    }

    fn log_file(&self, mac: MacAddr) -> RotatingFile {
        RotatingFile::log(self.paths.host_log(mac), OLDER_LOGS)
    }

    /// The log of a host with its older parts, oldest line first; empty where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn host_log(&self, mac: MacAddr) -> Result<String, StoreError> {
        self.follow_log(mac).map(|(text, _)| text)
    }

    /// The same, and what gives the lines that come after it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn follow_log(&self, mac: MacAddr) -> Result<(String, LogTail), StoreError> {
        let file = self.log_file(mac);
        let mut tail = LogTail { path: file.path().to_path_buf(), file: None, rest: Vec::new() };
        let folder = file.path().parent().unwrap_or(Path::new("/"));
        if !is_there(folder)? {
            return Ok((String::new(), tail));
        }
        let _held = file.hold();
        let mut text = String::new();
        for older in file.older() {
            if let Some(part) = read_last(&older)? {
                text.push_str(&part);
            }
        }
        text.push_str(&tail.read()?);
        Ok((text, tail))
    }

    /// Writes the installer's own log of an attempt, in the place of an earlier one, and removes those of attempts long ago.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_install_log(&self, mac: MacAddr, attempt: u32, text: &[u8]) -> Result<(), StoreError> {
        let largest = usize::try_from(MAX_ROTATING_BYTES).unwrap_or(usize::MAX);
        // The end is what tells why an installation failed.
        let text = text.get(text.len().saturating_sub(largest)..).unwrap_or(text);
        let path = self.paths.install_log(mac, attempt);
        files::write_atomic(&path, text, Access::Group)?;
        // By their age: a host that was removed and added again counts its attempts from 1.
        let mut others: Vec<(SystemTime, u32)> = self
            .install_logs(mac)?
            .into_iter()
            .filter(|number| *number != attempt)
            .filter_map(|number| {
                // One whose age is not known stays.
                let at = std::fs::symlink_metadata(self.paths.install_log(mac, number)).and_then(|m| m.modified());
                at.ok().map(|at| (at, number))
            })
            .collect();
        others.sort_unstable_by(|a, b| b.cmp(a));
        let mut gone = others.into_iter().skip(MAX_INSTALL_LOGS - 1);
        Ok(gone.try_for_each(|(_, old)| files::remove(&self.paths.install_log(mac, old)))?)
    }

    /// The attempts whose installer's log is kept, in the order of their numbers.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn install_logs(&self, mac: MacAddr) -> Result<Vec<u32>, StoreError> {
        let begin = format!("{mac}.install-");
        let number = |name: &str| name.strip_prefix(&begin)?.strip_suffix(".log")?.parse::<u32>().ok();
        let names = documents::list(&self.paths.host_log_dir())?;
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The installer's own log of an attempt; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn install_log(&self, mac: MacAddr, attempt: u32) -> Result<Option<String>, StoreError> {
        let path = self.paths.install_log(mac, attempt);
        read_last(&path)
    }
}

/// The lines of a host's log as they come.
#[derive(Debug)]
pub struct LogTail {
    path: PathBuf,
    file: Option<File>,
    /// The begin of a line whose end is not there yet.
    rest: Vec<u8>,
}

impl LogTail {
    /// The whole lines that came since the last call.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self) -> Result<String, StoreError> {
        let there = std::fs::symlink_metadata(&self.path).ok();
        self.read_file()?;
        let same = self.file.as_ref().and_then(|f| f.metadata().ok()).zip(there);
        let same = same.is_some_and(|(own, there)| (own.dev(), own.ino()) == (there.dev(), there.ino()));
        if !same {
            // It moved aside, after its last line was read above or by this.
            self.read_file()?;
            self.file = open(&self.path)?;
            self.read_file()?;
        }
        let whole = self.rest.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<u8> = self.rest.drain(..whole).collect();
        Ok(String::from_utf8_lossy(&lines).into_owned())
    }

    fn read_file(&mut self) -> Result<(), StoreError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let read = |file: &mut File, rest: &mut Vec<u8>| -> std::io::Result<()> {
            if skip_to_end(file, MOST)? {
                rest.clear();
            }
            file.take(MOST).read_to_end(rest)?;
            // A line without an end would be kept for ever.
            let most = usize::try_from(MOST).unwrap_or(usize::MAX);
            rest.drain(..rest.len().saturating_sub(most));
            Ok(())
        };
        Ok(read(file, &mut self.rest).map_err(IoError::during("read", &self.path))?)
    }
}

fn open(path: &Path) -> Result<Option<File>, StoreError> {
    match files::open_shared(path, OFlags::RDONLY, "read") {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read_last(path: &Path) -> Result<Option<String>, StoreError> {
    match read_end(path, MOST) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(IoError::new("read", path, error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::store;
    use std::collections::BTreeSet;

    fn mac() -> MacAddr {
        "525400000001".parse().unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_unix(1_800_000_000)
    }

    /// A log that is about to move aside, of lines that say `old`.
    fn fill(store: &Store) {
        let line = format!("old {}\n", "x".repeat(250));
        let times = usize::try_from(MAX_ROTATING_BYTES).unwrap() / line.len();
        std::fs::write(store.paths.host_log(mac()), line.repeat(times)).unwrap();
    }

    #[test]
    fn many_writers_lose_no_line_while_it_moves_aside() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let path = store.paths.host_log(mac());
        for round in 0..30 {
            fill(&store);
            store.log_host(mac(), None, &Line::lossy(&"z".repeat(500)), now()).unwrap();
            let full = std::fs::metadata(&path).unwrap().ino();
            let together = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for writer in 0..8 {
                    let (store, together) = (&store, &together);
                    scope.spawn(move || {
                        together.wait();
                        for number in 0..5 {
                            let name = format!("r{round}-w{writer}-{number}");
                            store.log_host(mac(), Some(&name), &Line::lossy("y"), now()).unwrap();
                        }
                    });
                }
            });
            let log = store.host_log(mac()).unwrap();
            let begin = format!("r{round}-");
            let lines: Vec<&str> =
                log.lines().filter_map(|l| l.split(' ').nth(2)).filter(|name| name.starts_with(&begin)).collect();
            assert_eq!(lines.len(), 40);
            assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), 40, "each once");
            assert_eq!(std::fs::metadata(path.with_extension("log.1")).unwrap().ino(), full, "it moved aside once");
        }
    }

    #[test]
    fn its_size_is_bounded_and_the_newest_lines_stay() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        for round in 0..8 {
            fill(&store);
            // One more crosses the bound, the next one finds that.
            for number in 0..4 {
                store
                    .log_host(mac(), Some(&format!("r{round}-{number}")), &Line::lossy(&"z".repeat(250)), now())
                    .unwrap();
            }
        }
        let path = store.paths.host_log(mac());
        let files = std::fs::read_dir(path.parent().unwrap()).unwrap().flatten();
        let size: u64 = files.map(|f| f.metadata().unwrap().len()).sum();
        assert!(size < 6 * MAX_ROTATING_BYTES, "{size}");
        assert!(!path.with_extension("log.5").exists());
        assert!(store.host_log(mac()).unwrap().trim_end().lines().last().unwrap().contains("r7-3"));
    }

    #[test]
    fn whoever_follows_sees_every_line_once() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (before, mut tail) = store.follow_log(mac()).unwrap();
        assert!(before.is_empty());
        fill(&store);
        assert!(tail.read().unwrap().starts_with("old "));
        let mut seen = String::new();
        for number in 0..6 {
            store.log_host(mac(), Some(&format!("n{number}")), &Line::lossy(&"z".repeat(250)), now()).unwrap();
            seen.push_str(&tail.read().unwrap());
        }
        let names: Vec<&str> = seen.lines().map(|l| l.split(' ').nth(2).unwrap()).collect();
        assert_eq!(names, ["n0", "n1", "n2", "n3", "n4", "n5"]);
        assert!(store.paths.host_log(mac()).with_extension("log.1").exists(), "it moved aside meanwhile");
        // Half a line waits for its end.
        store.log_file(mac()).append("half").unwrap();
        assert_eq!(tail.read().unwrap(), "");
    }

    #[test]
    fn a_name_forges_no_line() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let forged = "sch-001\n2026-11-22T10:00:30Z 525400000001 sch-001 stage installed";
        store.log_host(mac(), Some(forged), &Line::lossy("x\ny"), now()).unwrap();
        assert_eq!(store.host_log(mac()).unwrap().lines().count(), 1);
    }

    #[test]
    fn the_system_log_gets_each_line_too() {
        let (folder, store) = store("10.0.0.2-10.0.0.9");
        let socket = store.paths.conf().syslog().unwrap().to_path_buf();
        assert!(socket.starts_with(folder.path()), "not the one of this machine");
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let daemon = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
        daemon.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        store.log_host(mac(), Some("sch-001"), &Line::lossy("stage\ndisks"), now()).unwrap();
        let mut bytes = [0; 2048];
        let length = daemon.recv(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        assert!(
            text.starts_with("<30>boot_manager[") && text.ends_with("]: 525400000001 sch-001 stage disks"),
            "{text}"
        );
    }

    #[test]
    fn the_last_attempts_keep_their_log() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        for attempt in 7..=14 {
            store.save_install_log(mac(), attempt, format!("attempt {attempt}").as_bytes()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(store.install_logs(mac()).unwrap(), [10, 11, 12, 13, 14]);
        // Counted anew: the new one stays, the oldest goes.
        store.save_install_log(mac(), 1, &vec![b'x'; 3 << 20]).unwrap();
        assert_eq!(store.install_logs(mac()).unwrap(), [1, 11, 12, 13, 14]);
        assert_eq!(store.install_log(mac(), 1).unwrap().unwrap().len(), 1 << 20);
        assert_eq!(store.install_log(mac(), 14).unwrap().unwrap(), "attempt 14");
        assert!(store.install_log(mac(), 2).unwrap().is_none());
    }
}
