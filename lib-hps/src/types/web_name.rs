// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a person who logs in to the page, or of a token of its API.

use super::{all_bytes, checked_text};

checked_text! {
    /// A name for `hps-web`: part of a line of a password file, and a file name.
    WebName, "name", "expected 1 to 32 of a-z, A-Z, 0-9, '.', '_', '@' and '-', beginning with a letter or a digit",
    |text| all_bytes(text, 32, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b'-'))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::WebName;

    #[test]
    fn no_name_ends_a_line_of_the_password_file_or_leaves_a_folder() {
        for good in ["alice", "a.b-c_d@example", "7"] {
            assert!(good.parse::<WebName>().is_ok(), "{good}");
        }
        for bad in ["", ".x", "-x", "a:b", "a b", "a/b", "a\nb", "ü", &"a".repeat(33)] {
            assert!(bad.parse::<WebName>().is_err(), "{bad:?}");
        }
    }
}
