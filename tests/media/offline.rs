// SPDX-License-Identifier: GPL-3.0-or-later
//! Without a mirror: an ISO from a stick, and what is done with published trees.

use crate::iso::{NEW, OLD, Release, fill, make};
use crate::key::ATTACKER;
use crate::site::Site;
use std::path::PathBuf;

/// A stick with a release.
fn stick(site: &Site, release: &Release) -> PathBuf {
    let folder = site.path("stick");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("CHECKSUM"), &release.checksum).unwrap();
    std::fs::write(folder.join("CHECKSUM.sig"), &release.signature).unwrap();
    std::fs::write(folder.join(release.name()), &release.iso).unwrap();
    folder
}

fn publish(site: &Site, iso: &std::path::Path, more: &[&str]) -> crate::site::Answer {
    let mut arguments = vec!["--from-file", iso.to_str().unwrap()];
    arguments.extend(more);
    site.run(&arguments)
}

#[test]
fn an_iso_from_a_stick_with_its_signature() {
    let site = Site::new();
    let folder = stick(&site, &OLD);
    let iso = folder.join(OLD.name());
    let dry = publish(&site, &iso, &["--dry-run"]);
    assert_eq!((dry.code, dry.out.as_str()), (Some(10), ""), "{dry:?}");
    publish(&site, &iso, &[]).says(&OLD.distro());
    publish(&site, &iso, &[]).says(&OLD.distro());
    assert!(iso.exists(), "the ISO of the operator stays");
    assert!(site.log().contains("signed by") && site.log().lines().count() == 1, "{}", site.log());
    publish(&site, &stick(&site, &NEW).join(NEW.name()), &["--keep", "0"]).says(&NEW.distro());
    assert_eq!(site.shelf(), [NEW.distro()], "--keep counts here too");
}

#[test]
fn an_iso_from_a_stick_that_proves_nothing() {
    let site = Site::new();
    let folder = stick(&site, &OLD);
    let iso = folder.join(OLD.name());
    std::fs::write(folder.join("CHECKSUM.sig"), ATTACKER.sign(&OLD.checksum)).unwrap();
    publish(&site, &iso, &[]).fails(3, &["another key"]);
    std::fs::remove_file(folder.join("CHECKSUM.sig")).unwrap();
    publish(&site, &iso, &[]).fails(3, &["not signed", "--sha256"]);
    std::fs::remove_file(folder.join("CHECKSUM")).unwrap();
    publish(&site, &iso, &[]).fails(4, &["CHECKSUM: not there", "--sha256"]);
    let folder = stick(&site, &OLD);
    let renamed = folder.join("rocky.iso");
    std::fs::copy(&iso, &renamed).unwrap();
    publish(&site, &renamed, &[]).fails(3, &["its name is not that of a release", "--sha256"]);
    let other = folder.join(NEW.name());
    std::fs::copy(&iso, &other).unwrap();
    publish(&site, &other, &[]).fails(3, &["no line for"]);
    std::fs::write(&iso, &OLD.iso[..OLD.iso.len() - 1]).unwrap();
    publish(&site, &iso, &[]).fails(3, &["its size is"]);
    let mut changed = OLD.iso.clone();
    changed[40_000] ^= 1;
    std::fs::write(&iso, changed).unwrap();
    publish(&site, &iso, &[]).fails(3, &["its SHA-256 is"]);
    assert!(site.shelf().is_empty());
}

