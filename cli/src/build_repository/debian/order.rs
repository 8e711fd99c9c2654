// SPDX-License-Identifier: GPL-3.0-or-later
//! What a run works on.

use super::super::arguments::Given;
use super::ended::ended;
use crate::debian_archives::Mirrors;
use crate::media;
use crate::program::{self, Site};
use hps::config::Dir;
use hps::files::Base;
use hps::media::deb_repository::{DebRepository, PackagesKey};
use hps::types::{Distro, PackageName};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What to do.
pub(crate) struct Order<'a> {
    /// The program, for the log.
    pub(super) program: &'static str,
    pub(super) site: &'a Site,
    pub(super) distro: &'a Distro,
    /// Where Debian's packages come from.
    pub(super) mirrors: Mirrors<'a>,
    /// Packages of the site to add.
    pub(super) given: &'a [Given],
    /// Names of Debian's packages to add.
    pub(super) names: &'a [PackageName],
    /// How many seconds a server may be silent.
    pub(super) timeout: u64,
    /// How often it is tried again.
    pub(super) retries: u32,
    /// Set by Ctrl-C.
    pub(super) stop: &'a Arc<AtomicBool>,
}

impl<'a> Order<'a> {
    /// To bring what is published up to date.
    pub(crate) fn refresh(
        program: &'static str,
        site: &'a Site,
        distro: &'a Distro,
        mirrors: Mirrors<'a>,
        stop: &'a Arc<AtomicBool>,
    ) -> Self {
        Self { program, site, distro, mirrors, given: &[], names: &[], timeout: 30, retries: 3, stop }
    }

    pub(super) fn packages(&self) -> &Path {
        self.site.conf.dir(Dir::Packages)
    }

    pub(super) fn base(&self) -> Base {
        media::base(&self.site.conf)
    }

    /// The repository. Only one run at a time may change it.
    pub(super) fn lock(&self) -> anyhow::Result<DebRepository> {
        DebRepository::lock(self.packages(), &self.base(), self.distro).map_err(ended)
    }

    /// The file of the site's key for packages.
    pub(super) fn key_file(&self) -> PathBuf {
        self.site.conf.dir(Dir::State).join(PackagesKey::FILE)
    }

    pub(super) fn log(&self, line: &str) -> anyhow::Result<()> {
        media::log(self.program, &self.site.conf, &format!("{}: {line}", self.distro))
    }
}

/// A progress line for a person who waits.
pub(super) fn progress(line: impl std::fmt::Display) {
    program::eprint_progress("build-repository", line);
}
