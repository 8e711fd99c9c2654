// SPDX-License-Identifier: GPL-3.0-or-later
//! The permission to install a host: single-use, with an expiry, and with the name of the person who gave it.
//!
//! Its file is written once. Its use is a mark beside it, because the CGI may end a permission and never make one.

use super::document_error::DocumentError;
use crate::types::{DiskName, Distro, HostType, Line, MacAddr, Profile, Timestamp, checked_text, text_enum};
use serde::{Deserialize, Serialize};

checked_text! {
    /// Identifies a permission: 32 lower-case hex digits, random.
    PermissionId, "permission id", "expected 32 lower-case hex digits",
    |text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl PermissionId {
    /// From 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }
}

text_enum! {
    /// Which folder a permission came from, which says how far it is trusted.
    #[derive(Default)]
    PermissionSource, "source of a permission",

    /// The folder that only root can write.
    Operator = "operator",
    /// A rule of the cluster file, or an open window: only for hosts that were never installed, and for blank disks,
    /// because machines are matched by their own firmware information.
    Rule = "rule",
    /// The folder of choices made at a console: only for hosts that were never installed, and for blank disks.
    #[default]
    Menu = "menu",
}

impl PermissionSource {
    /// Whether a person named this very machine, as root. Only then may an installed system be replaced.
    pub fn names_the_machine(self) -> bool {
        self == Self::Operator
    }
}

/// How far the clock may go back without a report.
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
    /// The type that the host gets.
    #[serde(rename = "type")]
    pub host_type: HostType,
    /// Its variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Its operating system; fixed when the permission is given.
    pub distro: Distro,
    /// Whether the disk must be blank, without signatures and data.
    pub require_blank: bool,
    /// Serials of the disks that may be wiped although they are not empty: the operator named each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wipe: Vec<DiskName>,
    /// Who gave it.
    pub given_by: Line,
    /// When.
    pub given_at: Timestamp,
    /// Until when an installation may begin.
    pub expires: Timestamp,
    /// Why.
    pub reason: Line,
    /// The marks of earlier installations of the machine when an operator gave it; the store fills them in. If the
    /// machine has other marks, the permission is from before its last installation and does not count. Older versions
    /// did not record them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Vec<Line>>,
    /// Where it was found. This is not in the file, which could lie about it.
    #[serde(skip)]
    pub source: PermissionSource,
}

/// What is permitted to which host, by whom, until when.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The host.
    pub mac: MacAddr,
    /// The type that it gets.
    pub host_type: HostType,
    /// Its variant.
    pub profile: Option<Profile>,
    /// Its operating system.
    pub distro: Distro,
    /// Disks that may be wiped although they are not empty; only an operator can name them.
    pub wipe: Vec<DiskName>,
    /// Who gives it.
    pub given_by: Line,
    /// When.
    pub given_at: Timestamp,
    /// Until when an installation may begin.
    pub expires: Timestamp,
    /// Why.
    pub reason: Line,
}

/// The part of a permission that its attempt and the mark of its use record. Only a permission or an attempt can make
/// one. A mark with only the id would lack the line by which `reload` removes the marks of choices at a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionRef {
    id: PermissionId,
    console_until: Option<Timestamp>,
    after: Option<Vec<Line>>,
}

impl PermissionRef {
    pub(super) fn new(id: PermissionId, console_until: Option<Timestamp>, after: Option<Vec<Line>>) -> Self {
        Self { id, console_until, after }
    }

    /// An operator's permission of which a test knows no more than the id.
    #[cfg(test)]
    pub(crate) fn sample(id: PermissionId) -> Self {
        Self::new(id, None, None)
    }

    /// Which permission it is.
    pub fn id(&self) -> &PermissionId {
        &self.id
    }

    /// Its [`Permission::after`].
    pub fn after(&self) -> Option<&Vec<Line>> {
        self.after.as_ref()
    }

    /// When a choice at a console expires; none for every other permission.
    pub fn console_until(&self) -> Option<Timestamp> {
        self.console_until
    }
}

impl From<&Permission> for PermissionRef {
    fn from(permission: &Permission) -> Self {
        let console_until = (permission.source == PermissionSource::Menu).then_some(permission.expires);
        Self::new(permission.id.clone(), console_until, permission.after.clone())
    }
}

impl Permission {
    const VERSION: u32 = 1;

    /// `root with host-state: rack 7`, or only who gave it.
    pub fn giver_and_reason(&self) -> String {
        match self.reason.as_str() {
            "" => self.given_by.to_string(),
            reason => format!("{}: {reason}", self.given_by),
        }
    }

    /// A new one.
    pub fn new(id: PermissionId, source: PermissionSource, grant: Grant) -> Self {
        let Grant { mac, host_type, profile, distro, wipe, given_by, given_at, expires, reason } = grant;
        Self {
            version: Self::VERSION,
            id,
            mac,
            host_type,
            profile,
            distro,
            require_blank: false,
            wipe,
            given_by,
            given_at,
            expires,
            reason,
            after: None,
            source,
        }
        .bounded_by_source()
    }

    /// The same, given after these marks.
    #[must_use]
    pub(crate) fn given_after(mut self, marks: Vec<Line>) -> Self {
        self.after = Some(marks);
        self
    }

    /// Without a person who named the machine, it wipes nothing, whatever its file says.
    fn bounded_by_source(mut self) -> Self {
        if !self.source.names_the_machine() {
            self.require_blank = true;
            self.wipe.clear();
        }
        self
    }

    /// Reads a file of `source`. One from the menu always requires a blank disk, whatever its file says.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str, source: PermissionSource) -> Result<Self, DocumentError> {
        let mut permission: Self = toml::from_str(text).map_err(|error| DocumentError::toml(text, &error))?;
        DocumentError::check_version(permission.version, Self::VERSION)?;
        permission.source = source;
        Ok(permission.bounded_by_source())
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Whether an installation may still begin under it. One from the future, by this clock, does not count either: the
    /// clock went back, and expired ones must not become valid again.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.expires && is_past(self.given_at, now)
    }
}

/// Whether this moment has come, with a small tolerance for clock errors.
pub(super) fn is_past(at: Timestamp, now: Timestamp) -> bool {
    at.since(now) <= CLOCK_SKEW_SECONDS
}
