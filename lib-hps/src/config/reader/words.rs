// SPDX-License-Identifier: GPL-3.0-or-later
//! Mistakes in words: the key, the value, and what is expected.

use super::document::Document;
use super::failure::{Failure, Form, What};
use super::path::{Path, Step};
use super::repairs::Repairs;
use crate::config::parse_error::{HIDDEN, has_secret, shortened};
use std::ops::Range;

/// If the reason is not known.
pub(super) const UNKNOWN: &str = "the file cannot be read";

/// The keys of a table are listed up to so many bytes. They are words of HPS, so they may be longer than a value.
const KEYS_SHOWN: usize = 160;

/// What is wrong.
pub(super) fn problem(document: &Document<'_>, repairs: &Repairs, failure: &Failure, place: &Range<usize>) -> String {
    let Failure { what, path, .. } = failure;
    let value = || shown(document.text(), place, &path.to_string());
    match what {
        What::UnknownKey(known) => unknown_key(path, known, failure.meant()),
        What::MissingKey(name) => {
            let example = match repairs.sample(&path.key(name)) {
                Some(sample) if sample != "{}" => format!(", such as {name} = {}", shortened(sample)),
                _ => String::new(),
            };
            format!("{}: missing required key {name}{example}", table(path))
        }
        What::BadKey(why) => format!("{path}: {why}"),
        What::Form(form) => format!("{path} is {}: expected {}", value(), describe_form(*form)),
        What::Refused(why) => format!("{path} is {}: {why}", value()),
    }
}

fn unknown_key(path: &Path, known: &[&str], meant: Option<&str>) -> String {
    let (above, name) = match path.split_last() {
        Some((above, Step::Key(name))) => (above, name.clone()),
        _ => (Path::default(), path.to_string()),
    };
    let all = known.join(", ");
    let advice = match meant {
        Some(near) => format!("did you mean {near}?"),
        None if all.len() <= KEYS_SHOWN => format!("expected one of {all}"),
        None => "docs/reference/cluster-file.md lists all keys".to_owned(),
    };
    format!("{}: unknown key {name}; {advice}", table(&above))
}

fn table(path: &Path) -> String {
    match path.steps().last() {
        None => "the file".to_owned(),
        Some(Step::Index(_)) => format!("[[{path}]]"),
        Some(Step::Key(_)) => format!("[{path}]"),
    }
}

/// The value as it was written. The screens of machines show errors of the boot manager, so a secret is left out.
fn shown(text: &str, place: &Range<usize>, key: &str) -> String {
    let value = text.get(place.clone()).unwrap_or_default().lines().next().unwrap_or_default().trim();
    if key.ends_with("password_hash") || has_secret(value) { HIDDEN.to_owned() } else { shortened(value) }
}

fn describe_form(form: Form) -> &'static str {
    match form {
        Form::Text => "text in quotes",
        Form::Bool => "true or false, without quotes",
        Form::Short => "a whole number without quotes, up to 65535",
        Form::Number => "a whole number without quotes",
        Form::List => "a list, such as [\"...\"]",
        Form::Table => "a table",
        Form::Other => "another kind of value",
    }
}
