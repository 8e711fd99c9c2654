// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-image`: makes the node environment and the images of Debian hosts from apt, and publishes them.
//!
//! What is proven: apt proves every package with Debian's keyring, named in each line of the sources; nothing else goes in
//! but the scripts that are compiled into this program.

mod archives;
mod arguments;
mod make;
mod progress;
mod proxies;

pub use arguments::Arguments;

use crate::media;
use crate::program::{self, Ended, Exit};
use crate::published::{Family, Publisher, line, not_locked};
use archives::{archives, explained};
use arguments::KernelArgument;
use hps::config::{Cluster, HpsConf};
use hps::exec::apt;
use hps::exec::mmdebstrap::{Bootstrap, Variant};
use hps::files::FileError;
use hps::media::build::Builder;
use hps::media::recipe::Recipe;
use hps::media::{BuildError, File, Item, Kernel, Manifest, builds, package_versions, zfs};
use hps::store::{StoreError, active_cluster, active_site_profiles};
use hps::types::{Distro, HostType, Method};
use progress::{PROGRAM, progress};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
}

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
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

/// The folder of a system, which one run at a time may change.
fn lock(publisher: &Publisher<'_>, distro: &Distro) -> anyhow::Result<Builder> {
    let builder = Builder::lock(publisher.distros(), &media::base(&publisher.site.conf), distro, program::now())
        .map_err(|error| match error {
            BuildError::Lock(error) => not_locked(error),
            BuildError::Open(error @ FileError::Untrusted { .. }) => Ended::error(Exit::Refused, error.to_string()),
            other => other.into(),
        })?;
    if let Some(item) = builder.finished() {
        publisher.log(&format!("{item} published, as a run had begun to that was killed"))?;
    }
    Ok(builder)
}

