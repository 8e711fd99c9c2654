// SPDX-License-Identifier: GPL-3.0-or-later
//! Golden files: what a test makes, compared with what is in `tests/golden`. `HPS_BLESS=1 cargo test` writes them anew.

use similar::TextDiff;
use std::path::Path;

/// Compares `text` with the file `name` of a folder of `tests/golden`; a difference is shown as one.
pub(crate) fn golden(folder: &str, name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden").join(folder).join(name);
    if is_blessed() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    if text != expected {
        let diff = TextDiff::from_lines(expected.as_str(), text);
        panic!(
            "{folder}/{name} is another one (HPS_BLESS=1 writes it anew):\n{}",
            diff.unified_diff().header("golden", "made")
        );
    }
}

/// Whether golden files are to be written.
pub(crate) fn is_blessed() -> bool {
    std::env::var_os("HPS_BLESS").is_some()
}
