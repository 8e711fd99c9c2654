// SPDX-License-Identifier: GPL-3.0-or-later
//! Assignments of a shell file, read and never run: `KEY=value`, `KEY="value"`, `export KEY='value'  # words`.

use super::note::{Fate, Notes};
use std::collections::HashMap;

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
    let mut found: Vec<Assignment> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match assignment(line) {
            Ok(Read { key, value, is_whole_line }) => {
                if is_whole_line {
                    notes.add(Fate::Changed, index + 1, format!("{key} without quotes: taken as {value:?}"));
                }
                found.push(Assignment { line: index + 1, key, value });
            }
            Err(why) => notes.add(Fate::Refused, index + 1, format!("{line:?}: {why}")),
        }
    }
    without_former(found, notes)
}

/// The last value of a key counts, as in a shell. The questions of the shell release wrote the maker of a system under the name of
/// the processor, so both values of such a key count.
fn without_former(all: Vec<Assignment>, notes: &mut Notes) -> Vec<Assignment> {
    let last: HashMap<String, usize> = all.iter().map(|found| (found.key.clone(), found.line)).collect();
    let (kept, former): (Vec<Assignment>, Vec<Assignment>) =
        all.into_iter().partition(|found| found.key.ends_with("_CPU") || last.get(&found.key) == Some(&found.line));
    for Assignment { line, key, value } in former {
        let again = last.get(&key).copied().unwrap_or_default();
        notes.add(Fate::Dropped, line, format!("{key} {value:?}: line {again} gives another value"));
    }
    kept
}

/// One line.
struct Read {
    key: String,
    value: String,
    /// Whether blanks stand in it without quotes.
    is_whole_line: bool,
}

fn assignment(line: &str) -> Result<Read, &'static str> {
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
    let (key, rest) = (key.to_ascii_uppercase(), rest.trim_start());
    Ok(match value(rest) {
        Ok(value) => Read { key, value, is_whole_line: false },
        Err(why) => Read { key, value: whole_line(rest).ok_or(why)?, is_whole_line: true },
    })
}

/// Words that a person wrote without quotes, up to a comment. A shell would run them, so only words count.
fn whole_line(text: &str) -> Option<String> {
    let text = text.split(" #").next().unwrap_or_default().trim();
    let is_words = |c: char| c.is_alphanumeric() || " \t.,:/_-".contains(c);
    let is_plain = text.starts_with(|c: char| c.is_alphanumeric()) && text.chars().all(is_words);
    is_plain.then(|| text.to_owned())
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
            ("A=b \"c\"", "more after"),
            ("A=b; c", "more after"),
            ("A=b $c", "more after"),
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

    #[test]
    fn words_without_quotes_and_a_key_given_twice() {
        let (pairs, notes) = read("A=the first site # of two\nB=1\nSCH_CPU=x86_64\nb=2\nSCH_CPU=linux\n");
        let wanted = [("A", "the first site"), ("SCH_CPU", "x86_64"), ("B", "2"), ("SCH_CPU", "linux")];
        assert_eq!(pairs, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(
            notes,
            [
                "f:1: changed: A without quotes: taken as \"the first site\"",
                "f:2: dropped: B \"1\": line 4 gives another value",
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text: String) {
            let _read = read(&text);
        }
    }
}
