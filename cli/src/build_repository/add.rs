// SPDX-License-Identifier: GPL-3.0-or-later
//! New packages: fetched or copied, verified, and published all together or not at all.

use super::arguments::Given;
use super::session::{Answer, Session, ended, progress};
use crate::media;
use crate::program::{self, Exit};
use anyhow::Context as _;
use hps::media::mirror::Client;
use hps::media::packages::{AcceptedKeys, Change, MAX_PACKAGE_BYTES, PackageError, VerifiedPackage, bring};
use hps::media::work_folder::work_folder;
use std::path::Path;
use std::sync::atomic::AtomicBool;

pub(super) fn add(run: &Session<'_>) -> anyhow::Result<Exit> {
    if run.arguments.dry_run {
        return dry_run(run);
    }
    let repository = run.lock()?;
    let mut accepted = Vec::new();
    for file in &run.arguments.keys {
        let (fingerprint, is_new) = repository.accept_key(file, &run.stop).map_err(ended)?;
        if is_new {
            run.log(&format!("key {fingerprint} accepted by {}, from {}", program::operator(), file.display()))?;
            // Reported at once: it is accepted, even if the packages fail.
            if !run.arguments.json {
                program::print(format_args!("{}: key {fingerprint} accepted", run.distro()))?;
            }
            accepted.push(fingerprint.to_string());
        } else {
            progress(format_args!("key {fingerprint} is accepted already"));
        }
    }
    let keys = repository.keys(run.pinned()?, &run.stop).map_err(ended)?;
    let workshop = repository.workshop().map_err(ended)?;
    let verified = verified(run, &keys, workshop.path())?;
    let inventory = repository.inventory().map_err(ended)?;
    let change = Change::adding(&inventory, &verified).map_err(ended)?;
    if !change.is_empty() {
        progress("writing the metadata");
        repository.apply(&change, workshop.path(), &run.stop).map_err(ended)?;
        for package in change.added() {
            run.log(&format!(
                "{} added by {} with SHA-256 {} signed by {}",
                package.nevra.file_name(),
                program::operator(),
                package.sha256,
                package.signer
            ))?;
        }
    } else if !verified.is_empty() {
        for package in &verified {
            repository.holds(package.package()).map_err(ended)?;
        }
        progress("every package is there already");
    }
    run.answer(&Answer { distro: run.distro(), keys: &accepted, added: change.added().collect(), removed: &[] })?;
    Ok(Exit::Done)
}

/// The same in a folder elsewhere: it does not touch packages/ and waits for no lock.
fn dry_run(run: &Session<'_>) -> anyhow::Result<Exit> {
    let place = run.packages().join(run.distro().as_str());
    let keys = AcceptedKeys::gather(run.pinned()?, &place, folder()?, &run.stop).map_err(ended)?;
    let workshop = folder()?;
    let verified = verified(run, &keys, workshop.path())?;
    let inventory = run.inventory()?;
    let change = Change::adding(&inventory, &verified).map_err(ended)?;
    if change.is_empty() {
        return Ok(Exit::Done);
    }
    run.would(&Answer { distro: run.distro(), keys: &[], added: change.added().collect(), removed: &[] })
}

fn folder() -> anyhow::Result<tempfile::TempDir> {
    work_folder().context("a folder for packages and keys")
}

/// Fetches and verifies all given packages. Every error is reported.
fn verified(run: &Session<'_>, keys: &AcceptedKeys, workshop: &Path) -> anyhow::Result<Vec<VerifiedPackage>> {
    let client = media::client(run.arguments.timeout, run.arguments.retries, &run.stop)?;
    let (mut verified, mut refusals): (Vec<VerifiedPackage>, Vec<String>) = (Vec::new(), Vec::new());
    for (number, given) in run.arguments.packages.iter().enumerate() {
        progress(given);
        // A name of our own: the header decides the package's name.
        let file = workshop.join(format!("{number}.rpm"));
        let found = fetch(given, &client, &file, &run.stop)
            .and_then(|()| keys.verify(&file, &given.to_string(), run.distro(), &run.stop));
        match found {
            Ok(package) => verified.push(package),
            Err(error) if error.is_refusal() => refusals.push(error.to_string()),
            Err(error) => return Err(ended(error)),
        }
    }
    if refusals.is_empty() {
        return Ok(verified);
    }
    Err(program::Ended::error(Exit::Refused, format!("{}; no package is added", refusals.join("; "))))
}

fn fetch(given: &Given, client: &Client, to: &Path, stop: &AtomicBool) -> Result<(), PackageError> {
    match given {
        Given::File(path) => bring(path, to, stop),
        Given::Url(url) => url.fetch(client, to, MAX_PACKAGE_BYTES),
    }
}
