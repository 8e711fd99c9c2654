// SPDX-License-Identifier: GPL-3.0-or-later
//! Compares the image of a type with what this version would put into it, by the lists in the build.

use super::finding::{Finding, FindingKind, Findings};
use super::{InstallTarget, PreflightInputs};
use crate::config::SiteProfile;
use crate::host::Host;
use crate::media::recipe::{self, Recipe};
use crate::media::{Kernel, Manifest, builds, contents_list, package_versions, template_of, zfs};
use crate::types::{HostType, MacAddr, Method};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) fn check(inputs: &PreflightInputs<'_>, targets: &[InstallTarget], findings: &mut Findings) {
    for target in targets.iter().filter(|target| target.distro.method() == Method::Image) {
        let folder = inputs.distros.join(target.distro.as_str());
        // A damaged or missing list was reported before.
        let Ok(Some(manifest)) = builds::current(&folder) else { continue };
        if !manifest.images.contains_key(&target.host_type) {
            continue;
        }
        let place = folder.join(manifest.build.as_str());
        let site = site_packages(inputs, &manifest);
        recipe_of(inputs, target, &place, &manifest, &site, findings);
        lacking(inputs, target, &place, &manifest, site, findings);
        units(inputs, target, &place, &manifest, findings);
    }
}

/// Units of site profiles that the image lacks and that no profile of the same host adds as a file.
fn units(
    inputs: &PreflightInputs<'_>,
    target: &InstallTarget,
    place: &Path,
    manifest: &Manifest,
    findings: &mut Findings,
) {
    let file = place.join(contents_list(target.host_type));
    let text = match builds::text(&file) {
        Ok(text) => text,
        // A missing or unreadable list was reported before.
        Err(_) => return,
    };
    let there: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("unit ")).collect();
    let advice = format!("{} makes a new build", command(manifest));
    for (label, wanted) in units_wanted(inputs, target.host_type) {
        if there.is_empty() {
            let problem =
                format!("has no units, because an older version made the build: the units of {label} were not checked");
            findings.add(target, Finding::new(FindingKind::Note, &file, &problem, &advice));
            continue;
        }
        let has = |unit: &str| there.contains(unit) || template_of(unit).is_some_and(|of| there.contains(&*of));
        let lacks: Vec<&str> = wanted.into_iter().filter(|unit| !has(unit)).collect();
        if !lacks.is_empty() {
            let problem = format!("the image {} lacks units of {label}: {}", target.host_type, lacks.join(", "));
            let advice = format!(
                "add their packages to packages there, or the units as [[file]] of a site profile, then: {}",
                command(manifest)
            );
            findings.add(target, Finding::new(FindingKind::Lacking, &file, &problem, &advice));
        }
    }
}

/// What the image of a type must have, by the label of the profile that enables it: for a new host, and for each known
/// host of the type, which profiles of single hosts may name.
fn units_wanted<'a>(inputs: &PreflightInputs<'a>, host_type: HostType) -> BTreeMap<String, BTreeSet<&'a str>> {
    let of = |host: Option<&Host>| -> Vec<usize> {
        let macs: Vec<MacAddr> = host.into_iter().flat_map(Host::macs).collect();
        let name = host.and_then(|host| host.name.as_ref());
        (0..).zip(inputs.profiles).filter(|(_, p)| p.is_for(host_type, name, &macs)).map(|(index, _)| index).collect()
    };
    let known = inputs.hosts.iter().filter(|host| host.host_type == Some(host_type)).map(Some);
    // Many hosts share few sets of profiles.
    let sets: BTreeSet<Vec<usize>> = std::iter::once(None).chain(known).map(of).collect();
    let mut wanted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for set in sets {
        let of_host: Vec<&SiteProfile> = set.into_iter().filter_map(|index| inputs.profiles.get(index)).collect();
        for profile in &of_host {
            for unit in profile.units_of_system(&of_host) {
                wanted.entry(profile.describe()).or_default().insert(unit);
            }
        }
    }
    wanted
}

