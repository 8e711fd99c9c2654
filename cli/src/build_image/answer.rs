// SPDX-License-Identifier: GPL-3.0-or-later
//! What `build-image` reports at its end.

use super::Arguments;
use super::progress::progress;
use crate::build_repository::debian::Outcome;
use crate::program;
use crate::published::line;
use hps::media::{File, Item, Manifest};
use hps::types::{Distro, HostType};
use std::collections::BTreeMap;

#[derive(serde::Serialize)]
struct Answer<'a> {
    distro: &'a Distro,
    build: Option<&'a str>,
    kernel: Option<&'a str>,
    new: bool,
    changes: &'a [String],
    initrd: Option<&'a File>,
    images: Option<&'a BTreeMap<HostType, File>>,
    removed: &'a [Item],
    /// The packages for installed hosts, if they are published.
    repository: Option<&'a Outcome>,
}

/// Prints it.
pub(super) fn answer(
    arguments: &Arguments,
    manifest: Option<&Manifest>,
    new: bool,
    changes: &[String],
    removed: &[Item],
    repository: Option<&Outcome>,
) -> anyhow::Result<()> {
    if arguments.json {
        return program::print_json(&Answer {
            distro: &arguments.distro,
            build: manifest.map(|m| m.build.as_str()),
            kernel: manifest.map(|m| m.kernel.as_str()),
            new,
            changes,
            initrd: manifest.map(|m| &m.node.initrd),
            images: manifest.map(|m| &m.images),
            removed,
            repository,
        });
    }
    if !new {
        for line in changes {
            program::print(line)?;
        }
    }
    let published = manifest.filter(|_| new).and_then(|m| Item::build(&m.distro, m.build.as_str()));
    // A cron job that found nothing to do has nothing to say.
    if published.is_some() || !removed.is_empty() {
        program::print(line(published.as_ref(), removed))?;
    } else if let Some(manifest) = manifest.filter(|_| changes.is_empty()) {
        progress(format_args!("{} is up to date", manifest.build));
    }
    if let Some(line) = repository.and_then(Outcome::line) {
        program::print(line)?;
    }
    Ok(())
}
