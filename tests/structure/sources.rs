// SPDX-License-Identifier: GPL-3.0-or-later
//! The sources of HPS as these tests read them: files, code without tests and comments, statements.
//! To see it fail: let `lines_of_code` keep comments.

use std::path::{Path, PathBuf};

pub(crate) fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let entries = std::fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    entries
        .flat_map(|entry| sources(&entry.unwrap().path()))
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// Whether this file below a `src` is compiled for tests alone.
pub(crate) fn is_test(file: &Path) -> bool {
    let path = file.to_string_lossy();
    let below = path.rsplit("/src/").next().unwrap_or_default();
    below.ends_with("tests.rs") || below.split('/').any(|folder| folder == "tests")
}

pub(crate) fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A file without what is compiled for tests alone, and without comments: the lines, trimmed. (rustfmt closes an item at its own depth.)
fn lines_of_code(text: &str) -> Vec<&str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut code = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let item = lines.by_ref().find(|line| !line.trim_start().starts_with("#[")).unwrap_or_default();
            if !item.ends_with([';', '}']) {
                lines.by_ref().find(|other| depth(other) == depth(item) && other.trim_start().starts_with('}'));
            }
        } else if !line.trim_start().starts_with("//") {
            code.push(line.trim());
        }
    }
    code
}

/// A file without what is compiled for tests alone, and without comments.
pub(crate) fn code(text: &str) -> String {
    lines_of_code(text).join("\n")
}

/// The same as statements, each on one line, however rustfmt has broken it.
pub(crate) fn statements(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut current = String::new();
    for line in lines_of_code(text).into_iter().filter(|line| !line.is_empty()) {
        let goes_on = line.starts_with(['.', '?']);
        if goes_on && current.is_empty() {
            current = all.pop().unwrap_or_default();
        }
        if !goes_on && !current.is_empty() {
            current.push(' ');
        }
        current.push_str(line);
        if line.ends_with([';', '{', '}', ',']) {
            all.push(std::mem::take(&mut current));
        }
    }
    all.push(current);
    all
}

/// The code of the files in a room, without their tests.
pub(crate) fn code_of(room: &str) -> Vec<(String, String)> {
    let files = sources(&library().join(room)).into_iter();
    let files = files.filter(|file| !is_test(file));
    let files = files.map(|file| (file.display().to_string(), std::fs::read_to_string(&file).unwrap()));
    files.map(|(path, text)| (path, code(&text))).collect()
}

#[test]
fn a_test_is_known_by_its_path_below_src_alone() {
    let is_test = |path: &str| is_test(Path::new(path));
    assert!(
        is_test("/a/src/store/hosts_tests.rs") && is_test("/a/src/manager/tests/site.rs") && is_test("/a/src/tests.rs")
    );
    assert!(!is_test("/home/tests/a/src/store/hosts.rs") && !is_test("/a/src/store/tests_of.rs"));
}

#[test]
fn code_is_what_is_compiled_and_a_statement_is_one_line() {
    let text = "use a;\n#[cfg(test)]\nuse b;\n// c.exists()\nfn d() {\n    let e = f\n        .exists()\n        .then(|| {\n            1\n        })\n        .ok();\n    #[cfg(test)]\n    {\n        g.exists();\n    }\n}\n\n\
                #[cfg(test)]\nmod tests {\n    fn h() {}\n}\n\nfn i() {\n    let Ok(j) =\n        k.read()\n    else {\n        return None;\n    };\n}\n";
    assert_eq!(
        statements(text).join("|"),
        "use a;|fn d() {|let e = f.exists().then(|| {|1 }).ok();|}|fn i() {|let Ok(j) = k.read() else {|return None;|};|}|"
    );
}
