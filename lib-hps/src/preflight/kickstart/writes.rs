// SPDX-License-Identifier: GPL-3.0-or-later
//! Which files the scripts of a kickstart write.

/// Whether a line of a script writes this file: by `>`, by `tee`, or as the last word of a command that copies.
pub(super) fn writes(line: &str, path: &str) -> bool {
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
mod tests {
    use super::*;

    #[test]
    fn what_writes_a_file() {
        for (line, expected) in [
            ("layout > /tmp/x", true),
            ("{ a; b; } >>\"/tmp/x\"", true),
            ("echo a >| /tmp/x", true),
            ("a | tee /tmp/x | b", true),
            ("cp /a /tmp/x", true),
            ("cp /tmp/x /a", false),
            ("cat < /tmp/x", false),
            ("echo > /tmp/x.other", false),
            ("echo > /other/tmp/x", false),
            ("a | /tmp/x", false),
        ] {
            assert_eq!(writes(line, "/tmp/x"), expected, "{line}");
        }
    }
}