#[test]
fn trees_are_listed_proven_again_and_removed() {
    let site = Site::new();
    site.run(&["--list"]).is_silent();
    site.run(&["--verify"]).is_silent();
    publish(&site, &stick(&site, &OLD).join(OLD.name()), &[]).says(&OLD.distro());
    publish(&site, &stick(&site, &NEW).join(NEW.name()), &[]).says(&NEW.distro());
    let list = site.run(&["--list"]);
    let lines: Vec<&str> = list.out.lines().collect();
    assert_eq!(lines.len(), 2, "{list:?}");
    assert!(lines[0].starts_with(&NEW.distro()) && lines[0].contains(&NEW.name()) && lines[0].contains("signed by"));
    let json: serde_json::Value = serde_json::from_str(&site.run(&["--list", "--json"]).out).unwrap();
    assert_eq!((&json[1]["distro"], &json[1]["from"]["files"]), (&OLD.distro().into(), &9.into()));

    let good = site.run(&["--verify"]);
    assert_eq!((good.code, good.out.lines().count()), (Some(0), 2), "{good:?}");
    let tree = site.distros(&OLD.distro());
    let rpm = tree.join("BaseOS/Packages/b/bash-5.2~x+1-1.el10.x86_64.rpm");
    std::fs::write(&rpm, "rpX").unwrap();
    std::fs::write(tree.join("new"), "x").unwrap();
    std::fs::remove_file(tree.join("media.repo")).unwrap();
    std::os::unix::fs::symlink("/etc/shadow", tree.join("link")).unwrap();
    let bad = site.run(&["--verify"]);
    assert_eq!(bad.code, Some(3), "{bad:?}");
    for word in
        ["bash-5.2~x+1-1.el10.x86_64.rpm has SHA-256", "new was not there", "media.repo is missing", "link is a link"]
    {
        assert!(bad.out.contains(word), "{word} in {bad:?}");
    }
    assert!(bad.err.contains("remove it with --remove"), "{bad:?}");
    site.run(&["--verify", &NEW.distro()]).says(&format!("{}: every file is as it was published", NEW.distro()));
    site.run(&["--verify", "x86_64-linux-rockylinux-10.9"]).fails(4, &["no such tree"]);
    std::fs::remove_file(tree.join(".hps-inventory")).unwrap();
    let none = site.run(&["--verify", &OLD.distro()]);
    assert!(none.code == Some(3) && none.out.contains("no inventory"), "{none:?}");
    assert!(site.run(&["--list"]).out.contains("no inventory"));

    let dry = site.run(&["--remove", &OLD.distro(), "--dry-run"]);
    assert_eq!(dry.code, Some(10), "{dry:?}");
    site.run(&["--remove", &OLD.distro()]).says(&format!("{} removed", OLD.distro()));
    site.run(&["--remove", &OLD.distro()]).fails(4, &["no such tree"]);
    assert_eq!(site.shelf(), [NEW.distro()]);
    assert!(site.log().contains("removed by"), "{}", site.log());
}

#[test]
fn what_cannot_be_read_keeps_every_tree() {
    let site = Site::new();
    publish(&site, &stick(&site, &OLD).join(OLD.name()), &[]).says(&OLD.distro());
    std::fs::write(site.path("srv/hps-config/clusters/lab.cluster"), "broken").unwrap();
    publish(&site, &stick(&site, &NEW).join(NEW.name()), &["--keep", "0"]).says(&NEW.distro());
    assert_eq!(site.shelf(), [OLD.distro(), NEW.distro()]);
    site.run(&["--remove", &OLD.distro()]).fails(3, &["stays", "cannot be told", "lab.cluster"]);
}

#[test]
fn the_checksums_of_treeinfo_are_held() {
    let site = Site::new();
    let publish_made = |prepare: &dyn Fn(&std::path::Path)| {
        let iso = make(|tree| {
            fill(tree, "Rocky Linux", "10.1");
            prepare(tree);
        });
        let path = site.path("made.iso");
        std::fs::write(&path, &iso).unwrap();
        publish(&site, &path, &["--sha256", &hps::types::Sha256Digest::of(&iso).to_string()])
    };
    let info = |tree: &std::path::Path, from: &str, to: &str| {
        let path = tree.join(".treeinfo");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(path, text.replace(from, to)).unwrap();
    };
    publish_made(&|tree| std::fs::write(tree.join("images/install.img"), "other").unwrap())
        .fails(3, &[".treeinfo says images/install.img has SHA-256"]);
    publish_made(&|tree| std::fs::remove_file(tree.join("images/install.img")).unwrap())
        .fails(3, &[".treeinfo lists images/install.img, which is not there"]);
    publish_made(&|tree| info(tree, "= sha256:", "= md5:")).fails(3, &["no SHA-256"]);
    publish_made(&|tree| info(tree, "images/install.img", "../install.img")).fails(3, &["no path in the tree"]);
    publish_made(&|tree| info(tree, "version = 10.1", "version = 10")).fails(3, &["expected a release"]);
    publish_made(&|tree| info(tree, "arch = x86_64", "arch = s390x")).fails(3, &["not published"]);
    publish_made(&|tree| std::fs::remove_file(tree.join(".treeinfo")).unwrap()).fails(3, &["no .treeinfo"]);
    assert!(site.shelf().is_empty());
}

#[test]
fn a_tree_takes_no_more_than_the_disk_has_beside_its_reserve() {
    let site = Site::new();
    let iso = stick(&site, &OLD).join(OLD.name());
    let disk = crate::site::Disk::of(&site, "65m");
    publish(&site, &iso, &[]).fails(1, &["are needed for the tree", "are free"]);
    assert!(site.shelf().is_empty(), "{:?}", site.shelf());
    drop(disk);
    publish(&site, &iso, &[]).says(&OLD.distro());
}
