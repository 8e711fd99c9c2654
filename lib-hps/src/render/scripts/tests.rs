// SPDX-License-Identifier: GPL-3.0-or-later
//! Golden scripts: every decision, as iPXE gets it. `HPS_BLESS=1 cargo test` writes them anew.

use super::*;
use crate::boot::{Fetched, Install, MenuPage, Source};
use crate::config::Cluster;
use crate::host::{Event, Grant, Host, HostState, Permission, PermissionId, PermissionSource};
use crate::types::{
    Distro, HostType, KERNEL_LINE_BYTES, Loader, LocalBoot, MAX_CONSOLES, MacAddr, Profile, Sha256Digest, Timestamp,
};

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

fn mac() -> MacAddr {
    "525400000001".parse().unwrap()
}

fn host() -> Host {
    let mut host = Host::new(mac(), Timestamp::from_unix(0));
    host.name = Some("sch-001".parse().unwrap());
    host.host_type = Some(HostType::SCH);
    host.profile = Some(Profile::StorageSingle);
    host.address = Some("10.0.0.2".parse().unwrap());
    host.apply(Event::SetByOperator(HostState::Failed), Timestamp::from_unix(0)).unwrap();
    host.reason = Some(Line::lossy("disk ${x} carries ext4"));
    host
}

fn ticket() -> Token {
    Token { attempt: 1, expires: Timestamp::from_unix(1_795_341_600), proof: Sha256Digest::hash(b"proof") }
}

fn install(distro: &str, source: Source) -> Decision {
    let distro: Distro = distro.parse().unwrap();
    let grant = Grant {
        mac: mac(),
        host_type: HostType::SCH,
        profile: Some(Profile::StorageSingle),
        distro,
        wipe: Vec::new(),
        given_by: Line::lossy("root with host-state"),
        given_at: Timestamp::from_unix(0),
        expires: Timestamp::from_unix(1_000),
        reason: Line::lossy("first host"),
    };
    let permission = Permission::new(PermissionId::from_random([1; 16]), PermissionSource::Operator, grant);
    Decision::Install(Box::new(Install { permission, attempt: 2, of_permission: 1, most: 3, source }))
}

fn image() -> Source {
    let file = |name: &str| Fetched {
        path: format!("x86_64-linux-debian-12/20261122T100000Z/{name}"),
        sha256: Sha256Digest::hash(name.as_bytes()),
        size: 1,
    };
    Source::Image {
        build: Line::lossy("20261122T100000Z"),
        kernel: file("vmlinuz"),
        initrd: file("initrd.img"),
        image: file("SCH.tar.zst"),
        unpacked: 2,
    }
}

fn golden(loader: Loader, name: &str, text: &str) {
    match loader {
        Loader::Ipxe => {
            crate::golden::golden("ipxe", &format!("{name}.ipxe"), text);
            assert!(text.starts_with("#!ipxe\n"), "{name}");
        }
        Loader::Grub => {
            crate::golden::golden("grub", &format!("{name}.cfg"), text);
            assert!(text.ends_with("\nset hps_heard=yes\n") && text.contains("function hps_next {\n"), "{name}");
        }
    }
    assert!(text.ends_with('\n') && text.is_ascii(), "{name}");
}

/// The longest of everything: what the parsers take fits the kernel's line, and what is older than their bounds is not served.
#[test]
fn the_longest_line_of_an_installer_fits_and_a_longer_one_is_not_served() {
    let domain = format!("{}.internal", "d".repeat(45));
    let with = |consoles: usize| {
        let list = "\"ttyABCDEFGHIJKL1234567,115200n8r\", ".repeat(consoles);
        let text = CLUSTER
            .replace("lab.internal", &domain)
            .replace("10.0.0.", "210.200.200.")
            .replace("\n[install]", "http_port = 65535\ngateway = \"210.200.200.254\"\n\n[install]")
            + &format!("[boot]\nconsoles = [{list}]\n");
        Cluster::parse(&text).unwrap()
    };
    let mut host = host();
    host.address = Some("210.200.200.200".parse().unwrap());
    host.name = Some("n".repeat(9).parse().unwrap());
    let ticket = Token { attempt: u32::MAX, expires: Timestamp::from_unix(253_402_300_799), ..ticket() };
    let longest = "x86_64-linux-rockylinux-9999.9999";
    let tree = || install(longest, Source::Tree { path: Line::lossy(longest) });
    for (consoles, fits) in [(MAX_CONSOLES, true), (60, false)] {
        let cluster = with(consoles);
        assert_eq!(cluster.boot.consoles.iter().map(|c| c.as_str().len()).max(), Some(32));
        let context = |loader| ScriptContext {
            cluster: &cluster,
            mac: mac(),
            host: Some(&host),
            probable_host: None,
            was_installed: true,
            has_storage: true,
            loader,
            shims: Shims::default(),
        };
        let installs = [tree(), install("x86_64-linux-debian-13", image())];
        for (what, loader) in installs.iter().flat_map(|what| [(what, Loader::Ipxe), (what, Loader::Grub)]) {
            let script = decision(context(loader), what, Some(&ticket));
            let line = script
                .lines()
                .map(str::trim_start)
                .find(|line| line.starts_with("kernel ") || line.starts_with("if linux "));
            let line = line.map(|line| line.replace('\'', "").len());
            assert_eq!(line.is_some_and(|bytes| bytes < KERNEL_LINE_BYTES), fits, "{script}");
            assert_eq!(script.contains("2047"), !fits, "{script}");
        }
    }
}

