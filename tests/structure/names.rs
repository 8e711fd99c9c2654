// SPDX-License-Identifier: GPL-3.0-or-later
//! Names of functions: a constructor is `new`, `from_x` or `for_x` (docs/development.md).
//! To see it fail: call a function `of`.

use std::path::Path;

use crate::sources::{library, sources};

#[test]
fn no_function_is_called_of() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let code = [library(), repository.join("cli/src"), repository.join("cgi/src"), repository.join("tests")];
    let files = code.iter().flat_map(|folder| sources(folder));
    let found: Vec<String> = files
        .filter(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            text.lines().any(|line| !line.trim_start().starts_with("//") && has_of(line))
        })
        .map(|file| file.display().to_string())
        .collect();
    assert!(found.is_empty(), "name it after what it takes: new, from_x or for_x:\n{}", found.join("\n"));
}

/// Whether this line defines a function of that name.
fn has_of(line: &str) -> bool {
    let name = line.split("fn ").nth(1).unwrap_or_default();
    name.starts_with(concat!("of", "(")) || name.starts_with(concat!("of", "<"))
}
