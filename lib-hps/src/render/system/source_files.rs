// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that list the package sources for dnf and apt: this node, and the archives of the distribution where the
//! cluster asks for them, or where its hosts can reach them.

use super::debian_sources::DebianSources;
use super::placed_file::{MADE, PlacedFile};
use super::sources::Sources;
use super::target_system::TargetSystem;
use crate::types::{Distro, Method};

/// Where the distribution puts its own release key.
fn release_key(distro: &Distro) -> String {
    let vendor = if distro.osname() == "almalinux" { "AlmaLinux" } else { "Rocky" };
    format!("file:///etc/pki/rpm-gpg/RPM-GPG-KEY-{vendor}-{}", distro.major())
}

pub(super) fn files(host: &TargetSystem<'_>) -> Vec<PlacedFile> {
    match host.family() {
        Method::Image => apt(host),
        Method::Kickstart => host.sources.map_or_else(Vec::new, |sources| dnf(host, &sources)),
    }
}

/// Where the key of the site's packages is on a Debian host.
const SITE_KEY: &str = "etc/apt/keyrings/hps.asc";

/// sources.list(5), in the format deb822, which Debian 12 and 13 read without a notice.
fn apt(host: &TargetSystem<'_>) -> Vec<PlacedFile> {
    let distro = &host.permission.distro;
    let site = host.sources.filter(|sources| sources.packages.is_some());
    let from = DebianSources::new(host.cluster, site.is_some());
    let suite = distro.codename().unwrap_or_default();
    let mut list = MADE.to_owned();
    if from.is_empty() {
        list.push_str(&from.advice(host.cluster, distro));
    } else {
        list.push_str("# The package sources are in sources.list.d: *.sources.\n");
    }
    let mut files = vec![PlacedFile::new("etc/apt/sources.list", list)];
    if from.archives {
        // Firmware of an image is from non-free-firmware, and ZFS from contrib.
        let components = if host.zfs { "main contrib non-free-firmware" } else { "main non-free-firmware" };
        let mut text = MADE.to_owned();
        for (path, suites) in
            [("debian", format!("{suite} {suite}-updates")), ("debian-security", format!("{suite}-security"))]
        {
            text.push_str(&format!(
                "\nTypes: deb\nURIs: http://deb.debian.org/{path}\nSuites: {suites}\nComponents: {components}\n\
                 Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
            ));
        }
        files.push(PlacedFile::new("etc/apt/sources.list.d/debian.sources", text));
    }
    if let Some(sources) = site
        && let Some(packages) = sources.packages
    {
        let base = host.cluster.base_url();
        let text = format!(
            "{MADE}\nTypes: deb\nURIs: {base}/packages/{packages}/Repo\nSuites: {suite}\nComponents: main\n\
             Signed-By: /{SITE_KEY}\n"
        );
        files.push(PlacedFile::new("etc/apt/sources.list.d/hps.sources", text));
        let keys: String = sources.keys.iter().map(|key| key.armored.as_str()).collect();
        files.push(PlacedFile::new(SITE_KEY, keys));
    }
    files
}

/// dnf.conf(5), [repo] options. A newer tree may replace this one later; dnf then continues without it.
fn dnf(host: &TargetSystem<'_>, sources: &Sources<'_>) -> Vec<PlacedFile> {
    let base = host.cluster.base_url();
    let own = release_key(&host.permission.distro);
    let mut text = MADE.to_owned();
    let mut repository = |id: &str, name: &str, path: &str, keys: &str| {
        text.push_str(&format!(
            "\n[{id}]\nname={name}\nbaseurl={base}/{path}\nenabled=1\ngpgcheck=1\ngpgkey={keys}\nskip_if_unavailable=1\n"
        ));
    };
    for (part, tree) in ["BaseOS", "AppStream"].into_iter().filter_map(|part| Some((part, sources.tree?))) {
        let id = format!("hps-{}", part.to_lowercase());
        let name = format!("{part} of {tree}, on the provisioning node");
        repository(&id, &name, &format!("distros/{tree}/{part}/"), &own);
    }
    let mut files = Vec::new();
    if let Some(packages) = sources.packages {
        let mut keys = vec![own.clone()];
        for key in sources.keys {
            let path = format!("etc/pki/rpm-gpg/hps-{}", key.name);
            keys.push(format!("file:///{path}"));
            files.push(PlacedFile::new(path, key.armored.clone()));
        }
        repository("hps-packages", "Packages of the site", &format!("packages/{packages}/Repo/"), &keys.join(" "));
    }
    files.insert(0, PlacedFile::new("etc/yum.repos.d/hps.repo", text));
    files
}
