// SPDX-License-Identifier: GPL-3.0-or-later
//! The packages that apt chooses, with their versions.

use std::collections::BTreeMap;

/// `name version` lines, as `packages.txt` of a build keeps them.
pub fn version_lines(versions: &BTreeMap<String, String>) -> String {
    versions.iter().map(|(name, version)| format!("{name} {version}\n")).collect()
}

/// Reads `packages.txt`; a line without name and version is left out.
pub fn parse_versions(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(|l| l.split_once(' ')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// The package of the kernel itself among those that apt chooses.
pub fn kernel_of(versions: &BTreeMap<String, String>) -> Option<(&str, &str)> {
    versions
        .iter()
        .find(|(name, _)| {
            name.strip_prefix("linux-image-").is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
        })
        .map(|(name, version)| (name.as_str(), version.as_str()))
}

/// The differences in `new`, one line each: `openssl 3.0.15 -> 3.0.16`.
pub fn changes(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, version) in new {
        match old.get(name) {
            Some(before) if before == version => {}
            Some(before) => lines.push(format!("{name} {before} -> {version}")),
            None => lines.push(format!("{name} {version} is new")),
        }
    }
    lines.extend(old.iter().filter(|(name, _)| !new.contains_key(*name)).map(|(n, v)| format!("{n} {v} is gone")));
    lines
}
