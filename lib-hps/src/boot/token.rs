// SPDX-License-Identifier: GPL-3.0-or-later
//! Tickets and tokens: HMAC-SHA256 (RFC 2104) under the site's key over cluster, MAC, purpose,
//! permission, attempt and expiry.
//!
//! No token is stored. The record of a host has the current attempt. A token of another attempt is invalid, and so is
//! the ticket after the installer has reported.

use crate::host::{PermissionId, TaskKind};
use crate::types::{ClusterName, MacAddr, Sha256Digest, Timestamp, Token};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

/// The secret of the site: 32 random bytes.
#[derive(Clone)]
pub struct SiteKey([u8; 32]);

impl SiteKey {
    /// From random bytes, or from the file that holds them.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey(..)")
    }
}

/// What a token permits, under which permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// Fetching the answer file, from the kernel command line.
    Ticket(&'a PermissionId),
    /// Reporting, from within the answer file of the attempt that began at this time. The time is needed because a
    /// removed record restarts the count of attempts.
    Report(&'a PermissionId, Timestamp),
    /// Beginning a task, from the kernel command line.
    TaskTicket(&'a PermissionId),
    /// Reporting about a task of this kind.
    TaskReport(TaskKind, &'a PermissionId),
}

/// What a node writes on a disk as the identifier of its partition table, so that a retry of the same permission
/// recognises the disk. Only this site can make it, so a report from the network cannot make another disk look like one
/// of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskMark([u8; 16]);

impl fmt::Display for DiskMark {
    /// A UUID in upper case, as sfdisk(8) prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, octet) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{octet:02X}")?;
        }
        Ok(())
    }
}

/// The mark of the disks of a permission: a UUID of version 8 (RFC 9562) of the HMAC.
pub fn disk_mark(key: &SiteKey, permission: &PermissionId) -> DiskMark {
    let mut hmac = start(key);
    hmac.update(format!("hps 1|disk|{permission}").as_bytes());
    let mut mark = [0u8; 16];
    for (to, from) in mark.iter_mut().zip(hmac.finalize().into_bytes()) {
        *to = from;
    }
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut mark;
    *version = *version & 0x0f | 0x80;
    *variant = *variant & 0x3f | 0x80;
    DiskMark(mark)
}

/// The id of a permission that follows from a rule: the same for a scope and a machine, and impossible to guess.
pub fn derived_permission_id(key: &SiteKey, cluster: &ClusterName, scope: &str, mac: MacAddr) -> PermissionId {
    let mut hmac = start(key);
    hmac.update(format!("hps 1|rule|{cluster}|{scope}|{mac}").as_bytes());
    let mut id = [0u8; 16];
    for (to, from) in id.iter_mut().zip(hmac.finalize().into_bytes()) {
        *to = from;
    }
    PermissionId::from_random(id)
}

/// What a token is about: the host of a cluster, and a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSubject<'a> {
    /// The cluster.
    pub cluster: &'a ClusterName,
    /// The host.
    pub mac: MacAddr,
    /// What the token permits.
    pub purpose: Purpose<'a>,
}

/// Makes a token.
pub fn mint(key: &SiteKey, subject: TokenSubject<'_>, attempt: u32, expires: Timestamp) -> Token {
    let proof = keyed(key, subject, attempt, expires);
    Token { attempt, expires, proof: digest_of(&proof.finalize().into_bytes()) }
}

/// Whether this site made `token` for this subject, and it has not expired.
///
/// It does not say that the attempt is the current one: the record does.
pub fn is_genuine(key: &SiteKey, subject: TokenSubject<'_>, token: &Token, now: Timestamp) -> bool {
    let proof = keyed(key, subject, token.attempt, token.expires);
    // verify_slice compares in constant time.
    proof.verify_slice(&token.proof.to_bytes()).is_ok() && now < token.expires
}

