// SPDX-License-Identifier: GPL-3.0-or-later
//! `check-and-download-rocky`: installation trees, from mirrors or from an ISO that is at hand: found, proven, published.

mod arguments;
mod fetch;
mod from_file;

pub use arguments::Arguments;

use crate::media;
use crate::program::{self, Ended, Exit};
use crate::shelf::{Family, Keeper, not_locked};
use anyhow::Context as _;
use hps::files::FileError;
use hps::media::brought::BroughtError;
use hps::media::download::DownloadError;
use hps::media::inventory::{self, Origin};
use hps::media::offer::OfferError;
use hps::media::shelf::{self, Published, Shelf, ShelfError, Standing};
use hps::media::vendor::Vendor;
use hps::media::verify::{VerifiedIso, VerifyError};
use hps::media::{Item, TreeError};
use hps::types::{Distro, Sha256Digest};
use std::path::Path;

const PROGRAM: &str = "check-and-download-rocky";

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    program::need_root()?;
    let keeper = Keeper {
        program: PROGRAM,
        family: Family::Trees,
        site: &site,
        stop: program::interrupted()?,
        json: arguments.json,
    };
    let run = Session { keeper, arguments: &arguments };
    if arguments.list {
        return run.keeper.list();
    }
    if let Some(which) = &arguments.verify {
        return run.keeper.verify(which.clone().map(Item::tree).as_ref());
    }
    if let Some(distro) = &arguments.remove {
        let shelf = run.lock()?;
        let remove = |_: &Item| shelf.remove(distro).map_err(ended);
        return run.keeper.remove(&Item::tree(distro.clone()), arguments.dry_run, remove);
    }
    match &arguments.from_file {
        Some(iso) => from_file::run(&run, iso),
        None => fetch::run(&run),
    }
}

/// What every way of calling the program needs.
struct Session<'a> {
    keeper: Keeper<'a>,
    arguments: &'a Arguments,
}

#[derive(serde::Serialize)]
struct Answer<'a> {
    distro: &'a Distro,
    new: bool,
    from: Option<&'a Origin>,
    removed: &'a [Item],
}

impl Session<'_> {
    fn distros(&self) -> &Path {
        self.keeper.distros()
    }

    /// The shelf, which one run at a time may change.
    fn lock(&self) -> anyhow::Result<Shelf> {
        Shelf::lock(self.distros(), &media::base(&self.keeper.site.conf)).map_err(ended)
    }

    /// Publishes, and removes what is too old. The answer has what it came to.
    fn publish(
        &self,
        shelf: &Shelf,
        iso: VerifiedIso,
        vendor: Option<Vendor>,
    ) -> anyhow::Result<(Published, Vec<Item>)> {
        progress("extracting the tree, and reading every file of it");
        let tree = shelf.open(&iso, &self.keeper.stop).map_err(ended)?;
        self.admit(tree.distro(), Some(iso.sha256()))?;
        let published = shelf.publish(tree, program::now(), &self.keeper.stop).map_err(ended)?;
        if let Published::New(origin) = &published {
            self.keeper.log(&format!(
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

    /// Refuses what would not be there when this run says that it is published: where something stands in its place, where `--keep` would
    /// remove it at once, and where the tree of that name was made of another ISO than the one with this digest.
    fn admit(&self, distro: &Distro, iso: Option<Sha256Digest>) -> anyhow::Result<()> {
        let place = self.distros().join(distro.as_str());
        let cannot = || format!("{}: cannot look", place.display());
        match shelf::standing(self.distros(), distro).with_context(cannot)? {
            Standing::Nothing => self.would_stay(distro),
            Standing::Other(what) => Err(Ended::error(Exit::Refused, format!("{}: {what}", place.display()))),
            Standing::Tree => {
                let made_of = inventory::origin(&place).ok().map(|origin| (origin.sha256, origin.iso));
                match (made_of, iso) {
                    (Some((sha256, name)), Some(iso)) if sha256 != iso => {
                        let message = format!(
                            "{distro} is published from {name}, and stays as it is; for another ISO remove it first: check-and-download-rocky --remove {distro}"
                        );
                        Err(Ended::error(Exit::Refused, message))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Whether a tree that is not published yet outlives the run that publishes it.
    fn would_stay(&self, distro: &Distro) -> anyhow::Result<()> {
        let keep = self.arguments.keep;
        let line = shelf::line_with(self.distros(), distro)
            .with_context(|| format!("{}: cannot list", self.distros().display()))?;
        let newer = line.iter().take_while(|other| *other != distro).count();
        if newer <= keep || self.keeper.names(distro) {
            return Ok(());
        }
        let kept: Vec<&str> = line.iter().take(keep.saturating_add(1)).map(Distro::as_str).collect();
        let message = format!(
            "{distro} would be removed as soon as it is published: --keep {keep} keeps {} of its line; nothing is changed; to keep it too: --keep {newer}, here and in what cron runs",
            kept.join(" and ")
        );
        Err(Ended::error(Exit::Refused, message))
    }

    /// Removes the trees of a line that are too many and that nobody uses. What this run published stays in any case.
    fn prune(&self, shelf: &Shelf, of: &Distro) -> anyhow::Result<Vec<Item>> {
        let too_many = shelf.too_many(of, self.arguments.keep).map_err(ended)?;
        let too_many = too_many.into_iter().filter(|distro| distro != of).map(Item::tree).collect();
        self.keeper.prune(too_many, self.arguments.keep, |item| shelf.remove(item.distro()).map_err(ended))
    }
}

/// An error with its exit code.
fn ended(error: impl Into<Trouble>) -> anyhow::Error {
    let error = error.into();
    let advice = advice(error.is_unreachable());
    let (exit, error) = match error {
        Trouble::Shelf(ShelfError::Lock(error)) => return not_locked(error),
        Trouble::Shelf(error @ (ShelfError::Open(FileError::Untrusted { .. }) | ShelfError::InTheWay(_))) => {
            (Exit::Refused, error.into())
        }
        Trouble::Shelf(ShelfError::Tree(error @ TreeError::Content { .. })) => (Exit::Refused, error.into()),
        Trouble::Shelf(ShelfError::Open(error)) => (Exit::Failed, error.into()),
        Trouble::Shelf(ShelfError::Tree(error)) => (Exit::Failed, error.into()),
        Trouble::Shelf(error @ (ShelfError::Full { .. } | ShelfError::Io(_))) => (Exit::Failed, error.into()),
        Trouble::Verify(VerifyError::Brought(error @ BroughtError::Missing(_))) => (Exit::NotFound, error.into()),
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
    Ended::error(exit, format!("{error:#}{advice}"))
}

/// What to do where no server was reached.
fn advice(unreachable: bool) -> &'static str {
    if unreachable {
        "; look at the network; behind a proxy set http_proxy and https_proxy; without the Internet publish an ISO that is at hand: check-and-download-rocky --from-file ISO"
    } else {
        ""
    }
}

/// Whatever the library says no with.
enum Trouble {
    Shelf(ShelfError),
    Verify(VerifyError),
    Download(DownloadError),
    Offer(OfferError),
}

impl Trouble {
    /// Whether no server was reached.
    fn is_unreachable(&self) -> bool {
        match self {
            Self::Download(DownloadError::NoMirror { unreachable, .. })
            | Self::Offer(OfferError::None { unreachable, .. }) => *unreachable,
            _ => false,
        }
    }
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

fn progress(line: impl std::fmt::Display) {
    program::eprint_progress(PROGRAM, line);
}
