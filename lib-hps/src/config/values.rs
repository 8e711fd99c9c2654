// SPDX-License-Identifier: GPL-3.0-or-later
//! Values of a cluster file that nothing but installations use.

use crate::types::{all_bytes, checked_text};

checked_text! {
    /// The login name of the administrator.
    UserName, "user name", "expected 1 to 31 of a-z, 0-9, '_' and '-', beginning with a letter, and not root or hps",
    |text| all_bytes(text, 31, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !matches!(text, "root" | "hps")
}

checked_text! {
    /// A hash as crypt(5) writes it: `$6$...`, `$y$...` or `$5$...`.
    CryptHash, "password hash", "expected a crypt hash that begins with $6$, $5$ or $y$ (make one with: openssl passwd -6)",
    |text| (text.starts_with("$6$") || text.starts_with("$5$") || text.starts_with("$y$"))
        && all_bytes(text, 200, |b| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'.' | b'/' | b'='))
        && text.len() >= 20
}

checked_text! {
    /// A time zone as in the tz database: `UTC`, `Europe/Paris`.
    Timezone, "time zone", "expected a name of the tz database, such as UTC or Europe/Paris",
    |text| all_bytes(text, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+'))
        && text.split('/').all(|part| !part.is_empty() && !part.starts_with('-'))
}

checked_text! {
    /// A serial console: `ttyS0,115200n8`.
    Console, "console", "expected a device and its speed as the kernel's console= takes them, such as ttyS0,115200n8",
    |text| {
        let (device, speed) = text.split_once(',').unwrap_or((text, "9600"));
        let number = device.strip_prefix("tty").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_uppercase()));
        let digits = |part: &str| all_bytes(part, 7, |b| b.is_ascii_digit());
        let parity = speed.trim_start_matches(|c: char| c.is_ascii_digit());
        number.is_some_and(digits)
            && speed.starts_with(|c: char| c.is_ascii_digit())
            && matches!(parity, "" | "n" | "n8" | "n7" | "o" | "o7" | "o8" | "e" | "e7" | "e8" | "n8r")
            && text.len() <= 32
    }
}

checked_text! {
    /// A program of the site, by its path. It is called without a shell and without arguments.
    SiteCommand, "command", "expected the absolute path of a program, of letters, digits and /._-+@, without .. and without arguments",
    |text| text.starts_with('/')
        && !text.ends_with('/')
        && all_bytes(text, 200, |b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+' | b'@'))
        && text.split('/').all(|part| part != "..")
}

impl Default for UserName {
    fn default() -> Self {
        Self("admin".to_owned())
    }
}

impl Default for Timezone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The node takes no console that this does not take: the patterns are the same (scripts/node/steps/answer.sh).
    #[test]
    fn consoles() {
        for good in ["ttyS0", "ttyS0,115200n8", "ttyAMA0,115200", "tty0"] {
            assert!(good.parse::<Console>().is_ok(), "{good}");
        }
        for bad in ["", "tty", "tty,,,", "ttyAMA0x", "ttyS0,", "ttyS0,n8", "ttyS0,115200n8,x", "ttyS0 quiet"] {
            assert!(bad.parse::<Console>().is_err(), "{bad}");
        }
    }

    #[test]
    fn site_commands() {
        for good in ["/usr/local/sbin/hps-mail", "/a", "/srv/site/to-chat.py"] {
            assert!(good.parse::<SiteCommand>().is_ok(), "{good}");
        }
        for bad in
            ["", "mail", "./mail", "/", "/etc/", "/bin/../mail", "/bin/mail root", "/bin/mail;x", "/bin/$x", "/bin/\n"]
        {
            assert!(bad.parse::<SiteCommand>().is_err(), "{bad}");
        }
    }
}
