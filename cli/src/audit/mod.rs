// SPDX-License-Identifier: GPL-3.0-or-later
//! What the programs note in the audit of the site besides the changes of hosts, which the library notes.

mod records;
mod settings;

pub(crate) use settings::note as note_settings;

use crate::program;
use hps::config::HpsConf;
use hps::host::{AuditLine, Who};
use hps::store::{Audit, Store};
use hps::types::{Line, one_line};
use std::path::Path;

/// Notes one change. That it cannot be noted is reported and undoes nothing.
pub(crate) fn note(name: &str, conf: &HpsConf, line: &AuditLine) {
    if let Err(error) = Audit::new(conf).append(line) {
        program::eprint(format_args!("{name}: not in the audit: {}", one_line(&error)));
    }
}

/// The person who runs a program.
pub(crate) fn who(name: &str) -> Who {
    Who::operator(name, &program::operator())
}

/// A line of the person who runs a program.
pub(crate) fn line(name: &str, what: &str) -> AuditLine {
    AuditLine::new(program::now(), who(name), what)
}

/// Notes what was edited by hand since HPS looked last: settings, and records of the cluster. Returns what could not be noted, a line
/// each.
pub(crate) fn note_hand_edits(name: &str, conf_path: &Path, store: &Store) -> Vec<String> {
    let settings = note_settings(conf_path, store.paths.conf(), &Who::by_hand(), "edited");
    let mut problems: Vec<String> =
        settings.err().map(|error| format!("edits by hand are not in the audit: {error:#}")).into_iter().collect();
    problems.extend(records::note(store, &who(name)));
    problems
}

/// Texts of others as the lines of a change.
pub(crate) fn lines(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Line> {
    texts.into_iter().map(|text| Line::lossy(text.as_ref())).collect()
}
