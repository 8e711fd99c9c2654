// SPDX-License-Identifier: GPL-3.0-or-later
//! A list as TOML: one `[[host]]` table for each host.

use super::entry::Raw;
use super::problem::Problem;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    host: Vec<Spanned<Table>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    mac: Option<Spanned<String>>,
    #[serde(default)]
    macs: Vec<Spanned<String>>,
    name: Option<Spanned<String>>,
    #[serde(rename = "type")]
    host_type: Option<Spanned<String>>,
    profile: Option<Spanned<String>>,
    address: Option<Spanned<String>>,
    state: Option<Spanned<String>>,
    reason: Option<Spanned<String>>,
}

pub(super) fn read(text: &str) -> Result<Vec<Raw>, Vec<Problem>> {
    let line = |start: usize| 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
    let list: List = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        vec![Problem::new(line(start), error.message().replace('\n', " "))]
    })?;
    let host = |table: Spanned<Table>| {
        let begin = line(table.span().start);
        let table = table.into_inner();
        let singles = [
            ("mac", table.mac),
            ("name", table.name),
            ("type", table.host_type),
            ("profile", table.profile),
            ("address", table.address),
            ("state", table.state),
            ("reason", table.reason),
        ];
        let singles = singles.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let macs = table.macs.into_iter().map(|mac| ("mac", mac));
        let values = singles.chain(macs).map(|(key, value)| {
            let at = line(value.span().start);
            (key, value.into_inner(), at)
        });
        Raw { line: begin, values: values.filter(|(_, value, _)| !value.is_empty()).collect() }
    };
    Ok(list.host.into_iter().map(host).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_lines() {
        let raw = read("[[host]]\nmac = \"525400000001\"\nname = \"a\"\n\n[[host]]\nmacs = [\n\"525400000002\",\n\"525400000003\"]\n").unwrap();
        assert_eq!(raw.len(), 2);
        assert_eq!(raw[0].values[1], ("name", "a".to_owned(), 3));
        let lines: Vec<usize> = raw[1].values.iter().map(|(.., line)| *line).collect();
        assert_eq!((raw[1].line, lines), (5, vec![7, 8]));
        assert!(read("# nothing").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line) in [
            ("[[host]]\nmac = 1\n", 2),
            ("[[host]]\ncolour = \"red\"\n", 2),
            ("hosts = []", 1),
            ("[[host]]\nmac = \"a", 2),
        ] {
            assert_eq!(read(text).unwrap_err()[0].line, line, "{text:?}");
        }
    }
}
