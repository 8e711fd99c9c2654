// SPDX-License-Identifier: GPL-3.0-or-later
//! ISOs that somebody made with care. The operator vouches for each, and still nothing of them is published.

use crate::iso::{fill, make};
use crate::site::Site;
use hps::types::Sha256Digest;
use std::path::Path;
use std::process::Command;

fn is_refused(site: &Site, what: &str, iso: &[u8], words: &[&str]) {
    let path = site.path("crafted.iso");
    std::fs::write(&path, iso).unwrap();
    let digest = Sha256Digest::hash(iso).to_string();
    let answer = site.run(&["--from-file", path.to_str().unwrap(), "--sha256", &digest]);
    assert_eq!(answer.code, Some(3), "{what}: {answer:?}");
    answer.fails(3, words);
    assert!(site.published().is_empty(), "{what}: {:?}", site.published());
}

fn rocky(prepare: impl FnOnce(&Path)) -> Vec<u8> {
    make(|tree| {
        fill(tree, "Rocky Linux", "10.1");
        prepare(tree);
    })
}

/// The same bytes with the first `from` replaced by `to`, which is as long.
fn patched(mut iso: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    // The folders come first on an ISO.
    let at = iso.windows(from.len()).position(|window| window == from).unwrap();
    iso[at..at + to.len()].copy_from_slice(to);
    iso
}

#[test]
fn nothing_but_files_and_folders() {
    let site = Site::new();
    let link = |to: &'static str| rocky(move |tree| std::os::unix::fs::symlink(to, tree.join("link")).unwrap());
    for to in ["/etc/shadow", "../../outside", "media.repo", "."] {
        is_refused(&site, to, &link(to), &["/link, a link or a device"]);
    }
    let made = |program: &'static str, arguments: &'static [&'static str]| {
        rocky(move |tree| assert!(Command::new(program).current_dir(tree).args(arguments).status().unwrap().success()))
    };
    is_refused(&site, "a device", &made("mknod", &["odd", "b", "8", "0"]), &["/odd, a link or a device"]);
    is_refused(&site, "a pipe", &made("mkfifo", &["odd"]), &["/odd, a link or a device"]);
    let socket = rocky(|tree| drop(std::os::unix::net::UnixListener::bind(tree.join("odd")).unwrap()));
    is_refused(&site, "a socket", &socket, &["/odd, a link or a device"]);
    // Anaconda's own file as a link: it must not be read on the way.
    let info = rocky(|tree| {
        std::fs::remove_file(tree.join(".treeinfo")).unwrap();
        std::os::unix::fs::symlink("/etc/shadow", tree.join(".treeinfo")).unwrap();
    });
    is_refused(&site, ".treeinfo as a link", &info, &["a link or a device"]);
}

#[test]
fn nothing_with_an_odd_name() {
    let site = Site::new();
    for name in ["new\nline", "esc\u{1b}[2J", "del\u{7f}", "back\\slash", "tab\there", "\u{202e}gpj.exe"] {
        let iso = rocky(|tree| std::fs::write(tree.join(name), "x").unwrap());
        is_refused(&site, &format!("{name:?}"), &iso, &["a name that a tree must not have"]);
    }
    let ours = rocky(|tree| std::fs::write(tree.join(".hps-inventory"), "x").unwrap());
    is_refused(&site, "our own", &ours, &["must not be there"]);
}

#[test]
fn nothing_outside_of_the_tree() {
    let site = Site::new();
    // No program makes such names, so the bytes of good ones are changed: Rock Ridge's NM entry holds them.
    for (from, to) in [("Qx", ".."), ("Qx/Zy", "../Zy"), ("Qxyyyyyy", "../../zz"), ("Qxy", "a/b"), ("Qxy", "/zz")] {
        let good = rocky(|tree| {
            let path = tree.join(from);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        });
        let (from, to) = (from.split('/').next().unwrap(), to.split("/Zy").next().unwrap());
        let nm = |name: &str| [b"NM", &[u8::try_from(name.len() + 5).unwrap(), 1, 0][..], name.as_bytes()].concat();
        let iso = patched(good, &nm(from), &nm(to));
        let path = site.path("crafted.iso");
        std::fs::write(&path, &iso).unwrap();
        let answer =
            site.run(&["--from-file", path.to_str().unwrap(), "--sha256", &Sha256Digest::hash(&iso).to_string()]);
        if !to.contains('/') {
            assert!(matches!(answer.code, Some(1 | 3)), "{to}: {answer:?}");
            assert!(site.published().is_empty(), "{to}: {:?}", site.published());
            continue;
        }
        // xorriso takes such a path for one inside of the image, and what it lists is what it extracts.
        assert_eq!(answer.code, Some(0), "{to}: {answer:?}");
        assert_eq!(site.published(), ["x86_64-linux-rockylinux-10.1"]);
        let outside: Vec<_> =
            ["zz", "srv/zz", "srv/hps-resources/zz"].into_iter().filter(|p| site.path(p).exists()).collect();
        assert!(outside.is_empty(), "{to}: {outside:?}");
        assert_eq!(site.run(&["--verify"]).code, Some(0));
        site.run(&["--remove", "x86_64-linux-rockylinux-10.1"]);
    }
}

#[test]
fn no_more_than_a_tree_has() {
    let site = Site::new();
    let many = rocky(|tree| {
        for number in 0..50_000 {
            let folder = tree.join(format!("many-{}", number / 500));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::File::create(folder.join(number.to_string())).unwrap();
        }
    });
    is_refused(&site, "entries", &many, &["more than 50000 entries"]);
    // Names that share their bytes: small here, and large once extracted.
    let shared = rocky(|tree| {
        for number in 0..40 {
            std::fs::hard_link(tree.join("images/pxeboot/initrd.img"), tree.join(format!("copy-{number}"))).unwrap();
        }
    });
    is_refused(&site, "shared bytes", &shared, &["more than the ISO itself"]);
}

#[test]
fn what_is_no_iso() {
    let site = Site::new();
    for bytes in [&b""[..], b"hello", &[0; 100_000]] {
        let path = site.path("crafted.iso");
        std::fs::write(&path, bytes).unwrap();
        let digest = Sha256Digest::hash(bytes).to_string();
        let answer = site.run(&["--from-file", path.to_str().unwrap(), "--sha256", &digest]);
        assert!(matches!(answer.code, Some(1 | 3)) && answer.err.lines().count() == 1, "{answer:?}");
        assert!(site.published().is_empty());
    }
}
