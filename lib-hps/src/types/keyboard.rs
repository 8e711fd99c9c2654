// SPDX-License-Identifier: GPL-3.0-or-later
//! Keyboard layouts of consoles.

use super::checked_text;

/// Layouts with Latin letters that Debian 12 and 13, Rocky Linux and AlmaLinux 9 and 10 all have, for X and for
/// consoles. A login name cannot be typed with a layout of another alphabet only.
const LAYOUTS: [&str; 55] = [
    "al", "at", "au", "ba", "be", "br", "bw", "ca", "cd", "ch", "cm", "cn", "cz", "de", "dk", "dz", "ee", "es", "fi",
    "fo", "fr", "gb", "gh", "hr", "hu", "id", "ie", "is", "it", "jp", "ke", "kr", "latam", "lt", "lv", "md", "me",
    "ml", "mt", "ng", "nl", "no", "ph", "pl", "pt", "ro", "se", "si", "sk", "sn", "tg", "tr", "tw", "us", "za",
];

checked_text! {
    /// A keyboard layout as XKB calls it: `us`, `de`, `latam`.
    Keyboard, "keyboard layout", "expected a layout of XKB with Latin letters, without a variant, such as us, gb, de or latam; docs/reference/cluster-file.md lists them",
    |text| LAYOUTS.contains(&text)
}

impl Keyboard {
    /// The default of a console: the kernel's own.
    pub const KERNEL: &'static str = "us";
}

impl Default for Keyboard {
    fn default() -> Self {
        Self(Self::KERNEL.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyboards() {
        let page = include_str!("../../../docs/reference/cluster-file.md");
        for good in LAYOUTS {
            assert!(page.contains(&format!("`{good}`")), "the reference lacks {good}");
            assert!(good.parse::<Keyboard>().is_ok(), "{good}");
        }
        assert_eq!(Keyboard::default().as_str().parse(), Ok(Keyboard::default()));
        // Names of another list, another alphabet, a variant, several, more than one word.
        for bad in
            ["", "uk", "en", "german", "DE", "ru", "gr", "de-latin1", "us(dvorak)", "us,de", "us de", "de\n", "../de"]
        {
            assert!(bad.parse::<Keyboard>().is_err(), "{bad}");
        }
    }
}
