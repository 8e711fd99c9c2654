// SPDX-License-Identifier: GPL-3.0-or-later
//! `loader = "grub"`: shim and GRUB for UEFI machines, with the first file that GRUB reads.

use crate::PROGRAM;
use crate::setup::{CLUSTER, MAC, edit_cluster};
use crate::support::{Node, SERVER};
use hps::exec::apt_index::Candidate;
use hps::files::Base;
use hps::media::loader_packages::LoaderPackages;
use hps::media::proven_package::ProvenPackage;
use hps::types::Sha256Digest;

pub(crate) const FILES: [(&str, &str, &str); 2] = [
    ("shim-signed", "/usr/lib/shim/shimx64.efi.signed", "shim"),
    ("grub-efi-amd64-signed", "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed", "GRUB"),
];

pub(crate) fn fetched(node: &Node, (package, path, text): (&str, &str, &str)) {
    let candidate = Candidate {
        package: package.to_owned(),
        version: "1".to_owned(),
        file: format!("{package}_1_amd64.deb"),
        size: 1,
        sha256: Sha256Digest::hash(package.as_bytes()),
    };
    let files = [(path.into(), text.as_bytes().to_vec())].into();
    let folder = node.path("srv/hps-config/state").join(LoaderPackages::FOLDER);
    let packages = LoaderPackages::new(folder, Base::from_folders([node.path("").as_path()]));
    packages.keep("trixie", &ProvenPackage { candidate, files }).unwrap();
}

fn offered(node: &Node, architecture: &str) -> String {
    let offer = node.run("python3", &["-c", include_str!("dhcp_discover.py"), MAC, architecture, "no"]);
    offer.out.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn uefi_machines_get_the_shim_where_the_cluster_wants_it_and_it_was_fetched() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    edit_cluster(&node, "loader = \"ipxe\"", "loader = \"grub\"");
    fetched(&node, FILES[0]);
    let warned = node.run("reload", &[]);
    assert!(warned.err.contains("build-image --boot-loaders"), "{}", warned.err);
    assert_eq!(offered(&node, "7"), "snponly.efi", "a shim without GRUB is not offered");
    fetched(&node, FILES[1]);
    let reload = node.run("reload", &[]);
    assert!(!reload.err.contains("build-image --boot-loaders"), "{}", reload.err);
    assert_eq!(offered(&node, "0"), "undionly.kpxe");
    for architecture in ["7", "9"] {
        assert_eq!(offered(&node, architecture), "shimx64.efi");
    }
    assert_eq!(offered(&node, "16"), format!("http://{SERVER}/boot/shimx64.efi"));
    let fetch = |url: String| node.run("curl", &["-sS", &url]).out;
    assert_eq!(fetch(format!("tftp://{SERVER}/grubx64.efi")), "GRUB");
    assert_eq!(fetch(format!("http://{SERVER}/boot/grubx64.efi")), "GRUB");
    let first = fetch(format!("tftp://{SERVER}/grub/grub.cfg"));
    assert!(first.contains("cmd=init&loader=grub"), "{first}");
    assert_eq!(fetch(format!("http://{SERVER}/grub/grub.cfg")), first);
    // A page that GET alone can make: the web server adds no length that would be wrong.
    let head = node.run(
        "curl",
        &[
            "-sSI",
            &format!(
                "http://{SERVER}/cgi-bin/boot_manager?cmd=process_menu_item&mac={MAC}&menu_item=reboot&loader=grub"
            ),
        ],
    );
    assert!(head.out.starts_with("HTTP/1.1 200"), "{}", head.out);
    edit_cluster(&node, "loader = \"grub\"", "loader = \"ipxe\"");
    node.run("reload", &[]).done();
    assert_eq!(offered(&node, "7"), "snponly.efi");
}

pub(crate) const OTHER_MAC: &str = "52:54:00:99:00:02";

