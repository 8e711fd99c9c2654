// SPDX-License-Identifier: GPL-3.0-or-later
//! The sizes of files: a reader takes in one file at a time.
//! To see it fail: lower a bound.

use std::path::Path;

use crate::sources::{is_test, library, sources};

/// A larger file of the programs needs a second noun.
const MAX_LINES: usize = 400;
const MAX_LINES_OF_TESTS: usize = 300;

#[test]
fn no_file_is_too_long_to_read_at_once() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let code = [library(), repository.join("cli/src"), repository.join("cgi/src")];
    let tests = repository.join("tests");
    let files = code.iter().chain([&tests]).flat_map(|folder| sources(folder));
    let too_long: Vec<String> = files
        .filter_map(|file| {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            let most = if file.starts_with(&tests) || is_test(&file) { MAX_LINES_OF_TESTS } else { MAX_LINES };
            (lines > most).then(|| format!("{}: {lines} lines, at most {most}", file.display()))
        })
        .collect();
    assert!(too_long.is_empty(), "split these by what they are about:\n{}", too_long.join("\n"));
}
