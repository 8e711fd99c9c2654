// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a machine was ever installed, and which permissions are from before its last installation.
//!
//! The rule: a permission from before the last installation of a machine, by any cluster, permits nothing. Times cannot
//! decide what was before, because clocks go back and forth. So an operator's permission names the marks that the
//! machine had when the permission was given ([`Permission::after`]), and each installation writes another mark. If the
//! present marks differ from the named ones, the permission is dead, whether a mark is newer or lost. The marks are
//! outside the clusters, so a restored copy of a cluster meets the marks of today. All code that acts on a permission
//! asks [`Installed::objection`].

use super::{Attempt, Host, HostState, Permission, PermissionId, PermissionSource};
use crate::types::{ClusterName, Line, Timestamp};
use std::collections::BTreeSet;

/// The third word of a mark that does not come from an installer.
const IMPORTED: &str = "imported";
/// The third word of a mark that a retirement left.
const RETIRED: &str = "retired";
/// The text before the id in the third word of a mark from an installer.
const BY: &str = "permission=";

/// The mark that a machine was installed: one line of time and cluster, and a third word: that a list brought it, or
/// under which permission it was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    text: Line,
    at: Timestamp,
    imported: bool,
    retired: bool,
    permission: Option<PermissionId>,
}

impl Mark {
    /// The machine has a system, as of now.
    pub fn new(at: Timestamp, cluster: &ClusterName) -> Self {
        Self::parse(&format!("{at} {cluster}"))
    }

    /// An installation under this permission ended well.
    pub fn from_installation(at: Timestamp, cluster: &ClusterName, permission: &PermissionId) -> Self {
        Self::parse(&format!("{at} {cluster} {BY}{permission}"))
    }

    /// A list brought the machine, without saying that it is new.
    pub fn from_import(at: Timestamp, cluster: &ClusterName) -> Self {
        Self::parse(&format!("{at} {cluster} {IMPORTED}"))
    }

    /// An administrator retired the machine: permissions from before are dead.
    pub fn from_retirement(at: Timestamp, cluster: &ClusterName) -> Self {
        Self::parse(&format!("{at} {cluster} {RETIRED}"))
    }

    /// Reads a mark. A text that cannot be understood counts as a mark from the end of time: it still means that the
    /// machine was installed.
    pub fn parse(text: &str) -> Self {
        let text = Line::lossy(text);
        let mut words = text.as_str().split_whitespace();
        let at = words.next().and_then(|time| time.parse().ok()).unwrap_or(Timestamp::from_unix(i64::MAX));
        let third = words.nth(1);
        let permission = third.and_then(|word| word.strip_prefix(BY)?.parse().ok());
        Self { at, imported: third == Some(IMPORTED), retired: third == Some(RETIRED), permission, text }
    }

    /// The line that the file holds.
    pub fn text(&self) -> &Line {
        &self.text
    }

    /// When it was made.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether only a list says that the machine was installed.
    pub fn is_imported(&self) -> bool {
        self.imported
    }

    /// Whether it comes from a retirement. The machine may never have been installed.
    pub fn is_retirement(&self) -> bool {
        self.retired
    }

    /// Under which permission the machine was installed, if the mark says so.
    pub fn permission(&self) -> Option<&PermissionId> {
        self.permission.as_ref()
    }
}

/// What is known of the installations of one machine. Only [`Installed::new`] makes one, so that no two places judge in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    marks: Vec<Mark>,
    by_state: Option<HostState>,
    retired: bool,
    unreadable: bool,
}

/// The marks of before are not known any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MarksUnknown;

/// Why a permission does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Dead {
    /// The clock went back.
    #[error("was given in the future, as far as the clock of this node knows: it does not count")]
    Future,
    /// It has expired.
    #[error("has expired at {0}")]
    Expired(Timestamp),
    /// A permission by a rule or a console, for a machine that was installed.
    #[error("does not count for a machine that was ever installed: only host-state arm does")]
    NamesNoMachine,
    /// The machine is retired.
    #[error("does not count for a retired machine; if it is used again: host-state retire HOST --undo")]
    Retired,
    /// Its own installation ended.
    #[error("has been used: its installation ended")]
    Ended,
    /// The machine was installed after it was given.
    #[error(
        "is older than the last installation of this machine ({0}): it does not count, host-state arm gives a new one"
    )]
    Older(Line),
    /// The mark that it was given after is gone.
    #[error("was given after an installation whose mark is gone: it does not count, host-state arm gives a new one")]
    MarkLost,
    /// A mark cannot be read.
    #[error(
        "cannot be compared with the last installation, whose mark cannot be read: it does not count; see host-state check"
    )]
    Unknown,
}

impl Installed {
    /// From the marks of all MACs of the machine, and its record. A mark that could not be read counts as newer than
    /// all others.
    pub(crate) fn new(marks: Option<Vec<Mark>>, host: Option<&Host>) -> Self {
        let by_state = host.map(Host::state).filter(|state| state.has_system());
        let retired = host.is_some_and(|host| host.retired.is_some());
        Self { unreadable: marks.is_none(), marks: marks.unwrap_or_default(), by_state, retired }
    }

