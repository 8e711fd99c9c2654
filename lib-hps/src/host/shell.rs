// SPDX-License-Identifier: GPL-3.0-or-later
//! `NAME='value'` lines that a POSIX shell can source safely (POSIX.1-2017, Shell Command Language, 2.2.2).

/// One assignment with its line end. Inside single quotes only the quote itself is special; it is written outside of
/// them.
pub fn assignment(name: &str, value: &str) -> String {
    // A shell variable cannot contain the character NUL.
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
