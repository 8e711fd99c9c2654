// SPDX-License-Identifier: GPL-3.0-or-later
//! Findings for a person: files of one folder with the same fault share a line, with one command that corrects them
//! all.

use super::findings::{Finding, Severity};
use hps::types::printable_line;
use std::collections::HashMap;
use std::path::Path;

/// What findings on one line have in common: the folder, whether they are notes, the problem, and the advice without
/// the path.
type Common<'a> = (&'a Path, bool, &'a str, String);

/// The lines, in the order of the first finding of each.
pub(super) fn from_findings(findings: &[Finding]) -> Vec<String> {
    let mut shared: Vec<Vec<&Finding>> = Vec::new();
    let mut places: HashMap<Common<'_>, usize> = HashMap::new();
    for finding in findings {
        let place = common(finding).map_or(shared.len(), |common| *places.entry(common).or_insert(shared.len()));
        match shared.get_mut(place) {
            Some(same) => same.push(finding),
            None => shared.push(vec![finding]),
        }
    }
    shared.iter().filter_map(|same| line(same)).collect()
}

/// `None` if the advice does not name the file, because no command can then name several. A name with characters that a
/// shell interprets has its own line.
fn common(finding: &Finding) -> Option<Common<'_>> {
    let name = finding.file.file_name()?.to_str()?;
    let path = finding.file.to_str()?;
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let fits = finding.line.is_none() && is_plain && finding.advice.ends_with(path);
    let advice = finding.advice.strip_suffix(path).filter(|_| fits)?;
    Some((finding.file.parent()?, finding.severity == Severity::Note, finding.problem.as_str(), advice.to_owned()))
}

fn line(same: &[&Finding]) -> Option<String> {
    let (first, others) = same.split_first()?;
    let line = first.line.map_or_else(String::new, |line| format!(":{line}"));
    let note = if first.severity == Severity::Note { "note: " } else { "" };
    let more = match others.len() {
        0 => String::new(),
        1 => ", as does 1 more file of this folder".to_owned(),
        count => format!(", as do {count} more files of this folder"),
    };
    let paths: String = others.iter().map(|other| format!(" {}", other.file.display())).collect();
    // One line, for any file name.
    Some(printable_line(&format!(
        "{note}{}{line}: {}{more}; {}{paths}",
        first.file.display(),
        first.problem,
        first.advice
    )))
}