pub(crate) fn offered_to(node: &Node, mac: &str, architecture: &str) -> String {
    let offer = node.run("python3", &["-c", include_str!("dhcp_discover.py"), mac, architecture, "no"]);
    offer.out.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

fn choose(node: &Node, text: &str) {
    let path = node.path(CLUSTER);
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{before}\n[[boot_loader]]\n{text}\n")).unwrap();
}

/// The driver of iPXE helps where the one of a card's firmware hangs.
#[test]
fn a_host_and_a_maker_get_another_boot_loader() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH", "--name", "sch-001"]).done();
    choose(&node, "file = \"ipxe.efi\"\nhosts = \"sch-001\"\nreason = \"snponly.efi hangs\"");
    node.run("reload", &[]).done();
    assert_eq!(offered(&node, "7"), "ipxe.efi");
    assert_eq!(offered(&node, "16"), format!("http://{SERVER}/boot/ipxe.efi"));
    assert_eq!(offered(&node, "0"), "undionly.kpxe");
    assert_eq!(offered_to(&node, OTHER_MAC, "7"), "snponly.efi");
    let real = std::fs::read("/usr/lib/ipxe/ipxe.efi").unwrap();
    let sent = node.run("sh", &["-c", &format!("curl -sS tftp://{SERVER}/ipxe.efi | sha256sum")]).out;
    assert!(sent.starts_with(&Sha256Digest::hash(&real).to_string()), "{sent}");
    choose(&node, "file = \"ipxe.efi\"\nmac_prefix = \"52:54:00:9\"\narchitectures = [9]\nreason = \"the same\"");
    node.run("reload", &[]).done();
    assert_eq!(offered_to(&node, OTHER_MAC, "9"), "ipxe.efi");
    assert_eq!(offered_to(&node, OTHER_MAC, "7"), "snponly.efi");
    node.run("host-state", &["check"]).done();
}

#[test]
fn a_loader_of_the_site_is_served_if_its_digest_is_the_one_of_the_cluster_file() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let own = node.path("own.efi");
    std::fs::write(&own, "a patched iPXE").unwrap();
    let digest = Sha256Digest::hash(b"a patched iPXE");
    let path = own.display();
    choose(
        &node,
        &format!(
            "file = \"own.efi\"\npath = \"{path}\"\nsha256 = \"{digest}\"\narchitectures = [7]\nreason = \"a patch\""
        ),
    );
    node.run("reload", &[]).done();
    assert_eq!(offered(&node, "7"), "own.efi");
    assert_eq!(offered(&node, "9"), "snponly.efi");
    assert_eq!(node.run("curl", &["-sS", &format!("tftp://{SERVER}/own.efi")]).out, "a patched iPXE");
    // The copy that was proven stays; without it the machines get what all get, and the line says why.
    std::fs::write(&own, "changed").unwrap();
    node.run("reload", &[]).done();
    assert_eq!(offered(&node, "7"), "own.efi");
    std::fs::remove_file(node.path("srv/hps-config/tftp/own.efi")).unwrap();
    node.run("reload", &[]).fails(1, &["own.efi", "the cluster file says", &digest.to_string()]);
    assert_eq!(offered(&node, "7"), "snponly.efi");
}

#[test]
fn a_choice_that_cannot_be_served_is_named() {
    let node = Node::served(PROGRAM);
    for (text, words) in [
        ("file = \"other.efi\"\nreason = \"x\"", "HPS has no such file"),
        ("file = \"ipxe.efi\"\nhosts = \"sch-009\"\nreason = \"x\"", "no host is sch-009 yet"),
        ("file = \"ipxe.efi\"\nproduct = \"X11\"\nreason = \"x\"", "no machine has reported the product X11"),
        ("file = \"grubx64.efi\"\nreason = \"x\"", "for firmware"),
        ("file = \"snponly.efi\"\narchitectures = [11]\nreason = \"x\"", "architecture 11"),
        (
            "file = \"local-disk.efi\"\npath = \"/root/own.efi\"\nsha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n\
             architectures = [7]\nreason = \"x\"",
            "HPS has a file of this name",
        ),
        ("file = \"shimx64.efi\"\nhosts = \"sch-009\"\nreason = \"x\"", "build-image --boot-loaders"),
    ] {
        let before = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
        choose(&node, text);
        node.run("reload", &[]).fails(1, &[words]);
        std::fs::write(node.path(CLUSTER), before).unwrap();
    }
    choose(&node, "file = \"own.efi\"\npath = \"/root/own.efi\"\nreason = \"x\"");
    node.run("reload", &[]).fails(1, &["lab.cluster", "sha256sum"]);
}
