// SPDX-License-Identifier: GPL-3.0-or-later
//! Histories of bounded size, and marks that cannot be read.

use super::*;
use crate::files::MAX_ROTATING_BYTES;
use crate::store::testing::store;

#[test]
fn a_history_moves_aside_once_and_both_parts_are_read() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let mac = "525400000001".parse().unwrap();
    let line = |n: i64| HistoryLine {
        at: Timestamp::from_unix(n),
        who: Who::operator("test", "root"),
        what: Line::lossy("set"),
        from: HostState::Configured,
        to: HostState::Configured,
        note: None,
    };
    let path = store.paths.history(mac);
    for round in 0..3 {
        store.append_history(mac, &line(round)).unwrap();
        let one = std::fs::read(&path).unwrap();
        let many = one.repeat(usize::try_from(MAX_ROTATING_BYTES).unwrap() / one.len() + 1);
        std::fs::write(&path, &many).unwrap();
        store.append_history(mac, &line(round)).unwrap();
        let parts = [path.with_extension("jsonl.1"), path.clone()].map(|p| std::fs::metadata(p).unwrap().len());
        assert!(parts[0] > MAX_ROTATING_BYTES && parts[1] < 1_000, "{parts:?}");
        let history = store.history(mac).unwrap();
        assert!(history.len() > 2 && history.last().unwrap().at == Timestamp::from_unix(round));
    }
    let folder = path.parent().unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name());
    assert_eq!(files.filter(|name| !name.to_string_lossy().starts_with('.')).count(), 2);
}

#[test]
fn a_mark_that_cannot_be_read_is_there() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let mac = "525400000001".parse().unwrap();
    let path = store.paths.ever_installed(mac).path().to_path_buf();
    assert_eq!(store.installed(mac, None).unwrap().last(), None);
    std::fs::write(&path, b"\xff").unwrap();
    assert!(store.installed(mac, None).unwrap().ever() && store.ever_installed_mark(mac).is_err());
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(store.installed(mac, None).unwrap().ever() && store.ever_installed_mark(mac).is_err());
}
