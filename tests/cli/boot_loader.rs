// SPDX-License-Identifier: GPL-3.0-or-later
//! `loader = "grub"`: shim and GRUB for UEFI machines, with the first file that GRUB reads.

use crate::PROGRAM;
use crate::setup::{MAC, edit_cluster};
use crate::support::{Node, SERVER};
use hps::exec::apt_index::Candidate;
use hps::files::Base;
use hps::media::loader_packages::LoaderPackages;
use hps::media::proven_package::ProvenPackage;
use hps::types::Sha256Digest;

const FILES: [(&str, &str, &str); 2] = [
    ("shim-signed", "/usr/lib/shim/shimx64.efi.signed", "shim"),
    ("grub-efi-amd64-signed", "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed", "GRUB"),
];

fn fetched(node: &Node, (package, path, text): (&str, &str, &str)) {
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
