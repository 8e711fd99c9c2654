// SPDX-License-Identifier: GPL-3.0-or-later
//! What a room must not touch: files, network, clock, environment, the terminal.
//! To see it fail: write `std::env::args()` in a file of `lib-hps/src/boot`.

use crate::sources::{code, is_test, library, sources};

#[test]
fn the_pure_rooms_touch_nothing() {
    for room in ["types", "config", "host", "boot", "render"] {
        for file in sources(&library().join(room)) {
            if is_test(&file) {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let code = code(&text);
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
        if is_test(&file) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = code(&text);
        for word in ["println!", "eprintln!", "std::env::var", "env::args"] {
            assert!(!code.contains(word), "{} has {word}", file.display());
        }
    }
}
