// SPDX-License-Identifier: GPL-3.0-or-later
//! Erasing the disks of hosts: the permission, which only root writes, and the protocol, which the boot manager writes from what the
//! machine reports. A permission ends with a mark ([`super::EndedMarks`]), or when the protocol says that its erase ended: neither of
//! the two can make one.

use super::StoreError;
use super::ended_marks::EndedMarks;
use super::installed_marks::InstalledMarks;
use super::journal::Journal;
use super::parts::Parts;
use super::records::{Document, Key, Kind};
use crate::files::is_there;
use crate::host::{ErasePermission, EraseProtocol, Erasure, Host, Who};
use crate::types::{MacAddr, Timestamp};

/// How the history says it.
const REMOVED: &str = "permission to erase removed";
/// How long after its begin a machine may report an erase: the lifetime of its token.
pub const RUNNING_SECONDS: u64 = 14 * 86_400;

/// The erases of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Erasures<'a> {
    parts: Parts<'a>,
}

impl<'a> Erasures<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { parts }
    }

    fn marks(self) -> EndedMarks<'a> {
        EndedMarks::new(self.parts.records)
    }

    /// The permission to erase disks of a host, also one that ended or has expired.
    ///
    /// # Errors
    /// When the file cannot be read or accepted: when another user than root may have written it.
    pub fn permission(self, mac: MacAddr) -> Result<Option<ErasePermission>, StoreError> {
        let key = Key::erase_permission(mac);
        let Some(document) = self.parts.records.text(&key)? else { return Ok(None) };
        let content = |problem: String| StoreError::content(&self.parts.records.locate(&key), problem);
        let permission = ErasePermission::parse(&document.text).map_err(|error| content(error.to_string()))?;
        if permission.mac != mac {
            return Err(content(format!("mac is {}: expected {mac}, as the file is called", permission.mac)));
        }
        Ok(Some(permission))
    }

    /// The same without one that ended.
    ///
    /// # Errors
    /// As [`Erasures::permission`]; when the mark or the protocol cannot be read.
    pub fn open_permission(self, mac: MacAddr) -> Result<Option<ErasePermission>, StoreError> {
        match self.permission(mac)? {
            Some(permission) if !self.is_ended(&permission)? => Ok(Some(permission)),
            _ => Ok(None),
        }
    }

    /// The same without one that has expired: what a command that would collide with the erase asks.
    ///
    /// # Errors
    /// As [`Erasures::open_permission`].
    pub fn live_permission(self, mac: MacAddr, now: Timestamp) -> Result<Option<ErasePermission>, StoreError> {
        Ok(self.open_permission(mac)?.filter(|permission| now < permission.expires))
    }

    /// Whether a permission permits nothing any more.
    ///
    /// # Errors
    /// When the mark or the protocol cannot be read; the caller then treats it as ended.
    pub fn is_ended(self, permission: &ErasePermission) -> Result<bool, StoreError> {
        if self.marks().exists(&permission.id)? {
            return Ok(true);
        }
        let protocol = self.protocol(permission.mac)?;
        Ok(protocol.erasure(&permission.id).is_some_and(|erasure| erasure.ended.is_some()))
    }

    /// Gives a permission; it replaces an older one, which ends first. It names the marks that the machine has now.
    ///
    /// # Errors
    /// When it cannot be written: when the caller is not root. When the marks cannot be read.
    pub fn give(self, permission: &ErasePermission, host: &Host) -> Result<ErasePermission, StoreError> {
        let installed = InstalledMarks::new(self.parts);
        installed.require_readable(permission.mac, Some(host))?;
        if host.state().has_system() {
            installed.mark_host(host, permission.given_at)?;
        }
        let mut given = permission.clone();
        given.after = installed.installed_host(host)?.names();
        self.marks().require_place()?;
        match self.permission(given.mac) {
            Ok(Some(old)) => self.end(&old, "another permission to erase took its place")?,
            Err(error) if !error.was_read() => return Err(error),
            _ => {}
        }
        self.parts.records.put(&Key::erase_permission(given.mac), given.to_text().as_bytes())?;
        Ok(given)
    }

    /// Ends a permission for good. Doing it again changes nothing.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn end(self, permission: &ErasePermission, why: &str) -> Result<(), StoreError> {
        self.marks().mark_id(&permission.id, why)
    }

    /// Whether the machine is erasing disks now, as far as it reported: then it still reports under its permission.
    ///
    /// # Errors
    /// When permission or protocol cannot be read.
    pub fn is_running(self, mac: MacAddr, now: Timestamp) -> Result<bool, StoreError> {
        let Some(permission) = self.permission(mac)? else { return Ok(false) };
        let protocol = self.protocol(mac)?;
        let runs = |erasure: &Erasure| erasure.ended.is_none() && now.since(erasure.begun) < RUNNING_SECONDS;
        Ok(protocol.erasure(&permission.id).is_some_and(runs))
    }

    /// Ends the permission of a host, if it has one, and removes its file, unless its erase is running. Only root can. One that cannot
    /// be accepted permits nothing, and its file goes too.
    ///
    /// # Errors
    /// When a file cannot be read, written or removed.
    pub fn revoke(self, mac: MacAddr, why: &str, now: Timestamp) -> Result<Option<ErasePermission>, StoreError> {
        let open = match self.open_permission(mac) {
            Ok(open) => open,
            Err(error) if error.was_read() => None,
            Err(error) => return Err(error),
        };
        if let Some(permission) = &open {
            self.end(permission, why)?;
        }
        if open.is_none() || !self.is_running(mac, now)? {
            self.parts.records.remove(&Key::erase_permission(mac))?;
        }
        Ok(open)
    }

    /// Removes permissions that ended or have expired. Only root can.
    ///
    /// # Errors
    /// When a folder or a file cannot be read, or a file cannot be removed.
    pub fn prune(self, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        for key in self.parts.records.list(Kind::ErasePermission)? {
            let Ok(mac) = key.name().parse::<MacAddr>() else { continue };
            let Some(permission) = self.permission(mac)? else { continue };
            let why = match self.is_ended(&permission)? {
                _ if self.is_running(mac, now)? => continue,
                true => "ended",
                false if permission.expires <= now => "expired",
                false => continue,
            };
            self.end(&permission, why)?;
            self.parts.records.remove(&key)?;
            let note = format!("{why}; {}, given by {}", permission.serials(), permission.given_by);
            Journal::new(self.parts).note(mac, who, now, REMOVED, &note)?;
        }
        Ok(())
    }

    /// What the machine reported about its erased disks; empty if it reported nothing.
    ///
    /// # Errors
    /// When the file cannot be read or accepted.
    pub fn protocol(self, mac: MacAddr) -> Result<EraseProtocol, StoreError> {
        Ok(self.read(mac)?.map_or_else(EraseProtocol::default, |(protocol, _)| protocol))
    }

    /// Whether there is a protocol, also one that cannot be read.
    ///
    /// # Errors
    /// When that cannot be looked for.
    pub fn has_protocol(self, mac: MacAddr) -> Result<bool, StoreError> {
        Ok(is_there(self.parts.paths.erase_protocol(mac).path())?)
    }

    fn read(self, mac: MacAddr) -> Result<Option<(EraseProtocol, Document)>, StoreError> {
        let key = Key::erase_protocol(mac);
        let Some(document) = self.parts.records.text(&key)? else { return Ok(None) };
        let protocol = EraseProtocol::parse(&document.text)
            .map_err(|error| StoreError::content(&self.parts.records.locate(&key), error.to_string()))?;
        Ok(Some((protocol, document)))
    }

    /// Changes the erase under a permission. `change` sees the newest protocol and may be called several times.
    ///
    /// # Errors
    /// Those of `change`, and those of reading and writing.
    pub fn change<E: From<StoreError>>(
        self,
        permission: &ErasePermission,
        now: Timestamp,
        mut change: impl FnMut(&mut Erasure) -> Result<(), E>,
    ) -> Result<Erasure, E> {
        let key = Key::erase_protocol(permission.mac);
        loop {
            let (mut protocol, document) = self
                .read(permission.mac)?
                .map_or_else(Default::default, |(protocol, document)| (protocol, Some(document)));
            let Some(erasure) = protocol.erasure_mut(permission, now) else {
                return Err(StoreError::content(
                    &self.parts.records.locate(&key),
                    "has no place for an erase".to_owned(),
                )
                .into());
            };
            let before = erasure.clone();
            change(erasure)?;
            let after = erasure.clone();
            if after == before && document.is_some() {
                return Ok(after);
            }
            let text = protocol.to_text();
            let done = match &document {
                Some(document) => self.parts.records.put_if_unchanged(&key, text.as_bytes(), &document.version)?,
                None => self.parts.records.create_if_absent(&key, text.as_bytes())?,
            };
            if done.is_done() {
                return Ok(after);
            }
        }
    }
}

#[cfg(test)]
#[path = "erasures_tests.rs"]
mod tests;
