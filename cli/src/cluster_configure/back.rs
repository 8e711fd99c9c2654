// SPDX-License-Identifier: GPL-3.0-or-later
//! The way back if the services do not start with the files of this run.
//!
//! The boot manager reads the cluster file at each request; dnsmasq and lighttpd read their own files when they start.
//! A new cluster file with old services would send machines to a port without a listener. So both get their old files
//! again.

use crate::change::Change;
use crate::program::{Ended, Site, exit_of};
use crate::reload;
use anyhow::Context as _;
use hps::config::HpsConf;
use hps::store::{Store, activate, active_name, load_conf};
use hps::types::ClusterName;
use std::path::Path;

/// What was there before the first write.
#[derive(Debug)]
pub(super) struct Former(Option<ClusterName>);

impl Former {
    pub(super) fn load(conf: &HpsConf) -> anyhow::Result<Self> {
        Ok(Self(active_name(conf)?))
    }

    /// Restores it, and returns the error that reports this. If no cluster was active, there is no way back, and the
    /// new files stay for the next `reload`.
    pub(super) fn put_back(&self, path: &Path, changes: &[&Change], error: &anyhow::Error) -> anyhow::Error {
        let exit = exit_of(error);
        let Some(name) = &self.0 else {
            return Ended::error(exit, format!("the cluster is configured, but its services do not run: {error:#}"));
        };
        let line = match restore(path, changes, name) {
            Ok(()) => format!("{error:#}; the old cluster file was restored"),
            Err(why) => format!("{error:#}; the services do not start with the old cluster file either: {why:#}"),
        };
        Ended::error(exit, line)
    }
}

fn restore(path: &Path, changes: &[&Change], name: &ClusterName) -> anyhow::Result<()> {
    for change in changes.iter().filter(|change| change.is_needed()) {
        change.undo()?;
    }
    let site = Site { path: path.to_path_buf(), conf: load_conf(path)? };
    activate(&site.conf, name)?;
    // There is nothing to do if the services went back by themselves.
    reload::apply(&site, &Store::open(&site.conf)?, false, Some(reload::WireLook::default()))
        .map(drop)
        .context("reload")
}
