// SPDX-License-Identifier: GPL-3.0-or-later
//! The files of a provisioning node: its cluster, and what it publishes.

use super::site::ROCKY;
use crate::config::{Cluster, HpsConf};
use crate::files::make_dir;
use crate::media::{File, Manifest, NodeFiles};
use crate::store::{Paths, Store, activate, save_cluster};
use crate::types::{HostType, Line, Sha256Digest};
use std::path::Path;

const DEBIAN: &str = "x86_64-linux-debian-12";

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

pub(super) fn cluster(name: &str, enrolment: &str, install: &str, tables: &str) -> Cluster {
    let text = CLUSTER
        .replace("\"lab\"", &format!("{name:?}"))
        .replace("enrolment = \"menu\"", &format!("enrolment = {enrolment:?}\n{install}"))
        .replace("debian-12", "rockylinux-10.1")
        .replace("10.0.0.127", "10.0.0.9");
    Cluster::parse(&format!("{text}[types.DRH]\ndistro = \"{DEBIAN}\"\n{tables}")).unwrap()
}

/// Writes a cluster, makes its folders, and makes it the active one.
pub(super) fn make_active(conf: &HpsConf, cluster: &Cluster) -> Store {
    let paths = Paths::new(conf.clone(), cluster.name.clone());
    let own = [
        paths.permissions_dir(),
        paths.windows_dir(),
        paths.tasks_dir(),
        paths.discovery_windows_dir(),
        paths.erase_permissions_dir(),
    ];
    paths.make_shared(None).unwrap();
    for path in own.into_iter().chain(paths.host_entries_dirs()) {
        make_dir(&path, 0o755, None).unwrap();
    }
    save_cluster(conf, cluster).unwrap();
    activate(conf, &cluster.name).unwrap();
    Store::open(conf).unwrap()
}

/// A tree to install from, and a node environment.
pub(super) fn publish(distros: &Path) {
    let tree = distros.join(ROCKY);
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(tree.join(name), "x").unwrap();
    }
    let build = distros.join(DEBIAN).join("b1");
    std::fs::create_dir_all(&build).unwrap();
    let file = |name: &str| {
        std::fs::write(build.join(name), name).unwrap();
        let size = name.len() as u64;
        File { file: name.to_owned(), sha256: Sha256Digest::hash(name.as_bytes()), size, unpacked: Some(9) }
    };
    let manifest = Manifest {
        version: Manifest::VERSION,
        distro: DEBIAN.parse().unwrap(),
        build: Line::lossy("b1"),
        kernel: Line::lossy("6.1"),
        recipe: Sha256Digest::hash(b""),
        node: NodeFiles { kernel: file("vmlinuz"), initrd: file("initrd.img") },
        images: [(HostType::DRH, file("DRH.tar.zst"))].into(),
        packages: Vec::new(),
    };
    std::fs::write(distros.join(DEBIAN).join("current.toml"), manifest.to_text()).unwrap();
}
