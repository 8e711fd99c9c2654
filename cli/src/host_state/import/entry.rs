// SPDX-License-Identifier: GPL-3.0-or-later
//! One host of a list: from texts with their lines to an edit.

use super::super::edit_words::{join, value_of};
use super::problem::Problem;
use hps::host::Edit;
use hps::types::MacAddr;
use std::collections::HashMap;

/// The columns of CSV and the keys of TOML.
pub(super) const KEYS: [&str; 7] = ["mac", "name", "type", "profile", "address", "state", "reason"];

/// A host as the file has it: each value with its key and its line. Empty values are left out.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// Its first line.
    pub(super) line: usize,
    pub(super) values: Vec<(&'static str, String, usize)>,
}

/// A host as it will be, if its lines are correct.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) macs: Vec<MacAddr>,
    pub(super) edit: Edit,
}

/// The hosts of a list, and the errors in their lines. A MAC, name or address must not occur twice, even if the rest of
/// the line is wrong.
pub(super) fn entries(raw: &[Raw]) -> (Vec<Entry>, Vec<Problem>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut seen: HashMap<(&str, String), usize> = HashMap::new();
    for raw in raw {
        let entry = entry(raw, &mut problems);
        let name = entry.edit.name.iter().flatten().map(|n| ("name", n.to_string()));
        let address = entry.edit.address.iter().flatten().map(|a| ("address", a.to_string()));
        let macs = entry.macs.iter().map(|m| ("mac", m.colons()));
        for (key, value) in name.chain(address).chain(macs) {
            let first = *seen.entry((key, value.clone())).or_insert(entry.line);
            if first != entry.line {
                problems.push(Problem::new(entry.line, format!("{key} {value} is also in line {first}")));
            }
        }
        entries.push(entry);
    }
    (entries, problems)
}

fn entry(raw: &Raw, problems: &mut Vec<Problem>) -> Entry {
    let mut edit = Edit::default();
    let mut macs: Vec<MacAddr> = Vec::new();
    for (key, value, line) in &raw.values {
        if *key == "mac" {
            for word in value.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
                match word.parse() {
                    Ok(mac) if macs.contains(&mac) => {
                        problems.push(Problem::new(*line, format!("mac {} is there twice", mac.colons())));
                    }
                    Ok(mac) => macs.push(mac),
                    Err(error) => problems.push(Problem::new(*line, format!("{error}"))),
                }
            }
        } else {
            match value_of(key, value) {
                Ok(value) => edit = join(edit, value),
                Err(error) => problems.push(Problem::new(*line, error.to_string())),
            }
        }
    }
    if !raw.values.iter().any(|(key, ..)| *key == "mac") {
        problems.push(Problem::new(raw.line, "mac is missing"));
    }
    if macs.len() > 1 {
        edit.macs = Some(macs.clone());
    }
    Entry { line: raw.line, macs, edit }
}
