// SPDX-License-Identifier: GPL-3.0-or-later
//! Services that must be started again, as a file beside their pid files.
//!
//! A run may be killed between the first new file and the start. Then services run with their old configuration, and
//! the next run finds nothing to change. So this file is written before the first change, and removed when the services
//! serve. After a restart of this machine it is gone, like the old processes.

use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::exec::services::Service;
use hps::files::{Access, write_atomic};
use hps::store::read_plain;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Room for three names.
const MAX_BYTES: u64 = 4096;

/// The file.
#[derive(Debug)]
pub(super) struct Owed(PathBuf);

impl Owed {
    pub(super) fn new(conf: &HpsConf) -> Self {
        Self(conf.dir(Dir::Run).join("restart-owed"))
    }

    /// The services that an earlier run did not start again. All of them, if the file cannot be read: one start too
    /// many costs a second.
    pub(super) fn services(&self) -> Vec<Service> {
        let text = match read_plain(&self.0, MAX_BYTES) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(_) => return Service::ALL.to_vec(),
        };
        Service::ALL.into_iter().filter(|service| text.lines().any(|line| line == service.program())).collect()
    }

    /// Remembers them. If an earlier run has remembered some, nothing is written: they must be started again on a full
    /// disk too.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing may be changed.
    pub(super) fn remember(&self, services: &[Service]) -> anyhow::Result<()> {
        let known = self.services();
        if services.iter().all(|service| known.contains(service)) {
            return Ok(());
        }
        self.write(services)
    }

    fn write(&self, services: &[Service]) -> anyhow::Result<()> {
        let lines: String = services.iter().map(|service| format!("{}\n", service.program())).collect();
        Ok(write_atomic(&self.0, lines.as_bytes(), Access::World)?)
    }

    /// Remembers only these, after the way back.
    ///
    /// # Errors
    /// When the file cannot be written or removed.
    pub(super) fn settle(&self, left: &[Service]) -> anyhow::Result<()> {
        if left.is_empty() { self.clear() } else { self.write(left) }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// They serve, or no service runs.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub(super) fn clear(&self) -> anyhow::Result<()> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{}: cannot remove", self.0.display()))
            }
            _ => Ok(()),
        }
    }
}
