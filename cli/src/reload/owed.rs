// SPDX-License-Identifier: GPL-3.0-or-later
//! Services that must be started again, as a file beside their pid files.
//!
//! A run that is killed between the first new file and the start leaves services on their old configuration, and the next run finds nothing
//! to change. So the file is written before the first change, and removed when the services serve. After a restart of this
//! machine it is gone, as the old processes are.

use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::exec::services::Service;
use hps::files::{Access, write_atomic};
use hps::store::read_plain;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Three names.
const LARGEST: u64 = 4096;

/// The file.
#[derive(Debug)]
pub(super) struct Owed(PathBuf);

impl Owed {
    pub(super) fn new(conf: &HpsConf) -> Self {
        Self(conf.dir(Dir::Run).join("restart-owed"))
    }

    /// Which services an earlier run did not start again. All of them, where the file cannot be read: to start one too many costs
    /// a second.
    pub(super) fn services(&self) -> Vec<Service> {
        let text = match read_plain(&self.0, LARGEST) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(_) => return Service::ALL.to_vec(),
        };
        Service::ALL.into_iter().filter(|service| text.lines().any(|line| line == service.program())).collect()
    }

    /// Remembers them. Where an earlier run has, nothing is written: they must be started again on a full disk too.
    ///
    /// # Errors
    /// When the file cannot be written; nothing may be changed then.
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

    /// Remembers these and no others, after the way back.
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

    /// They serve, or nothing runs.
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
