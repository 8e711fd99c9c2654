// SPDX-License-Identifier: GPL-3.0-or-later
//! The ingredients of the answer file of an attempt.

use super::{AnswerError, MediaFolders};
use crate::boot::Source;
use crate::boot::token::{DiskMark, Purpose, SiteKey, TokenSubject, disk_mark, mint};
use crate::config::{Cluster, SiteProfile};
use crate::host::{Host, Permission};
use crate::media::packages::key_files;
use crate::render::answer::{Answer, kickstart, node};
use crate::render::system::SigningKey;
use crate::types::{MacAddr, Method, Token};

/// All ingredients of an answer file. They follow only from the record, the published media and the site key, so the
/// file is the same byte for byte within one attempt.
#[derive(Debug)]
pub struct AnswerInputs<'a> {
    cluster: &'a Cluster,
    host: &'a Host,
    permission: &'a Permission,
    source: &'a Source,
    profiles: &'a [SiteProfile],
    keys: Vec<SigningKey>,
    token: Token,
    disk_mark: DiskMark,
}

impl<'a> AnswerInputs<'a> {
    /// Collects them for the attempt in the record of `host`. `profiles` are the site profiles of the host, in their
    /// order.
    ///
    /// # Errors
    /// When the record has no attempt, a profile does not suit the host, or the keys of local packages cannot be read.
    pub fn collect(
        folders: MediaFolders<'_>,
        site_key: &SiteKey,
        cluster: &'a Cluster,
        host: &'a Host,
        permission: &'a Permission,
        source: &'a Source,
        profiles: &'a [SiteProfile],
    ) -> Result<Self, AnswerError> {
        let attempt = host.attempt.as_ref().ok_or(AnswerError::NoAttempt)?;
        for profile in profiles {
            profile.fits(permission.host_type, &permission.distro)?;
        }
        let keys = match &attempt.packages {
            Some(distro) => key_files(folders.packages, distro)?,
            None => Vec::new(),
        };
        let keys = keys.into_iter().map(|(name, armored)| SigningKey { name, armored }).collect();
        let expires = attempt.since.plus(cluster.install.attempt_lifetime);
        let purpose = Purpose::Report(&permission.id, attempt.since);
        let subject = TokenSubject { cluster: &cluster.name, mac: host.mac(), purpose };
        let token = mint(site_key, subject, attempt.number, expires);
        let disk_mark = disk_mark(site_key, &permission.id);
        Ok(Self { cluster, host, permission, source, profiles, keys, token, disk_mark })
    }

    /// The answer file for an installation over this network card.
    ///
    /// # Errors
    /// When the record lacks an address or a name, or what the cluster file asks for cannot be rendered.
    pub fn answer_file(&self, interface: MacAddr) -> Result<String, AnswerError> {
        let Self { cluster, host, permission, source, token, disk_mark, .. } = self;
        let answer = Answer::new(cluster, host, interface, permission, source, token, *disk_mark)
            .ok_or_else(|| AnswerError::NoPlace { host: host.label() })?
            .with(self.profiles, &self.keys);
        match permission.distro.method() {
            Method::Kickstart => Ok(kickstart(&answer)?),
            Method::Image => Ok(node(&answer)?),
        }
    }
}
