// SPDX-License-Identifier: GPL-3.0-or-later
//! A wanted entry: a word of a kickstart's `%packages`.

use std::fmt;

/// A package, a group of packages, or an environment of groups.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sought {
    /// `@^minimal-environment`.
    Environment(String),
    /// `@core`.
    Group(String),
    /// `lvm2`; also `lvm2.x86_64`, `lvm2-2.03`, a pattern, something that a package provides, or the path of a file.
    Package(String),
}

/// The facts of a list about one package.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) arch: String,
    pub(super) version: String,
    pub(super) release: String,
}

impl Sought {
    /// A line of `%packages`; `None` for a removal (`-lvm2`), for a module, and for a line that is not a name.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.split('#').next().unwrap_or_default().trim();
        let word = line.split_whitespace().next()?;
        if word.starts_with(['-', '%']) || is_module(word) {
            return None;
        }
        // The name of a group may have blanks, and options may follow it.
        let group = |name: &str| name.split(" --").next().unwrap_or_default().trim().to_owned();
        Some(match (line.strip_prefix("@^"), line.strip_prefix('@')) {
            (Some(name), _) => Self::Environment(group(name)),
            (None, Some(name)) => Self::Group(group(name)),
            (None, None) => Self::Package(word.to_owned()),
        })
    }

    pub(super) fn is_package(&self) -> bool {
        matches!(self, Self::Package(_))
    }

    /// Whether it matches this package by its name.
    pub(super) fn means(&self, listed: &Listed) -> bool {
        let Self::Package(sought) = self else { return false };
        if sought.contains(['*', '?', '[']) {
            return fits(sought.as_bytes(), listed.name.as_bytes());
        }
        let Some(rest) = sought.strip_prefix(listed.name.as_str()) else { return false };
        let Listed { arch, version, release, .. } = listed;
        rest.is_empty()
            || rest.strip_prefix('.').is_some_and(|rest| rest == arch)
            || rest.strip_prefix('-').is_some_and(|rest| {
                rest == version
                    || rest == format!("{version}-{release}")
                    || rest == format!("{version}-{release}.{arch}")
            })
    }

    /// Whether it matches this capability.
    pub(super) fn is(&self, provided: &str) -> bool {
        matches!(self, Self::Package(sought) if sought == provided)
    }
}

/// `@php:8.2/minimal`: a stream of a module.
pub(super) fn is_module(word: &str) -> bool {
    word.starts_with('@') && word.contains(':')
}

/// A pattern of the shell: `*` any characters, `?` one; a bracket counts as any one character.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', pattern)), _) if fits(pattern, text) => true,
        (Some((b'*', _)), Some((_, text))) => fits(pattern, text),
        (Some((b'[', rest)), Some((_, text))) => {
            let end = rest.iter().position(|b| *b == b']').map_or(rest.len(), |end| end + 1);
            fits(rest.get(end..).unwrap_or_default(), text)
        }
        (Some((p, pattern)), Some((t, text))) => (*p == b'?' || p == t) && fits(pattern, text),
        _ => false,
    }
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "environment @^{name}"),
            Self::Group(name) => write!(f, "group @{name}"),
            Self::Package(name) => write!(f, "package {name}"),
        }
    }
}
