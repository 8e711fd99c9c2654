// SPDX-License-Identifier: GPL-3.0-or-later
//! `--check`: whether a host of each type finds the packages of its image and of its site profiles in the repository,
//! with their dependencies. It asks apt, as a host does.

use super::ended::ended;
use super::order::{Order, progress};
use super::wanted::wanted;
use crate::program::{self, Ended, Exit};
use hps::types::HostType;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(order: &Order<'_>, json: bool) -> anyhow::Result<Exit> {
    let repository = order.lock()?;
    let there: BTreeSet<String> = repository.packages().map_err(ended)?.into_iter().map(|deb| deb.name).collect();
    if there.is_empty() {
        let distro = order.distro;
        let message =
            format!("{distro}: no packages are published; publish them with: build-repository --distro {distro}");
        return Err(Ended::error(Exit::NotFound, message));
    }
    let mut found: BTreeMap<HostType, Vec<String>> = BTreeMap::new();
    for (host_type, names) in wanted(order)? {
        progress(format_args!("asking apt for the packages of {host_type}"));
        let (known, missing): (Vec<&str>, Vec<&str>) =
            names.iter().map(String::as_str).partition(|name| there.contains(*name));
        let mut problems: Vec<String> = missing
            .into_iter()
            // An image keeps its kernel under a name with its version, and hosts have it already.
            .filter(|name| !name.starts_with("linux-"))
            .map(|name| format!("{name} is not in the repository"))
            .collect();
        problems.extend(repository.lacks(&known, order.stop).map_err(ended)?);
        found.insert(host_type, problems);
    }
    let bad: Vec<String> = found.iter().filter(|(_, p)| !p.is_empty()).map(|(t, _)| t.to_string()).collect();
    if json {
        program::print_json(&found)?;
    } else {
        for (host_type, line) in found.iter().flat_map(|(t, lines)| lines.iter().map(move |line| (t, line))) {
            program::print(format_args!("{host_type}: {line}"))?;
        }
    }
    if bad.is_empty() {
        progress(format_args!("{}: all packages for hosts are there", order.distro));
        return Ok(Exit::Done);
    }
    let distro = order.distro;
    let message = format!(
        "{distro}: packages for {} are missing; fetch them with: build-repository --distro {distro}",
        bad.join(" and ")
    );
    Err(Ended::error(Exit::NotFound, message))
}
