// SPDX-License-Identifier: GPL-3.0-or-later
//! Assignments of a shell file, read and never run: `KEY=value`, `KEY="value"`, `export KEY='value'  # words`.

use super::note::{Fate, Notes};

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: String,
}

/// The assignments of a text. What is none, and what a shell would have to expand, is refused with its line.
pub(super) fn assignments(text: &str, notes: &mut Notes) -> Vec<Assignment> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match assignment(line) {
            Ok((key, value)) => found.push(Assignment { line: index + 1, key, value }),
            Err(why) => notes.add(Fate::Refused, index + 1, format!("{line:?}: {why}")),
        }
    }
    found
}

fn assignment(line: &str) -> Result<(String, String), &'static str> {
    let words = ["export ", "readonly ", "local ", "declare -x "];
    let line = words.iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line).trim_start();
    let (key, rest) = line.split_once('=').ok_or("expected KEY=value")?;
    // A person may have put blanks around the sign, which no shell accepts.
    let key = key.trim_end();
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_name {
        return Err("expected KEY=value, with letters, digits and _ in KEY");
    }
    Ok((key.to_ascii_uppercase(), value(rest.trim_start())?))
}

/// Characters that a shell would act on.
const EXPANDED: [char; 2] = ['$', '`'];
const EXPANSION: &str = "only a shell could say what this is";

fn value(text: &str) -> Result<String, &'static str> {
    let mut rest = text.chars();
    let mut value = String::new();
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            rest.next();
            loop {
                match rest.next().ok_or("a quote is not closed")? {
                    c if c == quote => break,
                    '\\' if quote == '"' => match rest.next().ok_or("a quote is not closed")? {
                        c @ ('"' | '\\' | '$' | '`') => value.push(c),
                        c => value.extend(['\\', c]),
                    },
                    c if quote == '"' && EXPANDED.contains(&c) => return Err(EXPANSION),
                    c => value.push(c),
                }
            }
        }
        _ => {
            for c in rest.by_ref() {
                match c {
                    c if c.is_whitespace() || c == ';' => break,
                    c if EXPANDED.contains(&c) => return Err(EXPANSION),
                    '(' | ')' | '&' | '|' | '<' | '>' | '\\' | '"' | '\'' => {
                        return Err("expected one value, in quotes if it has blanks or signs");
                    }
                    c => value.push(c),
                }
            }
        }
    }
    let after = rest.as_str().trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    if after.is_empty() || after.starts_with('#') {
        Ok(value.trim().to_owned())
    } else {
        Err("there is more after the value")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(String, String)>, Vec<String>) {
        let mut notes = Notes::new("f");
        let found = assignments(text, &mut notes);
        let pairs = found.into_iter().map(|found| (found.key, found.value)).collect();
        (pairs, notes.into_sorted().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_shells_and_people_write() {
        for (text, value) in [
            ("A=b", "b"),
            ("A=\"b c\"", "b c"),
            ("A='b c'   # words", "b c"),
            ("export A=b;", "b"),
            ("  a = b  ", "b"),
            ("A=", ""),
            ("A=\"\"", ""),
            ("A=\" b \"", "b"),
            ("\u{feff}A=b\r", "b"),
            ("A='$x'", "$x"),
            ("A=\"a\\\"b\\$c\"", "a\"b$c"),
            ("# A=c\n\nA=b", "b"),
        ] {
            assert_eq!(read(text), (vec![("A".to_owned(), value.to_owned())], Vec::new()), "{text:?}");
        }
        for (text, why) in [
            ("A=$B", EXPANSION),
            ("A=\"$(date)\"", EXPANSION),
            ("A=`date`", EXPANSION),
            ("A=\"b", "not closed"),
            ("A=b c", "more after"),
            ("A=(b c)", "one value"),
            ("A+=b", "letters"),
            ("echo hello", "KEY=value"),
            ("1A=b", "letters"),
        ] {
            let (pairs, notes) = read(text);
            assert!(
                pairs.is_empty() && notes[0].starts_with("f:1: refused:") && notes[0].contains(why),
                "{text:?}: {notes:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text: String) {
            let _read = read(&text);
        }
    }
}
