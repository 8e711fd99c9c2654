// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that list the package sources for dnf and apt: this node, and the mirrors of the distribution only if the
//! cluster asks for them.

use super::placed_file::{MADE, PlacedFile};
use super::sources::Sources;
use super::target_system::TargetSystem;
use crate::config::PackageSources;
use crate::types::{Distro, Method};

/// Where the distribution puts its own release key.
fn release_key(distro: &Distro) -> String {
    let vendor = if distro.osname() == "almalinux" { "AlmaLinux" } else { "Rocky" };
    format!("file:///etc/pki/rpm-gpg/RPM-GPG-KEY-{vendor}-{}", distro.major())
}

pub(super) fn files(host: &TargetSystem<'_>) -> Vec<PlacedFile> {
    match host.family() {
        Method::Image => vec![apt(host)],
        Method::Kickstart => host.sources.map_or_else(Vec::new, |sources| dnf(host, &sources)),
    }
}

/// sources.list(5). This node has no archive of Debian: the installed packages came with the image.
fn apt(host: &TargetSystem<'_>) -> PlacedFile {
    let mut text = MADE.to_owned();
    match (host.cluster.install.sources, host.permission.distro.codename()) {
        (PackageSources::Distribution, Some(suite)) => {
            let signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
            for (path, suite) in [
                ("debian", suite.to_owned()),
                ("debian", format!("{suite}-updates")),
                ("debian-security", format!("{suite}-security")),
            ] {
                text.push_str(&format!("deb {signed} http://deb.debian.org/{path} {suite} main\n"));
            }
        }
        _ => text.push_str(
            "# The cluster names no mirror (install.sources is \"site\"). A site profile can add one in sources.list.d.\n",
        ),
    }
    PlacedFile::new("etc/apt/sources.list", text)
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
    for part in ["BaseOS", "AppStream"] {
        let id = format!("hps-{}", part.to_lowercase());
        let name = format!("{part} of {}, on the provisioning node", sources.tree);
        repository(&id, &name, &format!("distros/{}/{part}/", sources.tree), &own);
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
