// SPDX-License-Identifier: GPL-3.0-or-later
//! A page: what the screen of a machine shows, and what the machine does then.
//!
//! A page knows no boot loader. Its writers are [`ipxe`](super::scripts) and GRUB, each for the scripts of one of them.

mod address;
mod after;
mod local_disk;
mod menu;
mod start;
mod then;

pub use address::Address;
pub use after::After;
pub use local_disk::{LocalDisk, Way};
pub use menu::{Item, Menu};
pub use start::{ProcessorCheck, Start};
pub use then::Then;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    shown: Vec<Shown>,
    then: Then,
}

/// A part of what the screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// One line.
    Line(String),
    /// Sentences, over as many lines as they need.
    Paragraph(String),
    /// Time to read what is above, in seconds.
    Pause(u32),
    /// What the firmware and the boot loader report about the machine.
    Firmware,
}

impl Page {
    /// A page that shows nothing.
    pub fn new(then: Then) -> Self {
        Self { shown: Vec::new(), then }
    }

    /// One more line.
    #[must_use]
    pub fn line(self, text: impl Into<String>) -> Self {
        self.and(Shown::Line(text.into()))
    }

    /// More sentences.
    #[must_use]
    pub fn paragraph(self, text: impl Into<String>) -> Self {
        self.and(Shown::Paragraph(text.into()))
    }

    /// Time to read.
    #[must_use]
    pub fn pause(self, seconds: u32) -> Self {
        self.and(Shown::Pause(seconds))
    }

    /// What the firmware reports.
    #[must_use]
    pub fn firmware(self) -> Self {
        self.and(Shown::Firmware)
    }

    fn and(mut self, shown: Shown) -> Self {
        self.shown.push(shown);
        self
    }

    /// What it shows, from above.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// What the machine does then.
    pub fn then(&self) -> &Then {
        &self.then
    }
}
