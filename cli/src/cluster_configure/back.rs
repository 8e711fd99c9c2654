// SPDX-License-Identifier: GPL-3.0-or-later
//! The way back where the services do not come up with what this run wrote.
//!
//! The boot manager reads the cluster file at each request, and dnsmasq and lighttpd read their own files when they start. A new cluster file
//! beside old services would send machines to a port where nobody listens. So both are the old ones again.

use crate::change::Change;
use crate::program::{Ended, Site, exit_of};
use crate::reload;
use anyhow::Context as _;
use hps::config::HpsConf;
use hps::store::{Store, activate, active_name, load_conf};
use hps::types::ClusterName;
use std::path::Path;

/// What was there before anything was written.
#[derive(Debug)]
pub(super) struct Former(Option<ClusterName>);

impl Former {
    pub(super) fn load(conf: &HpsConf) -> anyhow::Result<Self> {
        Ok(Self(active_name(conf)?))
    }

    /// Puts it back, and returns the error that says so. Where no cluster was active there is nothing to go back to, and the new files stay
    /// for the next `reload`.
    pub(super) fn put_back(&self, path: &Path, changes: &[&Change], error: &anyhow::Error) -> anyhow::Error {
        let exit = exit_of(error);
        let Some(name) = &self.0 else {
            return Ended::error(exit, format!("the cluster is configured, but the services are not: {error:#}"));
        };
        let line = match restore(path, changes, name) {
            Ok(()) => format!("{error:#}; the cluster file is the old one again"),
            Err(why) => format!("{error:#}; and the old cluster file does not serve either: {why:#}"),
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
    // Finds nothing to do where the services have gone back by themselves.
    reload::apply(&site, &Store::open(&site.conf)?, false).map(drop).context("reload")
}
