// SPDX-License-Identifier: GPL-3.0-or-later
//! `--list`, `--verify` and `--remove`: what is in the repository.

use super::ended::ended;
use super::order::{Order, progress};
use super::refresh::{Outcome, outcome, publish};
use crate::media::{bar, show};
use crate::program::{self, Ended, Exit};
use hps::media::deb_repository::{Deb, Origin, published};
use hps::media::space;
use hps::types::Distro;

pub(super) fn list(order: &Order<'_>, json: bool) -> anyhow::Result<Exit> {
    let debs = published(order.packages(), order.distro).map_err(ended)?.unwrap_or_default();
    if json {
        program::print_json(&debs)?;
        return Ok(Exit::Done);
    }
    for deb in &debs {
        let Deb { name, version, architecture, origin, size, .. } = deb;
        program::print(format_args!("{name}  {version}  {architecture}  {:>9}  {origin}", space::format_size(*size)))?;
    }
    Ok(Exit::Done)
}

#[derive(serde::Serialize)]
struct Verified<'a> {
    distro: &'a Distro,
    wrong: &'a [String],
}

pub(super) fn verify(order: &Order<'_>, json: bool) -> anyhow::Result<Exit> {
    let repository = order.lock()?;
    let bar = bar("{bar:30} package {pos} of {len}, {eta} left");
    let wrong = repository.verify(order.stop, &mut show(&bar));
    bar.finish_and_clear();
    let wrong = wrong.map_err(ended)?;
    if json {
        program::print_json(&Verified { distro: order.distro, wrong: &wrong })?;
    } else {
        for line in &wrong {
            program::print(format_args!("{}: {line}", order.distro))?;
        }
    }
    if wrong.is_empty() {
        if !json {
            let count = repository.packages().map_err(ended)?.len();
            let packages = if count == 1 { "package" } else { "packages" };
            program::print(format_args!("{}: {count} {packages}, all verified", order.distro))?;
        }
        return Ok(Exit::Done);
    }
    let things = if wrong.len() == 1 { "1 thing is".to_owned() } else { format!("{} things are", wrong.len()) };
    order.log(&format!("--verify: {things} wrong"))?;
    let message = format!(
        "{}: {things} wrong; move the folder {} away, then run: build-repository --distro {}",
        order.distro,
        order.packages().join(order.distro.as_str()).join("Repo").display(),
        order.distro
    );
    Err(Ended::error(Exit::Refused, message))
}

/// Removes packages of the site, and names that were added with `--package`.
pub(super) fn remove(order: &Order<'_>, names: &[String], dry_run: bool) -> anyhow::Result<Outcome> {
    let repository = order.lock()?;
    let before = repository.packages().map_err(ended)?;
    let mut wanted = repository.wanted(&order.base()).map_err(ended)?;
    let mut after = before.clone();
    let known = wanted.clone();
    for name in names {
        let was_wanted = wanted.remove(name);
        let is_it = |deb: &Deb| {
            deb.origin == Origin::Site && (deb.name == *name || format!("{}_{}", deb.name, deb.version) == *name)
        };
        let count = after.len();
        after.retain(|deb| !is_it(deb));
        if after.len() == count && !was_wanted {
            let (exit, why) = if before.iter().any(|deb| deb.name == *name) {
                (Exit::Refused, "the images or other packages of hosts need it")
            } else {
                (Exit::NotFound, "no such package in the repository; --list shows them")
            };
            return Err(Ended::error(exit, format!("{name}: {why}")));
        }
    }
    let mut outcome = outcome(order, &before, &after);
    if dry_run {
        return Ok(outcome);
    }
    if wanted != known {
        repository.set_wanted(&wanted).map_err(ended)?;
        progress("the next run without --remove removes packages that no host needs any more");
    }
    let workshop = repository.workshop().map_err(ended)?;
    publish(order, &repository, &mut outcome, &after, &[], workshop.path())?;
    Ok(outcome)
}
