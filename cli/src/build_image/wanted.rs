// SPDX-License-Identifier: GPL-3.0-or-later
//! What to build: the host types, the kernel and the packages that the site wants.

use super::Arguments;
use super::arguments::KernelArgument;
use super::progress::progress;
use crate::program::{Ended, Exit};
use hps::config::{Cluster, HpsConf, TypeDefinition};
use hps::media::recipe::Recipe;
use hps::media::{Kernel, Manifest, zfs};
use hps::store::{StoreError, active_cluster, active_site_profiles};
use hps::types::{Distro, HostType};
use std::collections::{BTreeMap, BTreeSet};

/// What to build.
pub(super) fn recipe(conf: &HpsConf, arguments: &Arguments, before: Option<&Manifest>) -> anyhow::Result<Recipe> {
    let cluster = match active_cluster(conf) {
        Ok(cluster) => Some(cluster),
        Err(StoreError::NoActiveCluster { .. }) => None,
        // Types of the site's own, ZFS and site profiles would be left out of the images without a word.
        Err(error) => return Err(error.into()),
    };
    let installed = || cluster.as_ref().map_or_else(BTreeSet::new, |cluster| types_of(cluster, &arguments.distro));
    let types = made_from(types_to_build(arguments, before, installed), cluster.as_ref(), &arguments.types)?;
    let kernel = match arguments.kernel {
        Some(KernelArgument::Generic) => Kernel::Generic,
        Some(KernelArgument::Cloud) => Kernel::Cloud,
        None => before.map_or(Kernel::Generic, |manifest| Kernel::from_package(manifest.kernel.as_str())),
    };
    let site = site_packages(conf, cluster.as_ref(), &types, &arguments.distro, kernel)?;
    Ok(Recipe { cpu: arguments.distro.processor(), kernel, firmware: arguments.firmware, types, site })
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
        types.insert(HostType::SCH);
    }
    types
}

/// The types, each with the type of HPS that it is made from. A type that was removed from the cluster file gets no image
/// any more.
fn made_from(
    types: BTreeSet<HostType>,
    cluster: Option<&Cluster>,
    asked: &[HostType],
) -> anyhow::Result<BTreeMap<HostType, HostType>> {
    let mut made_from = BTreeMap::new();
    for host_type in types {
        let definition = match cluster {
            Some(cluster) => cluster.definition(host_type),
            None => TypeDefinition::built_in(host_type).cloned(),
        };
        match (definition, cluster) {
            (Some(definition), _) => {
                made_from.insert(host_type, definition.from);
            }
            (None, Some(cluster)) if asked.contains(&host_type) => {
                cluster.check_type(host_type).map_err(|unknown| Ended::error(Exit::Usage, unknown.to_string()))?;
            }
            (None, None) if asked.contains(&host_type) => {
                let message =
                    format!("{host_type} is no host type of HPS, and no cluster is active that could define it");
                return Err(Ended::error(Exit::Usage, message));
            }
            (None, _) => {
                progress(format_args!("no active cluster file defines {host_type}: it gets no image any more"))
            }
        }
    }
    Ok(made_from)
}

/// What the active cluster and its site profiles add to the image of each type. Where no cluster is active there is nothing.
fn site_packages(
    conf: &HpsConf,
    cluster: Option<&Cluster>,
    types: &BTreeMap<HostType, HostType>,
    distro: &Distro,
    kernel: Kernel,
) -> anyhow::Result<BTreeMap<HostType, BTreeSet<String>>> {
    let mut packages: BTreeMap<HostType, BTreeSet<String>> = BTreeMap::new();
    let profiles = active_site_profiles(conf)?;
    let wants_zfs = |host_type: HostType| cluster.is_some_and(|cluster| cluster.wants_zfs(host_type, &profiles));
    for host_type in types.keys().copied().filter(|host_type| wants_zfs(*host_type)) {
        packages.entry(host_type).or_default().extend(zfs::image_packages(kernel, distro.processor()));
    }
    for profile in profiles {
        for host_type in profile.types.iter().filter(|host_type| types.contains_key(host_type)) {
            profile.fits(*host_type, distro).map_err(|why| Ended::error(Exit::Refused, why.to_string()))?;
            let of_type = packages.entry(*host_type).or_default();
            of_type.extend(profile.packages.iter().map(ToString::to_string));
        }
    }
    packages.retain(|_, of_type| !of_type.is_empty());
    Ok(packages)
}

/// The types that a cluster installs with this system, by its sections and its rules.
fn types_of(cluster: &Cluster, distro: &Distro) -> BTreeSet<HostType> {
    let by_type = cluster.types.iter().map(|(host_type, settings)| (*host_type, &settings.distro));
    let by_rule = cluster.rules.iter().filter_map(|rule| Some((rule.host_type, rule.distro.as_ref()?)));
    by_type.chain(by_rule).filter(|(_, named)| *named == distro).map(|(host_type, _)| host_type).collect()
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
        assert_eq!(of(&text), [HostType::SCH].into());
        assert_eq!(of(&format!("{more}{}", rule(""))), [HostType::SCH, HostType::TCH].into());
        let by_rule = format!("{more}{}", rule("distro = \"x86_64-linux-debian-12\""));
        assert_eq!(of(&by_rule), [HostType::SCH, HostType::TCH, HostType::DRH].into());

        let recipe = |line: &[&str], installed: &[HostType]| {
            let arguments = <Arguments as clap::Parser>::try_parse_from(line).unwrap();
            types_to_build(&arguments, None, || installed.iter().copied().collect())
        };
        assert_eq!(recipe(&["build-image"], &[HostType::TCH]), [HostType::TCH].into());
        assert_eq!(recipe(&["build-image"], &[]), [HostType::SCH].into());
        assert_eq!(recipe(&["build-image", "--type", "DRH"], &[HostType::TCH]), [HostType::DRH].into());
    }
}