    /// Whether the machine was ever installed, by a mark or by its record. If that cannot be read, it counts as
    /// installed. A retired machine counts as installed too: only an operator's permission installs it.
    pub fn ever(&self) -> bool {
        self.is_marked() || self.by_state.is_some() || self.retired
    }

    /// Whether there is a mark, also an unreadable one.
    pub fn is_marked(&self) -> bool {
        self.unreadable || !self.marks.is_empty()
    }

    /// The mark with the latest time.
    pub fn last(&self) -> Option<&Mark> {
        self.marks.iter().max_by_key(|mark| mark.at)
    }

    /// When a list brought the machine, if only lists say that it was installed.
    pub fn imported(&self) -> Option<Timestamp> {
        let only_lists = !self.unreadable && self.marks.iter().all(Mark::is_imported);
        self.last().filter(|_| only_lists).map(Mark::at)
    }

    /// The marks, for a permission that is given now.
    pub fn names(&self) -> Vec<Line> {
        let texts: BTreeSet<&str> = self.marks.iter().map(|mark| mark.text.as_str()).collect();
        texts.into_iter().map(Line::lossy).collect()
    }

    /// Why a permission does not count now for this machine. This is the only check: the boot decision, the beginning
    /// of an attempt, `host-state arm`, `explain`, `list`, `show` and `check` all use it.
    pub fn objection(&self, permission: &Permission, host: Option<&Host>, now: Timestamp) -> Option<Dead> {
        if !permission.is_current(now) {
            return Some(if now < permission.expires { Dead::Future } else { Dead::Expired(permission.expires) });
        }
        self.outdates(permission, host)
    }

    /// The same without the clock: an attempt that began under a permission continues after that has expired.
    pub fn outdates(&self, permission: &Permission, host: Option<&Host>) -> Option<Dead> {
        // Not only by its mark: a permission that was given while it was retired names that mark.
        if self.retired {
            return Some(Dead::Retired);
        }
        if self.ever() && !permission.source.names_the_machine() {
            return Some(Dead::NamesNoMachine);
        }
        if host.is_some_and(|host| self.has_ended(host, permission)) {
            return Some(Dead::Ended);
        }
        if permission.source != PermissionSource::Operator {
            return None;
        }
        if self.unreadable {
            return Some(Dead::Unknown);
        }
        match &permission.after {
            Some(after) => {
                let newer = self.marks.iter().find(|mark| !after.contains(&mark.text));
                let lost = || self.names().len() != after.len();
                newer.map(|mark| Dead::Older(mark.text.clone())).or_else(|| lost().then_some(Dead::MarkLost))
            }
            // It comes from a version that did not name the marks. Then only the times are known.
            None => {
                let newer = self.marks.iter().find(|mark| mark.at >= permission.given_at);
                newer.map(|mark| Dead::Older(mark.text.clone()))
            }
        }
    }

    /// A mark that is not among these, which were there when a permission to erase was given.
    ///
    /// # Errors
    /// When one of these is gone, or a mark cannot be read.
    pub(super) fn newer_than(&self, after: &[Line]) -> Result<Option<&Line>, MarksUnknown> {
        if self.unreadable {
            return Err(MarksUnknown);
        }
        let newer = self.marks.iter().find(|mark| !after.contains(&mark.text));
        if newer.is_none() && self.names().len() != after.len() {
            return Err(MarksUnknown);
        }
        Ok(newer.map(|mark| &mark.text))
    }

    /// Whether the installation under a permission has ended, even without the mark of its use: its attempt is in the
    /// record, and the host is not INSTALLING, or the machine was reported installed.
    fn has_ended(&self, host: &Host, permission: &Permission) -> bool {
        host.attempt.as_ref().filter(|attempt| attempt.permission == permission.id).is_some_and(|attempt| {
            host.state() != HostState::Installing || self.is_complete(attempt) || self.is_outdated(attempt)
        })
    }

    /// Whether a mark says that the installation of this attempt ended well. The record may lack this.
    pub fn is_complete(&self, attempt: &Attempt) -> bool {
        self.marks.iter().any(|mark| mark.permission.as_ref() == Some(&attempt.permission))
    }

    /// Whether the machine was installed by another attempt since this one began, so that its tokens are outdated.
    pub fn is_outdated(&self, attempt: &Attempt) -> bool {
        self.marks.iter().filter(|mark| mark.permission.as_ref() != Some(&attempt.permission)).any(
            |mark| match &attempt.after {
                Some(after) => !after.contains(&mark.text),
                None => mark.at >= attempt.since,
            },
        )
    }
}

/// How it is known.
impl std::fmt::Display for Installed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.last(), self.by_state) {
            _ if self.unreadable => {
                f.write_str("its mark cannot be read, so it counts as installed; see host-state check")
            }
            (Some(mark), _) if mark.is_retirement() => {
                write!(f, "an administrator retired this machine at {}, so it counts as installed", mark.at)
            }
            (Some(mark), _) => write!(f, "this machine was installed, last at {}", mark.at),
            (None, Some(_)) => f.write_str("its state says that its disk has a system"),
            (None, None) if self.retired => f.write_str("this machine is retired, so it counts as installed"),
            (None, None) => f.write_str("this machine was never installed"),
        }
    }
}

#[cfg(test)]
#[path = "installed_tests.rs"]
mod tests;
