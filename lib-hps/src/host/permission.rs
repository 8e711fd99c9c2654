// SPDX-License-Identifier: GPL-3.0-or-later
//! The permission to install a host: single-use, with an end, and with the name of whoever gave it.
//!
//! Its file is written once. What uses it up is a mark beside it, because the CGI may use one up and never make one.

use crate::types::{Distro, HostType, Line, MacAddr, Profile, Timestamp, checked_text};
use serde::{Deserialize, Serialize};

checked_text! {
    /// What tells one permission from every other: 32 lower-case hex digits, random.
    PermissionId, "permission id", "expected 32 lower-case hex digits",
    |text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl PermissionId {
    /// From 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }
}

/// Which folder it came from, which says how far it is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PermissionSource {
    /// The folder that only root can write.
    Operator,
    /// The folder of choices made at a console: for hosts never installed, and blank disks only.
    #[default]
    Menu,
}

/// How much the clock may be set back without a word.
const CLOCK_SKEW_SECONDS: u64 = 300;

/// A permission, as its file holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    version: u32,
    /// Its own name.
    pub id: PermissionId,
    /// The host it is for.
    pub mac: MacAddr,
    /// What the host is to become.
    #[serde(rename = "type")]
    pub host_type: HostType,
    /// In which variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// With which operating system; fixed when it is given.
    pub distro: Distro,
    /// Whether the disk must hold nothing at all, signatures or not.
    pub require_blank: bool,
    /// Who gave it.
    pub given_by: Line,
    /// When.
    pub given_at: Timestamp,
    /// Until when an installation may begin.
    pub expires: Timestamp,
    /// Why.
    pub reason: Line,
    /// Where it was found; not in the file, which cannot say it of itself.
    #[serde(skip)]
    pub source: PermissionSource,
}

impl Permission {
    const VERSION: u32 = 1;

    /// A new one.
    #[expect(clippy::too_many_arguments, reason = "a record with as many fields, each of another type")]
    pub fn new(
        id: PermissionId,
        mac: MacAddr,
        host_type: HostType,
        profile: Option<Profile>,
        distro: Distro,
        require_blank: bool,
        given_by: Line,
        given_at: Timestamp,
        expires: Timestamp,
        reason: Line,
        source: PermissionSource,
    ) -> Self {
        let require_blank = require_blank || source == PermissionSource::Menu;
        let version = Self::VERSION;
        Self {
            version,
            id,
            mac,
            host_type,
            profile,
            distro,
            require_blank,
            given_by,
            given_at,
            expires,
            reason,
            source,
        }
    }

    /// Reads a file of `source`. A permission from the menu always requires a blank disk, whatever its file says.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn parse(text: &str, source: PermissionSource) -> Result<Self, String> {
        let mut permission: Self = toml::from_str(text).map_err(|e| e.message().replace('\n', " "))?;
        if permission.version != Self::VERSION {
            return Err(format!("version is {}: this program reads version {}", permission.version, Self::VERSION));
        }
        permission.source = source;
        permission.require_blank |= source == PermissionSource::Menu;
        Ok(permission)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Whether an installation may still begin under it. One that was given in the future, as far as this clock knows, is
    /// not current either: the clock went back, and expired ones must not come back with it.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.expires && self.given_at.since(now) <= CLOCK_SKEW_SECONDS
    }
}
