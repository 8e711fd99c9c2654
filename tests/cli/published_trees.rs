// SPDX-License-Identifier: GPL-3.0-or-later
//! Published trees and the rest of the node: who is installed from which, and which must stay. (tests/media has the rest.)

use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::process::Command;

/// A small ISO of a release, and its digest.
fn iso(node: &Node, version: &str) -> (String, String) {
    let tree = node.path(&format!("{version}.d"));
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    let info = format!("[general]\narch = x86_64\nfamily = Rocky Linux\nversion = {version}\n");
    std::fs::write(tree.join(".treeinfo"), info).unwrap();
    for file in ["vmlinuz", "initrd.img"] {
        std::fs::write(tree.join("images/pxeboot").join(file), file).unwrap();
    }
    let path = node.path(&format!("{version}.iso"));
    let made = Command::new("xorriso").args(["-as", "mkisofs", "-quiet", "-R", "-o"]).arg(&path).arg(&tree).output();
    assert!(made.expect("apt-get install xorriso").status.success());
    let digest = hps::types::Sha256Digest::hash(&std::fs::read(&path).unwrap()).to_string();
    (path.to_string_lossy().into_owned(), digest)
}

fn publish(node: &Node, version: &str, keep: &str) -> Answer {
    let (iso, digest) = iso(node, version);
    node.run("check-and-download-rocky", &["--from-file", &iso, "--sha256", &digest, "--keep", keep])
}

fn published(node: &Node) -> Vec<String> {
    let names = std::fs::read_dir(node.path("srv/hps-resources/distros")).unwrap();
    let mut names: Vec<String> = names.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

#[test]
fn a_tree_that_somebody_needs_stays() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let first = publish(&node, "10.1", "0");
    assert_eq!((first.code, first.out.trim()), (0, "x86_64-linux-rockylinux-10.1"), "{}", first.err);
    assert_eq!(published(&node), ["x86_64-linux-rockylinux-10.1"]);
    let arm = |distro: &str| node.run("host-state", &["arm", "52:54:00:00:00:01", "--type", "SCH", "--distro", distro]);
    arm("x86_64-linux-rockylinux-10").done();
    // Armed with the line, so with the newest of it: the older one may go.
    publish(&node, "10.2", "0").done();
    assert_eq!(published(&node), ["x86_64-linux-rockylinux-10.2"]);
    publish(&node, "10.1", "5").done();
    arm("x86_64-linux-rockylinux-10.1").done();
    publish(&node, "10.3", "0").done();
    assert_eq!(published(&node), ["x86_64-linux-rockylinux-10.1", "x86_64-linux-rockylinux-10.3"]);
    node.run("check-and-download-rocky", &["--remove", "x86_64-linux-rockylinux-10.1"])
        .fails(3, &["stays", "525400000001 of cluster lab is armed with it"]);
    let list = node.run("check-and-download-rocky", &["--list"]);
    assert!(list.out.contains("is armed with it"), "{}", list.out);
    // A cluster that names a release keeps it, until somebody says by name that it shall go.
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let named = text.replace("x86_64-linux-debian-12", "x86_64-linux-rockylinux-10.3");
    assert_ne!(text, named);
    std::fs::write(&file, named).unwrap();
    publish(&node, "10.4", "0").done();
    assert!(published(&node).contains(&"x86_64-linux-rockylinux-10.3".to_owned()), "{:?}", published(&node));
    node.run("check-and-download-rocky", &["--remove", "x86_64-linux-rockylinux-10.3"]).done();
}

#[test]
fn no_program_of_a_release_knows_the_key_of_the_tests() {
    // The feature belongs to the development dependencies of hps-cli alone; scripts/build looks into the programs too.
    let tree = Command::new(env!("CARGO"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["tree", "--offline", "--locked", "--workspace", "--edges", "features,normal,build", "--prefix", "none"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&tree.stdout);
    assert!(tree.status.success() && text.contains("hps v"), "{}", String::from_utf8_lossy(&tree.stderr));
    assert!(!text.contains("test-keys"), "a dependency switches test-keys on");
}

#[test]
fn an_archive_out_of_reach_is_one_line() {
    // The node's network leads nowhere.
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let mirrors = ["--mirror", "http://10.99.0.9/debian", "--security-mirror", "http://10.99.0.9/security"];
    let all = [&["--check"], &mirrors[..]].concat();
    node.run("ip", &["route", "add", "unreachable", "10.99.0.9/32"]).done();
    node.run("build-image", &all).fails(1, &["Debian's archive cannot be reached: http://10.99.0.9/debian"]);
    node.run("check-and-download-rocky", &["--from-file", "/no.iso", "--sha256", &"0".repeat(64)])
        .fails(4, &["/no.iso: no such file"]);
}
