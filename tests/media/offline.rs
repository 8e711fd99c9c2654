// SPDX-License-Identifier: GPL-3.0-or-later
//! Without a mirror: an ISO from a stick, and what is done with published trees.

use crate::iso::{NEW, OLD, Release, fill, make};
use crate::key::ATTACKER;
use crate::mirror::Mirror;
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

/// Another release.
fn made(version: &'static str) -> Release {
    Release::from_iso(version, make(|tree| fill(tree, "Rocky Linux", version)))
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
    assert_eq!(site.published(), [NEW.distro()], "--keep counts here too");
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
    publish(&site, &iso, &[]).fails(4, &["stick/CHECKSUM: ", "--sha256"]);
    let folder = stick(&site, &OLD);
    let renamed = folder.join("rocky.iso");
    std::fs::copy(&iso, &renamed).unwrap();
    publish(&site, &renamed, &[]).fails(3, &["this is not the name of a release", "--sha256"]);
    let other = folder.join(NEW.name());
    std::fs::copy(&iso, &other).unwrap();
    publish(&site, &other, &[]).fails(3, &["no line for"]);
    std::fs::write(&iso, &OLD.iso[..OLD.iso.len() - 1]).unwrap();
    publish(&site, &iso, &[]).fails(3, &["its size is"]);
    let mut changed = OLD.iso.clone();
    changed[40_000] ^= 1;
    std::fs::write(&iso, changed).unwrap();
    publish(&site, &iso, &[]).fails(3, &["its SHA-256 is"]);
    assert!(site.published().is_empty());
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
    site.run(&["--verify", &NEW.distro()]).says(&format!("{}: every file is unchanged", NEW.distro()));
    site.run(&["--verify", "x86_64-linux-rockylinux-10.9"]).fails(4, &["no such tree"]);
    std::fs::remove_file(tree.join(".hps-inventory")).unwrap();
    let none = site.run(&["--verify", &OLD.distro()]);
    assert!(none.code == Some(3) && none.out.contains("no inventory"), "{none:?}");
    assert!(site.run(&["--list"]).out.contains("no inventory"));

    let dry = site.run(&["--remove", &OLD.distro(), "--dry-run"]);
    assert_eq!(dry.code, Some(10), "{dry:?}");
    site.run(&["--remove", &OLD.distro()]).says(&format!("{} removed", OLD.distro()));
    site.run(&["--remove", &OLD.distro()]).fails(4, &["no such tree"]);
    assert_eq!(site.published(), [NEW.distro()]);
    assert!(site.log().contains("removed by"), "{}", site.log());
}

#[test]
fn a_tree_that_keep_would_remove_at_once_is_not_published() {
    let site = Site::new();
    for release in ["10.2", "10.3"].map(made) {
        publish(&site, &stick(&site, &release).join(release.name()), &[]).says(&release.distro());
    }
    let words = ["would be removed as soon as it is published", "--keep 1 keeps", "to keep it too: --keep 2"];
    let old = stick(&site, &OLD).join(OLD.name());
    publish(&site, &old, &[]).fails(3, &words);
    // The name of a file says nothing, the tree says it.
    let digest = hps::types::Sha256Digest::hash(&OLD.iso).to_string();
    publish(&site, &old, &["--sha256", &digest]).fails(3, &words);
    let mirror = Mirror::new(&[&OLD]);
    for more in [&[][..], &["--check"], &["--dry-run"], &["--sha256", &digest]] {
        site.fetch(&[&mirror], &[&["--release", "10.1"], more].concat()).fails(3, &words);
    }
    assert!(mirror.seen(&OLD.iso_path()).is_empty(), "nothing is downloaded for nothing");
    assert_eq!(site.published(), ["10.2", "10.3"].map(|release| format!("x86_64-linux-rockylinux-{release}")));
    // What a run publishes is there when it says so.
    site.fetch(&[&mirror], &["--release", "10.1", "--keep", "2"]).says(&format!("{} published", OLD.distro()));
    assert_eq!(site.published().len(), 3);
    site.run(&["--remove", &OLD.distro()]).says(&format!("{} removed", OLD.distro()));
    // What a cluster names stays, so it can be published too.
    let cluster =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/lab.cluster")).unwrap();
    let cluster = cluster.replace("x86_64-linux-debian-12", &OLD.distro());
    std::fs::write(site.path("srv/hps-config/clusters/lab.cluster"), cluster).unwrap();
    publish(&site, &old, &[]).says(&OLD.distro());
    assert_eq!(site.published().len(), 3);
}

#[test]
fn another_iso_of_a_release_that_is_published_is_not_said_to_be() {
    let site = Site::new();
    publish(&site, &stick(&site, &OLD).join(OLD.name()), &[]).says(&OLD.distro());
    let other = Release::from_iso("10.1", make(|tree| fill(tree, "Rocky Linux", "10.1")));
    assert_ne!(other.iso, OLD.iso);
    let iso = stick(&site, &other).join(other.name());
    let digest = hps::types::Sha256Digest::hash(&other.iso).to_string();
    for more in [&[][..], &["--sha256", &digest]] {
        publish(&site, &iso, more).fails(3, &["is published from", "and was not changed", "--remove"]);
    }
}

