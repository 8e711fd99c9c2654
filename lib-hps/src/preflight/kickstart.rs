// SPDX-License-Identifier: GPL-3.0-or-later
//! A kickstart, as Anaconda takes it apart: commands, sections with their ends, scripts. Here is what ksvalidator does not see: what
//! is not there at all, what is included and written by nobody, and scripts that their shell cannot read.

use crate::exec::{ExecError, bash};

/// The last line, by which the first script knows that nothing was cut off.
const END: &str = "# end of the kickstart of HPS";

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line of the kickstart, from 1.
    pub(super) line: Option<usize>,
    /// What is wrong.
    pub(super) problem: String,
}

impl Fault {
    fn at(line: usize, problem: String) -> Self {
        Self { line: Some(line), problem }
    }
}

/// A script of it.
#[derive(Debug)]
struct Script<'a> {
    /// `%pre`, `%post`, ...
    section: &'a str,
    interpreter: &'a str,
    /// The line of the section.
    line: usize,
    body: String,
}

/// What it is made of.
#[derive(Debug, Default)]
struct Parts<'a> {
    commands: Vec<Vec<&'a str>>,
    packages: Option<Vec<&'a str>>,
    scripts: Vec<Script<'a>>,
    includes: Vec<(usize, &'a str)>,
    faults: Vec<Fault>,
}

/// The lines between `%packages` and its end.
pub(super) fn packages(text: &str) -> Vec<&str> {
    take_apart(text).packages.unwrap_or_default()
}

/// Everything that is wrong with it.
///
/// # Errors
/// When bash cannot be asked.
pub(super) fn faults(text: &str) -> Result<Vec<Fault>, ExecError> {
    let mut parts = take_apart(text);
    let mut faults = std::mem::take(&mut parts.faults);
    faults.extend(lacks(&parts).into_iter().map(|problem| Fault { line: None, problem }));
    if text.lines().last() != Some(END) {
        faults.push(Fault { line: None, problem: format!("its last line is not {END:?}") });
    }
    for (line, path) in &parts.includes {
        let written = parts.scripts.iter().any(|s| s.section == "%pre" && s.body.lines().any(|l| writes(l, path)));
        if !written {
            faults.push(Fault::at(*line, format!("%include {path}, and no %pre script writes that")));
        }
    }
    for script in &parts.scripts {
        match script.interpreter.rsplit('/').next() {
            Some("bash" | "sh") => {
                let error = bash::syntax_error(&script.body)?;
                faults.extend(error.map(|(line, why)| {
                    Fault::at(script.line.saturating_add(line), format!("{}: {why}", script.section))
                }));
            }
            _ => {
                let problem = format!("{}: no way here to read a script of {}", script.section, script.interpreter);
                faults.push(Fault::at(script.line, problem));
            }
        }
    }
    Ok(faults)
}

fn take_apart(text: &str) -> Parts<'_> {
    enum Section {
        Packages,
        Script,
        /// One whose content is not looked at.
        Other,
    }
    let mut parts = Parts::default();
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
            (None, "%end") => parts.faults.push(Fault::at(number, "%end, and no section is open".to_owned())),
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

/// Commands without which Anaconda asks somebody, who is not there, or installs what nobody can use.
fn lacks(parts: &Parts<'_>) -> Vec<String> {
    let has = |names: &[&str]| parts.commands.iter().any(|words| words.first().is_some_and(|w| names.contains(w)));
    let mut lacks = Vec::new();
    for (names, what) in [
        (&["url", "nfs", "cdrom", "harddrive", "liveimg"][..], "url, from where it is installed"),
        (&["lang"], "lang"),
        (&["timezone"], "timezone"),
        (&["network"], "network"),
        (&["selinux"], "selinux"),
        (&["firewall"], "firewall"),
    ] {
        if !has(names) {
            lacks.push(format!("it has no {what}"));
        }
    }
    // They may stand in a file that is written when the disks are known.
    if parts.includes.is_empty() {
        for (names, what) in [
            (&["bootloader"][..], "bootloader"),
            (&["part", "partition", "autopart"], "part or autopart, so nothing to install on"),
        ] {
            if !has(names) {
                lacks.push(format!("it has no {what}, and includes nothing"));
            }
        }
    }
    let option = |words: &Vec<&str>, name: &str| {
        words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let commands = |name: &'static str| parts.commands.iter().filter(move |words| words.first() == Some(&name));
    let root = commands("rootpw").any(|words| !words.contains(&"--lock"));
    let users: Vec<String> = commands("user").filter_map(|words| option(words, "--name")).collect();
    let keys = commands("sshkey").filter_map(|words| option(words, "--username"));
    let password = commands("user").any(|words| option(words, "--password").is_some());
    if !root && !password && !keys.into_iter().any(|name| name == "root" || users.contains(&name)) {
        lacks.push("nobody could log in: root has no password, and no user has a password or an sshkey".to_owned());
    }
    if parts.packages.is_none() {
        lacks.push("it has no %packages".to_owned());
    }
    lacks
}

/// Whether a line of a script writes this file: by `>`, by `tee`, or as the last word of a command that copies.
fn writes(line: &str, path: &str) -> bool {
    if path.is_empty() || line.trim_start().starts_with('#') {
        return false;
    }
    let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let mut places = line.match_indices(path).filter(|(at, _)| {
        let after = line.get(at + path.len()..).and_then(|rest| rest.chars().next());
        let before = line.get(..*at).and_then(|rest| rest.chars().next_back());
        !after.is_some_and(is_path) && !before.is_some_and(is_path)
    });
    places.any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().trim_end_matches(['"', '\'']).trim_end();
        let last = line.trim_end().trim_end_matches(['"', '\'']).ends_with(path);
        before.ends_with(['>', '|']) && before.contains('>')
            || before.split_whitespace().any(|word| word == "tee")
            || last && before.split_whitespace().any(|word| matches!(word, "cp" | "mv" | "install" | "touch"))
    })
}

#[cfg(test)]
#[path = "kickstart_tests.rs"]
mod tests;
