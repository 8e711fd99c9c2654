// SPDX-License-Identifier: GPL-3.0-or-later
//! The lines of `host-state list --format`: text with fields such as `{name}`, for scripts. The names of the fields are an
//! interface.

use hps::types::nearest;
use std::str::FromStr;

/// A value of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Mac,
    State,
    Type,
    Profile,
    Address,
    System,
    Stage,
    Attempt,
    Updated,
    Age,
    Reason,
    Note,
}

impl Field {
    const ALL: [(&'static str, Self); 13] = [
        ("name", Self::Name),
        ("mac", Self::Mac),
        ("state", Self::State),
        ("type", Self::Type),
        ("profile", Self::Profile),
        ("address", Self::Address),
        ("system", Self::System),
        ("stage", Self::Stage),
        ("attempt", Self::Attempt),
        ("updated", Self::Updated),
        ("age", Self::Age),
        ("reason", Self::Reason),
        ("note", Self::Note),
    ];
}

/// What a line is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

/// A line with fields. `{{` and `}}` are braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format(Vec<Part>);

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, found) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = found.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = found.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else {
                let inside = found.strip_prefix('{').and_then(|inside| inside.split_once('}'));
                let (name, after) = inside.ok_or("a brace has no partner; for a brace itself write {{ or }}")?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Field(field(name)?));
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        if parts.iter().all(|part| matches!(part, Part::Text(_))) {
            return Err(format!("it has no field; fields: {}", names()));
        }
        Ok(Self(parts))
    }
}

fn field(name: &str) -> Result<Field, String> {
    let known = Field::ALL.into_iter().find(|(known, _)| *known == name.to_ascii_lowercase());
    known.map(|(_, field)| field).ok_or_else(|| {
        let near = nearest(&name.to_ascii_lowercase(), Field::ALL.map(|(known, _)| known));
        let near = near.map_or_else(String::new, |near| format!("did you mean {{{near}}}? "));
        format!("{{{name}}} is no field; {near}fields: {}", names())
    })
}

/// `name, mac, state`.
fn names() -> String {
    Field::ALL.map(|(name, _)| name).join(", ")
}

impl Format {
    /// The line of a host; a value is one line already.
    pub(super) fn line(&self, value: impl Fn(Field) -> String) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => value(*field),
        };
        self.0.iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_fields_and_an_unknown_one_gets_advice() {
        let value = |field: Field| format!("<{field:?}>");
        let line = |text: &str| text.parse::<Format>().unwrap().line(value);
        assert_eq!(line("{name} {STATE}\t{address}"), "<Name> <State>\t<Address>");
        assert_eq!(line("{{{mac}}}, {age}!"), "{<Mac>}, <Age>!");
        for (bad, expected) in [
            ("{nam}", "did you mean {name}?"),
            ("{x9}", "{x9} is no field; fields: name, mac, state"),
            ("{name", "has no partner"),
            ("name}", "has no partner"),
            ("name", "it has no field"),
            ("", "it has no field"),
            ("{}", "is no field"),
        ] {
            let why = bad.parse::<Format>().unwrap_err();
            assert!(why.contains(expected), "{bad}: {why}");
        }
    }
}
