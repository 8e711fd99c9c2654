// SPDX-License-Identifier: GPL-3.0-or-later
//! Which tree a line of a distribution means.

use super::*;
use crate::media::trees::{newest, trees};

fn distro(text: &str) -> Distro {
    text.parse().unwrap()
}

#[test]
fn a_line_means_its_newest_release() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "x86_64-linux-rockylinux-10.2",
        "x86_64-linux-rockylinux-10.10",
        "x86_64-linux-rockylinux-9.7",
        "x86_64-linux-almalinux-10.11",
        "x86_64-linux-debian-12",
        ".tree-x",
        "x86_64-linux-rockylinux-10",
    ] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let newest = |name: &str| newest(folder.path(), &distro(name)).unwrap().map(|d| d.to_string());
    assert_eq!(newest("x86_64-linux-rockylinux-10").as_deref(), Some("x86_64-linux-rockylinux-10.10"));
    assert_eq!(newest("x86_64-linux-rockylinux-10.2").as_deref(), Some("x86_64-linux-rockylinux-10.2"));
    assert_eq!(newest("x86_64-linux-rockylinux-10.3"), None);
    assert_eq!(newest("x86_64-linux-rockylinux-1"), None);
    let names: Vec<String> = trees(folder.path()).unwrap().iter().map(|t| t.distro.to_string()).collect();
    assert_eq!(
        names,
        [
            "x86_64-linux-almalinux-10.11",
            "x86_64-linux-rockylinux-10.10",
            "x86_64-linux-rockylinux-10.2",
            "x86_64-linux-rockylinux-9.7"
        ]
    );
    let base = Base::from_folders([folder.path()]);
    let store = TreeStore::lock(folder.path(), &base).unwrap();
    assert!(!folder.path().join(".tree-x").exists(), "what a killed run has left is removed");
    let busy = TreeStore::lock(folder.path(), &base).unwrap_err().to_string();
    let begin = format!("another run is in progress: process {} (", std::process::id());
    assert!(busy.starts_with(&begin), "{busy}");
    let too_many = |keep| store.too_many(&distro("x86_64-linux-rockylinux-10.10"), keep).unwrap();
    assert_eq!(too_many(0), [distro("x86_64-linux-rockylinux-10.2")]);
    assert!(too_many(1).is_empty());
    store.remove(&distro("x86_64-linux-rockylinux-10.10")).unwrap();
    assert_eq!(newest("x86_64-linux-rockylinux-10").as_deref(), Some("x86_64-linux-rockylinux-10.2"));
}
