// SPDX-License-Identifier: GPL-3.0-or-later
//! A feature that a machine needs for its new system and does not have. Its iPXE finds that out before an installer would fail.

use crate::types::Invalid;
use std::fmt;
use std::str::FromStr;

/// One thing, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingFeature {
    /// The processor is below x86-64-v3 of the x86-64 psABI.
    X86_64V3,
}

impl MissingFeature {
    /// For people: what it is, and what to do.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::X86_64V3 => {
                "the processor of this machine is below x86-64-v3, which this operating system needs; nothing was written: choose another system for this host (host-state arm --distro), or another machine"
            }
        }
    }
}

impl FromStr for MissingFeature {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "x86-64-v3" => Ok(Self::X86_64V3),
            _ => Err(Invalid::new("what a machine lacks", text, "expected x86-64-v3")),
        }
    }
}

impl fmt::Display for MissingFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::X86_64V3 => f.write_str("x86-64-v3"),
        }
    }
}
