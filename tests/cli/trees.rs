// SPDX-License-Identifier: GPL-3.0-or-later
//! `check-and-download-rocky`, with small ISOs that xorriso makes.

use crate::PROGRAM;
use crate::support::Node;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

fn iso(node: &Node, name: &str, prepare: impl Fn(&std::path::Path)) -> (String, String) {
    let tree = node.path(&format!("{name}.d"));
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    std::fs::write(tree.join(".treeinfo"), "[general]\narch = x86_64\nfamily = Rocky Linux\nversion = 10.1\n").unwrap();
    for file in ["vmlinuz", "initrd.img"] {
        std::fs::write(tree.join("images/pxeboot").join(file), file).unwrap();
    }
    prepare(&tree);
    let path = node.path(name);
    let made = Command::new("xorriso").args(["-as", "mkisofs", "-quiet", "-R", "-o"]).arg(&path).arg(&tree).output();
    assert!(made.expect("apt-get install xorriso").status.success());
    let digest = hps::types::Sha256Digest::of(&std::fs::read(&path).unwrap()).to_string();
    (path.to_string_lossy().into_owned(), digest)
}

fn published(node: &Node) -> Vec<String> {
    let names = std::fs::read_dir(node.path("srv/hps-resources/distros")).unwrap();
    names.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_tree_is_published_under_the_name_it_gives_itself() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let (iso, digest) = iso(&node, "rocky.iso", |_| {});
    let publish = || node.run("check-and-download-rocky", &["--from-file", &iso, "--sha256", &digest]);
    let answer = publish();
    assert_eq!((answer.code, answer.out.trim()), (0, "x86_64-linux-rockylinux-10.1"), "{}", answer.err);
    assert_eq!(published(&node), ["x86_64-linux-rockylinux-10.1"]);
    let kernel = node.path("srv/hps-resources/distros/x86_64-linux-rockylinux-10.1/images/pxeboot/vmlinuz");
    assert_eq!(std::fs::metadata(kernel).unwrap().permissions().mode() & 0o777, 0o644);
    let log = std::fs::read_to_string(node.path("srv/log/media.log")).unwrap();
    assert!(log.contains(&digest) && log.contains("on the word of"), "{log}");
    let again = publish();
    assert_eq!(
        (again.code, again.out.as_str(), again.err.as_str()),
        (0, answer.out.as_str(), ""),
        "the answer is the same"
    );
}

#[test]
fn what_is_not_what_it_should_be_is_not_published() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let publish =
        |iso: &str, digest: &str| node.run("check-and-download-rocky", &["--from-file", iso, "--sha256", digest]);
    let (good, digest) = iso(&node, "good.iso", |_| {});
    publish(&good, &"0".repeat(64)).fails(3, &["its SHA-256 is", "not published"]);
    let (link, digest_of_link) =
        iso(&node, "link.iso", |tree| std::os::unix::fs::symlink("/etc/shadow", tree.join("link")).unwrap());
    publish(&link, &digest_of_link).fails(1, &["a link or a device"]);
    let (fedora, digest_of_fedora) = iso(&node, "fedora.iso", |tree| {
        std::fs::write(tree.join(".treeinfo"), "[general]\nfamily = Fedora\nversion = 43\narch = x86_64\n").unwrap()
    });
    publish(&fedora, &digest_of_fedora).fails(1, &["Fedora", "expected Rocky Linux or AlmaLinux"]);
    let (empty, digest_of_empty) =
        iso(&node, "empty.iso", |tree| std::fs::remove_dir_all(tree.join("images")).unwrap());
    publish(&empty, &digest_of_empty).fails(1, &["it has no images/pxeboot/vmlinuz"]);
    let none = node.path("none.iso").to_string_lossy().into_owned();
    publish(&none, &digest).fails(4, &["none.iso: no such file"]);
    assert!(published(&node).is_empty(), "{:?}", published(&node));
}
