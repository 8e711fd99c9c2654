// SPDX-License-Identifier: GPL-3.0-or-later
//! `check-and-download-rocky`: installation trees, from mirrors or from an ISO that is at hand: found, proven, published.

mod arguments;
mod fetch;
mod from_file;
mod in_use;
mod shelf;

pub use arguments::Arguments;

use crate::media;
use crate::program::{self, Ended, Exit, Site};
use hps::config::Dir;
use hps::media::TreeError;
use hps::media::download::DownloadError;
use hps::media::inventory::Origin;
use hps::media::offer::OfferError;
use hps::media::shelf::{Published, Shelf, ShelfError};
use hps::media::vendor::Vendor;
use hps::media::verify::{ProvenIso, VerifyError};
use hps::types::Distro;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    program::need_root()?;
    let run = Session { site: &site, arguments: &arguments, stop: program::interrupted()? };
    if arguments.list {
        return shelf::list(&run);
    }
    if let Some(which) = &arguments.verify {
        return shelf::verify(&run, which.as_ref());
    }
    if let Some(distro) = &arguments.remove {
        return shelf::remove(&run, distro);
    }
    match &arguments.from_file {
        Some(iso) => from_file::run(&run, iso),
        None => fetch::run(&run),
    }
}

/// What every way of calling the program needs.
struct Session<'a> {
    site: &'a Site,
    arguments: &'a Arguments,
    /// Set by Ctrl-C.
    stop: Arc<AtomicBool>,
}

#[derive(serde::Serialize)]
struct Answer<'a> {
    distro: &'a Distro,
    new: bool,
    from: Option<&'a Origin>,
    removed: &'a [Distro],
}

impl Session<'_> {
    fn distros(&self) -> &Path {
        self.site.conf.dir(Dir::Distros)
    }

    /// The shelf, which one run at a time may change.
    fn lock(&self) -> anyhow::Result<Shelf> {
        Shelf::lock(self.distros(), &media::holder()).map_err(ended)
    }

    /// Publishes, and removes what is too old. The answer has what it came to.
    fn publish(
        &self,
        shelf: &Shelf,
        iso: ProvenIso,
        vendor: Option<Vendor>,
    ) -> anyhow::Result<(Published, Vec<Distro>)> {
        progress("extracting the tree, and reading every file of it");
        let published = shelf.publish(&iso, program::now(), &self.stop).map_err(ended)?;
        if let Published::New(origin) = &published {
            self.log(&format!(
                "{} published from {} with SHA-256 {} {}",
                origin.distro, origin.iso, origin.sha256, origin.word
            ))?;
        }
        if let Some(vendor) = vendor {
            shelf.put_away(iso, self.arguments.keep_iso).map_err(ended)?;
            shelf.sweep(vendor).map_err(ended)?;
        }
        let distro = match &published {
            Published::New(origin) => &origin.distro,
            Published::Before(distro) => distro,
        };
        let removed = self.prune(shelf, distro)?;
        Ok((published, removed))
    }

    /// Removes the trees of a line that are too many and that nobody uses.
    fn prune(&self, shelf: &Shelf, of: &Distro) -> anyhow::Result<Vec<Distro>> {
        let mut removed = Vec::new();
        let too_many = shelf.too_many(of, self.arguments.keep).map_err(ended)?;
        if too_many.is_empty() {
            return Ok(removed);
        }
        let in_use = in_use::gather(&self.site.conf, self.distros());
        for distro in too_many {
            if let Some(why) = in_use.of(&distro) {
                progress(format_args!("{distro} stays: {why}"));
                continue;
            }
            shelf.remove(&distro).map_err(ended)?;
            self.log(&format!("{distro} removed, as --keep {} says", self.arguments.keep))?;
            removed.push(distro);
        }
        Ok(removed)
    }

    fn log(&self, line: &str) -> anyhow::Result<()> {
        media::log(&self.site.conf, line)
    }
}

/// An error with its exit code.
fn ended(error: impl Into<Trouble>) -> anyhow::Error {
    let (exit, error) = match error.into() {
        Trouble::Shelf(error) => match &error {
            ShelfError::Busy(_) => (Exit::Busy, error.into()),
            ShelfError::Tree(TreeError::Content { .. }) => (Exit::Refused, error.into()),
            ShelfError::Tree(_) => (Exit::Failed, error.into()),
        },
        Trouble::Verify(error) if error.is_refusal() => (Exit::Refused, error.into()),
        Trouble::Verify(error) => (Exit::Failed, error.into()),
        Trouble::Download(error) => match &error {
            DownloadError::NoMirror { refused: true, .. } => (Exit::Refused, error.into()),
            _ => (Exit::Failed, error.into()),
        },
        Trouble::Offer(OfferError::Verify(error)) => return ended(error),
        Trouble::Offer(error) => match &error {
            OfferError::None { refused: true, .. } => (Exit::Refused, error.into()),
            OfferError::None { missing: true, .. } => (Exit::NotFound, error.into()),
            _ => (Exit::Failed, error.into()),
        },
    };
    let error: anyhow::Error = error;
    Ended::error(exit, format!("{error:#}"))
}

/// Whatever the library says no with.
enum Trouble {
    Shelf(ShelfError),
    Verify(VerifyError),
    Download(DownloadError),
    Offer(OfferError),
}

impl From<ShelfError> for Trouble {
    fn from(error: ShelfError) -> Self {
        Self::Shelf(error)
    }
}

impl From<VerifyError> for Trouble {
    fn from(error: VerifyError) -> Self {
        Self::Verify(error)
    }
}

impl From<DownloadError> for Trouble {
    fn from(error: DownloadError) -> Self {
        Self::Download(error)
    }
}

impl From<OfferError> for Trouble {
    fn from(error: OfferError) -> Self {
        Self::Offer(error)
    }
}

/// A line of talk for a person who waits.
fn progress(line: impl std::fmt::Display) {
    if program::on_terminal() {
        program::note(format_args!("check-and-download-rocky: {line}"));
    }
}

/// Of bytes that come or are read: how many of how many, how fast, how long still.
const BYTES: &str = "{bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
