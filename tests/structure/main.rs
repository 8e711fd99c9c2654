// SPDX-License-Identifier: GPL-3.0-or-later
//! The rooms of the library, and which of them may know which. The design says so; this holds it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may name.
const ROOMS: [(&str, &[&str]); 13] = [
    ("types", &[]),
    ("config", &["types"]),
    ("host", &["types", "config"]),
    ("boot", &["types", "config", "host"]),
    ("render", &["types", "config", "host", "boot"]),
    ("exec", &["types", "config"]),
    ("files", &[]),
    ("media", &["types", "boot", "exec", "files"]),
    ("store", &["types", "config", "host", "boot", "files"]),
    ("reservation", &["types", "host", "render", "store"]),
    ("situation", &["types", "config", "host", "boot", "render", "media", "store"]),
    ("desk", &["types", "config", "host", "boot", "render", "exec", "files", "media"]),
    ("manager", &["types", "config", "host", "boot", "render", "files", "media", "store", "reservation", "situation"]),
];

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let entries = std::fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    entries
        .flat_map(|entry| sources(&entry.unwrap().path()))
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect()
}

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn no_room_knows_more_than_it_may() {
    for (room, may) in ROOMS {
        let folder = library().join(room);
        let place = if folder.is_dir() { folder } else { library().join(format!("{room}.rs")) };
        for file in sources(&place) {
            let text = std::fs::read_to_string(&file).unwrap();
            let known: BTreeSet<&str> =
                ROOMS.iter().map(|(name, _)| *name).filter(|name| text.contains(&format!("crate::{name}"))).collect();
            for name in known {
                assert!(
                    name == room || may.contains(&name),
                    "{} names {name}, which {room} must not know",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn every_room_is_listed() {
    let text = std::fs::read_to_string(library().join("lib.rs")).unwrap();
    let rooms: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut listed: Vec<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(rooms, listed);
}

#[test]
fn the_pure_rooms_touch_nothing() {
    for room in ["types", "config", "host", "boot", "render"] {
        for file in sources(&library().join(room)) {
            if file.to_string_lossy().ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for touch in
                ["std::fs", "std::env", "std::process", "std::net::Tcp", "SystemTime", "Instant::now", "File::open"]
            {
                assert!(!code.contains(touch), "{} uses {touch}", file.display());
            }
            // The clock is read in one place, which only the two edges call.
            let reads = code.contains("Timestamp::now()");
            assert!(!reads || file.ends_with("types/timestamp.rs"), "{} reads the clock", file.display());
        }
    }
}

#[test]
fn nothing_in_the_library_prints_or_reads_the_environment() {
    for file in sources(&library()) {
        let path = file.to_string_lossy();
        if path.ends_with("tests.rs") || path.contains("/tests/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["println!", "eprintln!", "std::env::var", "env::args"] {
            assert!(!code.contains(word), "{} has {word}", file.display());
        }
    }
}
