// SPDX-License-Identifier: GPL-3.0-or-later
//! What a rehearsal found.

use crate::program::{self, Exit};
use hps::types::Timestamp;
use serde::{Deserialize, Serialize};

/// The answer. The inside writes it as JSON, and the outside shows it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    /// Whether another machine would replace the node.
    pub(super) works: bool,
    /// What was rehearsed: a file, a copy, or this node.
    pub(super) source: String,
    /// When that was made.
    pub(super) made: Option<Timestamp>,
    pub(super) hosts: usize,
    pub(super) ever_installed: usize,
    /// Machines whose boot script was fetched.
    pub(super) asked: usize,
    /// Of these, machines that got their address by DHCP.
    pub(super) by_dhcp: usize,
    /// Trees and builds whose files fit their digests.
    pub(super) media: Vec<String>,
    pub(super) seconds: u64,
    /// What would not work: a line each, with what to do.
    pub(super) problems: Vec<String>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

impl Report {
    pub(super) fn new(source: &str) -> Self {
        Self {
            works: false,
            source: source.to_owned(),
            made: None,
            hosts: 0,
            ever_installed: 0,
            asked: 0,
            by_dhcp: 0,
            media: Vec::new(),
            seconds: 0,
            problems: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn exit(&self) -> Exit {
        if self.works { Exit::Done } else { Exit::Failed }
    }

    /// Problems are always printed, the rest for a person.
    pub(super) fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            return program::print_json(self);
        }
        for problem in &self.problems {
            program::print(format_args!("{}: {problem}", self.source))?;
        }
        if program::on_terminal() {
            for note in &self.notes {
                program::print(format_args!("note: {note}"))?;
            }
            let made = self.made.map_or_else(String::new, |made| format!(" of {made}"));
            let media = if self.media.is_empty() { "none".to_owned() } else { self.media.join(", ") };
            program::print(format_args!(
                "{}{made}: {}; {} hosts, {} machines ever installed; {} asked what to boot, {} of them by DHCP; media verified: {media}; {} seconds",
                self.source,
                if self.works { "it works" } else { "it would NOT work" },
                self.hosts,
                self.ever_installed,
                self.asked,
                self.by_dhcp,
                self.seconds
            ))?;
        }
        Ok(())
    }
}
