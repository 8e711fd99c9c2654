// SPDX-License-Identifier: GPL-3.0-or-later
//! Values of a cluster file that only installations use.

use crate::types::{all_bytes, checked_text, serde_as_text};
use std::fmt;
use std::str::FromStr;

checked_text! {
    /// The login name of the administrator.
    UserName, "user name", "expected 1 to 31 of a-z, 0-9, '_' and '-', beginning with a letter, and not root or hps",
    |text| all_bytes(text, 31, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !matches!(text, "root" | "hps")
}

/// A hash as crypt(5) writes it: `$6$...`, `$y$...` or `$5$...`.
///
/// The salt has 8 to 16 characters for the SHA types, and for yescrypt at least as many bits. crypt(5) allows fewer,
/// but without a salt equal passwords have equal hashes, and lists of those are for sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CryptHash(String);

/// Why a text is not a hash. The screens of machines show the message, so it leaves the text out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a whole crypt hash of type $6$, $5$ or $y$ with a salt of at least 8 characters; make one with: openssl passwd -6"
)]
pub struct NoCryptHash;

impl FromStr for CryptHash {
    type Err = NoCryptHash;

    fn from_str(text: &str) -> Result<Self, NoCryptHash> {
        if is_crypt_hash(text) { Ok(Self(text.to_owned())) } else { Err(NoCryptHash) }
    }
}

impl fmt::Display for CryptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(CryptHash);

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

const SALT: std::ops::RangeInclusive<usize> = 8..=16;

/// As crypt(5) writes them: type, parameters, salt, and a hash with the length of its type.
fn is_crypt_hash(text: &str) -> bool {
    let base64 = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/'));
    let Some((kind, rest)) = text.strip_prefix('$').and_then(|text| text.split_once('$')) else { return false };
    let fields: Vec<&str> = rest.split('$').collect();
    let rounds = |field: &str| {
        let number = field.strip_prefix("rounds=").filter(|number| !number.starts_with('0') && number.len() <= 9);
        number.is_some_and(|number| number.parse::<u32>().is_ok_and(|rounds| rounds >= 1_000))
    };
    let length = match kind {
        "5" => 43,
        "6" => 86,
        "y" => {
            // Parameters of at least "j9T"; 86 characters are the longest salt, 64 bytes.
            return matches!(fields[..], [parameters, salt, hash] if (2..=16).contains(&parameters.len())
                && (SALT.start() + 3..=86).contains(&salt.len())
                && hash.len() == 43
                && fields.iter().all(|field| base64(field)));
        }
        _ => return false,
    };
    let (salt, hash) = match fields[..] {
        [salt, hash] => (salt, hash),
        [parameter, salt, hash] if rounds(parameter) => (salt, hash),
        _ => return false,
    };
    SALT.contains(&salt.len()) && hash.len() == length && base64(salt) && base64(hash)
}

impl CryptHash {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Another one of the same type, with an unknown password.
    #[must_use]
    pub fn sample(&self) -> Self {
        let (begin, length) = match self.0.get(..3) {
            Some("$y$") => ("$y$j9T$samplesamplesample$", 43),
            Some("$5$") => ("$5$samplesample$", 43),
            _ => ("$6$samplesample$", 86),
        };
        Self(format!("{begin}{}", ".".repeat(length)))
    }
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

    /// The node accepts exactly the consoles that this accepts: the patterns are the same
    /// (scripts/node/steps/answer.sh).
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
    fn password_hashes() {
        let (short, long) = ("x".repeat(43), "x".repeat(86));
        for good in [
            format!("$6$saltsalt${long}"),
            format!("$6$rounds=656000$saltsaltsaltsalt${long}"),
            format!("$5$saltsalt${short}"),
            format!("$y$j9T$F5Jx5fExrKuPp53xLKQ..1${short}"),
        ] {
            let hash: CryptHash = good.parse().unwrap();
            let sample = hash.sample();
            assert!(sample != hash && sample.as_str().parse::<CryptHash>().is_ok(), "{sample}");
        }
        for bad in [
            String::new(),
            "secret".to_owned(),
            format!("$6$${long}"),
            format!("$6$ab${long}"),
            format!("$6$saltsal${long}"),
            format!("$6$saltsaltsaltsaltX${long}"),
            format!("$6$saltsalt${}", "x".repeat(85)),
            format!("$6$saltsalt${long}x"),
            format!("$6$rounds=10$saltsalt${long}"),
            format!("$6$rounds=9999999999$saltsalt${long}"),
            format!("$6$salt=alt${long}"),
            format!("$6$saltsalt${long}$"),
            format!("$5$saltsalt${long}"),
            format!("$1$saltsalt${short}"),
            format!("$y$j9T$$${short}"),
            format!("$y$j9T$ab${short}"),
            format!("$y$$saltsaltsaltsalt${short}"),
            format!("$y$j9T$saltsaltsaltsalt${short}\n"),
        ] {
            assert!(bad.parse::<CryptHash>().is_err(), "{bad}");
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
