// SPDX-License-Identifier: GPL-3.0-or-later
//! The record of a console: lines of text with their times, in files of bounded size. A machine that writes without an end
//! costs neither memory, nor the disk, nor the lines of before.

use crate::program;
use hps::files::make_dir;
use hps::power::ConsoleText;
use hps::store::Store;
use hps::types::MacAddr;
use std::time::{Duration, Instant};

/// So much is recorded in a second, ten times what a serial line at 115200 bit/s carries.
const BYTES_IN_SECOND: usize = 128 << 10;
/// A line that pauses for so long is recorded: a prompt.
const PAUSE: Duration = Duration::from_secs(2);

/// The record of one host.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    store: &'a Store,
    mac: MacAddr,
    text: ConsoleText,
    last: Instant,
    second: Instant,
    left: usize,
    left_out: usize,
}

impl<'a> Record<'a> {
    pub(crate) fn new(store: &'a Store, mac: MacAddr) -> anyhow::Result<Self> {
        make_dir(&store.paths.console_log_dir(), 0o700, None)?;
        let now = Instant::now();
        let text = ConsoleText::default();
        Ok(Self { store, mac, text, last: now, second: now, left: BYTES_IN_SECOND, left_out: 0 })
    }

    /// Adds what a host wrote.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.last = Instant::now();
        self.begin_second()?;
        let (kept, over) = bytes.split_at(bytes.len().min(self.left));
        self.left -= kept.len();
        self.left_out += over.len();
        let mut lines = Vec::new();
        self.text.push(kept, |line| lines.push(line.to_owned()));
        self.write(&lines)
    }

    /// Records a line that pauses. To be called now and then.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn rest(&mut self) -> anyhow::Result<()> {
        self.begin_second()?;
        if self.text.has_rest() && self.last.elapsed() >= PAUSE { self.flush() } else { Ok(()) }
    }

    /// Adds a line of HPS itself.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note(&mut self, line: &str) -> anyhow::Result<()> {
        self.flush()?;
        self.write(&[format!("--- {line}")])
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        self.text.flush(|line| lines.push(line.to_owned()));
        self.write(&lines)
    }

    fn begin_second(&mut self) -> anyhow::Result<()> {
        if self.second.elapsed() < Duration::from_secs(1) {
            return Ok(());
        }
        (self.second, self.left) = (Instant::now(), BYTES_IN_SECOND);
        match std::mem::take(&mut self.left_out) {
            0 => Ok(()),
            bytes => self.note(&format!("{bytes} bytes are left out: the console wrote too much in a second")),
        }
    }

    fn write(&self, lines: &[String]) -> anyhow::Result<()> {
        let (journal, now) = (self.store.journal(), program::now());
        Ok(lines.iter().try_for_each(|line| journal.record_console(self.mac, line, now))?)
    }
}