#[test]
fn a_link_is_no_tree_and_is_seen_as_what_it_is() {
    let site = Site::new();
    publish(&site, &stick(&site, &OLD).join(OLD.name()), &[]).says(&OLD.distro());
    let (place, elsewhere) = (site.distros(&OLD.distro()), site.path("elsewhere"));
    std::fs::rename(&place, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &place).unwrap();
    let words = ["is a link to", "which the web server does not follow", "mount --bind"];
    let listed = site.run(&["--list"]);
    assert!(listed.code == Some(0) && words.iter().all(|word| listed.out.contains(word)), "{listed:?}");
    let json: serde_json::Value = serde_json::from_str(&site.run(&["--list", "--json"]).out).unwrap();
    assert!(json[0]["problem"].as_str().unwrap().contains("is a link to"), "{json}");
    let verified = site.run(&["--verify"]);
    assert!(verified.code == Some(3) && verified.out.contains("is a link to"), "{verified:?}");
    let mirror = Mirror::new(&[&OLD]);
    for more in [&[][..], &["--release", "10.1"], &["--check"]] {
        site.fetch(&[&mirror], more).fails(3, &words);
    }
    publish(&site, &stick(&site, &OLD).join(OLD.name()), &[]).fails(3, &words);
    assert!(mirror.seen(&OLD.iso_path()).is_empty(), "nothing is downloaded for nothing");
    site.run(&["--remove", &OLD.distro()]).says(&format!("{} removed", OLD.distro()));
    assert!(elsewhere.join(".treeinfo").is_file() && site.published().is_empty(), "the link alone is removed");
    // One that leads nowhere, and a file.
    std::os::unix::fs::symlink("nowhere", &place).unwrap();
    site.fetch(&[&mirror], &[]).fails(3, &["is a link to", "remove it: rm "]);
    std::fs::remove_file(&place).unwrap();
    std::fs::write(&place, "x").unwrap();
    site.fetch(&[&mirror], &[]).fails(3, &["it is not a folder", "remove it: rm "]);
    std::fs::remove_file(&place).unwrap();
    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
}

#[test]
fn only_root_publishes() {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    let site = Site::new();
    let iso = stick(&site, &OLD).join(OLD.name());
    let distros = site.distros("");
    for folder in [distros.clone(), site.path("srv/hps-resources")] {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        publish(&site, &iso, &[]).fails(3, &["everybody can write it (mode 0777)", "chmod "]);
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        chown(&folder, Some(1000), None).unwrap();
        publish(&site, &iso, &[]).fails(3, &["belongs to user", "chown -h root"]);
        chown(&folder, Some(0), None).unwrap();
    }
    publish(&site, &iso, &[]).says(&OLD.distro());
    // A tree of an earlier version, with the owner that its ISO had.
    let kernel = site.distros(&OLD.distro()).join("images/pxeboot/vmlinuz");
    chown(&kernel, Some(1000), Some(1000)).unwrap();
    let verified = site.run(&["--verify"]);
    assert_eq!(verified.code, Some(3), "{verified:?}");
    assert!(verified.out.contains("images/pxeboot/vmlinuz belongs to user 1000"), "{verified:?}");
}

#[test]
fn what_cannot_be_read_keeps_every_tree() {
    let site = Site::new();
    publish(&site, &stick(&site, &OLD).join(OLD.name()), &[]).says(&OLD.distro());
    std::fs::write(site.path("srv/hps-config/clusters/lab.cluster"), "broken").unwrap();
    publish(&site, &stick(&site, &NEW).join(NEW.name()), &["--keep", "0"]).says(&NEW.distro());
    assert_eq!(site.published(), [OLD.distro(), NEW.distro()]);
    site.run(&["--remove", &OLD.distro()]).fails(3, &["stays", "its use is not known", "lab.cluster"]);
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
        publish(&site, &path, &["--sha256", &hps::types::Sha256Digest::hash(&iso).to_string()])
    };
    let info = |tree: &std::path::Path, from: &str, to: &str| {
        let path = tree.join(".treeinfo");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(path, text.replace(from, to)).unwrap();
    };
    publish_made(&|tree| std::fs::write(tree.join("images/install.img"), "other").unwrap())
        .fails(3, &["images/install.img has SHA-256", ".treeinfo"]);
    publish_made(&|tree| std::fs::remove_file(tree.join("images/install.img")).unwrap())
        .fails(3, &[".treeinfo lists images/install.img, which is missing"]);
    publish_made(&|tree| info(tree, "= sha256:", "= md5:")).fails(3, &["not SHA-256"]);
    publish_made(&|tree| info(tree, "images/install.img", "../install.img")).fails(3, &["not a path in the tree"]);
    publish_made(&|tree| info(tree, "version = 10.1", "version = 10")).fails(3, &["expected a release"]);
    publish_made(&|tree| info(tree, "arch = x86_64", "arch = s390x")).fails(3, &["not published"]);
    publish_made(&|tree| std::fs::remove_file(tree.join(".treeinfo")).unwrap()).fails(3, &["no .treeinfo"]);
    assert!(site.published().is_empty());
}

#[test]
fn a_tree_takes_no_more_than_the_disk_has_beside_its_reserve() {
    let site = Site::new();
    let iso = stick(&site, &OLD).join(OLD.name());
    let disk = crate::site::Disk::new(&site, "65m");
    publish(&site, &iso, &[]).fails(1, &["are needed for a copy that only root can change", "are free"]);
    assert!(site.published().is_empty(), "{:?}", site.published());
    drop(disk);
    publish(&site, &iso, &[]).says(&OLD.distro());
}
