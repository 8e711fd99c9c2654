// SPDX-License-Identifier: GPL-3.0-or-later
//! One word for one idea: no word of the glossary's column "replaced" is left.
//! To see it fail: write a word of that column into a comment.

use std::path::Path;

/// The replaced words. They are between backticks in the third column.
fn replaced(glossary: &str) -> Vec<&str> {
    let rows = glossary.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let cells = rows.filter_map(|row| row.split('|').nth(3));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// Whether the text has the word, with no letter, digit or `_` beside it.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

/// The files of the repository, by their paths in it. (git would refuse to list them for root, where a person owns them.)
fn add_files(repository: &Path, folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(repository.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_file() {
            names.push(path.to_string_lossy().into_owned());
        } else if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != ".git" {
            add_files(repository, &path, names);
        }
    }
}

#[test]
fn a_word_is_found_alone_only() {
    assert!(has_word("the chair.", "chair") && has_word("chair::check", "chair"));
    assert!(!has_word("chairs", "chair") && !has_word("my_chair", "chair"));
    assert_eq!(
        replaced("| term | meaning | replaced |\n| a | b `x` | `chair`, `Chair` |\n| c | d | |"),
        ["chair", "Chair"]
    );
}

#[test]
fn no_replaced_word_is_left() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = |name: &str| std::fs::read_to_string(repository.join(name));
    let glossary = text("docs/glossary.md").unwrap();
    let words = replaced(&glossary);
    assert!(words.len() > 10, "the glossary has its column: {words:?}");
    let mut names = Vec::new();
    add_files(&repository, Path::new(""), &mut names);
    let mut found = Vec::new();
    // A decision keeps the words of its day, a changelog names what changed, and the licence is not ours.
    let is_left_out = |name: &str| {
        name.starts_with("docs/decisions/")
            || ["CHANGELOG.md", "LICENSE", "Cargo.lock", "docs/glossary.md"].contains(&name)
    };
    for name in names.iter().filter(|name| !is_left_out(name)) {
        // A file that is no text.
        let Ok(text) = text(name) else { continue };
        let in_file = words.iter().filter(|word| has_word(&text, word) || has_word(name, word));
        found.extend(in_file.map(|word| format!("{name}: {word}")));
    }
    assert!(found.is_empty(), "docs/glossary.md names the word that replaced each:\n{}", found.join("\n"));
}
