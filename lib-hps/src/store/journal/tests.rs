// SPDX-License-Identifier: GPL-3.0-or-later
//! Logs and histories of bounded size that lose no line.

use crate::files::MAX_ROTATING_BYTES;
use crate::host::{HistoryLine, HostState, Who};
use crate::store::Store;
use crate::store::testing::store;
use crate::types::{Line, MacAddr, Timestamp};
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

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
        store.journal().log(mac(), None, &Line::lossy(&"z".repeat(500)), now()).unwrap();
        let full = std::fs::metadata(&path).unwrap().ino();
        let together = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (store, together) = (&store, &together);
                scope.spawn(move || {
                    together.wait();
                    for number in 0..5 {
                        let name = format!("r{round}-w{writer}-{number}");
                        store.journal().log(mac(), Some(&name), &Line::lossy("y"), now()).unwrap();
                    }
                });
            }
        });
        let log = store.journal().read_log(mac()).unwrap();
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
                .journal()
                .log(mac(), Some(&format!("r{round}-{number}")), &Line::lossy(&"z".repeat(250)), now())
                .unwrap();
        }
    }
    let path = store.paths.host_log(mac());
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().flatten();
    let size: u64 = files.map(|f| f.metadata().unwrap().len()).sum();
    assert!(size < 6 * MAX_ROTATING_BYTES, "{size}");
    assert!(!path.with_extension("log.5").exists());
    assert!(store.journal().read_log(mac()).unwrap().trim_end().lines().last().unwrap().contains("r7-3"));
}

#[test]
fn whoever_follows_sees_every_line_once() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let (before, mut tail) = store.journal().follow_log(mac()).unwrap();
    assert!(before.is_empty());
    fill(&store);
    assert!(tail.read().unwrap().starts_with("old "));
    let mut seen = String::new();
    for number in 0..6 {
        store.journal().log(mac(), Some(&format!("n{number}")), &Line::lossy(&"z".repeat(250)), now()).unwrap();
        seen.push_str(&tail.read().unwrap());
    }
    let names: Vec<&str> = seen.lines().map(|l| l.split(' ').nth(2).unwrap()).collect();
    assert_eq!(names, ["n0", "n1", "n2", "n3", "n4", "n5"]);
    assert!(store.paths.host_log(mac()).with_extension("log.1").exists(), "it moved aside meanwhile");
    // Half a line waits for its end.
    store.journal().log_file(mac()).append("half").unwrap();
    assert_eq!(tail.read().unwrap(), "");
}

#[test]
fn a_name_forges_no_line() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let forged = "sch-001\n2026-11-22T10:00:30Z 525400000001 sch-001 stage installed";
    store.journal().log(mac(), Some(forged), &Line::lossy("x\ny"), now()).unwrap();
    assert_eq!(store.journal().read_log(mac()).unwrap().lines().count(), 1);
}

#[test]
fn the_system_log_gets_each_line_too() {
    let (folder, store) = store("10.0.0.2-10.0.0.9");
    let socket = store.paths.conf().syslog().unwrap().to_path_buf();
    assert!(socket.starts_with(folder.path()), "not the one of this machine");
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let daemon = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
    daemon.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
    store.journal().log(mac(), Some("sch-001"), &Line::lossy("stage\ndisks"), now()).unwrap();
    let mut bytes = [0; 2048];
    let length = daemon.recv(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
    assert!(text.starts_with("<30>boot_manager[") && text.ends_with("]: 525400000001 sch-001 stage disks"), "{text}");
}

#[test]
fn the_last_attempts_keep_their_log() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    for attempt in 7..=14 {
        store.journal().save_install_log(mac(), attempt, format!("attempt {attempt}").as_bytes()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(store.journal().install_logs(mac()).unwrap(), [10, 11, 12, 13, 14]);
    // Counted anew: the new one stays, the oldest goes.
    store.journal().save_install_log(mac(), 1, &vec![b'x'; 3 << 20]).unwrap();
    assert_eq!(store.journal().install_logs(mac()).unwrap(), [1, 11, 12, 13, 14]);
    assert_eq!(store.journal().install_log(mac(), 1).unwrap().unwrap().len(), 1 << 20);
    assert_eq!(store.journal().install_log(mac(), 14).unwrap().unwrap(), "attempt 14");
    assert!(store.journal().install_log(mac(), 2).unwrap().is_none());
}

#[test]
fn a_history_moves_aside_once_and_both_parts_are_read() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let mac = "525400000001".parse().unwrap();
    let line = |n: i64| {
        let (who, what) = (Who::operator("test", "root"), Line::lossy("set"));
        HistoryLine::new(Timestamp::from_unix(n), who, what, HostState::Configured, HostState::Configured, None)
    };
    let path = store.paths.history(mac);
    for round in 0..3 {
        store.journal().append(mac, &line(round)).unwrap();
        let one = std::fs::read(&path).unwrap();
        let many = one.repeat(usize::try_from(MAX_ROTATING_BYTES).unwrap() / one.len() + 1);
        std::fs::write(&path, &many).unwrap();
        store.journal().append(mac, &line(round)).unwrap();
        let parts = [path.with_extension("jsonl.1"), path.clone()].map(|p| std::fs::metadata(p).unwrap().len());
        assert!(parts[0] > MAX_ROTATING_BYTES && parts[1] < 1_000, "{parts:?}");
        let history = store.journal().history(mac).unwrap();
        assert!(history.len() > 2 && history.last().unwrap().at == Timestamp::from_unix(round));
    }
    let folder = path.parent().unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name());
    assert_eq!(files.filter(|name| !name.to_string_lossy().starts_with('.')).count(), 2);
}
