// SPDX-License-Identifier: GPL-3.0-or-later
//! Words of a host type, each in a form that menus and DNS accept.

use super::{all_bytes, checked_text};

/// The most digits after a prefix: `-99999`.
const NUMBER_LENGTH: usize = 6;

checked_text! {
    /// The title of a host type in menus. The scripts of boot loaders have no quoting, so it has plain characters only.
    TypeTitle, "title", "expected 1 to 40 letters (A-Z), digits, blanks and . , / ( ) + _ -, with a letter or digit first and no blank last",
    |text| all_bytes(text, 40, |b| b.is_ascii_alphanumeric() || b" .,/()+_-".contains(&b))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && !text.ends_with(' ')
}

checked_text! {
    /// How the names of the hosts of a type begin: `web` for `web-001`.
    NamePrefix, "prefix", "expected 1 to 40 of a-z, 0-9 and '-', beginning with a letter, ending with a letter or digit",
    |text| all_bytes(text, 40, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
}

/// The length of the longest name that begins with a prefix.
pub fn longest_name(prefix: &str) -> usize {
    prefix.len() + NUMBER_LENGTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_and_a_prefix_are_plain_words() {
        for good in ["Web server", "K8s node (x86)", "1"] {
            assert!(good.parse::<TypeTitle>().is_ok(), "{good}");
        }
        for bad in ["", " a", "a ", "${net0}", "a;b", "a&&b", "a\nb", "a\\", "Gr\u{f6}\u{df}e", "\"", "`id`", "$(id)"] {
            assert!(bad.parse::<TypeTitle>().is_err(), "{bad:?}");
        }
        for good in ["web", "rack7-web", "w"] {
            assert!(good.parse::<NamePrefix>().is_ok(), "{good}");
        }
        for bad in ["", "Web", "web-", "-web", "7web", "web.a", "web_a", "web "] {
            assert!(bad.parse::<NamePrefix>().is_err(), "{bad:?}");
        }
        assert_eq!(longest_name("sch"), super::super::MAX_GIVEN_NAME);
    }
}
