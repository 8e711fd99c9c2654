// SPDX-License-Identifier: GPL-3.0-or-later
//! A list as CSV (RFC 4180): the first line names the columns; the separator is a comma or, as some spreadsheets write it, a
//! semicolon.

use super::Problem;
use super::entry::{KEYS, Raw};

pub(super) fn read(text: &str) -> Result<Vec<Raw>, Vec<Problem>> {
    // Spreadsheets begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(text.as_bytes());
    let wrong = |error: csv::Error| {
        let line = error.position().map_or(1, |p| line(p.line()));
        vec![Problem::new(line, format!("no CSV: {error}"))]
    };
    let header = reader.headers().map_err(wrong)?.clone();
    let columns = columns(&header)?;
    let mut raw = Vec::new();
    let mut problems = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let number = record.position().map_or(1, |p| line(p.line()));
        if record.len() != columns.len() {
            let why = format!("{} values: expected {}, as the first line has columns", record.len(), columns.len());
            problems.push(Problem::new(number, why));
            continue;
        }
        let values = columns.iter().zip(record.iter()).filter(|(_, value)| !value.is_empty());
        raw.push(Raw { line: number, values: values.map(|(key, value)| (*key, value.to_owned(), number)).collect() });
    }
    if problems.is_empty() { Ok(raw) } else { Err(problems) }
}

fn columns(header: &csv::StringRecord) -> Result<Vec<&'static str>, Vec<Problem>> {
    let mut columns: Vec<&'static str> = Vec::new();
    let mut problems = Vec::new();
    for name in header {
        let lower = name.to_ascii_lowercase();
        match KEYS.into_iter().find(|key| *key == lower) {
            Some(key) if columns.contains(&key) => {
                problems.push(Problem::new(1, format!("column {key} is there twice")))
            }
            Some(key) => columns.push(key),
            None => problems.push(Problem::new(1, format!("column {name:?}: expected {}", KEYS.join(", ")))),
        }
    }
    if problems.is_empty() && !columns.contains(&"mac") {
        problems.push(Problem::new(1, "no column mac: the first line must name the columns"));
    }
    if problems.is_empty() { Ok(columns) } else { Err(problems) }
}

fn line(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_write() {
        let expected = [("mac", "525400000001"), ("reason", "rack 4, left")];
        for text in [
            "mac,reason\n525400000001,\"rack 4, left\"\n",
            "\u{feff}MAC;Reason\r\n525400000001;rack 4, left\r\n",
            "# a, list\nmac ; reason\n\n 525400000001 ; rack 4, left",
            "# a list\nmac , reason\n\n 525400000001 ,\"rack 4, left\"",
        ] {
            let raw = read(text).unwrap();
            let values: Vec<(&str, &str)> = raw[0].values.iter().map(|(k, v, _)| (*k, v.as_str())).collect();
            assert_eq!(values, expected, "{text:?}");
        }
        assert_eq!(read("mac,name\n1,a\n2,\n").unwrap()[1].line, 3);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line, words) in [
            ("", 1, "no column mac"),
            ("name\na\n", 1, "no column mac"),
            ("mac,colour\n", 1, "colour"),
            ("mac,mac\n", 1, "twice"),
            ("mac,name\n1,a\n2\n", 3, "1 values: expected 2"),
            ("mac,name\n1,a,b\n", 2, "3 values"),
        ] {
            let problems = read(text).unwrap_err();
            assert!(problems[0].line == line && problems[0].text.contains(words), "{text:?}: {problems:?}");
        }
    }
}
