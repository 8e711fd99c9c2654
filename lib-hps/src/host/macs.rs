// SPDX-License-Identifier: GPL-3.0-or-later
//! The MACs of one host.

use crate::types::MacAddr;
use serde::{Deserialize, Serialize};

/// No machine boots from more interfaces.
const MAX_MACS: usize = 16;

/// Why a list cannot be the MACs of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MacsError {
    /// There are too many.
    #[error("macs has more than {MAX_MACS}")]
    TooMany,
    /// There is none.
    #[error("macs is empty: expected the MAC that names the file")]
    Empty,
    /// One is named twice.
    #[error("macs has a MAC twice")]
    Twice,
}

/// At least one MAC, each once, as a list in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<MacAddr>", into = "Vec<MacAddr>")]
pub(super) struct Macs {
    first: MacAddr,
    others: Vec<MacAddr>,
}

impl TryFrom<Vec<MacAddr>> for Macs {
    type Error = MacsError;

    fn try_from(list: Vec<MacAddr>) -> Result<Self, Self::Error> {
        if list.len() > MAX_MACS {
            return Err(MacsError::TooMany);
        }
        let mut list = list.into_iter();
        let first = list.next().ok_or(MacsError::Empty)?;
        let mut others: Vec<MacAddr> = Vec::new();
        for mac in list {
            if mac == first || others.contains(&mac) {
                return Err(MacsError::Twice);
            }
            others.push(mac);
        }
        Ok(Self { first, others })
    }
}

impl From<Macs> for Vec<MacAddr> {
    fn from(macs: Macs) -> Self {
        std::iter::once(macs.first).chain(macs.others).collect()
    }
}

impl Macs {
    /// One MAC alone.
    pub(super) fn one(mac: MacAddr) -> Self {
        Self { first: mac, others: Vec::new() }
    }

    /// The MAC that names the record.
    pub(super) fn first(&self) -> MacAddr {
        self.first
    }

    /// All of them, the first one first.
    pub(super) fn iter(&self) -> impl Iterator<Item = MacAddr> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}
