// SPDX-License-Identifier: GPL-3.0-or-later
//! Golden answer files. `HPS_BLESS=1 cargo test` writes them anew.

mod own_type_tests;
mod script_tests;

use super::*;
use crate::boot::Fetched;
use crate::boot::token::{SiteKey, disk_mark};
use crate::config::{SiteProfile, TypeDefinition};
use crate::host::{Grant, PermissionId, PermissionSource};
use crate::types::{Line, MacAddr, Profile, Sha256Digest, Stage, Timestamp};
use std::path::Path;

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

/// The answer of the second attempt of a storage host, whose first one registered a disk.
fn render(distro: &str, source: &Source, packages: Option<&str>) -> String {
    render_with(HostType::SCH, Some(Profile::StorageSingle), distro, source, packages, "", "")
}

/// Of any type, with these lines in `[boot]` and in `[types.TYPE.disks]`.
fn render_with(
    host_type: HostType,
    profile: Option<Profile>,
    distro: &str,
    source: &Source,
    packages: Option<&str>,
    boot: &str,
    disks: &str,
) -> String {
    let more = "gateway = \"10.0.0.254\"\nntp = [\"10.0.0.253\"]\n\n[install]";
    let text = CLUSTER.replace("\n[install]", more).replace("types.SCH", &format!("types.{host_type}"))
        + "[boot]\nconsoles = [\"ttyS0,115200n8\"]\n"
        + boot
        + &format!("\n[types.{host_type}.disks]\n{disks}");
    render_cluster(&text, host_type, profile, distro, source, packages, disks.starts_with(WITH_ZFS))
}

/// By a whole cluster file.
fn render_cluster(
    text: &str,
    host_type: HostType,
    profile: Option<Profile>,
    distro: &str,
    source: &Source,
    packages: Option<&str>,
    zfs: bool,
) -> String {
    let cluster = Cluster::parse(text).unwrap();
    let mac: MacAddr = "525400000001".parse().unwrap();
    let (then, id) = (Timestamp::from_unix(1_795_341_600), PermissionId::from_random([1; 16]));
    let grant = Grant {
        mac,
        host_type,
        profile,
        distro: distro.parse().unwrap(),
        wipe: vec!["QM00002".parse().unwrap()],
        given_by: Line::lossy("root"),
        given_at: then,
        expires: then,
        reason: Line::lossy("test"),
    };
    let permission = Permission::new(id.clone(), PermissionSource::Operator, grant);
    let mut host = Host::new(mac, then);
    host.name = Some(format!("{host_type}-001").to_lowercase().parse().unwrap());
    host.address = Some("10.0.0.2".parse().unwrap());
    host.begin_attempt(&(&permission).into(), permission.distro.clone(), None, then).unwrap();
    host.report(Stage::Disks, &Line::lossy(""), &["QM00001".parse().unwrap()], then).unwrap();
    host.begin_attempt(&(&permission).into(), permission.distro.clone(), None, then).unwrap();
    host.attempt.as_mut().unwrap().zfs = zfs;
    host.attempt.as_mut().unwrap().packages = packages.map(|distro| distro.parse().unwrap());
    let token = Token { attempt: 2, expires: then, proof: Sha256Digest::hash(b"proof") };
    let profiles: Vec<SiteProfile> =
        cluster.types.iter().filter_map(|(of, settings)| SiteProfile::from_section(*of, settings)).collect();
    let answer = Answer::new(&cluster, &host, mac, &permission, source, &token, disk_mark(&SiteKey::new([7; 32]), &id))
        .unwrap()
        .with(&profiles, &[]);
    match source {
        Source::Image { .. } => node(&answer).unwrap(),
        Source::Tree { .. } => kickstart(&answer).unwrap(),
    }
}

fn golden(name: &str, text: &str) {
    crate::golden::golden("answer", name, text);
}

const PARTS_OF_ZFS: [&str; 2] = ["steps/zfs.sh", "kickstart/pool.sh"];
const PARTS: [&str; 14] = [
    "report.sh",
    "kickstart/common.sh",
    "kickstart/logs.sh",
    "kickstart/target.sh",
    "kickstart/layout.sh",
    "kickstart/marks.sh",
    "steps/fit.sh",
    "steps/sizes.sh",
    "steps/disk.sh",
    "steps/disk_rule.sh",
    "steps/disks_found.sh",
    "steps/disks_wait.sh",
    "steps/disks.sh",
    "steps/bootorder.sh",
];

/// Whether ZFS was there when the attempt began.
const WITH_ZFS: &str = "# with zfs\n";

