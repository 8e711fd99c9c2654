// SPDX-License-Identifier: GPL-3.0-or-later
//! The record of one host, `hosts/<mac>.toml`. A person may edit it: it is read whole and checked, or refused alone.

use super::{Event, HostState, PermissionId, PermissionRef, Refused};
use crate::types::{Claims, DiskName, Distro, HostKey, HostName, HostType, Line, MacAddr, Profile, Stage, Timestamp};
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
    /// Its host name, once one is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<HostName>,
    /// What it is, or is to become.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub host_type: Option<HostType>,
    /// In which variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Its address, once one is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Ipv4Addr>,
    /// When this record was last changed.
    pub updated: Timestamp,
    /// One line for people: why it FAILED, or what an administrator notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Line>,
    /// Whether somebody at its console wished that what is on its disks may be wiped. It permits nothing: the operator says
    /// which disk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force_asked: bool,
    /// The serials of the disks that its system was put on: those of the last attempt that ended INSTALLED. Later attempts leave
    /// them alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub system_disks: Vec<DiskName>,
    /// The public key of its sshd, as the installation of its system reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_host_key: Option<HostKey>,
    /// What its firmware last said of it. It proves nothing; rules may match it.
    #[serde(default, skip_serializing_if = "Claims::is_empty")]
    pub claims: Claims,
    /// The newest attempt to install it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

/// More interfaces than a machine boots from.
const MOST_MACS: usize = 16;

/// At least one MAC, each once, as a list in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<MacAddr>", into = "Vec<MacAddr>")]
struct Macs {
    first: MacAddr,
    others: Vec<MacAddr>,
}

impl TryFrom<Vec<MacAddr>> for Macs {
    type Error = &'static str;

