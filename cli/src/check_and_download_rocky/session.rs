// SPDX-License-Identifier: GPL-3.0-or-later
//! What every call of `check-and-download-rocky` needs: the trees, what may be published, the answer.

use super::arguments::Arguments;
use super::ended::ended;
use super::progress::progress;
use crate::media;
use crate::program::{self, Ended, Exit};
use crate::published::Publisher;
use anyhow::Context as _;
use hps::media::Item;
use hps::media::inventory::{self, TreeOrigin};
use hps::media::iso::VerifiedIso;
use hps::media::tree_store::{PublishOutcome, TreeStore};
use hps::media::trees::{self, Standing};
use hps::media::vendor::Vendor;
use hps::types::{Distro, Sha256Digest};
use std::path::Path;

/// What every call of the program needs.
pub(super) struct Session<'a> {
    pub(super) publisher: Publisher<'a>,
    pub(super) arguments: &'a Arguments,
}

#[derive(serde::Serialize)]
pub(super) struct Answer<'a> {
    pub(super) distro: &'a Distro,
    pub(super) new: bool,
    pub(super) from: Option<&'a TreeOrigin>,
    pub(super) removed: &'a [Item],
}

impl Session<'_> {
    pub(super) fn distros(&self) -> &Path {
        self.publisher.distros()
    }

    /// The store. Only one run at a time may change it.
    pub(super) fn lock(&self) -> anyhow::Result<TreeStore> {
        TreeStore::lock(self.distros(), &media::base(&self.publisher.site.conf)).map_err(ended)
    }

    /// Publishes, and removes old trees. The answer has the result.
    pub(super) fn publish(
        &self,
        store: &TreeStore,
        iso: VerifiedIso,
        vendor: Option<Vendor>,
    ) -> anyhow::Result<(PublishOutcome, Vec<Item>)> {
        progress("extracting the tree, and reading every file of it");
        let tree = store.open(&iso, &self.publisher.stop).map_err(ended)?;
        self.admit(tree.distro(), Some(iso.sha256()))?;
        let published = store.publish(tree, program::now(), &self.publisher.stop).map_err(ended)?;
        if let PublishOutcome::New(origin) = &published {
            self.publisher.log(&format!(
                "{} published from {} with SHA-256 {} {}",
                origin.distro, origin.iso, origin.sha256, origin.word
            ))?;
        }
        if let Some(vendor) = vendor {
            let isos = store.isos().map_err(ended)?;
            isos.put_away(iso, self.arguments.keep_iso).map_err(ended)?;
            isos.sweep(vendor).map_err(ended)?;
        }
        let distro = match &published {
            PublishOutcome::New(origin) => &origin.distro,
            PublishOutcome::AlreadyPublished(distro) => distro,
        };
        let removed = self.prune(store, distro)?;
        Ok((published, removed))
    }

    /// Refuses a tree that would not be there after this run: something else is in its place, `--keep` would remove it
    /// at once, or a tree of that name comes from an ISO with another digest.
    pub(super) fn admit(&self, distro: &Distro, iso: Option<Sha256Digest>) -> anyhow::Result<()> {
        let place = self.distros().join(distro.as_str());
        let cannot = || format!("{}: cannot look", place.display());
        match trees::standing(self.distros(), distro).with_context(cannot)? {
            Standing::Nothing => self.would_stay(distro),
            Standing::Other(what) => Err(Ended::error(Exit::Refused, format!("{}: {what}", place.display()))),
            Standing::Tree => {
                let made_of = inventory::origin(&place).ok().map(|origin| (origin.sha256, origin.iso));
                match (made_of, iso) {
                    (Some((sha256, name)), Some(iso)) if sha256 != iso => {
                        let message = format!(
                            "{distro} is published from {name} and was not changed; to use another ISO, remove it first: check-and-download-rocky --remove {distro}"
                        );
                        Err(Ended::error(Exit::Refused, message))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Whether a tree that is not published yet would survive the run that publishes it.
    pub(super) fn would_stay(&self, distro: &Distro) -> anyhow::Result<()> {
        let keep = self.arguments.keep;
        let line = trees::line_with(self.distros(), distro)
            .with_context(|| format!("{}: cannot list", self.distros().display()))?;
        let newer = line.iter().take_while(|other| *other != distro).count();
        if newer <= keep || self.publisher.names(distro) {
            return Ok(());
        }
        let kept: Vec<&str> = line.iter().take(keep.saturating_add(1)).map(Distro::as_str).collect();
        let message = format!(
            "{distro} would be removed as soon as it is published: --keep {keep} keeps {} of its line; nothing was changed; to keep it too: --keep {newer}, here and in the cron job",
            kept.join(" and ")
        );
        Err(Ended::error(Exit::Refused, message))
    }

    /// Removes the trees of a line beyond --keep that are not in use. A tree that this run published stays in any case.
    pub(super) fn prune(&self, store: &TreeStore, of: &Distro) -> anyhow::Result<Vec<Item>> {
        let too_many = store.too_many(of, self.arguments.keep).map_err(ended)?;
        let too_many = too_many.into_iter().filter(|distro| distro != of).map(Item::tree).collect();
        self.publisher.prune(too_many, self.arguments.keep, |item| store.remove(item.distro()).map_err(ended))
    }
}
