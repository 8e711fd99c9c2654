// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-image`: makes the node environment and the images of Debian hosts from apt, and publishes them.
//!
//! apt verifies every package with Debian's keyring, which each line of the sources names. Besides packages, only the
//! scripts that are compiled into this program go in.

mod answer;
mod arguments;
mod boot_loaders;
mod foreign;
mod make;
mod progress;
mod wanted;

pub use arguments::Arguments;

use crate::build_repository::debian::{Order, Outcome, refresh};
use crate::debian_archives::{self, archives, explained, need_keyring};
use crate::media;
use crate::program::{self, Ended, Exit};
use crate::published::{Family, Publisher, not_locked};
use answer::answer;
use anyhow::Context as _;
use hps::config::Dir;
use hps::exec::apt;
use hps::exec::mmdebstrap::{Bootstrap, Variant};
use hps::files::FileError;
use hps::media::build::Builder;
use hps::media::recipe::Recipe;
use hps::media::{BuildError, Item, Manifest, builds, package_versions, packages};
use hps::types::{Distro, Method};
use progress::{PROGRAM, progress};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wanted::recipe;

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    program::need_root()?;
    let publisher = Publisher {
        program: PROGRAM,
        family: Family::Builds,
        site: &site,
        stop: program::interrupted()?,
        json: arguments.json,
    };
    if arguments.list {
        return publisher.list();
    }
    if arguments.boot_loaders {
        return boot_loaders::fetch(&publisher, &arguments);
    }
    if let Some(which) = &arguments.verify {
        return publisher.verify(which.as_ref());
    }
    if let Some(build) = &arguments.remove {
        publisher.find(build)?;
        let builder = lock(&publisher, build.distro())?;
        return publisher.remove(build, arguments.dry_run, |build| Ok(builder.remove(build)?));
    }
    build(&publisher, &arguments)
}

/// The folder of a system. Only one run at a time may change it.
fn lock(publisher: &Publisher<'_>, distro: &Distro) -> anyhow::Result<Builder> {
    let builder = Builder::lock(publisher.distros(), &media::base(&publisher.site.conf), distro, program::now())
        .map_err(|error| match error {
            BuildError::Lock(error) => not_locked(error),
            BuildError::Open(error @ FileError::Untrusted { .. }) => Ended::error(Exit::Refused, error.to_string()),
            other => other.into(),
        })?;
    if let Some(item) = builder.finished() {
        publisher.log(&format!("{item} published: completed the work of a run that was killed"))?;
    }
    Ok(builder)
}

fn build(publisher: &Publisher<'_>, arguments: &Arguments) -> anyhow::Result<Exit> {
    let distro = &arguments.distro;
    let Some(suite) = Recipe::suite(distro) else {
        let message = match distro.method() {
            Method::Kickstart => format!("{distro} has no image; check-and-download-rocky publishes its tree"),
            Method::Image => {
                format!(
                    "{distro} is not built here; expected Debian 12 or 13, such as x86_64-linux-debian-12 or aarch64-linux-debian-13"
                )
            }
        };
        return Err(Ended::error(Exit::NotFound, message));
    };
    need_keyring()?;
    foreign::need_programs(distro.processor())?;
    let builder = lock(publisher, distro)?;
    let folder = publisher.distros().join(distro.as_str());
    let before = builds::current(&folder).unwrap_or_else(|error| {
        progress(error);
        None
    });
    let recipe = recipe(&publisher.site.conf, arguments, before.as_ref())?;
    let workshop = builder.workshop(&publisher.stop)?;
    let archives = archives(arguments.mirrors(), &recipe.components(), suite, &publisher.stop)?;
    let configured = apt::network_settings(&publisher.stop)?;
    let settings = debian_archives::settings(configured, &archives, &media::proxies()?, workshop.path())?;

    progress(debian_archives::asking(&archives));
    let all = recipe.all_packages();
    let question = Bootstrap {
        variant: Variant::Apt,
        suite,
        cpu: recipe.cpu,
        packages: &all,
        archives: &archives,
        settings: &settings,
        dpkg: None,
        prepare: None,
        finish: None,
        variables: &[],
        temporary: workshop.path(),
    };
    let versions = question.simulate(&publisher.stop).map_err(|error| explained(error, &archives))?;
    let digest = recipe.digest(&versions);
    let known = known_versions(&folder, before.as_ref());
    let changes = package_versions::changes(&known, &versions);
    let same = before.as_ref().filter(|b| b.recipe == digest && builds::is_whole(&folder, b) && !arguments.force);
    let only_asked = arguments.check || arguments.dry_run;
    if only_asked || same.is_some() {
        let removed = if only_asked { Vec::new() } else { prune(publisher, &builder, arguments.keep)? };
        let repository = repository(publisher, arguments, only_asked);
        let known = repository.as_ref().ok().and_then(Option::as_ref);
        answer(arguments, before.as_ref(), false, &changes, &removed, known)?;
        let packages_change = repository?.is_some_and(|outcome| !outcome.is_empty());
        let would_change = same.is_none() || only_asked && packages_change;
        return Ok(if would_change { Exit::WouldChange } else { Exit::Done });
    }

    builder.ask_space(recipe.space())?;
    let order = make::Order {
        distro,
        build: builder.next_name(program::now())?,
        recipe: &recipe,
        versions: &versions,
        digest,
        question: &question,
        workshop: workshop.path(),
    };
    let (staged, manifest) = builder.in_room(&publisher.stop, |stop| make::make(&order, stop))??;
    builder.publish(&staged, &manifest, program::now())?;
    publisher.log(&format!("{distro}/{} published from Debian's packages with {}", manifest.build, manifest.kernel))?;
    let removed = prune(publisher, &builder, arguments.keep)?;
    let repository = repository(publisher, arguments, false);
    answer(arguments, Some(&manifest), true, &changes, &removed, repository.as_ref().ok().and_then(Option::as_ref))?;
    repository.map(|_| Exit::Done)
}

/// Brings the packages for installed hosts up to date, if they are published.
fn repository(publisher: &Publisher<'_>, arguments: &Arguments, only_asked: bool) -> anyhow::Result<Option<Outcome>> {
    let folder = publisher.site.conf.dir(Dir::Packages);
    let published = packages::used_by(folder, &arguments.distro);
    if published.with_context(|| format!("{}: cannot be read", folder.display()))?.is_none() {
        return Ok(None);
    }
    let order = Order::refresh(PROGRAM, publisher.site, &arguments.distro, arguments.mirrors(), &publisher.stop);
    refresh(&order, only_asked).map(Some)
}

/// Removes builds beyond --keep that are not in use.
fn prune(publisher: &Publisher<'_>, builder: &Builder, keep: usize) -> anyhow::Result<Vec<Item>> {
    publisher.prune(builder.too_many(keep)?, keep, |item| Ok(builder.remove(item)?))
}

fn known_versions(folder: &Path, before: Option<&Manifest>) -> BTreeMap<String, String> {
    let file = |manifest: &Manifest| -> PathBuf { folder.join(manifest.build.as_str()).join(make::PACKAGES) };
    let text = before.and_then(|manifest| builds::text(&file(manifest)).ok());
    package_versions::parse_versions(&text.unwrap_or_default())
}
