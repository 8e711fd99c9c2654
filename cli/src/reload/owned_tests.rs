// SPDX-License-Identifier: GPL-3.0-or-later
//! The table of owners and modes against the reference, and its patterns.

use super::*;
use std::collections::BTreeSet;

const DOCS: &str = include_str!("../../../docs/reference/files.md");

fn cell(owned: &Owned) -> String {
    let folder = owned.folder.map_or_else(String::new, |mode| format!(" in {mode:04o}"));
    format!("{:04o}{folder}{}", owned.mode, if owned.group { " root:hps" } else { "" })
}

/// `a/{b,c}/d` is two paths.
fn each(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (names, after) = rest.split_once('}').unwrap();
    names.split(',').map(|name| format!("{before}{name}{after}")).collect()
}

#[test]
fn the_reference_has_the_same_table() {
    let rows = DOCS.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, path, _, _, mode, _] = cells[..] else { return None };
        mode.starts_with('0').then_some((path, mode))
    });
    let docs: BTreeSet<_> =
        rows.flat_map(|(path, mode)| each(path).into_iter().map(|path| (path, mode.to_owned()))).collect();
    let code: BTreeSet<_> = OWNED.iter().map(|owned| (owned.path.to_owned(), cell(owned))).collect();
    let missing: Vec<_> = code.difference(&docs).collect();
    let strange: Vec<_> = docs.difference(&code).collect();
    assert!(missing.is_empty() && strange.is_empty(), "files.md lacks {missing:?}, and has {strange:?}");
}
