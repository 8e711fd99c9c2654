// SPDX-License-Identifier: GPL-3.0-or-later
//! What is published, and the command that publishes what is not.

use super::*;
use crate::media::{File, Manifest, NodeFiles};
use crate::types::Sha256Digest;

#[test]
fn what_is_published_is_found_and_what_is_not_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let distro: Distro = "x86_64-linux-debian-12".parse().unwrap();
    let find = |host_type| source(folder.path(), &distro, host_type, None);
    assert!(find(HostType::SCH).unwrap_err().to_string().contains("build-image"));
    assert!(node_environment(folder.path(), [&distro]).unwrap_err().to_string().contains("build-image"));

    let build = folder.path().join("x86_64-linux-debian-12/b1");
    std::fs::create_dir_all(&build).unwrap();
    let file = |name: &str| {
        std::fs::write(build.join(name), name).unwrap();
        File {
            file: name.to_owned(),
            sha256: Sha256Digest::hash(name.as_bytes()),
            size: name.len() as u64,
            unpacked: Some(9),
        }
    };
    let manifest = Manifest {
        version: 1,
        distro: distro.clone(),
        build: Line::lossy("b1"),
        kernel: Line::lossy("6.1"),
        recipe: Sha256Digest::hash(b""),
        node: NodeFiles { kernel: file("vmlinuz"), initrd: file("initrd.img") },
        images: [(HostType::SCH, file("SCH.tar.zst"))].into(),
        packages: Vec::new(),
    };
    std::fs::write(folder.path().join("x86_64-linux-debian-12/current.toml"), manifest.to_text()).unwrap();
    assert!(
        matches!(find(HostType::SCH).unwrap(), Source::Image { image, unpacked: 9, .. } if image.path == "x86_64-linux-debian-12/b1/SCH.tar.zst")
    );
    assert_eq!(node_environment(folder.path(), [&distro]).unwrap().1.path, "x86_64-linux-debian-12/b1/initrd.img");
    assert!(matches!(find(HostType::TCH), Err(SourceError::NoImage { .. })));
    std::fs::write(build.join("SCH.tar.zst"), "cut").unwrap();
    assert!(find(HostType::SCH).unwrap_err().to_string().contains("has 3 bytes, but 11"));
    std::fs::remove_file(build.join("initrd.img")).unwrap();
    assert!(find(HostType::SCH).unwrap_err().to_string().contains("initrd.img: cannot be read"));
    for bad in ["../x", ".x", "a/b", ""] {
        assert!(Manifest::parse(&manifest.to_text().replace("SCH.tar.zst", bad)).is_err(), "{bad}");
    }
}

#[test]
fn the_command_that_mends_it_names_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let distro: Distro = "x86_64-linux-debian-13".parse().unwrap();
    let find = |host_type| source(folder.path(), &distro, host_type, None).unwrap_err().to_string();
    // Without --distro, build-image builds Debian 12.
    assert!(find(HostType::SCH).ends_with("build-image --distro x86_64-linux-debian-13"), "{}", find(HostType::SCH));
    let none = SourceError::NoImage { distro: distro.clone(), host_type: HostType::TCH }.to_string();
    assert!(none.ends_with("build-image --distro x86_64-linux-debian-13 --type TCH"), "{none}");
}

#[test]
fn a_line_is_its_newest_tree_and_an_attempt_stays_with_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let publish = |release: &str| {
        let tree = folder.path().join(format!("x86_64-linux-rockylinux-{release}"));
        std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
        for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
            std::fs::write(tree.join(name), name).unwrap();
        }
    };
    let find = |distro: &str, build: Option<&Line>| {
        source(folder.path(), &distro.parse().unwrap(), HostType::SCH, build).map(|source| match source {
            Source::Tree { path } => path.to_string(),
            Source::Image { .. } => panic!("an image"),
        })
    };
    let line = "x86_64-linux-rockylinux-10";
    let error = find(line, None).unwrap_err().to_string();
    assert!(error.contains("--os rockylinux --release 10"), "{error}");
    publish("10.1");
    publish("9.7");
    assert_eq!(find(line, None).unwrap(), "x86_64-linux-rockylinux-10.1");
    let began = Line::lossy("x86_64-linux-rockylinux-10.1");
    publish("10.2");
    assert_eq!(find(line, None).unwrap(), "x86_64-linux-rockylinux-10.2");
    assert_eq!(find(line, Some(&began)).unwrap(), "x86_64-linux-rockylinux-10.1");
    assert_eq!(find("x86_64-linux-rockylinux-10.1", Some(&began)).unwrap(), "x86_64-linux-rockylinux-10.1");
    assert!(find("x86_64-linux-rockylinux-9", Some(&began)).is_err());
    assert!(find(line, Some(&Line::lossy("../x"))).is_err());
}
