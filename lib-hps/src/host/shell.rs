// SPDX-License-Identifier: GPL-3.0-or-later
//! `NAME='value'` lines that a POSIX shell can source, whatever the value holds (POSIX.1-2017, Shell Command Language, 2.2.2).

/// One assignment with its line end. Inside single quotes no character means anything but the quote itself, which is
/// written outside of them.
pub fn assignment(name: &str, value: &str) -> String {
    // A shell's variable cannot hold the character NUL.
    format!("{name}='{}'\n", value.replace('\0', "").replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stand_outside() {
        assert_eq!(assignment("A", "b c"), "A='b c'\n");
        assert_eq!(assignment("A", "it's $(x)"), "A='it'\\''s $(x)'\n");
        assert_eq!(assignment("A", ""), "A=''\n");
    }
}
