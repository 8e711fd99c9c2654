// SPDX-License-Identifier: GPL-3.0-or-later
//! A public key line of an administrator, as in authorized_keys (sshd(8)), without options.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// `<algorithm> <base64> [comment]` on one line, at most 2,000 bytes. Key options are refused.
///
/// The comment is for people alone. The key goes into answer files, so `_` replaces each quote, backslash and dollar of
/// the comment, and each character outside of printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SshKey(String);

const RULE: &str = "expected one line 'ssh-ed25519 AAAA... comment' (also ssh-rsa, ecdsa-sha2-*, sk-*) without options";
const MAX_BYTES: usize = 2000;
const ALGORITHMS: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
];

impl SshKey {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_blob(text: &str) -> bool {
    text.len() >= 32
        && text.starts_with("AAAA")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

fn plain(c: char) -> char {
    let is_plain = matches!(c, ' '..='~') && !matches!(c, '"' | '\'' | '\\' | '`' | '$');
    if is_plain { c } else { '_' }
}

impl FromStr for SshKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut words = text.splitn(3, ' ');
        let (algorithm, blob) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let good = text.len() <= MAX_BYTES
            && !text.chars().any(char::is_control)
            && ALGORITHMS.contains(&algorithm)
            && is_blob(blob);
        if !good {
            return Err(Invalid::new("ssh public key", text, RULE));
        }
        let comment: String = words.next().unwrap_or_default().chars().map(plain).collect();
        Ok(Self(format!("{algorithm} {blob} {}", comment.trim()).trim_end().to_owned()))
    }
}

impl fmt::Display for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(SshKey);

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz0123456789abcdef";

    #[test]
    fn keys() {
        for good in [KEY.to_owned(), format!("{KEY} admin@site"), format!("{KEY} of the site")] {
            assert_eq!(good.parse::<SshKey>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "ssh-ed25519",
            "command=\"x\" ssh-ed25519 AAAA",
            "ssh-dss AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijkl",
            &format!("{KEY}\nroot"),
            &format!("{KEY} a\u{1b}b"),
            &KEY.replace("BAAA", "B'AA").replace("AAAAI", "A$AAI"),
        ] {
            assert!(bad.parse::<SshKey>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_comment_is_made_harmless() {
        for (comment, plain) in [("Jürgen O'Neill", "J_rgen O_Neill"), ("$(x) `y` \\ \"z\"", "_(x) _y_ _ _z_")] {
            let key: SshKey = format!("{KEY} {comment}").parse().unwrap();
            assert_eq!(key.to_string(), format!("{KEY} {plain}"));
            assert_eq!(key.to_string().parse::<SshKey>().unwrap(), key);
        }
    }
}
