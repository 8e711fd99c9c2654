// SPDX-License-Identifier: GPL-3.0-or-later
//! Paths that need no quotes: in a shell, for ssh and rsync, and in a list with one path a line.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// An absolute path of letters, digits and `/ . _ -`. Canonical text: itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlainPath(String);

impl PlainPath {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a path.
    pub fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// Whether it is `other`, or is below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.as_path().starts_with(other.as_path())
    }
}

impl FromStr for PlainPath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
        if text.len() < 2 || !text.starts_with('/') || !text.bytes().all(plain) {
            return Err(Invalid::new("path", text, "expected an absolute path of letters, digits and / . _ -"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<&Path> for PlainPath {
    type Error = Invalid;

    fn try_from(path: &Path) -> Result<Self, Invalid> {
        path.to_string_lossy().parse()
    }
}

impl fmt::Display for PlainPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!(PlainPath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let path = |text: &str| text.parse::<PlainPath>();
        for good in ["/srv/hps-config", "/a", "/a.b/C_d-9"] {
            assert_eq!(path(good).unwrap().to_string(), good);
        }
        for bad in ["", "/", "a", "-a", "/a b", "/a'", "/a\n", "/a;b", "/a$b", "/\u{e4}", "/a:b"] {
            assert!(path(bad).is_err(), "{bad:?}");
        }
        assert!(path("/a/b").unwrap().is_within(&path("/a").unwrap()));
        assert!(path("/a").unwrap().is_within(&path("/a").unwrap()));
        assert!(!path("/ab").unwrap().is_within(&path("/a").unwrap()));
    }
}