#[test]
fn every_script() {
    for loader in [Loader::Ipxe, Loader::Grub] {
        every_script_of(loader);
    }
}

fn every_script_of(loader: Loader) {
    let golden = |name: &str, text: &str| golden(loader, name, text);
    let text = CLUSTER.replace("\n[install]", "gateway = \"10.0.0.254\"\n\n[install]")
        + "[boot]\nconsoles = [\"ttyS0,115200n8\"]\n[types.DRH]\ndistro = \"x86_64-linux-rockylinux-10.1\"\n";
    let cluster = Cluster::parse(&text).unwrap();
    let host = host();
    let known = ScriptContext {
        cluster: &cluster,
        mac: mac(),
        host: Some(&host),
        probable_host: None,
        was_installed: false,
        has_storage: true,
        loader,
        shims: Shims::default(),
    };
    let unknown = ScriptContext { host: None, ..known };
    golden("init", &init(&cluster, loader, None));
    golden("install-image", &decision(known, &install("x86_64-linux-debian-12", image()), Some(&ticket())));
    let tree = Source::Tree { path: Line::lossy("x86_64-linux-rockylinux-10.1") };
    golden("install-tree-10", &decision(known, &install("x86_64-linux-rockylinux-10.1", tree), Some(&ticket())));
    let tree = Source::Tree { path: Line::lossy("x86_64-linux-almalinux-9.5") };
    golden("install-tree-9", &decision(known, &install("x86_64-linux-almalinux-9.5", tree), Some(&ticket())));
    golden("local-boot", &decision(known, &Decision::LocalBoot(None), Some(&ticket())));
    golden("local-boot-notice", &decision(known, &Decision::LocalBoot(Some(Line::lossy("no image"))), Some(&ticket())));
    golden("main-menu", &decision(unknown, &Decision::Menu(MenuPage::Main, None), Some(&ticket())));
    golden("main-menu-failed", &decision(known, &Decision::Menu(MenuPage::Main, host.reason.clone()), Some(&ticket())));
    golden("install-menu", &decision(known, &Decision::Menu(MenuPage::Install, None), Some(&ticket())));
    golden("own-disk", &decision(unknown, &Decision::OwnDisk, None));
    for (name, local) in [("local-boot-exit", LocalBoot::Exit), ("local-boot-sanboot", LocalBoot::Sanboot)] {
        let mut own = host.clone();
        own.local = Some(local);
        let context = ScriptContext { host: Some(&own), ..known };
        golden(name, &decision(context, &Decision::LocalBoot(None), None));
    }
    golden("wait", &decision(unknown, &Decision::Wait, Some(&ticket())));
    golden("give-up", &decision(known, &Decision::GiveUp { attempts: 3 }, Some(&ticket())));
    golden(
        "stop",
        &decision(
            unknown,
            &Decision::Stop(Line::lossy("x86_64-linux-debian-12: no image is published; run build-image")),
            Some(&ticket()),
        ),
    );
    golden("error", &error("no cluster is active", None, loader));
    golden("stranded", &stranded("no cluster is active", loader));
    golden("error-again", &error("no record", Some(Address::init(&cluster)), loader));
    golden("reboot", &reboot(known));
    golden("show-ipxe", &show_ipxe(known));
    golden("show-host", &show_host(known));
    golden("show-cluster", &show_cluster(known));
    golden("show-paths", &show_paths(known));
    golden("enrol", &decision(unknown, &Decision::Enrol(Line::lossy("window rack7 of root with host-state")), None));
    golden("recover-drh-none", &drh_hosts(known, &[]));
    golden("recover-drh", &drh_hosts(known, std::slice::from_ref(&host)));
    golden("message", &message(known, &["One sentence.", "Another one."]));
    if loader == Loader::Grub {
        crate::golden::golden("grub", "grub.cfg", &grub_start(&cluster, None));
        let line: Distro = "x86_64-linux-rockylinux-10".parse().unwrap();
        crate::golden::golden("grub", "tree-grub.cfg", &grub_start(&cluster, Some(&line)));
        golden("tree-init", &init(&cluster, loader, Some(&line)));
    }
    let Source::Image { kernel, initrd, .. } = image() else { panic!("an image") };
    golden("unsupported", &unsupported(known, crate::boot::MissingFeature::X86_64V3));
    golden("rescue", &rescue(known, &kernel, &initrd));
    let installed = ScriptContext { was_installed: true, ..known };
    golden("main-menu-installed", &decision(installed, &Decision::Menu(MenuPage::Main, None), None));
    let first = ScriptContext { has_storage: false, ..unknown };
    golden("install-menu-first", &decision(first, &Decision::Menu(MenuPage::Install, None), None));
}

