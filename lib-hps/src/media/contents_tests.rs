// SPDX-License-Identifier: GPL-3.0-or-later
//! Values of the cluster file beside the lists of an image or a tree.

use super::*;
use crate::boot::Fetched;
use crate::types::Sha256Digest;

const LIST: &str = "user root\nuser operator\ngroup operator2\ntimezone UTC\ntimezone Europe/Paris\n";

fn image() -> Source {
    let file = || Fetched { path: "x".to_owned(), sha256: Sha256Digest::hash(b""), size: 1 };
    Source::Image { build: Line::lossy("b1"), kernel: file(), initrd: file(), image: file(), unpacked: 1 }
}

#[test]
fn values_are_compared_with_the_image_and_not_with_this_node() {
    let folder = tempfile::tempdir().unwrap();
    let distro: Distro = "x86_64-linux-debian-13".parse().unwrap();
    let build = folder.path().join("x86_64-linux-debian-13/b1");
    std::fs::create_dir_all(&build).unwrap();
    let with = |admin_user: &str, timezone: &str| {
        suits(folder.path(), &distro, HostType::SCH, &image(), Wanted { admin_user, timezone, keyboard: "us" })
    };
    assert_eq!(with("operator", "US/Pacific"), Ok(Compared::NoList), "an older build");
    let list = build.join("contents-SCH.txt");
    std::fs::write(&list, LIST).unwrap();
    assert_eq!(with("admin", "Europe/Paris"), Ok(Compared::Yes));
    for (user, zone, words) in [
        ("operator", "UTC", ["install.admin_user is \"operator\": the image SCH", "has a user of that name"]),
        ("operator2", "UTC", ["x86_64-linux-debian-13, build b1, has", "has a group of that name"]),
        ("admin", "US/Pacific", ["install.timezone is \"US/Pacific\": the image SCH", "no such time zone"]),
    ] {
        let said = with(user, zone).unwrap_err().to_string();
        assert!(words.iter().all(|word| said.contains(word)) && said.ends_with("type: reload"), "{said}");
    }
    // What could not be read is not "it has none".
    std::fs::remove_file(&list).unwrap();
    std::fs::create_dir(&list).unwrap();
    let said = with("admin", "UTC").unwrap_err();
    assert!(said.list.is_some() && said.to_string().contains("contents-SCH.txt cannot be read"), "{said}");
}

#[test]
fn a_keyboard_layout_is_one_of_the_image() {
    let folder = tempfile::tempdir().unwrap();
    let distro: Distro = "x86_64-linux-debian-13".parse().unwrap();
    let build = folder.path().join("x86_64-linux-debian-13/b1");
    std::fs::create_dir_all(&build).unwrap();
    let with = |keyboard: &str| {
        let wanted = Wanted { admin_user: "admin", timezone: "UTC", keyboard };
        suits(folder.path(), &distro, HostType::SCH, &image(), wanted)
    };
    // A build of before has the kernel's layout, whether it lists time zones or nothing.
    let list = build.join("contents-SCH.txt");
    for (lines, compared) in [(None, Compared::NoList), (Some(LIST), Compared::Yes)] {
        lines.inspect(|lines| std::fs::write(&list, lines).unwrap());
        assert_eq!(with("us"), Ok(compared));
        let refused = with("de").unwrap_err();
        assert_eq!(refused.key, Some("install.keyboard"));
        assert!(refused.advice.contains("build-image --distro x86_64-linux-debian-13"), "{refused}");
    }
    std::fs::write(&list, format!("{LIST}keyboard de\nkeyboard us\n")).unwrap();
    for good in ["us", "de"] {
        assert_eq!(with(good), Ok(Compared::Yes));
    }
    let refused = with("fr").unwrap_err();
    assert_eq!(refused.key, Some("install.keyboard"));
    assert!(!refused.advice.contains("build-image"), "{refused}");
}

#[test]
fn a_tree_has_the_users_of_its_system() {
    let distro: Distro = "x86_64-linux-rockylinux-10.1".parse().unwrap();
    let tree = Source::Tree { path: Line::lossy(distro.as_str()) };
    let with = |admin_user| {
        let wanted = Wanted { admin_user, timezone: "US/Pacific", keyboard: "de" };
        suits(Path::new("/nonexistent"), &distro, HostType::SCH, &tree, wanted)
    };
    assert_eq!(with("admin"), Ok(Compared::Yes));
    for user in ["operator", "adm", "wheel", "games", "systemd-oom"] {
        assert!(with(user).unwrap_err().to_string().contains("rockylinux-10.1 has a user or a group"), "{user}");
    }
}
