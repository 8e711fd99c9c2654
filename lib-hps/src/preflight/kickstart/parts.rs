// SPDX-License-Identifier: GPL-3.0-or-later
//! What a kickstart is made of: commands, sections with their ends, scripts.

use super::fault::Fault;

/// A script of it.
#[derive(Debug)]
pub(super) struct Script<'a> {
    /// `%pre`, `%post`, ...
    pub(super) section: &'a str,
    pub(super) interpreter: &'a str,
    /// The line of the section.
    pub(super) line: usize,
    pub(super) body: String,
}

/// What it is made of.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) commands: Vec<Vec<&'a str>>,
    pub(super) packages: Option<Vec<&'a str>>,
    pub(super) scripts: Vec<Script<'a>>,
    pub(super) includes: Vec<(usize, &'a str)>,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Parts<'a> {
    /// Takes a kickstart apart.
    pub(super) fn parse(text: &'a str) -> Self {
        enum Section {
            Packages,
            Script,
            /// One whose content is not looked at.
            Other,
        }
        let mut parts = Self::default();
        let mut open: Option<(Section, &str, usize)> = None;
        let unclosed = |name: &str, line: usize| Fault::at(line, format!("{name} is not closed by %end"));
        for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let word = words.first().copied().unwrap_or_default();
            match (&open, word) {
                (Some(_), "%end") => open = None,
                (Some((Section::Script, ..)), _) => {
                    if let Some(script) = parts.scripts.last_mut() {
                        script.body.push_str(line);
                        script.body.push('\n');
                    }
                }
                (_, "%include") => parts.includes.push((number, words.get(1).copied().unwrap_or_default())),
                (Some((Section::Packages, ..)), word) if !word.starts_with('%') => {
                    parts.packages.get_or_insert_default().push(line);
                }
                (Some((Section::Other, ..)), word) if !word.starts_with('%') => {}
                (None, "%end") => parts.faults.push(Fault::at(number, "%end, but no section is open".to_owned())),
                (before, section) if section.starts_with('%') => {
                    if let Some((_, name, line)) = before {
                        parts.faults.push(unclosed(name, *line));
                    }
                    let kind = match section {
                        "%packages" => {
                            parts.packages.get_or_insert_default();
                            Section::Packages
                        }
                        "%pre" | "%pre-install" | "%post" | "%onerror" | "%traceback" => {
                            let named = words.iter().find_map(|word| word.strip_prefix("--interpreter="));
                            parts.scripts.push(Script {
                                section,
                                interpreter: named.unwrap_or("/bin/sh"),
                                line: number,
                                body: String::new(),
                            });
                            Section::Script
                        }
                        _ => Section::Other,
                    };
                    open = Some((kind, section, number));
                }
                (_, "") => {}
                (_, word) if word.starts_with('#') => {}
                _ => parts.commands.push(words),
            }
        }
        if let Some((_, name, line)) = open {
            parts.faults.push(unclosed(name, line));
        }
        parts
    }
}
