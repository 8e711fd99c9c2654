// SPDX-License-Identifier: GPL-3.0-or-later
//! `--check`: whether a host of each type finds the packages of its kickstart, and their dependencies, in the tree and
//! in the repository of that kickstart. It asks dnf, which resolves as Anaconda does.

use super::session::{Session, ended, progress};
use crate::media;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::config::{Dir, HpsConf, SiteProfile, TypeDefinition};
use hps::exec::dnf::Question;
use hps::media::packages::lists::{site_repository, tree_repositories};
use hps::media::packages::used_by;
use hps::media::trees::newest;
use hps::media::work_folder::work_folder;
use hps::render::answer::packages;
use hps::store::{active_site_profiles, load_cluster};
use hps::types::{Distro, HostType};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What site profiles add: those of the type, and those of single hosts, which may have any type.
fn site_packages(profiles: &[SiteProfile], host_type: HostType) -> Vec<String> {
    let fitting = profiles.iter().filter(|p| p.types.contains(&host_type) || !p.hosts.is_empty());
    fitting.flat_map(|profile| &profile.packages).map(ToString::to_string).collect()
}

pub(super) fn check(run: &Session<'_>) -> anyhow::Result<Exit> {
    let distros = run.site.conf.dir(Dir::Distros);
    let looked = newest(distros, run.distro()).with_context(|| format!("{}: cannot be read", distros.display()))?;
    let Some(tree) = looked else {
        let message = format!(
            "{}: no tree of it is published; publish it with: check-and-download-rocky --os {} --release {}",
            run.distro(),
            run.distro().osname(),
            run.distro().version()
        );
        return Err(Ended::error(Exit::NotFound, message));
    };
    let mut repositories = in_tree(&distros.join(tree.as_str()))?;
    let local = used_by(run.packages(), &tree);
    if let Some(distro) = local.with_context(|| format!("{}: cannot be read", run.packages().display()))? {
        repositories.push(("hps-packages".to_owned(), site_repository(run.packages(), &distro)));
    }
    let place = work_folder().context("a folder for dnf")?;
    let question = Question { distro: &tree, repositories: &repositories, place: place.path() };
    let profiles = active_site_profiles(&run.site.conf)?;
    let mut found: BTreeMap<HostType, Vec<String>> = BTreeMap::new();
    for definition in types(&run.site.conf, run.distro())? {
        let host_type = definition.host_type;
        progress(format_args!("asking dnf for the packages of {host_type}"));
        let site = site_packages(&profiles, host_type);
        let all = [packages(&definition), site.iter().map(String::as_str).collect()].concat();
        let problems = question.ask(&all, &run.stop).map_err(|error| ended(error.into()))?;
        found.entry(host_type).or_default().extend(problems);
    }
    let bad: Vec<String> = found.iter().filter(|(_, p)| !p.is_empty()).map(|(t, _)| t.to_string()).collect();
    if run.arguments.json {
        program::print_json(&found)?;
    } else {
        for (host_type, line) in found.iter().flat_map(|(t, lines)| lines.iter().map(move |line| (t, line))) {
            program::print(format_args!("{host_type}: {line}"))?;
        }
    }
    if bad.is_empty() {
        progress(format_args!("{tree}: all packages for hosts are there"));
        return Ok(Exit::Done);
    }
    let message =
        format!("{tree}: packages for {} are missing; add them, or publish the tree of the dvd", bad.join(" and "));
    Err(Ended::error(Exit::NotFound, message))
}

/// The repositories of a tree: each folder of it that has metadata.
fn in_tree(tree: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let found = tree_repositories(tree).with_context(|| format!("{}: cannot list", tree.display()))?;
    if found.is_empty() {
        let message = format!("{}: the tree has no repository; publish it again", tree.display());
        return Err(Ended::error(Exit::NotFound, message));
    }
    Ok(found)
}

/// The types that any cluster installs with this distro, its line or a release of it; all types if there is none.
fn types(conf: &HpsConf, distro: &Distro) -> anyhow::Result<Vec<TypeDefinition>> {
    let mut types: Vec<TypeDefinition> = Vec::new();
    for name in media::clusters(conf)? {
        let cluster = load_cluster(conf, &name)?;
        let of_line = cluster.types.iter().filter(|(_, settings)| settings.distro.line() == distro.line());
        types.extend(of_line.map(|(host_type, settings)| TypeDefinition::with_settings(*host_type, settings)));
    }
    types.sort_by_key(|definition| definition.host_type);
    // Clusters may differ in what a type of their own is made from.
    types.dedup_by_key(|definition| (definition.host_type, definition.from));
    let of_hps = || HostType::BUILT_IN.into_iter().filter_map(|host_type| TypeDefinition::built_in(host_type).cloned());
    Ok(if types.is_empty() { of_hps().collect() } else { types })
}
