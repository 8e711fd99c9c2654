// SPDX-License-Identifier: GPL-3.0-or-later
//! `--list`, `--verify` and `--remove`: what is published.

use super::{Session, ended, in_use};
use crate::media::{bar, show};
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::media::inventory::{self, Origin};
use hps::media::shelf::{Tree, trees};
use hps::media::space;
use hps::types::{Distro, Method};
use std::sync::atomic::Ordering;

#[derive(serde::Serialize)]
struct Listed<'a> {
    distro: &'a Distro,
    from: Option<&'a Origin>,
    problem: Option<&'a str>,
    in_use: Option<String>,
}

fn published(run: &Session<'_>) -> anyhow::Result<Vec<Tree>> {
    trees(run.distros()).with_context(|| format!("{}: cannot list", run.distros().display()))
}

pub(super) fn list(run: &Session<'_>) -> anyhow::Result<Exit> {
    let trees = published(run)?;
    let in_use = in_use::gather(&run.site.conf, run.distros());
    if run.arguments.json {
        let listed: Vec<Listed<'_>> = trees
            .iter()
            .map(|tree| Listed {
                distro: &tree.distro,
                from: tree.origin.as_ref().ok(),
                problem: tree.origin.as_ref().err().map(String::as_str),
                in_use: in_use.of(&tree.distro),
            })
            .collect();
        program::say_json(&listed)?;
        return Ok(Exit::Done);
    }
    for tree in &trees {
        let from = match &tree.origin {
            Ok(o) => format!("{}  {:>9}  {} {}", o.published, space::in_words(o.size), o.iso, o.word),
            Err(problem) => problem.clone(),
        };
        let used = in_use.of(&tree.distro).map_or_else(String::new, |why| format!("; {why}"));
        program::say(format_args!("{}  {from}{used}", tree.distro))?;
    }
    Ok(Exit::Done)
}

pub(super) fn verify(run: &Session<'_>, which: Option<&Distro>) -> anyhow::Result<Exit> {
    let trees: Vec<Tree> =
        published(run)?.into_iter().filter(|tree| which.is_none_or(|which| *which == tree.distro)).collect();
    if let Some(which) = which.filter(|_| trees.is_empty()) {
        return Err(not_published(which));
    }
    let mut bad = Vec::new();
    for tree in &trees {
        let bar = bar("{bar:30} file {pos} of {len}, {eta} left");
        let place = run.distros().join(tree.distro.as_str());
        let wrong = inventory::verify(&place, &tree.distro, &run.stop, &mut show(&bar));
        bar.finish_and_clear();
        let wrong = match wrong {
            _ if run.stop.load(Ordering::Relaxed) => return Err(Ended::error(Exit::Failed, "stopped")),
            Ok(wrong) => wrong,
            Err(problem) => vec![problem],
        };
        if wrong.is_empty() {
            program::say(format_args!("{}: every file is as it was published", tree.distro))?;
            continue;
        }
        for line in &wrong {
            program::say(format_args!("{}: {line}", tree.distro))?;
        }
        run.log(&format!("{}: --verify found {} things that are wrong", tree.distro, wrong.len()))?;
        bad.push(tree.distro.as_str());
    }
    if bad.is_empty() {
        return Ok(Exit::Done);
    }
    let message = format!("not as published: {}; remove it with --remove, and publish it again", bad.join(", "));
    Err(Ended::error(Exit::Refused, message))
}

pub(super) fn remove(run: &Session<'_>, distro: &Distro) -> anyhow::Result<Exit> {
    let shelf = run.lock()?;
    if distro.method() != Method::Kickstart || !published(run)?.iter().any(|tree| tree.distro == *distro) {
        return Err(not_published(distro));
    }
    if let Some(why) = in_use::gather(&run.site.conf, run.distros()).needed(distro) {
        return Err(Ended::error(Exit::Refused, format!("{distro} stays: {why}")));
    }
    if run.arguments.dry_run {
        program::note(format_args!("{distro} would be removed"));
        return Ok(Exit::WouldChange);
    }
    shelf.remove(distro).map_err(ended)?;
    run.log(&format!("{distro} removed by {}", program::operator()))?;
    if !run.arguments.json {
        program::say(format_args!("{distro} removed"))?;
    }
    Ok(Exit::Done)
}

fn not_published(distro: &Distro) -> anyhow::Error {
    Ended::error(Exit::NotFound, format!("{distro}: no such tree is published; --list shows those that are"))
}
