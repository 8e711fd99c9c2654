// SPDX-License-Identifier: GPL-3.0-or-later
//! What every call of `build-repository` needs: the repository, the answer, exit codes.

use super::arguments::Arguments;
use crate::media;
use crate::program::{self, Ended, Exit, Site};
use hps::config::Dir;
use hps::exec::ExecError;
use hps::media::LockError;
use hps::media::mirror::MirrorError;
use hps::media::packages::{Inventory, Package, PackageError, Repository};
use hps::media::vendor::{ReleaseKey, Vendor};
use hps::types::Distro;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What every call of the program needs.
pub(super) struct Session<'a> {
    pub(super) site: &'a Site,
    pub(super) arguments: &'a Arguments,
    /// Set by Ctrl-C.
    pub(super) stop: Arc<AtomicBool>,
}

/// What was done, or would be.
#[derive(serde::Serialize)]
pub(super) struct Answer<'a> {
    pub(super) distro: &'a Distro,
    pub(super) keys: &'a [String],
    pub(super) added: Vec<&'a Package>,
    pub(super) removed: &'a [Package],
}

impl Session<'_> {
    pub(super) fn distro(&self) -> &Distro {
        &self.arguments.distro
    }

    pub(super) fn packages(&self) -> &Path {
        self.site.conf.dir(Dir::Packages)
    }

    /// The repository. Only one run at a time may change it.
    pub(super) fn lock(&self) -> anyhow::Result<Repository> {
        Repository::lock(self.packages(), &media::base(&self.site.conf), self.distro()).map_err(ended)
    }

    /// What is published; empty if nothing is.
    pub(super) fn inventory(&self) -> anyhow::Result<Inventory> {
        let found = Inventory::read(self.packages(), self.distro()).map_err(ended)?;
        Ok(found.unwrap_or_else(|| Inventory::empty(self.distro())))
    }

    /// The release key of the distro's line.
    pub(super) fn pinned(&self) -> anyhow::Result<Option<ReleaseKey>> {
        let vendor: Vendor = self.distro().osname().parse()?;
        Ok(media::keys(&self.stop)?.for_release(vendor, self.distro().major()))
    }

    pub(super) fn log(&self, line: &str) -> anyhow::Result<()> {
        media::log("build-repository", &self.site.conf, &format!("{}: {line}", self.distro()))
    }

    /// Reports what a run would do.
    pub(super) fn would(&self, answer: &Answer<'_>) -> anyhow::Result<Exit> {
        if self.arguments.json {
            program::print_json(answer)?;
            return Ok(Exit::WouldChange);
        }
        for package in &answer.added {
            program::eprint(format_args!("{} would be added, signed by {}", package.nevra, package.signer));
        }
        for package in answer.removed {
            program::eprint(format_args!("{} would be removed", package.nevra));
        }
        Ok(Exit::WouldChange)
    }

    /// Reports in one line what was done; prints nothing if nothing was done.
    pub(super) fn answer(&self, answer: &Answer<'_>) -> anyhow::Result<()> {
        if self.arguments.json {
            return program::print_json(answer);
        }
        let added = answer.added.iter().map(|package| format!("{} added", package.nevra));
        let removed = answer.removed.iter().map(|package| format!("{} removed", package.nevra));
        let line = added.chain(removed).collect::<Vec<_>>().join("; ");
        if !line.is_empty() {
            program::print(format_args!("{}: {line}", answer.distro))?;
        }
        Ok(())
    }
}

/// An error with its exit code.
pub(super) fn ended(error: PackageError) -> anyhow::Error {
    let exit = match &error {
        PackageError::Lock(LockError::Busy(_)) => Exit::Busy,
        error if error.is_missing() => Exit::NotFound,
        error if error.is_refusal() => Exit::Refused,
        PackageError::Mirror(error) if error.is_missing() => Exit::NotFound,
        PackageError::Exec(ExecError::Stopped { .. }) | PackageError::Mirror(MirrorError::Stopped) => {
            return Ended::error(Exit::Failed, "stopped; the repository is unchanged");
        }
        _ => Exit::Failed,
    };
    let advice = match &error {
        PackageError::Mirror(error) if error.is_unreachable() => {
            "; check the network; behind a proxy set http_proxy and https_proxy; without the Internet give the file of the package"
        }
        _ => "",
    };
    let error: anyhow::Error = error.into();
    Ended::error(exit, format!("{error:#}{advice}"))
}

/// A progress line for a person who waits.
pub(super) fn progress(line: impl std::fmt::Display) {
    program::eprint_progress("build-repository", line);
}