type SitePackages = BTreeMap<HostType, BTreeSet<String>>;

/// What the cluster file and site profiles add to the images of a build.
fn site_packages(inputs: &PreflightInputs<'_>, manifest: &Manifest) -> SitePackages {
    let (kernel, cpu) = (Kernel::from_package(manifest.kernel.as_str()), manifest.distro.processor());
    let of = |host_type: &HostType| -> BTreeSet<String> {
        let profiles = inputs.profiles.iter().filter(|profile| profile.types.contains(host_type));
        let own = profiles.flat_map(|profile| &profile.packages).map(ToString::to_string);
        let zfs = inputs.cluster.wants_zfs(*host_type, inputs.profiles).then(|| zfs::image_packages(kernel, cpu));
        own.chain(zfs.into_iter().flatten()).collect()
    };
    let mut packages: SitePackages = manifest.images.keys().map(|host_type| (*host_type, of(host_type))).collect();
    packages.retain(|_, of_type| !of_type.is_empty());
    packages
}

/// The type of HPS that a type is made from.
fn from(inputs: &PreflightInputs<'_>, host_type: HostType) -> Option<HostType> {
    inputs.cluster.definition(host_type).map(|definition| definition.from)
}

fn recipe_of(
    inputs: &PreflightInputs<'_>,
    target: &InstallTarget,
    place: &Path,
    manifest: &Manifest,
    site: &SitePackages,
    findings: &mut Findings,
) {
    let from = |host_type| from(inputs, host_type);
    let file = place.join("packages.txt");
    let versions = std::fs::read_to_string(&file).map(|text| package_versions::parse_versions(&text));
    let advice = format!("{} makes a new build", command(manifest));
    let note = |problem: String| Finding::new(FindingKind::Note, &file, &problem, &advice);
    match versions {
        Ok(versions) if recipe::is_of_this_version(manifest, &versions, site, from) => {}
        Ok(_) => {
            let problem = format!(
                "build {} was made with scripts, lists, types or site profiles that have changed since",
                manifest.build
            );
            findings.add(target, note(problem));
        }
        Err(error) => findings.add(target, note(format!("cannot be read ({error})"))),
    }
}

/// What makes another build.
fn command(manifest: &Manifest) -> String {
    format!("build-image --distro {}", manifest.distro)
}

/// Packages of the type's list that its image lacks.
fn lacking(
    inputs: &PreflightInputs<'_>,
    target: &InstallTarget,
    place: &Path,
    manifest: &Manifest,
    site: SitePackages,
    findings: &mut Findings,
) {
    let file = place.join(builds::package_list(target.host_type));
    let installed = match builds::packages_in_image(place, target.host_type) {
        Ok(installed) => installed,
        Err(error) => {
            let problem = format!("cannot be read ({error}): the packages of the image were not checked");
            let advice = format!("{} --force makes a new build", command(manifest));
            return findings.add(target, Finding::new(FindingKind::Note, &file, &problem, &advice));
        }
    };
    let (kernel, cpu) = (Kernel::from_package(manifest.kernel.as_str()), manifest.distro.processor());
    let from = from(inputs, target.host_type).unwrap_or(target.host_type);
    let recipe = Recipe { cpu, kernel, firmware: false, types: [(target.host_type, from)].into(), site };
    let lacks: Vec<String> =
        recipe.image_packages(target.host_type).into_iter().filter(|name| !installed.contains(name)).collect();
    if !lacks.is_empty() {
        let problem = format!(
            "the image lacks what the list of {}, the cluster file or a site profile names: {}",
            target.host_type,
            lacks.join(", ")
        );
        let advice = format!("{} makes a new build", command(manifest));
        findings.add(target, Finding::new(FindingKind::Lacking, &file, &problem, &advice));
    }
}
