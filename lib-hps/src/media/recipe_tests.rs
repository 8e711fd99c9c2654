// SPDX-License-Identifier: GPL-3.0-or-later
//! What a recipe holds, and when its digest changes.

use super::super::package_versions::{changes, kernel_of, parse_versions};
use super::*;

fn recipe() -> Recipe {
    let (cpu, kernel) = (Cpu::X86_64, Kernel::Generic);
    Recipe { cpu, kernel, firmware: false, types: [(HostType::SCH, HostType::SCH)].into(), site: BTreeMap::new() }
}

#[test]
fn what_is_built_here() {
    let suite = |text: &str| Recipe::suite(&text.parse().unwrap());
    assert_eq!(suite("x86_64-linux-debian-12"), Some("bookworm"));
    assert_eq!(suite("x86_64-linux-debian-13"), Some("trixie"));
    assert_eq!(suite("aarch64-linux-debian-13"), Some("trixie"));
    for other in ["x86_64-linux-debian-11", "x86_64-linux-debian-14", "x86_64-linux-rockylinux-10"] {
        assert_eq!(suite(other), None, "{other}");
    }
}

#[test]
fn lists_are_names_alone() {
    let cloud = Recipe {
        kernel: Kernel::Cloud,
        firmware: true,
        types: HostType::BUILT_IN.map(|host_type| (host_type, host_type)).into(),
        ..recipe()
    };
    let all = cloud.all_packages();
    assert!(all.iter().all(|p| p.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))), "{all:?}");
    assert!(all.contains(&"linux-image-cloud-amd64".to_owned()) && all.contains(&"openssh-server".to_owned()));
    assert!(recipe().image_packages(HostType::SCH).contains(&"targetcli-fb".to_owned()));
    assert!(!recipe().node_packages().contains(&"targetcli-fb".to_owned()));
    let arm = Recipe { cpu: Cpu::Aarch64, ..cloud }.all_packages();
    for (x86, other) in
        [("linux-image-cloud-amd64", "linux-image-cloud-arm64"), ("grub-efi-amd64-signed", "grub-efi-arm64-signed")]
    {
        assert!(all.contains(&x86.to_owned()) && !all.contains(&other.to_owned()), "{x86}");
        assert!(arm.contains(&other.to_owned()) && !arm.contains(&x86.to_owned()), "{other}");
    }
    assert!(!arm.contains(&"grub-pc-bin".to_owned()));
    let site = [(HostType::SCH, ["htop".to_owned(), "lvm2".to_owned()].into())].into();
    let with = Recipe { types: HostType::BUILT_IN.map(|host_type| (host_type, host_type)).into(), site, ..recipe() };
    let of = |host_type, name: &str| with.image_packages(host_type).iter().filter(|p| *p == name).count();
    assert_eq!((of(HostType::SCH, "htop"), of(HostType::SCH, "lvm2"), of(HostType::TCH, "htop")), (1, 1, 0));
}

#[test]
fn zfs_is_in_a_component_of_its_own() {
    assert_eq!(recipe().components(), ["main"]);
    let site = [(HostType::SCH, zfs::image_packages(Kernel::Cloud, Cpu::X86_64).collect())].into();
    let with = Recipe { kernel: Kernel::Cloud, site, ..recipe() };
    assert_eq!(with.components(), ["main", "contrib"]);
    assert!(with.space() > recipe().space());
    let packages = with.image_packages(HostType::SCH);
    assert!(packages.contains(&"zfs-dkms".to_owned()) && packages.contains(&"linux-headers-cloud-amd64".to_owned()));
    assert!(!with.node_packages().contains(&"zfs-dkms".to_owned()));
}

#[test]
fn the_digest_follows_whatever_changes() {
    let versions = parse_versions("a 1\nlinux-image-6.1.0-9-amd64 6.1.9\nlinux-image-amd64 6.1.9\n");
    let digest = recipe().digest(&versions);
    assert_eq!(digest, recipe().digest(&versions));
    let newer = parse_versions("b 1\nlinux-image-6.1.0-9-amd64 6.1.10\nlinux-image-amd64 6.1.9\n");
    assert_ne!(digest, recipe().digest(&newer));
    assert_ne!(digest, Recipe { kernel: Kernel::Cloud, ..recipe() }.digest(&versions));
    let site = [(HostType::SCH, ["htop".to_owned()].into())].into();
    assert_ne!(digest, Recipe { site, ..recipe() }.digest(&versions));
    assert_eq!(kernel_of(&versions), Some(("linux-image-6.1.0-9-amd64", "6.1.9")));
    assert_eq!(changes(&versions, &newer), ["b 1 is new", "linux-image-6.1.0-9-amd64 6.1.9 -> 6.1.10", "a 1 is gone"]);
    assert_eq!(parse_versions(&version_lines(&versions)), versions);
}