/// Nothing is fetched then, and the report makes the host FAILED before a disk is touched.
#[test]
fn secure_boot_refuses_a_kernel_whose_shim_did_not_start_the_machine() {
    let cluster = Cluster::parse(CLUSTER).unwrap();
    let [rocky_9, rocky_10, alma_10] =
        ["x86_64-linux-rockylinux-9", "x86_64-linux-rockylinux-10", "x86_64-linux-almalinux-10"]
            .map(|line| line.parse::<Distro>().unwrap());
    let tree = |name: &str| install(name, Source::Tree { path: Line::lossy(name) });
    let rocky = || tree("x86_64-linux-rockylinux-10.1");
    let debian = || install("x86_64-linux-debian-12", image());
    for (decided, started, offered, refused) in [
        (debian(), None, None, None),
        (debian(), None, Some(&rocky_10), None),
        (debian(), Some(&rocky_10), Some(&rocky_10), Some("kernel-key")),
        (debian(), Some(&rocky_10), None, Some("other-shim")),
        (rocky(), Some(&rocky_10), Some(&rocky_10), None),
        (rocky(), None, None, Some("kernel-key")),
        (rocky(), None, Some(&rocky_10), Some("other-shim")),
        (rocky(), Some(&alma_10), Some(&alma_10), Some("kernel-key")),
        (rocky(), Some(&rocky_9), Some(&rocky_10), Some("other-shim")),
        (tree("aarch64-linux-rockylinux-10.1"), None, None, Some("kernel-key")),
    ] {
        let host = host();
        let context = ScriptContext {
            cluster: &cluster,
            mac: mac(),
            host: Some(&host),
            probable_host: None,
            was_installed: false,
            has_storage: true,
            loader: Loader::Grub,
            shims: Shims { started, offered },
        };
        let script = decision(context, &decided, Some(&ticket()));
        let found = script.split_once("&missing=").map(|(_, rest)| rest.split('&').next().unwrap_or_default());
        assert_eq!(found, refused, "{script}");
        assert_eq!(script.contains("if ! [ \"$shim_lock\" = y ]; then\n  if linux"), refused.is_some(), "{script}");
        let Source::Image { kernel, initrd, .. } = image() else { panic!("an image") };
        let rescue = rescue(context, &kernel, &initrd);
        assert_eq!(rescue.contains("which is Debian"), started.is_some(), "{rescue}");
    }
}

/// GRUB of installation trees can load no module under Secure Boot. Its commands are those of the modules in the list
/// `grub_modules` of its source package. `smbios` is not among them; its failure is a line on the screen.
#[test]
fn scripts_use_only_commands_that_grub_of_a_tree_has() {
    let words = "[ boot chainloader clear configfile echo exit export initrd linux menuentry normal normal_exit reboot \
                 regexp search set sleep source unset hps_next function do done fi } #";
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/grub");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let command = line.split_whitespace().find(|word| !["if", "while", "!"].contains(word)).unwrap_or("}");
            let firmware = command == "smbios" && ["init.cfg", "show-ipxe.cfg"].contains(&name.as_str());
            assert!(firmware || words.split_whitespace().any(|word| word == command), "{name}: {line}");
        }
    }
}