fn keyed(key: &SiteKey, subject: TokenSubject<'_>, attempt: u32, expires: Timestamp) -> Hmac<Sha256> {
    let TokenSubject { cluster, mac, .. } = subject;
    let (purpose, permission, since) = match subject.purpose {
        Purpose::Ticket(permission) => ("ticket".to_owned(), permission, 0),
        Purpose::Report(permission, since) => ("report".to_owned(), permission, since.as_unix()),
        Purpose::TaskTicket(request) => ("task-ticket".to_owned(), request, 0),
        Purpose::TaskReport(kind, request) => (format!("task-report {kind}"), request, 0),
    };
    let mut hmac = start(key);
    // No part can contain the separator, so different inputs never make the same text.
    let expires = expires.as_unix();
    hmac.update(format!("hps 1|{cluster}|{mac}|{purpose}|{permission}|{attempt}|{since}|{expires}").as_bytes());
    hmac
}

fn start(key: &SiteKey) -> Hmac<Sha256> {
    // RFC 2104 pads a key that is shorter than a block with zeros. Done here, so that no length can be wrong.
    let mut block = [0u8; 64];
    for (to, from) in block.iter_mut().zip(key.0) {
        *to = from;
    }
    Hmac::<Sha256>::new(&block.into())
}

fn digest_of(bytes: &[u8]) -> Sha256Digest {
    let mut proof = [0u8; 32];
    for (to, from) in proof.iter_mut().zip(bytes) {
        *to = *from;
    }
    Sha256Digest::from_bytes(proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about<'a>(purpose: Purpose<'a>, cluster: &'a ClusterName, mac: MacAddr) -> TokenSubject<'a> {
        TokenSubject { cluster, mac, purpose }
    }

    #[test]
    fn a_token_is_good_for_one_purpose_host_attempt_and_time() {
        let key = SiteKey::new([7; 32]);
        let (lab, site): (ClusterName, ClusterName) = ("lab".parse().unwrap(), "site".parse().unwrap());
        let (a, b): (MacAddr, MacAddr) = ("525400000001".parse().unwrap(), "525400000002".parse().unwrap());
        let expires = Timestamp::from_unix(1_000);
        let now = Timestamp::from_unix(999);
        let (one, two) = (PermissionId::from_random([1; 16]), PermissionId::from_random([2; 16]));
        let token: Token = mint(&key, about(Purpose::Ticket(&one), &lab, a), 1, expires).to_string().parse().unwrap();
        assert!(is_genuine(&key, about(Purpose::Ticket(&one), &lab, a), &token, now));
        assert!(!is_genuine(&key, about(Purpose::Ticket(&one), &lab, a), &token, expires), "expired");
        assert!(!is_genuine(&key, about(Purpose::Report(&one, now), &lab, a), &token, now), "other purpose");
        assert!(!is_genuine(&key, about(Purpose::Ticket(&one), &site, a), &token, now), "other cluster");
        assert!(!is_genuine(&key, about(Purpose::Ticket(&one), &lab, b), &token, now), "other host");
        assert!(!is_genuine(&key, about(Purpose::Ticket(&two), &lab, a), &token, now), "other permission");
        assert!(!is_genuine(&SiteKey::new([8; 32]), about(Purpose::Ticket(&one), &lab, a), &token, now), "other site");
        let stretched = Token { expires: Timestamp::from_unix(9_999), ..token.clone() };
        assert!(!is_genuine(&key, about(Purpose::Ticket(&one), &lab, a), &stretched, now), "stretched");
        assert!(
            !is_genuine(&key, about(Purpose::Ticket(&one), &lab, a), &Token { attempt: 2, ..token }, now),
            "other attempt"
        );
    }

    #[test]
    fn a_disk_mark_is_a_uuid_that_differs_by_permission() {
        let key = SiteKey::new([7; 32]);
        let mark = disk_mark(&key, &PermissionId::from_random([1; 16])).to_string();
        assert_eq!(mark.len(), 36);
        assert_eq!((mark.get(14..15), mark.get(8..9)), (Some("8"), Some("-")), "{mark}");
        assert_ne!(mark, disk_mark(&key, &PermissionId::from_random([2; 16])).to_string());
        assert_ne!(mark, disk_mark(&SiteKey::new([8; 32]), &PermissionId::from_random([1; 16])).to_string());
    }
}
