// SPDX-License-Identifier: GPL-3.0-or-later
//! Where the console of a host comes from: `sol` or `command:/PATH`.

use super::{Invalid, SitePath};
use std::fmt;
use std::str::FromStr;

/// Where the console of a host comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleSource {
    /// Serial over LAN of its BMC, by IPMI 2.0.
    SerialOverLan,
    /// A program of the site: its output is the console, and its input is what a person types.
    Command(SitePath),
}

impl fmt::Display for ConsoleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SerialOverLan => f.write_str("sol"),
            Self::Command(path) => write!(f, "command:{path}"),
        }
    }
}

impl FromStr for ConsoleSource {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let path = text.strip_prefix("command:").and_then(|path| path.parse().ok());
        match path {
            Some(path) => Ok(Self::Command(path)),
            None if text == "sol" => Ok(Self::SerialOverLan),
            None => Err(Invalid::new("console", text, "expected sol or command:/PATH")),
        }
    }
}

impl serde::Serialize for ConsoleSource {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ConsoleSource {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        for text in ["sol", "command:/usr/local/sbin/console"] {
            assert_eq!(text.parse::<ConsoleSource>().unwrap().to_string(), text);
        }
        for bad in ["", "SOL", "ssh", "command:", "command:console", "command:/a b", "/usr/bin/x"] {
            assert!(bad.parse::<ConsoleSource>().is_err(), "{bad}");
        }
    }
}
