// SPDX-License-Identifier: GPL-3.0-or-later
//! The protocol of erased disks of a host: what the node environment reported, disk by disk. The machine reported it with
//! the token of its erase, so it is the word of that machine.

use super::document_error::DocumentError;
use super::{ErasePermission, PermissionId};
use crate::types::{DiskName, Line, Timestamp, text_enum};
use serde::{Deserialize, Serialize};

/// How many erases a protocol keeps.
const MAX_ERASURES: usize = 20;

text_enum! {
    /// How an erase ended, of one disk or of all.
    EraseResult, "result of an erase",

    /// Erased and verified.
    Erased = "erased",
    /// It was begun and did not succeed: the content of the disk is not known.
    Failed = "failed",
    /// Nothing was written.
    Refused = "refused",
}

text_enum! {
    /// What a verification found in the blocks that it read.
    Verified, "verification of an erase",

    /// All of them are zeros.
    Zeroes = "zeroes",
    /// Each differs from its content before, as after the key of a disk was changed.
    Changed = "changed",
    /// Not verified, or content of before was found.
    No = "no",
}

text_enum! {
    /// How a disk was erased.
    EraseMethod, "method of an erase",

    /// `nvme format` with a change of the key.
    NvmeCryptoFormat = "nvme-format-crypto",
    /// `nvme format` with an erase of the data.
    NvmeFormat = "nvme-format",
    /// `nvme sanitize` with a change of the key.
    NvmeCryptoSanitize = "nvme-sanitize-crypto",
    /// `nvme sanitize` with an erase of all blocks.
    NvmeSanitize = "nvme-sanitize",
    /// ATA enhanced secure erase.
    AtaEnhanced = "ata-enhanced-erase",
    /// ATA secure erase.
    AtaErase = "ata-secure-erase",
    /// A secure discard.
    SecureDiscard = "secure-discard",
    /// A discard after which the disk reads as zeros.
    Discard = "discard",
    /// Zeros were written to all of it.
    Overwrite = "overwrite",
    /// None: nothing was written.
    None = "none",
}

/// One disk of an erase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasedDisk {
    /// Its serial.
    pub serial: DiskName,
    /// Its model; empty if it reports none.
    pub model: Line,
    /// Its size.
    pub bytes: u64,
    /// How it was erased.
    pub method: EraseMethod,
    /// How long that took, with the verification.
    pub seconds: u64,
    /// What the verification found.
    pub verified: Verified,
    /// Whether it is erased.
    pub result: EraseResult,
    /// Further details: why it failed, or which methods did not work.
    pub note: Line,
    /// When it was reported.
    pub at: Timestamp,
}

/// One erase: everything under one permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Its permission.
    pub id: PermissionId,
    /// Who gave that.
    pub given_by: Line,
    /// Why.
    pub reason: Line,
    /// The disks that it named.
    pub asked: Vec<DiskName>,
    /// When the machine first fetched it.
    pub begun: Timestamp,
    /// How often the machine began it.
    pub attempts: u32,
    /// Whether the machine reported in the current attempt.
    pub reported: bool,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// How.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<EraseResult>,
    /// The one reason, if it did not succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Line>,
    /// The disks that were reported.
    #[serde(default, rename = "disk", skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<ErasedDisk>,
}

impl Erasure {
    /// Nothing of it is reported yet.
    fn new(permission: &ErasePermission, now: Timestamp) -> Self {
        Self {
            id: permission.id.clone(),
            given_by: permission.given_by.clone(),
            reason: permission.reason.clone(),
            asked: permission.disks.clone(),
            begun: now,
            attempts: 0,
            reported: false,
            ended: None,
            result: None,
            why: None,
            disks: Vec::new(),
        }
    }

    /// Records a disk; the last report about it counts.
    pub fn report(&mut self, disk: ErasedDisk) {
        self.disks.retain(|other| other.serial != disk.serial);
        self.disks.push(disk);
    }

    /// Whether each disk that the permission names was reported as erased and verified.
    pub fn is_complete(&self, permission: &ErasePermission) -> bool {
        permission.disks.iter().all(|serial| {
            self.disks.iter().any(|disk| {
                disk.serial == *serial && disk.result == EraseResult::Erased && disk.verified != Verified::No
            })
        })
    }
}

/// All of a host, the newest last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseProtocol {
    version: u32,
    /// The erases.
    #[serde(default, rename = "erasure", skip_serializing_if = "Vec::is_empty")]
    pub erasures: Vec<Erasure>,
}

impl Default for EraseProtocol {
    fn default() -> Self {
        Self { version: Self::VERSION, erasures: Vec::new() }
    }
}

impl EraseProtocol {
    const VERSION: u32 = 1;

    /// Reads its file.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let protocol: Self = toml::from_str(text).map_err(|error| DocumentError::toml(text, &error))?;
        DocumentError::check_version(protocol.version, Self::VERSION)?;
        Ok(protocol)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The erase under a permission, if the machine began it.
    pub fn erasure(&self, id: &PermissionId) -> Option<&Erasure> {
        self.erasures.iter().find(|erasure| erasure.id == *id)
    }

    /// The same, to be changed; it is begun if it is not there.
    pub fn erasure_mut(&mut self, permission: &ErasePermission, now: Timestamp) -> Option<&mut Erasure> {
        if self.erasure(&permission.id).is_none() {
            self.erasures.push(Erasure::new(permission, now));
            let much = self.erasures.len().saturating_sub(MAX_ERASURES);
            self.erasures.drain(..much);
        }
        self.erasures.iter_mut().find(|erasure| erasure.id == permission.id)
    }
}
