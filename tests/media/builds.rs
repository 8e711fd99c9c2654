// SPDX-License-Identifier: GPL-3.0-or-later
//! Builds of the node environment and its images: listed, proven again and removed by the rules of trees.

use crate::debian::{DEBIAN, ago};
use crate::iso::OLD;
use crate::site::Site;
use hps::media::Item;
use std::os::unix::fs::symlink;

fn name(item: &Item) -> &'static str {
    item.to_string().leak()
}

#[test]
fn both_programs_list_all_that_can_be_installed() {
    let site = Site::of_debian();
    site.build_image(&["--list"]).is_silent();
    let (old, newest) = (site.publish(30), site.publish(20));
    let iso = site.path("stick.iso");
    std::fs::write(&iso, &OLD.iso).unwrap();
    let digest = hps::types::Sha256Digest::hash(&OLD.iso).to_string();
    site.run(&["--from-file", iso.to_str().unwrap(), "--sha256", &digest]).says(&OLD.distro());

    let list = site.build_image(&["--list"]);
    let lines: Vec<&str> = list.out.lines().collect();
    assert!(list.code == Some(0) && lines.len() == 3, "{list:?}");
    assert!(lines[0].starts_with(&OLD.distro()), "{list:?}");
    let words = [
        name(&newest),
        &ago(20).to_string()[..13],
        "linux-image-6.1.0-9-amd64 6.1.9; the newest; cluster lab names it",
    ];
    assert!(words.iter().all(|word| lines[1].contains(word)), "{list:?}");
    assert!(lines[2].starts_with(name(&old)) && lines[2].ends_with("6.1.9"), "{list:?}");
    assert_eq!(site.run(&["--list"]).out, list.out, "one story");

    let json = site.run(&["--list", "--json"]).out;
    assert_eq!(site.build_image(&["--list", "--json"]).out, json);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json[0]["distro"], &json[0]["build"], &json[0]["current"]),
        (&OLD.distro().into(), &().into(), &().into())
    );
    assert_eq!(
        (&json[1]["name"], &json[1]["current"], &json[1]["from"]["files"]),
        (&name(&newest).into(), &true.into(), &5.into())
    );
    assert_eq!((&json[1]["in_use"], &json[2]["in_use"]), (&"cluster lab names it".into(), &().into()));
    assert_eq!(json[2]["build"], old.build_name().unwrap().as_str());
    // Each proves its own.
    let digests = |answer: crate::site::Answer| {
        answer.out.lines().map(|l| l.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(digests(site.build_image(&["--verify"])), [name(&newest), name(&old)]);
    assert_eq!(digests(site.run(&["--verify"])), [OLD.distro()]);

    std::fs::write(site.place(&old).join("manifest.toml"), "broken").unwrap();
    let list = site.build_image(&["--list"]).out;
    assert!(list.lines().nth(2).unwrap().contains("manifest.toml: "), "{list}");
}

#[test]
fn whatever_changed_in_a_build_is_found() {
    let site = Site::of_debian();
    let (old, newest) = (site.publish(30), site.publish(20));
    let good = site.build_image(&["--verify"]);
    assert_eq!((good.code, good.out.lines().count(), good.err.as_str()), (Some(0), 2, ""), "{good:?}");
    assert!(good.out.lines().all(|line| line.ends_with(": every file is unchanged")), "{good:?}");

    let place = site.place(&old);
    for (file, text) in
        [("SCH.tar.zst", "SCH.tar.zst of 3X"), ("packages-SCH.txt", "other"), ("new", "x"), (".hidden", "x")]
    {
        std::fs::write(place.join(file), text).unwrap();
    }
    std::fs::remove_file(place.join("packages.txt")).unwrap();
    std::fs::rename(place.join("vmlinuz"), site.path("vmlinuz")).unwrap();
    symlink(site.path("vmlinuz"), place.join("vmlinuz")).unwrap();
    symlink("/", place.join("folder")).unwrap();
    let bad = site.build_image(&["--verify"]);
    assert_eq!(bad.code, Some(3), "{bad:?}");
    let words = [
        "SCH.tar.zst has SHA-256",
        "packages-SCH.txt has SHA-256",
        "packages.txt is missing",
        "new was not there",
        ".hidden was not there",
        "vmlinuz is a link",
        "vmlinuz is missing",
        "folder is a link",
    ];
    for word in words {
        assert!(bad.out.contains(&format!("{old}: {word}")), "{word} in {bad:?}");
    }
    assert_eq!(bad.out.lines().count(), words.len() + 1, "{bad:?}");
    assert!(bad.err.contains(&format!("not as published: {old}; remove it with --remove")), "{bad:?}");
    assert!(site.log().contains(&format!("{old}: --verify found 8 things that are wrong")), "{}", site.log());
    let json = site.build_image(&["--verify", name(&old), "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json[0]["name"], json[0]["wrong"].as_array().unwrap().len()), (&name(&old).into(), 8));

    site.build_image(&["--verify", name(&newest)]).says(&format!("{newest}: every file is unchanged"));
    // What says which build is the newest is looked at too.
    let current = site.distros(&format!("{DEBIAN}/current.toml"));
    let text = std::fs::read_to_string(&current).unwrap();
    std::fs::write(&current, text.replace("6.1.9", "6.1.8")).unwrap();
    let bad = site.build_image(&["--verify", name(&newest)]);
    assert!(bad.code == Some(3) && bad.out.contains("is not a copy of its manifest.toml"), "{bad:?}");
    std::fs::write(&current, text).unwrap();
    // The manifest itself: a size that installations would be refused for, and another build's.
    let manifest = site.place(&newest).join("manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replacen("size = 13", "size = 14", 1)).unwrap();
    let bad = site.build_image(&["--verify", name(&newest)]);
    assert!(bad.code == Some(3) && bad.out.contains("has 13 bytes, not 14"), "{bad:?}");
    std::fs::copy(site.place(&old).join("manifest.toml"), &manifest).unwrap();
    let bad = site.build_image(&["--verify", name(&newest)]);
    assert!(bad.code == Some(3) && bad.out.contains(&format!("it is the manifest of {old}")), "{bad:?}");
    std::fs::remove_file(&manifest).unwrap();
    let bad = site.build_image(&["--verify", name(&newest)]);
    assert!(bad.code == Some(3) && bad.out.contains("manifest.toml: cannot read"), "{bad:?}");
    site.build_image(&["--verify", &format!("{DEBIAN}/20200101T000000Z")]).fails(4, &["no such build", "--list"]);
}

#[test]
fn a_build_of_an_older_program_is_proven_as_far_as_it_goes() {
    let site = Site::of_debian();
    let item = site.publish(30);
    // As version 1 wrote it: nothing of the lists.
    for file in [site.place(&item).join("manifest.toml"), site.distros(&format!("{DEBIAN}/current.toml"))] {
        let text = std::fs::read_to_string(&file).unwrap().replace("version = 2", "version = 1");
        std::fs::write(&file, text.split("[[packages]]").next().unwrap()).unwrap();
    }
    site.build_image(&["--verify"]).says(&format!("{item}: every file is unchanged"));
    let list = site.build_image(&["--list"]).out;
    assert!(list.contains("the newest; cluster lab names it"), "{list}");
    for (file, word) in [("packages-TCH.txt", "was not there"), ("SCH.tar.zst", "has SHA-256")] {
        std::fs::write(site.place(&item).join(file), "x").unwrap();
        let bad = site.build_image(&["--verify"]);
        assert!(bad.code == Some(3) && bad.out.contains(&format!("{file} {word}")), "{bad:?}");
    }
}

#[test]
fn what_is_removed_and_what_stays() {
    let site = Site::of_debian();
    let builds = [site.publish(30), site.publish(20), site.publish(1), site.publish(0)];
    let [oldest, _, young, newest] = builds.each_ref().map(name);
    site.build_image(&["--remove", newest]).fails(
        3,
        &[
            newest,
            "stays: it is the newest build",
            "cluster lab names it",
            "name another system",
            "build-image --force",
        ],
    );
    site.build_image(&["--remove", young])
        .fails(3, &["stays: it was the newest build until", "may still fetch it until"]);
    let dry = site.build_image(&["--remove", oldest, "--dry-run"]);
    assert_eq!((dry.code, dry.out.as_str()), (Some(10), ""), "{dry:?}");
    assert_eq!(site.builds().len(), 4);
    site.build_image(&["--remove", oldest]).says(&format!("{oldest} removed"));
    site.build_image(&["--remove", oldest]).fails(4, &["no such build is published", "--list"]);
    assert_eq!(site.builds(), builds[1..].iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(site.hidden().is_empty(), "{:?}", site.hidden());
    assert_eq!(site.log().matches(&format!("{oldest} removed by ")).count(), 1, "{}", site.log());
    for wrong in [OLD.distro().as_str(), "20200101T000000Z", "x86_64-linux-debian-12/../x"] {
        assert_eq!(site.build_image(&["--remove", wrong]).code, Some(2), "{wrong}");
    }
    assert_eq!(site.run(&["--remove", DEBIAN]).code, Some(4));

    // Another system in the cluster file: then the newest one may go, and nothing names it any more.
    site.cluster("x86_64-linux-rockylinux-10");
    let json = site.build_image(&["--remove", newest, "--json"]);
    assert_eq!(json.code, Some(0), "{json:?}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json.out).unwrap()["removed"][0], newest);
    assert!(!site.distros(&format!("{DEBIAN}/current.toml")).exists());
    let list = site.build_image(&["--list"]).out;
    assert!(list.lines().count() == 2 && !list.contains("the newest;"), "{list}");
    // A folder of a system that there is none of does not come about.
    site.build_image(&["--remove", "x86_64-linux-debian-13/20200101T000000Z"]).fails(4, &["no such build"]);
    assert!(!site.distros("x86_64-linux-debian-13").exists());
}

#[test]
fn an_installation_keeps_its_build() {
    let site = Site::of_debian();
    let (first, second) = (site.publish(40), site.publish(30));
    let permission = site.arm();
    site.cluster("x86_64-linux-rockylinux-10");
    site.build_image(&["--remove", name(&second)]).fails(3, &["stays", "525400000001 of cluster lab is armed with it"]);
    site.begin(&permission, &first);
    site.build_image(&["--remove", name(&first)]).fails(3, &["stays", "of cluster lab is being installed from it"]);
    let list = site.run(&["--list"]).out;
    assert!(list.lines().any(|l| l.contains(name(&first)) && l.contains("is being installed from it")), "{list}");
    site.end(&permission);
    site.build_image(&["--remove", name(&first)]).says(&format!("{first} removed"));
}

#[test]
fn what_cannot_be_read_keeps_every_build() {
    let site = Site::of_debian();
    let (old, newest) = (site.publish(40), site.publish(30));
    site.arm();
    let record = site.record();
    let text = std::fs::read_to_string(&record).unwrap();
    let stays = |words: &[&str]| {
        let all = [&["stays: its use is not known"], words].concat();
        site.build_image(&["--remove", name(&old)]).fails(3, &all);
        assert_eq!(site.builds(), [old.to_string(), newest.to_string()]);
    };
    std::fs::write(&record, "broken").unwrap();
    stays(&["525400000001.toml"]);
    std::fs::write(&record, text).unwrap();
    let permission = site.path("srv/hps-config/clusters/lab/permissions/525400000001.toml");
    let current = site.distros(&format!("{DEBIAN}/current.toml"));
    let text = std::fs::read_to_string(&current).unwrap();
    std::fs::write(&current, "broken").unwrap();
    stays(&["current.toml", "build-image makes another build"]);
    // Also where nobody names the system.
    std::fs::remove_file(&permission).unwrap();
    site.cluster("x86_64-linux-rockylinux-10");
    stays(&["current.toml"]);
    site.cluster(DEBIAN);
    site.arm();
    std::fs::write(&current, text).unwrap();
    let text = std::fs::read_to_string(&permission).unwrap();
    std::fs::write(&permission, "broken").unwrap();
    stays(&["525400000001.toml"]);
    std::fs::write(&permission, text).unwrap();
    site.build_image(&["--remove", name(&old)]).says(&format!("{old} removed"));
}

#[test]
fn one_at_a_time_and_a_second_one_is_told_who() {
    let site = Site::of_debian();
    let (old, _) = (site.publish(40), site.publish(30));
    let builder = site.builder();
    let owner = format!("another run is in progress: process {} (", std::process::id());
    site.build_image(&["--remove", name(&old)]).fails(5, &[&owner]);
    site.build_image(&[]).fails(5, &[&owner]);
    // Asking waits for nobody.
    assert_eq!(site.build_image(&["--list"]).out.lines().count(), 2);
    assert_eq!(site.build_image(&["--verify"]).code, Some(0));
    drop(builder);
    site.build_image(&["--remove", name(&old)]).says(&format!("{old} removed"));
}
