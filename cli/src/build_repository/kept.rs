// SPDX-License-Identifier: GPL-3.0-or-later
//! `--list`, `--verify` and `--remove`: what is in the repository.

use super::session::{Answer, Session, ended, progress};
use crate::media::{bar, show};
use crate::program::{self, Ended, Exit};
use hps::media::packages::{Change, NoSuchPackage};
use hps::media::space;
use hps::types::Distro;

pub(super) fn list(run: &Session<'_>) -> anyhow::Result<Exit> {
    let inventory = run.inventory()?;
    if run.arguments.json {
        program::print_json(&inventory.packages)?;
        return Ok(Exit::Done);
    }
    for package in &inventory.packages {
        let nevra = &package.nevra;
        program::print(format_args!(
            "{}  {}  {}  {:>9}  signed by {}",
            nevra.name(),
            nevra.evr(),
            nevra.arch(),
            space::format_size(package.size),
            package.signer
        ))?;
    }
    Ok(Exit::Done)
}

#[derive(serde::Serialize)]
struct Verified<'a> {
    distro: &'a Distro,
    wrong: &'a [String],
}

pub(super) fn verify(run: &Session<'_>) -> anyhow::Result<Exit> {
    let repository = run.lock()?;
    let keys = repository.keys(run.pinned()?, &run.stop).map_err(ended)?;
    let bar = bar("{bar:30} package {pos} of {len}, {eta} left");
    let wrong = repository.verify(&keys, &run.stop, &mut show(&bar));
    bar.finish_and_clear();
    let wrong = wrong.map_err(ended)?;
    if run.arguments.json {
        program::print_json(&Verified { distro: run.distro(), wrong: &wrong })?;
    } else {
        for line in &wrong {
            program::print(format_args!("{}: {line}", run.distro()))?;
        }
    }
    if wrong.is_empty() {
        if !run.arguments.json {
            let count = run.inventory()?.packages.len();
            let packages = if count == 1 { "package" } else { "packages" };
            program::print(format_args!("{}: {count} {packages}, all verified", run.distro()))?;
        }
        return Ok(Exit::Done);
    }
    let things = if wrong.len() == 1 { "1 thing is".to_owned() } else { format!("{} things are", wrong.len()) };
    run.log(&format!("--verify: {things} wrong"))?;
    let message = format!(
        "{}: {things} wrong; remove such a package with --remove, and add it again; if its key is no longer accepted, accept it again with --key",
        run.distro(),
    );
    Err(Ended::error(Exit::Refused, message))
}

pub(super) fn remove(run: &Session<'_>) -> anyhow::Result<Exit> {
    let missing = |NoSuchPackage(name): NoSuchPackage| {
        let message = format!("{name}: no such package in the repository of {}; --list shows them", run.distro());
        Ended::error(Exit::NotFound, message)
    };
    let names = &run.arguments.remove;
    if run.arguments.dry_run {
        let inventory = run.inventory()?;
        let change = Change::removing(&inventory, names).map_err(missing)?;
        return run.would(&Answer { distro: run.distro(), keys: &[], added: Vec::new(), removed: change.removed() });
    }
    let repository = run.lock()?;
    let inventory = repository.inventory().map_err(ended)?;
    let change = Change::removing(&inventory, names).map_err(missing)?;
    let workshop = repository.workshop().map_err(ended)?;
    progress("writing the metadata");
    repository.apply(&change, workshop.path(), &run.stop).map_err(ended)?;
    for package in change.removed() {
        run.log(&format!("{} removed by {}", package.nevra.file_name(), program::operator()))?;
    }
    run.answer(&Answer { distro: run.distro(), keys: &[], added: Vec::new(), removed: change.removed() })?;
    Ok(Exit::Done)
}