    fn try_from(list: Vec<MacAddr>) -> Result<Self, Self::Error> {
        if list.len() > MOST_MACS {
            return Err("macs has more than 16");
        }
        let mut list = list.into_iter();
        let first = list.next().ok_or("macs is empty: expected the MAC that names the file")?;
        let mut others: Vec<MacAddr> = Vec::new();
        for mac in list {
            if mac == first || others.contains(&mac) {
                return Err("macs has one twice");
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

/// More disks than any installation writes to. A record stays small, whatever its installer reports: a disk beyond that is wiped
/// by no retry.
pub const MOST_DISKS: usize = 64;

/// One attempt of an installation. A new one takes the place of the old one, whose tokens die with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Counted from 1 over the host's life in this cluster, so that no token ever comes back to life.
    pub number: u32,
    /// How many attempts this permission has begun, this one included.
    pub of_permission: u32,
    /// The permission it runs under.
    pub permission: PermissionId,
    /// When that permission expires, if it is a choice at a console: the mark of its use says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_until: Option<Timestamp>,
    /// The marks of earlier installations that the permission was given after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Vec<Line>>,
    /// When its answer file was fetched first. Its tokens, and so the answer file, follow from it.
    pub since: Timestamp,
    /// The operating system.
    pub distro: Distro,
    /// Which published build of it; an answer file must not change within an attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Line>,
    /// Whose repository of local packages it has, beside the tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Distro>,
    /// Whether ZFS was there for it, in the image or among these packages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub zfs: bool,
    /// The serials of the disks it registered before it wrote to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<DiskName>,
    /// Disks that earlier attempts of this permission registered: these it may wipe.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_wipe: Vec<DiskName>,
    /// The public key that the new system's sshd will have, as this attempt first reported it. It becomes the host's when the
    /// installation is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_key: Option<HostKey>,
    /// That somebody with the token of this attempt said something else later, and was refused: the first such report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradicted: Option<Line>,
    /// The stages it reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageTime>,
}

/// A stage, and when it was first reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTime {
    /// Which.
    pub stage: Stage,
    /// When.
    pub at: Timestamp,
}

impl Attempt {
    /// The permission it runs under, for the mark of its use.
    pub fn permission_ref(&self) -> PermissionRef {
        PermissionRef::new(self.permission.clone(), self.console_until, self.after.clone())
    }

    /// Whether the installer has reported with the token of this attempt, so that the ticket is dead.
    pub fn has_reported(&self) -> bool {
        !self.stages.is_empty()
    }

    /// What a report says otherwise than this attempt said first. The first word counts: what a node reports about itself (its disks,
    /// its ssh host key) is taken once for each attempt, and the same word may come again. Every such value is to be asked about here.
    pub fn contradiction(&self, disks: &[DiskName], host_key: Option<&HostKey>) -> Option<String> {
        let told = |stage: Stage| self.stages.iter().any(|s| s.stage == stage);
        // Many disks come in several reports, so their list is open until the next stage.
        let closed = self.stages.iter().any(|s| !matches!(s.stage, Stage::Started | Stage::Disks));
        if closed && disks.iter().any(|disk| !self.disks.contains(disk)) {
            let named = |disks: &[DiskName]| disks.iter().map(DiskName::as_str).collect::<Vec<_>>().join(" ");
            return Some(format!("other disks ({}) than it reported first ({})", named(disks), named(&self.disks)));
        }
        let second = host_key?;
        match &self.host_key {
            Some(first) if first == second => None,
            Some(first) => Some(format!("another ssh host key ({second}) than it reported first ({first})")),
            None if told(Stage::Configured) => {
                Some(format!("an ssh host key ({second}), and it reported none at first"))
            }
            None => None,
        }
    }

    /// The stage it stands in.
    pub fn stage(&self) -> Option<&StageTime> {
        self.stages.last()
    }
}

/// Why a record is not taken. The caller knows the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RecordError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl Host {
    const VERSION: u32 = 1;

    /// A host of which only the MAC is known.
    pub fn new(mac: MacAddr, now: Timestamp) -> Self {
        Self {
            version: Self::VERSION,
            macs: Macs { first: mac, others: Vec::new() },
            state: HostState::Unconfigured,
            name: None,
            host_type: None,
            profile: None,
            address: None,
            updated: now,
            reason: None,
            claims: Claims::default(),
            force_asked: false,
            ssh_host_key: None,
            system_disks: Vec::new(),
            attempt: None,
        }
    }

    /// Reads the record in the file of `mac`.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str, mac: MacAddr) -> Result<Self, RecordError> {
        let host: Self = toml::from_str(text).map_err(|error| RecordError {
            line: crate::types::line_of(text, error.span()),
            problem: error.message().replace('\n', " "),
        })?;
        let wrong = |problem: String| Err(RecordError { line: 1, problem });
        if host.version != Self::VERSION {
            return wrong(format!("version is {}: this program reads version {}", host.version, Self::VERSION));
        }
        if host.macs.first != mac {
            return wrong(format!("the first of macs is not {}, which names the file", mac.colons()));
        }
        if host.profile.is_some_and(|p| host.host_type.is_none_or(|t| !t.profiles().contains(&p))) {
            return wrong("profile is not one of the host's type".to_owned());
        }
        Ok(host)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The MAC that names it.
    pub fn mac(&self) -> MacAddr {
        self.macs.first
    }

    /// Gives it these MACs beside the one that names it.
    ///
    /// # Errors
    /// One line: too many, or one twice.
    pub(crate) fn set_further_macs(&mut self, further: &[MacAddr]) -> Result<(), &'static str> {
        self.macs = Macs::try_from([&[self.macs.first], further].concat())?;
        Ok(())
    }

    /// All MACs of it, the one that names it first.
    pub fn macs(&self) -> impl Iterator<Item = MacAddr> {
        std::iter::once(self.macs.first).chain(self.macs.others.iter().copied())
    }

    /// Its state.
    pub fn state(&self) -> HostState {
        self.state
    }

    /// The name if it has one, else the MAC: what messages call it.
    pub fn label(&self) -> String {
        self.name.as_ref().map_or_else(|| self.mac().colons(), HostName::to_string)
    }

    /// Whether it has an address and a name.
    pub fn has_place(&self) -> bool {
        self.address.is_some() && self.name.is_some()
    }

    /// Whether anything but the time of the last change is another.
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

    /// The serials of the disks that its last complete installation used, as far as it is on record.
    pub fn last_disks(&self) -> Vec<DiskName> {
        if !self.system_disks.is_empty() {
            return self.system_disks.clone();
        }
        // A record of before they were kept apart.
        let done = self.attempt.as_ref().filter(|a| a.stages.iter().any(|s| s.stage == Stage::Installed));
        done.iter().flat_map(|a| &a.disks).filter(|d| d.identifies()).cloned().collect()
    }

    /// The ssh host key of the system that the host has, as far as its installation is complete: while another one is on its way, or
    /// has failed, nobody is to trust either key.
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

    /// Takes a report of the current attempt. `true` where the record changed.
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
                if !attempt.disks.contains(disk) && attempt.disks.len() < MOST_DISKS {
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
            // Whoever reports none, as older installers do, leaves what is known of the host as it is.
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