fn build(publisher: &Publisher<'_>, arguments: &Arguments) -> anyhow::Result<Exit> {
    let distro = &arguments.distro;
    let Some(suite) = Recipe::suite(distro) else {
        let message = match distro.method() {
            Method::Kickstart => format!("{distro} is no image; its tree is published by check-and-download-rocky"),
            Method::Image => {
                format!("{distro} is not built here; expected x86_64-linux-debian-12 or x86_64-linux-debian-13")
            }
        };
        return Err(Ended::error(Exit::NotFound, message));
    };
    if !Path::new(apt::KEYRING).exists() {
        let message = format!("{} is not there; install it with: apt-get install debian-archive-keyring", apt::KEYRING);
        return Err(Ended::error(Exit::Failed, message));
    }
    let builder = lock(publisher, distro)?;
    let folder = publisher.distros().join(distro.as_str());
    let before = builds::current(&folder).unwrap_or_else(|error| {
        progress(error);
        None
    });
    let recipe = recipe(&publisher.site.conf, arguments, before.as_ref())?;
    let workshop = builder.workshop(&publisher.stop)?;
    let archives = archives(arguments, &recipe, suite, &publisher.stop)?;
    let configured = apt::network_settings(&publisher.stop)?;
    let settings = proxies::settings(configured, &archives, &media::proxies()?, workshop.path())?;

    progress("asking apt what it has");
    let all = recipe.all_packages();
    let question = Bootstrap {
        variant: Variant::Apt,
        suite,
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
        answer(arguments, before.as_ref(), false, &changes, &removed)?;
        return Ok(if same.is_some() { Exit::Done } else { Exit::WouldChange });
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
    answer(arguments, Some(&manifest), true, &changes, &removed)?;
    Ok(Exit::Done)
}

/// Removes the builds that are too many and that nobody uses.
fn prune(publisher: &Publisher<'_>, builder: &Builder, keep: usize) -> anyhow::Result<Vec<Item>> {
    publisher.prune(builder.too_many(keep)?, keep, |item| Ok(builder.remove(item)?))
}

/// What to build.
fn recipe(conf: &HpsConf, arguments: &Arguments, before: Option<&Manifest>) -> anyhow::Result<Recipe> {
    let types = types_to_build(arguments, before, || installed(conf, &arguments.distro));
    let kernel = match arguments.kernel {
        Some(KernelArgument::Generic) => Kernel::Generic,
        Some(KernelArgument::Cloud) => Kernel::Cloud,
        None => before.map_or(Kernel::Generic, |manifest| Kernel::of_package(manifest.kernel.as_str())),
    };
    let site = site_packages(conf, &types, &arguments.distro, kernel)?;
    Ok(Recipe { kernel, firmware: arguments.firmware, types, site })
}

/// As asked, else what the active cluster installs, with all types that are published already, so that no build takes an image away.
fn types_to_build(
    arguments: &Arguments,
    before: Option<&Manifest>,
    installed: impl FnOnce() -> BTreeSet<HostType>,
) -> BTreeSet<HostType> {
    let mut types: BTreeSet<HostType> = arguments.types.iter().copied().collect();
    if types.is_empty() {
        types = installed();
    }
    types.extend(before.iter().flat_map(|manifest| manifest.images.keys()));
    if types.is_empty() {
        types.insert(HostType::Sch);
    }
    types
}

/// What the active cluster and its site profiles add to the image of each type. Where no cluster is active there is nothing.
fn site_packages(
    conf: &HpsConf,
    types: &BTreeSet<HostType>,
    distro: &Distro,
    kernel: Kernel,
) -> anyhow::Result<BTreeMap<HostType, BTreeSet<String>>> {
    let mut packages: BTreeMap<HostType, BTreeSet<String>> = BTreeMap::new();
    let profiles = active_site_profiles(conf)?;
    match active_cluster(conf) {
        Ok(cluster) => {
            for host_type in types.iter().filter(|host_type| cluster.wants_zfs(**host_type, &profiles)) {
                packages.entry(*host_type).or_default().extend(zfs::image_packages(kernel));
            }
        }
        Err(StoreError::NoActiveCluster { .. }) => {}
        // As its site profiles: the image would lose its ZFS without a word.
        Err(error) => return Err(error.into()),
    }
    for profile in profiles {
        for host_type in profile.types.iter().filter(|host_type| types.contains(host_type)) {
            profile.fits(*host_type, distro).map_err(|why| Ended::error(Exit::Refused, why.to_string()))?;
            let of_type = packages.entry(*host_type).or_default();
            of_type.extend(profile.packages.iter().map(ToString::to_string));
        }
    }
    packages.retain(|_, of_type| !of_type.is_empty());
    Ok(packages)
}

/// The types that the active cluster installs with this system, by its sections and its rules. A cluster file that is not taken does
/// not stop what is published from being kept up to date.
fn installed(conf: &HpsConf, distro: &Distro) -> BTreeSet<HostType> {
    let cluster = match active_cluster(conf) {
        Ok(cluster) => cluster,
        Err(StoreError::NoActiveCluster { .. }) => return BTreeSet::new(),
        Err(error) => {
            progress(error);
            return BTreeSet::new();
        }
    };
    types_of(&cluster, distro)
}

fn types_of(cluster: &Cluster, distro: &Distro) -> BTreeSet<HostType> {
    let by_type = cluster.types.iter().map(|(host_type, settings)| (*host_type, &settings.distro));
    let by_rule = cluster.rules.iter().filter_map(|rule| Some((rule.host_type, rule.distro.as_ref()?)));
    by_type.chain(by_rule).filter(|(_, named)| *named == distro).map(|(host_type, _)| host_type).collect()
}

fn known_versions(folder: &Path, before: Option<&Manifest>) -> BTreeMap<String, String> {
    let file = |manifest: &Manifest| -> PathBuf { folder.join(manifest.build.as_str()).join(make::PACKAGES) };
    let text = before.and_then(|manifest| builds::text(&file(manifest)).ok());
    package_versions::parse_versions(&text.unwrap_or_default())
}

fn answer(
    arguments: &Arguments,
    manifest: Option<&Manifest>,
    new: bool,
    changes: &[String],
    removed: &[Item],
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_made_for_what_the_cluster_installs() {
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/lab.cluster")).unwrap();
        let rule = |distro: &str| format!("[[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"DRH\"\n{distro}\n");
        let more = format!(
            "{text}\n[types.TCH]\ndistro = \"x86_64-linux-debian-12\"\n[types.CCH]\ndistro = \"x86_64-linux-rockylinux-10\"\n\
             [types.DRH]\ndistro = \"x86_64-linux-rockylinux-10\"\n"
        );
        let debian: Distro = "x86_64-linux-debian-12".parse().unwrap();
        let of = |text: &str| types_of(&Cluster::parse(text).unwrap(), &debian);
        assert_eq!(of(&text), [HostType::Sch].into());
        assert_eq!(of(&format!("{more}{}", rule(""))), [HostType::Sch, HostType::Tch].into());
        let by_rule = format!("{more}{}", rule("distro = \"x86_64-linux-debian-12\""));
        assert_eq!(of(&by_rule), [HostType::Sch, HostType::Tch, HostType::Drh].into());

        let recipe = |line: &[&str], installed: &[HostType]| {
            let arguments = <Arguments as clap::Parser>::try_parse_from(line).unwrap();
            types_to_build(&arguments, None, || installed.iter().copied().collect())
        };
        assert_eq!(recipe(&["build-image"], &[HostType::Tch]), [HostType::Tch].into());
        assert_eq!(recipe(&["build-image"], &[]), [HostType::Sch].into());
        assert_eq!(recipe(&["build-image", "--type", "DRH"], &[HostType::Tch]), [HostType::Drh].into());
    }
}