/// The same without the scripts that are compiled in, which are as in the files.
fn without_parts(text: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/node");
    let mut text = text.to_owned();
    let of_zfs = PARTS_OF_ZFS.into_iter().filter(|_| text.contains("volumes]='zfs'"));
    for name in PARTS.into_iter().chain(of_zfs.collect::<Vec<_>>()) {
        let part = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(text.contains(&part), "{name}");
        text = text.replace(&part, &format!("# ... scripts/node/{name} ...\n"));
    }
    text
}

#[test]
fn every_type_on_every_system() {
    for host_type in HostType::BUILT_IN {
        for profile in TypeDefinition::built_in(host_type).unwrap().variants() {
            let variant = profile.map_or_else(String::new, |p| format!("-{p}")).to_lowercase();
            for system in ["rockylinux-10", "rockylinux-9", "almalinux-10", "almalinux-9"] {
                let distro = format!("x86_64-linux-{system}.1");
                let source = Source::Tree { path: Line::lossy(&distro) };
                let text = render_with(host_type, profile, &distro, &source, None, "", "");
                golden(&format!("{system}/{host_type}{variant}.ks"), &without_parts(&text));
            }
            for system in ["debian-12", "debian-13"] {
                let distro = format!("x86_64-linux-{system}");
                let text = render_with(host_type, profile, &distro, &image(&distro), None, "", "");
                golden(&format!("{system}/{host_type}{variant}"), &text);
            }
        }
    }
}

fn image(distro: &str) -> Source {
    let file = |name: &str| Fetched {
        path: format!("{distro}/1/{name}"),
        sha256: Sha256Digest::hash(name.as_bytes()),
        size: 7,
    };
    Source::Image {
        build: Line::lossy("1"),
        kernel: file("vmlinuz"),
        initrd: file("initrd.img"),
        image: file("image.tar.zst"),
        unpacked: 8,
    }
}

#[test]
fn a_pool_of_zfs_where_its_packages_are() {
    let raid = (HostType::SCH, Some(Profile::StorageRaid));
    for (host_type, profile, name) in [(raid.0, raid.1, "SCH-storageraid-zfs"), (HostType::DRH, None, "DRH-zfs")] {
        let disks = format!("{WITH_ZFS}volumes = \"zfs\"\nroot_gib = 400");
        let distro = "x86_64-linux-debian-12";
        let text = render_with(host_type, profile, distro, &image(distro), None, "", &disks);
        golden(&format!("debian-12/{name}"), &text);
        assert!(text.starts_with("hps-answer 4\n") && text.contains("\nvolumes=zfs\n"), "{text}");
        for system in ["rockylinux-10", "rockylinux-9"] {
            let distro = format!("x86_64-linux-{system}.1");
            let source = Source::Tree { path: Line::lossy(&distro) };
            let text = render_with(host_type, profile, &distro, &source, None, "", &disks);
            golden(&format!("{system}/{name}.ks"), &without_parts(&text));
        }
    }
    let of = |disks: &str| render_with(raid.0, raid.1, "x86_64-linux-debian-12", &image("x"), None, "", disks);
    assert!(!of(WITH_ZFS).contains("\nvolumes=zfs\n"), "auto is LVM by image");
    let rocky = "x86_64-linux-rockylinux-10.1";
    let tree = Source::Tree { path: Line::lossy(rocky) };
    let by_kickstart = |disks: &str| render_with(raid.0, raid.1, rocky, &tree, None, "", disks);
    assert!(by_kickstart(WITH_ZFS).contains("\nANSWER[volumes]='zfs'\n"), "auto takes it where it is");
    assert!(by_kickstart("").contains("\nANSWER[volumes]='lvm'\n"));
    assert!(!of(&format!("{WITH_ZFS}volumes = \"lvm\"")).contains("zfs"));
    assert!(of("").starts_with("hps-answer 3\n"));
    let compute = render_with(HostType::TCH, None, "x86_64-linux-debian-12", &image("x"), None, "", WITH_ZFS);
    assert!(!compute.contains("zfs"), "it has no pool");
}

#[test]
fn disks_and_the_order_of_starts() {
    let of = |distro: &str, source: &Source| {
        let (raid, disks) = (Some(Profile::StorageRaid), "mirror = true\nroot_gib = 40");
        render_with(HostType::SCH, raid, distro, source, None, "order = \"disk\"", disks)
    };
    let distro = "x86_64-linux-debian-12";
    let text = of(distro, &image(distro));
    assert!(text.contains("\nboot_order=disk\n") && text.contains("\nmirror=yes\nroot_gib=40\n"), "{text}");
    let distro = "x86_64-linux-rockylinux-10.1";
    let text = of(distro, &Source::Tree { path: Line::lossy(distro) });
    assert!(text.contains("\nANSWER[boot_order]='disk'\n"));
    assert!(text.contains("\nANSWER[mirror]='yes'\nANSWER[root_gib]='40'\nANSWER[swap_gib]=''\n"));
}

