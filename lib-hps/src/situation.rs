// SPDX-License-Identifier: GPL-3.0-or-later
//! Everything that the decision about one machine rests on, gathered from the files.
//!
//! It reads only what it needs, starts no program, and its cost does not grow with the number of hosts.

use crate::boot::identity::Identity;
use crate::boot::{Decision, Facts, Source, decide};
use crate::host::{Host, Permission};
use crate::media;
use crate::store::{Store, StoreError};
use crate::types::{MacAddr, Timestamp};
use std::net::Ipv4Addr;

/// One machine, as this node sees it now.
#[derive(Debug)]
pub struct Situation {
    /// The machine.
    pub mac: MacAddr,
    /// Its record: none, one, or the line that says why the file is not taken.
    pub host: Result<Option<Host>, String>,
    /// Its permission that is not spent, of whatever age.
    pub permission: Option<Permission>,
    /// When any cluster last reported it installed; now, where that cannot be told.
    pub ever_installed: Option<Timestamp>,
    /// Who asks.
    pub identity: Identity,
    /// What the permission installs from.
    pub source: Result<Source, String>,
    /// What went wrong while reading and does not show in the decision, for the log.
    pub troubles: Vec<String>,
}

impl Situation {
    /// Gathers it. Whatever cannot be read is taken in the way that wipes no disk.
    pub fn gather(store: &Store, mac: MacAddr, remote: Option<Ipv4Addr>, now: Timestamp) -> Self {
        let mut troubles = Vec::new();
        let mut trouble = |error: StoreError| {
            let line = one_line(&error);
            troubles.push(line.clone());
            line
        };
        let host = store.host(mac).map_err(&mut trouble);
        let permission = store.permission(mac, now).unwrap_or_else(|error| {
            trouble(error);
            None
        });
        let ever_installed = store.ever_installed(mac).unwrap_or_else(|error| {
            trouble(error);
            Some(now)
        });
        let known = host.as_ref().ok().and_then(Option::as_ref);
        let identity = store.identify(remote, mac, known);
        let source = match &permission {
            Some(p) => media::source(store.paths.distros(), &p.distro, p.host_type, None).map_err(|e| e.to_string()),
            None => Err("no permission names a system".to_owned()),
        };
        Self { mac, host, permission, ever_installed, identity, source, troubles }
    }

    /// The record, where there is one that can be read.
    pub fn known(&self) -> Option<&Host> {
        self.host.as_ref().ok().and_then(Option::as_ref)
    }

    /// What the machine should do.
    pub fn decide(&self, store: &Store, now: Timestamp) -> Decision {
        decide(&Facts {
            cluster: &store.cluster,
            mac: self.mac,
            host: self.host.as_ref().map(Option::as_ref).map_err(String::as_str),
            permission: self.permission.as_ref(),
            ever_installed: self.ever_installed,
            identity: self.identity,
            source: self.source.clone(),
            now,
        })
    }
}

/// An error and its causes in one line.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ").replace('\n', " ")
}
