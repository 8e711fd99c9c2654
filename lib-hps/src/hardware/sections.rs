// SPDX-License-Identifier: GPL-3.0-or-later
//! The form of a report: `hps-hardware 1`, then sections, then `end`. A section begins with `section KIND [NAME]`. Its
//! lines begin with a blank, so no output of a program can begin a section.

/// A part of a report: the output of one program, or what the kernel says about one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section<'a> {
    pub(super) kind: &'a str,
    /// The device; empty if there is none.
    pub(super) name: &'a str,
    pub(super) lines: Vec<&'a str>,
}

/// More than the devices of any machine.
const MAX_SECTIONS: usize = 2_000;

/// The sections, or `None` if the text is not a whole report.
pub(super) fn sections(text: &str) -> Option<Vec<Section<'_>>> {
    let mut lines = text.lines();
    if lines.next() != Some("hps-hardware 1") {
        return None;
    }
    let mut found: Vec<Section<'_>> = Vec::new();
    for line in lines {
        if line == "end" {
            return Some(found);
        }
        if let Some(line) = line.strip_prefix(' ') {
            if let Some(last) = found.last_mut() {
                last.lines.push(line);
            }
        } else if let Some(head) = line.strip_prefix("section ") {
            if found.len() == MAX_SECTIONS {
                return None;
            }
            let (kind, name) = head.split_once(' ').unwrap_or((head, ""));
            found.push(Section { kind, name, lines: Vec::new() });
        }
    }
    None
}

impl<'a> Section<'a> {
    /// The value of a line `KEY VALUE`.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.lines.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')).map(str::trim)
    }

    /// The lines as one text.
    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }
}
