// SPDX-License-Identifier: GPL-3.0-or-later
//! What is published on this node, trees and builds: listed, verified again, kept and removed by one set of rules for
//! both programs.

mod in_use;
mod list;
mod remove;
mod verify;

use crate::media;
use crate::program::{self, Ended, Exit, Site};
use anyhow::Context as _;
use hps::config::Dir;
use hps::media::{Item, LockError, Published, published};
use hps::types::Distro;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Which of the two a program publishes, verifies and removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Trees, of check-and-download-rocky.
    Trees,
    /// Builds, of build-image.
    Builds,
}

impl Family {
    /// Its noun.
    fn one(self) -> &'static str {
        match self {
            Self::Trees => "tree",
            Self::Builds => "build",
        }
    }

    fn has(self, item: &Item) -> bool {
        item.build_name().is_some() == (self == Self::Builds)
    }

    /// What to do about a bad one.
    fn remedy(self) -> &'static str {
        match self {
            Self::Trees => "remove it with --remove, and publish it again",
            Self::Builds => "remove it with --remove; if it is the newest one, first make another one with --force",
        }
    }
}

/// A program that works on published media.
pub(crate) struct Publisher<'a> {
    /// Its name, for messages.
    pub(crate) program: &'static str,
    pub(crate) family: Family,
    pub(crate) site: &'a Site,
    /// Set by Ctrl-C.
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) json: bool,
}

impl Publisher<'_> {
    pub(crate) fn distros(&self) -> &Path {
        self.site.conf.dir(Dir::Distros)
    }

    /// Everything that is published.
    fn published(&self) -> anyhow::Result<Vec<Published>> {
        published(self.distros()).with_context(|| format!("{}: cannot list", self.distros().display()))
    }

    /// Whether a permission or a cluster names exactly this release, so that it stays in spite of --keep.
    pub(crate) fn names(&self, distro: &Distro) -> bool {
        in_use::gather(&self.site.conf, self.distros()).names(distro)
    }

    /// A line in media.log.
    pub(crate) fn log(&self, line: &str) -> anyhow::Result<()> {
        media::log(self.program, &self.site.conf, line)
    }

    /// A progress line for a person who waits.
    pub(crate) fn progress(&self, line: impl std::fmt::Display) {
        program::eprint_progress(self.program, line);
    }
}

/// The error of a lock, with its exit code.
pub(crate) fn not_locked(error: LockError) -> anyhow::Error {
    match &error {
        LockError::Busy(_) => Ended::error(Exit::Busy, error.to_string()),
        LockError::File(_) => error.into(),
    }
}

/// What was done, in one line.
pub(crate) fn line(published: Option<&Item>, removed: &[Item]) -> String {
    let published = published.map(|item| format!("{item} published"));
    let removed = removed.iter().map(|item| format!("{item} removed"));
    published.into_iter().chain(removed).collect::<Vec<_>>().join("; ")
}
