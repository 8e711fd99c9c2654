// SPDX-License-Identifier: GPL-3.0-or-later
//! The record of one host, `hosts/<mac>.toml`. A person may edit it: it is read and checked as a whole, or only this
//! host is refused.

use super::attempt::{Attempt, MAX_DISKS, StageTime};
use super::document_error::DocumentError;
use super::macs::{Macs, MacsError};
use super::{Event, HostState, PermissionId, PermissionRef, Refused, Retirement};
use crate::config::TypeDefinition;
use crate::types::{
    Cpu, DiskName, Distro, FirmwareInfo, HostKey, HostName, HostType, Line, LocalBoot, MacAddr, Profile, Stage,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What is known of one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    version: u32,
    /// The MACs of its interfaces; the first names the file.
    macs: Macs,
    /// Its state.
    state: HostState,
    /// Its host name, if one is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<HostName>,
    /// Its type, or the type it will get.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub host_type: Option<HostType>,
    /// Its variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Its address, if one is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Ipv4Addr>,
    /// How it is handed over to its own disk, if the cluster's way does not suit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<LocalBoot>,
    /// When this record was last changed.
    pub updated: Timestamp,
    /// One line for people: why it FAILED, or an administrator's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Line>,
    /// Whether a person at its console requested that its disks may be wiped. It permits nothing: the operator names
    /// the disk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force_asked: bool,
    /// The serials of the disks of its system: those of the last attempt that ended INSTALLED. Later attempts do not
    /// change them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub system_disks: Vec<DiskName>,
    /// The public key of its sshd, as the installation of its system reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_host_key: Option<HostKey>,
    /// Its processor, as its boot loader reported it first; missing in records of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// What its firmware last reported. It proves nothing; rules may match it.
    #[serde(default, alias = "claims", skip_serializing_if = "FirmwareInfo::is_empty")]
    pub firmware: FirmwareInfo,
    /// Set if it left the site. Only an administrator sets and removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retirement>,
    /// The newest attempt to install it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

impl Host {
    const VERSION: u32 = 1;

    /// A host of which only the MAC is known.
    pub fn new(mac: MacAddr, now: Timestamp) -> Self {
        Self {
            version: Self::VERSION,
            macs: Macs::one(mac),
            state: HostState::Unconfigured,
            name: None,
            host_type: None,
            profile: None,
            address: None,
            local: None,
            updated: now,
            reason: None,
            cpu: None,
            firmware: FirmwareInfo::default(),
            force_asked: false,
            ssh_host_key: None,
            system_disks: Vec::new(),
            retired: None,
            attempt: None,
        }
    }

    /// Reads the record in the file of `mac`.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str, mac: MacAddr) -> Result<Self, DocumentError> {
        let host: Self = toml::from_str(text).map_err(|error| DocumentError::toml(text, &error))?;
        DocumentError::check_version(host.version, Self::VERSION)?;
        if host.macs.first() != mac {
            let problem = format!("the first of macs is not {}, which names the file", mac.colons());
            return Err(DocumentError::whole(problem));
        }
        // What types of the site's own have is in the cluster file.
        let may_have = |host_type, profile| {
            TypeDefinition::built_in(host_type).is_none_or(|definition| definition.profiles.contains(&profile))
        };
        if host.profile.is_some_and(|profile| host.host_type.is_none_or(|host_type| !may_have(host_type, profile))) {
            return Err(DocumentError::whole("profile is not one of the host's type"));
        }
        Ok(host)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The MAC that names it.
    pub fn mac(&self) -> MacAddr {
        self.macs.first()
    }

    /// Gives it these MACs beside the one that names it.
    ///
    /// # Errors
    /// Too many, or one twice.
    pub(crate) fn set_further_macs(&mut self, further: &[MacAddr]) -> Result<(), MacsError> {
        self.macs = Macs::try_from([&[self.macs.first()], further].concat())?;
        Ok(())
    }

    /// The record with the card `new` in the place of `old`. If the host has both, they change places. `None` if it
    /// does not have `old`.
    pub(crate) fn with_card(&self, old: MacAddr, new: MacAddr) -> Option<Self> {
        let other = |mac| {
            if mac == old {
                new
            } else if mac == new {
                old
            } else {
                mac
            }
        };
        let macs = Macs::try_from(self.macs().map(other).collect::<Vec<_>>()).ok()?;
        self.macs().any(|mac| mac == old).then(|| Self { macs, ..self.clone() })
    }

    /// All MACs of it, the one that names it first.
    pub fn macs(&self) -> impl Iterator<Item = MacAddr> {
        self.macs.iter()
    }

    /// Its state.
    pub fn state(&self) -> HostState {
        self.state
    }

    /// The name if it has one, otherwise the MAC: its name in messages.
    pub fn label(&self) -> String {
        self.name.as_ref().map_or_else(|| self.mac().colons(), HostName::to_string)
    }

    /// Records what its firmware reports now. The processor stays as it was reported first.
    pub fn report_firmware(&mut self, firmware: &FirmwareInfo) {
        self.firmware = firmware.clone();
        self.cpu = self.cpu.or_else(|| firmware.cpu());
    }

    /// Whether it has an address and a name.
    pub fn has_address_and_name(&self) -> bool {
        self.address.is_some() && self.name.is_some()
    }

    /// Whether anything differs except the time of the last change.
    pub fn differs_from(&self, other: &Self) -> bool {
        Self { updated: other.updated, ..self.clone() } != *other
    }

    /// Moves the state.
    ///
    /// # Errors
    /// [`Refused`]; the record is unchanged then.
    pub fn apply(&mut self, event: Event, now: Timestamp) -> Result<(), Refused> {
        self.state = self.state.apply(event)?;
        self.updated = now;
        Ok(())
    }

    /// The serials of the disks of its last complete installation, if they are recorded.
    pub fn last_disks(&self) -> Vec<DiskName> {
        if !self.system_disks.is_empty() {
            return self.system_disks.clone();
        }
        // A record from before they were stored separately.
        let done = self.attempt.as_ref().filter(|a| a.stages.iter().any(|s| s.stage == Stage::Installed));
        done.iter().flat_map(|a| &a.disks).filter(|d| d.identifies()).cloned().collect()
    }

    /// The ssh host key of the host's system, if its installation is complete. While another key is on its way, or
    /// after a failure, neither key can be trusted.
    pub fn proven_host_key(&self) -> Option<&HostKey> {
        let done = |a: &Attempt| a.stages.iter().any(|s| s.stage == Stage::Installed);
        let replaced = matches!(self.state, HostState::Installing | HostState::Failed)
            && self.attempt.as_ref().is_some_and(|a| !done(a));
        self.ssh_host_key.as_ref().filter(|_| !replaced)
    }

    /// The number that the next attempt will have.
    pub fn next_attempt(&self) -> u32 {
        self.attempt.as_ref().map_or(0, |a| a.number).saturating_add(1)
    }

    /// How many attempts `permission` has begun.
    pub fn attempts_of(&self, permission: &PermissionId) -> u32 {
        self.attempt.as_ref().filter(|a| a.permission == *permission).map_or(0, |a| a.of_permission)
    }

    /// Begins the next attempt under `permission`. Disks that its earlier attempts registered may be wiped by it.
    ///
    /// # Errors
    /// [`Refused`]; the record is unchanged then.
    pub fn begin_attempt(
        &mut self,
        permission: &PermissionRef,
        distro: Distro,
        build: Option<Line>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let number = self.next_attempt();
        let of_permission = self.attempts_of(permission.id()).saturating_add(1);
        let mut may_wipe = Vec::new();
        if let Some(last) = self.attempt.as_ref().filter(|a| a.permission == *permission.id()) {
            may_wipe.extend(last.may_wipe.iter().chain(&last.disks).filter(|s| s.identifies()).cloned());
            may_wipe.sort();
            may_wipe.dedup();
        }
        self.apply(Event::AnswerFetched, now)?;
        self.system_disks = self.last_disks();
        self.reason = None;
        self.attempt = Some(Attempt {
            number,
            of_permission,
            permission: permission.id().clone(),
            console_until: permission.console_until(),
            after: permission.after().cloned(),
            since: now,
            distro,
            build,
            packages: None,
            zfs: false,
            disks: Vec::new(),
            may_wipe,
            host_key: None,
            contradicted: None,
            stages: Vec::new(),
        });
        Ok(())
    }

    /// Applies a report of the current attempt. `true` if the record changed.
    ///
    /// # Errors
    /// [`Refused`]; the record is unchanged then.
    pub fn report(
        &mut self,
        stage: Stage,
        message: &Line,
        disks: &[DiskName],
        now: Timestamp,
    ) -> Result<bool, Refused> {
        let before = self.clone();
        self.apply(Event::Reported(stage), now)?;
        if let Some(attempt) = self.attempt.as_mut() {
            if attempt.stages.iter().all(|s| s.stage != stage) {
                attempt.stages.push(StageTime { stage, at: now });
            }
            for disk in disks {
                if !attempt.disks.contains(disk) && attempt.disks.len() < MAX_DISKS {
                    attempt.disks.push(disk.clone());
                }
            }
        }
        if stage == Stage::Failed {
            self.reason = Some(message.clone());
        }
        if stage == Stage::Installed
            && let Some(attempt) = &self.attempt
        {
            self.system_disks = attempt.disks.iter().filter(|d| d.identifies()).cloned().collect();
            // A report without disks or key, as from older installers, leaves the known values unchanged.
            self.ssh_host_key = attempt.host_key.clone().or(self.ssh_host_key.take());
        }
        let changed = self.differs_from(&before);
        if !changed {
            self.updated = before.updated;
        }
        Ok(changed)
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
