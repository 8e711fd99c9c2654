// SPDX-License-Identifier: GPL-3.0-or-later
//! A list as CSV (RFC 4180). The first line names the columns. The separator is a comma or a semicolon, which some
//! spreadsheets write.

use super::entry::{KEYS, Raw};
use super::problem::Problem;

/// Words of other lists, and the columns that they mean.
const OTHER_WORDS: [(&str, &str); 9] = [
    ("macs", "mac"),
    ("mac address", "mac"),
    ("mac_address", "mac"),
    ("hostname", "name"),
    ("host", "name"),
    ("ip", "address"),
    ("ip address", "address"),
    ("ip_address", "address"),
    ("comment", "reason"),
];

/// The lines with as many values as there are columns, and the errors of the others.
///
/// # Errors
/// An error that hides all lines: bad columns.
pub(super) fn read(text: &str) -> Result<(Vec<Raw>, Vec<Problem>), Vec<Problem>> {
    // Spreadsheets begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let mut problems = Vec::new();
    let mut text = text;
    if let Some((begin, number)) = unclosed(text, separator) {
        // After it everything would be one value.
        problems.push(Problem::new(number, "a quote (\") begins here and never ends"));
        text = text.get(..begin).unwrap_or_default();
    }
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
    let columns = match columns(&header) {
        Ok(columns) => columns,
        Err(more) => return Err(problems.into_iter().chain(more).collect()),
    };
    let mut raw = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.extend(wrong(error));
                break;
            }
        };
        let number = record.position().map_or(1, |p| line(p.line()));
        // A spreadsheet writes empty rows and columns as separators.
        let used = used_columns(&record);
        if used == 0 {
            continue;
        }
        if record.len() < columns.len() || used > columns.len() {
            let count = if used > columns.len() { used } else { record.len() };
            let values = if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
            let why = format!("{values}: expected {}, as the first line has columns", columns.len());
            problems.push(Problem::new(number, why));
            continue;
        }
        let values = columns.iter().zip(record.iter()).filter(|(_, value)| !value.is_empty());
        raw.push(Raw { line: number, values: values.map(|(key, value)| (*key, value.to_owned(), number)).collect() });
    }
    Ok((raw, problems))
}

/// How many columns there are up to the last one with a text.
fn used_columns(record: &csv::StringRecord) -> usize {
    record.iter().enumerate().filter(|(_, text)| !text.is_empty()).map(|(at, _)| at + 1).last().unwrap_or(0)
}

/// The line and number of a quote that is never closed.
fn unclosed(text: &str, separator: u8) -> Option<(usize, usize)> {
    let mut quoted = None;
    let (mut begin, mut number) = (0, 1);
    let mut before = b'\n';
    let mut closed = None;
    for (at, byte) in text.bytes().enumerate() {
        let comment = text.as_bytes().get(begin) == Some(&b'#');
        match byte {
            // A quote counts at the beginning of a value; inside, two of them are a character.
            b'"' if quoted.is_some() => {
                quoted = None;
                closed = Some(at + 1);
            }
            b'"' if !comment && (before == separator || before == b'\n' || closed == Some(at)) => {
                quoted = Some((begin, number));
            }
            b'\n' => {
                number += 1;
                begin = if quoted.is_none() { at + 1 } else { begin };
            }
            _ => {}
        }
        before = byte;
    }
    quoted
}

fn columns(header: &csv::StringRecord) -> Result<Vec<&'static str>, Vec<Problem>> {
    let mut columns: Vec<&'static str> = Vec::new();
    let mut problems = Vec::new();
    let named = used_columns(header);
    for name in header.iter().take(named) {
        let lower = name.to_ascii_lowercase();
        let lower = OTHER_WORDS.iter().find(|(other, _)| *other == lower).map_or(lower.as_str(), |(_, key)| key);
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
            let (raw, _) = read(text).unwrap();
            let values: Vec<(&str, &str)> = raw[0].values.iter().map(|(k, v, _)| (*k, v.as_str())).collect();
            assert_eq!(values, expected, "{text:?}");
        }
        assert_eq!(read("mac,name\n1,a\n2,\n").unwrap().0[1].line, 3);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line, words) in [
            ("", 1, "no column mac"),
            ("name\na\n", 1, "no column mac"),
            ("mac,colour\n", 1, "colour"),
            ("mac,mac\n", 1, "twice"),
            ("mac,name\n1,a\n2\n", 3, "1 value: expected 2"),
            ("mac,name\n1,a,b\n", 2, "3 values"),
            ("mac,name\n1,\"a\n2,b\n3,c\n", 2, "never ends"),
            ("mac,name\n1,\"a\"\"\n2,b\n", 2, "never ends"),
            ("mac,\"name\n", 1, "never ends"),
        ] {
            let problems = read(text).map_or_else(|problems| problems, |(_, problems)| problems);
            assert!(problems[0].line == line && problems[0].text.contains(words), "{text:?}: {problems:?}");
        }
    }

    #[test]
    fn empty_rows_and_columns_of_a_spreadsheet_do_not_count() {
        let (raw, problems) = read("MAC;Hostname;IP;;\n1;a;10.0.0.2;;\n;;;;\n;;\n2;b;;;\n").unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let lines: Vec<(usize, Vec<(&str, &str)>)> = raw
            .iter()
            .map(|raw| (raw.line, raw.values.iter().map(|(key, value, _)| (*key, value.as_str())).collect()))
            .collect();
        let first = vec![("mac", "1"), ("name", "a"), ("address", "10.0.0.2")];
        assert_eq!(lines, [(2, first), (5, vec![("mac", "2"), ("name", "b")])]);
        let (_, problems) = read("mac,name,,\n1,a,,x\n").unwrap();
        assert_eq!((problems[0].line, problems[0].text.contains("4 values: expected 2")), (2, true), "{problems:?}");
        assert!(read("mac,ip,address\n").unwrap_err()[0].text.contains("twice"));
        assert!(read("mac,,name\n").is_err(), "a column without a name between others");
    }

    #[test]
    fn a_bad_line_hides_no_other() {
        let (raw, problems) = read("mac,name\n1\n2,b\n3,\"c\n4,d\n").unwrap();
        assert_eq!(raw.iter().map(|r| r.line).collect::<Vec<_>>(), [3]);
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [4, 2]);
        let whole = "# it's \"open\nmac,name,reason\n1,\"a \"\"b\"\"\",\"two\nlines\"\n2,5\" pipe,\"\"\n";
        assert!(read(whole).unwrap().1.is_empty(), "{:?}", read(whole));
    }
}