#[test]
fn the_layout_of_the_keyboard() {
    let text = CLUSTER.replace("[install]", "[install]\nkeyboard = \"de\"");
    let of = |distro: &str, source: &Source| {
        render_cluster(&text, HostType::SCH, Some(Profile::StorageSingle), distro, source, None, false)
    };
    let distro = "x86_64-linux-debian-13";
    assert!(of(distro, &image(distro)).contains("\nkeyboard=de\n"));
    let distro = "x86_64-linux-almalinux-9.1";
    let text = of(distro, &Source::Tree { path: Line::lossy(distro) });
    assert!(text.contains("\nkeyboard --vckeymap=de --xlayouts=de\n"));
}

#[test]
fn node_environment() {
    let distro = "x86_64-linux-debian-12";
    let text = render(distro, &image(distro), None);
    assert!(text.starts_with("hps-answer 3\n") && text.ends_with("\nend\n"));
    assert!(text.contains("\nmay_wipe=QM00001\nwipe=QM00002\n"));
}

#[test]
fn kickstart_of_rocky_10() {
    let source = Source::Tree { path: Line::lossy("x86_64-linux-rockylinux-10.1") };
    let text = render("x86_64-linux-rockylinux-10.1", &source, None);
    assert!(!text.contains("\nrepo "));
    assert!(text.ends_with("\n# end of the kickstart of HPS\n"));
    assert!(text.contains("\nANSWER_MAY_WIPE=( 'QM00001')\nANSWER_WIPE=( 'QM00002')\n"));
    assert!(!text.contains("{{") && !text.contains("{%"));
    // What the scripts hold must not end a section early.
    let sections = text.lines().filter(|l| l.starts_with('%') && !l.starts_with("%include")).count();
    assert_eq!(sections, 14, "seven sections, each with its end");
    golden("kickstart-rocky-10-sch.ks", &text);
}

#[test]
fn kickstart_with_local_packages() {
    let source = Source::Tree { path: Line::lossy("x86_64-linux-rockylinux-10.1") };
    let text = render("x86_64-linux-rockylinux-10.1", &source, Some("x86_64-linux-rockylinux-10"));
    let line = "\nrepo --name=hps-packages --baseurl=http://10.0.0.1/packages/x86_64-linux-rockylinux-10/Repo/\n";
    // The installed system keeps it.
    let kept = "'baseurl=http://10.0.0.1/packages/x86_64-linux-rockylinux-10/Repo/'";
    let without = render("x86_64-linux-rockylinux-10.1", &source, None);
    assert!(!without.contains("/packages/") && without.contains("/etc/yum.repos.d/hps.repo"));
    assert!(text.contains(kept), "{kept}");
    assert!(text.contains(line), "{line}");
}

/// The host's address is of a subnet, so its prefix, gateway, servers and domain are too. This node stays where it is.
#[test]
fn a_host_of_a_subnet_gets_its_network() {
    let text = CLUSTER.replace("10.0.0.", "10.9.0.")
        + "[[storage_network]]\nname = \"fast\"\nnetwork = \"10.8.0.0/24\"\nvlan = 7\n[[subnet]]\nname = \"rack2\"\n\
           network = \"10.0.0.0/25\"\ndhcp_range = \"10.0.0.64-10.0.0.120\"\nhost_range = \"10.0.0.2-10.0.0.63\"\n\
           gateway = \"10.0.0.126\"\ndns = [\"10.0.0.124\"]\nntp = [\"10.0.0.125\"]\ndomain = \"rack2.internal\"\n";
    let render = |distro: &str, source: &Source| {
        render_cluster(&text, HostType::SCH, Some(Profile::StorageSingle), distro, source, None, false)
    };
    let debian = render("x86_64-linux-debian-12", &image("x86_64-linux-debian-12"));
    for line in [
        "domain=rack2.internal",
        "address=10.0.0.2/25",
        "url=http://10.9.0.1/cgi-bin/boot_manager",
        "line=Gateway=10.0.0.126",
        "line=nameserver 10.0.0.124",
        "line=NTP=10.0.0.125",
    ] {
        assert!(debian.lines().any(|found| found == line), "{line} in {debian}");
    }
    // A host of the main network with the same last number would have this address too.
    assert!(!debian.contains("10.8.0."), "{debian}");
    let distro = "x86_64-linux-rockylinux-10.1";
    let rocky = render(distro, &Source::Tree { path: Line::lossy(distro) });
    for words in
        ["--netmask=255.255.255.128", "--gateway=10.0.0.126", "--nameserver=10.0.0.124", "--ntp-server=10.0.0.125"]
    {
        assert!(rocky.contains(words), "{words} in {rocky}");
    }
    assert!(rocky.contains("sch-001.rack2.internal"), "{rocky}");
}
