// SPDX-License-Identifier: GPL-3.0-or-later
//! `--remove` and `--keep`: what is removed, and what stays because an installation needs it. The caller holds the
//! lock.

use super::{Publisher, in_use};
use crate::program::{self, Ended, Exit};
use hps::media::Item;

#[derive(serde::Serialize)]
struct Removed<'a> {
    removed: [&'a Item; 1],
}

impl Publisher<'_> {
    /// Checks that it exists and is of the family.
    pub(crate) fn find(&self, item: &Item) -> anyhow::Result<()> {
        if self.family.has(item) && self.published()?.iter().any(|published| published.item == *item) {
            return Ok(());
        }
        let one = self.family.one();
        Err(Ended::error(Exit::NotFound, format!("{item}: no such {one} is published; see --list")))
    }

    /// Removes the named one, unless an installation needs it.
    pub(crate) fn remove(
        &self,
        item: &Item,
        dry_run: bool,
        remove: impl FnOnce(&Item) -> anyhow::Result<()>,
    ) -> anyhow::Result<Exit> {
        self.find(item)?;
        if let Some(why) = in_use::gather(&self.site.conf, self.distros()).forbids(item) {
            return Err(Ended::error(Exit::Refused, format!("{item} stays: {why}")));
        }
        if dry_run {
            program::eprint(format_args!("{item} would be removed"));
            return Ok(Exit::WouldChange);
        }
        remove(item)?;
        self.log(&format!("{item} removed by {}", program::operator()))?;
        if self.json {
            program::print_json(&Removed { removed: [item] })?;
        } else {
            program::print(format_args!("{item} removed"))?;
        }
        Ok(Exit::Done)
    }

    /// Removes those beyond `--keep` that are not in use. Returns the removed ones.
    pub(crate) fn prune(
        &self,
        too_many: Vec<Item>,
        keep: usize,
        remove: impl Fn(&Item) -> anyhow::Result<()>,
    ) -> anyhow::Result<Vec<Item>> {
        let mut removed = Vec::new();
        if too_many.is_empty() {
            return Ok(removed);
        }
        let in_use = in_use::gather(&self.site.conf, self.distros());
        for item in too_many {
            if let Some(why) = in_use.reason_to_keep(&item) {
                self.progress(format_args!("{item} stays: {why}"));
                continue;
            }
            remove(&item)?;
            self.log(&format!("{item} removed by --keep {keep}"))?;
            removed.push(item);
        }
        Ok(removed)
    }
}
