// SPDX-License-Identifier: GPL-3.0-or-later
//! Patterns of names: words in capitals stand for any name.

/// The parts of a pattern: words in capitals stand for any name.
fn words(pattern: &str) -> impl Iterator<Item = (&str, bool)> {
    pattern.split_inclusive(|c: char| !c.is_ascii_alphabetic()).flat_map(|part| {
        let letters = part.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        let wild = !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_uppercase());
        [(letters, wild), (part.get(letters.len()..).unwrap_or_default(), false)]
    })
}

/// Whether the pattern stands for this name.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    fn rest(parts: &[(&str, bool)], name: &str) -> bool {
        let Some(((part, wild), more)) = parts.split_first() else { return name.is_empty() };
        if !wild {
            return name.strip_prefix(part).is_some_and(|name| rest(more, name));
        }
        name.char_indices()
            .skip(1)
            .map(|(at, _)| at)
            .chain([name.len()])
            .any(|at| at > 0 && rest(more, name.get(at..).unwrap_or_default()))
    }
    let parts: Vec<_> = words(pattern).collect();
    (pattern.starts_with('.') || !name.starts_with('.')) && rest(&parts, name)
}

/// Whether any word of the pattern stands for any name.
pub(super) fn is_wild(pattern: &str) -> bool {
    words(pattern).any(|(_, wild)| wild)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name) in [
            ("NAME.cluster", "lab.cluster"),
            ("MAC.install-N.log", "525400000001.install-12.log"),
            ("TIME-N-MAC.toml", "1-2-3.toml"),
            (".FILE.lock", ".525400000001.toml.lock"),
            ("dhcp-hosts.NAME", "dhcp-hosts.lab"),
            ("Repo", "Repo"),
            ("PATH", "a"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("NAME.cluster", ".lab.cluster"),
            ("NAME.cluster", "lab.cluster~"),
            ("NAME.cluster", ".cluster"),
            ("ID", ".hps-inventory"),
            ("Repo", "repo"),
            (".FILE.lock", ".lock"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
