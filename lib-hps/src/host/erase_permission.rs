// SPDX-License-Identifier: GPL-3.0-or-later
//! The permission to erase disks of a host: root gives it, for these serials, once and until a time.
//!
//! It is bound to the machine: to the marks of its installations, and to the serial and UUID that its firmware had
//! reported. Each of these can only make it count less. What the network reports never adds a disk.

use super::document_error::DocumentError;
use super::installed::MarksUnknown;
use super::permission::is_past;
use super::{Host, HostState, Installed, PermissionId};
use crate::types::{DiskName, FirmwareInfo, Line, MacAddr, Timestamp};
use serde::{Deserialize, Serialize};

/// How many disks one permission may name.
pub const MAX_ERASED_DISKS: usize = 64;

/// What may be erased, by whom, until when. Its file is written once, by root; its end is a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasePermission {
    version: u32,
    /// Its own name.
    pub id: PermissionId,
    /// The host it is for.
    pub mac: MacAddr,
    /// The serials of the disks.
    pub disks: Vec<DiskName>,
    /// The serial of the machine, as its firmware had reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Line>,
    /// The UUID of the machine, as its firmware had reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Line>,
    /// Who gave it.
    pub given_by: Line,
    /// When.
    pub given_at: Timestamp,
    /// Until when the erase may begin.
    pub expires: Timestamp,
    /// Why.
    pub reason: Line,
    /// The marks of earlier installations of the machine when it was given; the store fills them in.
    #[serde(default)]
    pub after: Vec<Line>,
}

/// What a person asks for.
#[derive(Debug, Clone)]
pub struct EraseGrant {
    /// The serials of the disks.
    pub disks: Vec<DiskName>,
    /// Who gives it.
    pub given_by: Line,
    /// When.
    pub given_at: Timestamp,
    /// Until when the erase may begin.
    pub expires: Timestamp,
    /// Why.
    pub reason: Line,
}

/// Why a permission to erase does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoErase {
    /// The clock went back.
    #[error("was given in the future, as far as the clock of this node knows: it does not count")]
    Future,
    /// It has expired.
    #[error("has expired at {0}")]
    Expired(Timestamp),
    /// The machine was installed or retired since then.
    #[error("is older than the last installation or retirement of this machine ({0}): it does not count")]
    Older(Line),
    /// What it was given after is not known any more.
    #[error("was given after an installation whose mark is gone or cannot be read: it does not count")]
    MarkLost,
    /// An installation is running.
    #[error("does not count while the host is INSTALLING")]
    Installing,
    /// The machine with this card is another one than before.
    #[error("was given for the machine with the {what} {was}, and this one reports {is}: it does not count")]
    OtherMachine {
        /// `serial` or `UUID`.
        what: &'static str,
        /// That of the permission.
        was: Line,
        /// That of this request.
        is: Line,
    },
}

impl ErasePermission {
    const VERSION: u32 = 1;

    /// A new one for a host.
    pub fn new(id: PermissionId, host: &Host, grant: EraseGrant) -> Self {
        let EraseGrant { disks, given_by, given_at, expires, reason } = grant;
        Self {
            version: Self::VERSION,
            id,
            mac: host.mac(),
            disks,
            serial: host.firmware.serial.clone(),
            uuid: host.firmware.uuid.clone(),
            given_by,
            given_at,
            expires,
            reason,
            after: Vec::new(),
        }
    }

    /// Reads its file.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let permission: Self = toml::from_str(text).map_err(|error| DocumentError::toml(text, &error))?;
        DocumentError::check_version(permission.version, Self::VERSION)?;
        let mut serials: Vec<&str> = permission.disks.iter().map(DiskName::as_str).collect();
        serials.sort_unstable();
        serials.dedup();
        if serials.len() != permission.disks.len() || !(1..=MAX_ERASED_DISKS).contains(&serials.len()) {
            return Err(DocumentError::whole("disks must name 1 to 64 disks, each once"));
        }
        if !permission.disks.iter().all(DiskName::identifies) {
            return Err(DocumentError::whole("disks names none, which is the serial of no disk"));
        }
        Ok(permission)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Whether it is live by its time alone.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.expires && is_past(self.given_at, now)
    }

    /// Why it does not count now for this machine. The only check: the boot decision and the boot manager use it.
    pub fn objection(
        &self,
        installed: &Installed,
        host: &Host,
        firmware: &FirmwareInfo,
        now: Timestamp,
    ) -> Option<NoErase> {
        if !self.is_current(now) {
            return Some(if now < self.expires { NoErase::Future } else { NoErase::Expired(self.expires) });
        }
        self.outdates(installed, host, firmware)
    }

    /// The same without the clock: an erase that began goes on after the permission has expired.
    pub fn outdates(&self, installed: &Installed, host: &Host, firmware: &FirmwareInfo) -> Option<NoErase> {
        if host.state() == HostState::Installing {
            return Some(NoErase::Installing);
        }
        match installed.newer_than(&self.after) {
            Ok(None) => {}
            Ok(Some(mark)) => return Some(NoErase::Older(mark.clone())),
            Err(MarksUnknown) => return Some(NoErase::MarkLost),
        }
        // A boot loader may report less than another one; what it reports must be the same.
        let values = [("serial", &self.serial, &firmware.serial), ("UUID", &self.uuid, &firmware.uuid)];
        values.into_iter().find_map(|(what, was, is)| {
            let (was, is) = (was.as_ref()?, is.as_ref()?);
            (is != was).then(|| NoErase::OtherMachine { what, was: was.clone(), is: is.clone() })
        })
    }

    /// The serials, separated by blanks.
    pub fn serials(&self) -> String {
        self.disks.iter().map(DiskName::as_str).collect::<Vec<_>>().join(" ")
    }
}
