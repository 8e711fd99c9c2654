// SPDX-License-Identifier: GPL-3.0-or-later
//! What an import shows before it asks, and its answer in JSON.

use super::difference::Difference;
use super::export_answer::Contents;
use super::incoming::Incoming;
use super::staging::Staging;
use crate::program;
use hps::site_archive::Origin;
use serde::Serialize;
use std::path::Path;

/// More names are only counted.
const MAX_NAMES: usize = 20;

/// The answer.
#[derive(Serialize)]
pub(super) struct ImportAnswer<'a> {
    file: &'a Path,
    dry_run: bool,
    #[serde(flatten)]
    origin: &'a Origin,
    manifest_sha256: &'a str,
    contents: Contents,
    difference: &'a Difference,
    media_new: Vec<String>,
    media_same: &'a [String],
    media_other: &'a [String],
    /// What a person has to do beside the import.
    problems: &'a [String],
}

impl<'a> ImportAnswer<'a> {
    pub(super) fn new(
        file: &'a Path,
        incoming: &'a Incoming,
        difference: &'a Difference,
        staging: &'a Staging,
        problems: &'a [String],
        dry_run: bool,
    ) -> Self {
        Self {
            file,
            dry_run,
            origin: &incoming.manifest.origin,
            manifest_sha256: &incoming.digest,
            contents: Contents::new(&incoming.manifest),
            difference,
            media_new: staging.new_names(),
            media_same: &staging.same,
            media_other: &staging.other,
            problems,
        }
    }

    pub(super) fn print_json(&self) -> anyhow::Result<()> {
        program::print_json(self)
    }

    pub(super) fn show(&self) -> anyhow::Result<()> {
        let (origin, difference) = (self.origin, self.difference);
        program::print(format_args!(
            "{}: the site of {} of {}, made by HPS {}; every digest fits; manifest {}",
            self.file.display(),
            origin.node,
            origin.made,
            origin.hps,
            self.manifest_sha256
        ))?;
        program::print(self.contents.describe())?;
        program::print(format_args!(
            "here: {} new, {} changed, {} the same",
            difference.new.len(),
            difference.changed.len(),
            difference.same
        ))?;
        // On a new machine each file is new.
        let new: &[String] = if difference.same > 0 || !difference.changed.is_empty() { &difference.new } else { &[] };
        names("new", new)?;
        names("changed", &difference.changed)?;
        names("newer here", &difference.newer_here)?;
        let only: Vec<String> =
            difference.only_here.iter().map(|only| format!("{} of {}", only.mac.colons(), only.cluster)).collect();
        names("only here", &only)?;
        names("media, new", &self.media_new)?;
        names("media, the same", self.media_same)?;
        if difference.other_conf {
            program::print("hps.conf differs; that of this machine stays, since it names its folders")?;
        }
        if difference.ends > 0 {
            program::print(format_args!(
                "{} permissions, windows and waiting machines of this node end",
                difference.ends
            ))?;
        }
        for problem in self.problems {
            program::print(format_args!("note: {problem}"))?;
        }
        Ok(())
    }
}

fn names(title: &str, names: &[String]) -> anyhow::Result<()> {
    for name in names.iter().take(MAX_NAMES) {
        program::print(format_args!("  {title}: {name}"))?;
    }
    if names.len() > MAX_NAMES {
        program::print(format_args!("  {title}: and {} more", names.len() - MAX_NAMES))?;
    }
    Ok(())
}
