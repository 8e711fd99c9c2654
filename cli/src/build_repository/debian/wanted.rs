// SPDX-License-Identifier: GPL-3.0-or-later
//! What hosts need from the repository: the packages of their images, and those of site profiles.

use super::order::Order;
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::config::Dir;
use hps::media::builds;
use hps::media::zfs;
use hps::store::active_site_profiles;
use hps::types::HostType;
use std::collections::{BTreeMap, BTreeSet};

/// The names of packages for each host type that has an image.
pub(super) type Wanted = BTreeMap<HostType, BTreeSet<String>>;

/// By the newest build.
pub(super) fn wanted(order: &Order<'_>) -> anyhow::Result<Wanted> {
    let distro = order.distro;
    let folder = order.site.conf.dir(Dir::Distros).join(distro.as_str());
    let Some(build) = builds::current(&folder)? else {
        let message = format!(
            "{distro}: no image of it is published, so its packages are not known; run: build-image --distro {distro}"
        );
        return Err(Ended::error(Exit::NotFound, message));
    };
    let profiles = active_site_profiles(&order.site.conf)?;
    let place = folder.join(build.build.as_str());
    let mut wanted = Wanted::new();
    for host_type in build.images.keys().copied() {
        let list = place.join(builds::package_list(host_type));
        let mut names = builds::packages_in_image(&place, host_type).with_context(|| {
            format!("{}: cannot be read; run: build-image --distro {distro} --force", list.display())
        })?;
        let of_type = profiles.iter().filter(|profile| profile.types.contains(&host_type));
        names.extend(of_type.flat_map(|profile| &profile.packages).map(ToString::to_string));
        wanted.insert(host_type, names);
    }
    Ok(wanted)
}

/// The components of the archive that have these packages.
pub(super) fn components(wanted: &Wanted) -> Vec<&'static str> {
    let any = |test: fn(&str) -> bool| wanted.values().flatten().any(|name| test(name));
    let mut components = vec!["main"];
    if any(zfs::is_its_source) {
        components.push(zfs::COMPONENT);
    }
    if any(|name| name.starts_with("firmware-") || name.ends_with("-microcode")) {
        components.push("non-free-firmware");
    }
    components
}
