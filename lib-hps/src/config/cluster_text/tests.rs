// SPDX-License-Identifier: GPL-3.0-or-later
//! The generated text is read back to the same cluster; a bad value is named with its line.

use crate::config::{Cluster, ClusterError, ParseError, SettingError, StorageNetwork, default_ranges, roomy_ranges};
use crate::types::HostType;

const MINIMAL: &str = include_str!("../../../../tests/fixtures/lab.cluster");

#[test]
fn what_is_written_is_read_back() {
    let mut cluster = Cluster::parse(MINIMAL).unwrap();
    assert_eq!(Cluster::parse(&cluster.to_text()).unwrap(), cluster);
    cluster.description = "a \"quoted\" \\ # site".parse().unwrap();
    cluster.network.gateway = Some("10.0.0.1".parse().unwrap());
    cluster.legacy.log_message = true;
    cluster.rules = vec![
        toml::from_str("name = \"a\"\nmac_prefix = \"52:54\"\nserial = \"a \\\"b\"\ntype = \"SCH\"").unwrap(),
        toml::from_str("name = \"b\"\nmac = \"525400000001\"\ntype = \"SCH\"\ndistro = \"x86_64-linux-debian-12\"")
            .unwrap(),
    ];
    cluster.install.stage_limits.packages = "7d".parse().unwrap();
    cluster.install.keyboard = "latam".parse().unwrap();
    cluster.install.notify = Some("/usr/local/sbin/hps-mail".parse().unwrap());
    cluster.boot.consoles = vec!["ttyS0,115200n8".parse().unwrap()];
    cluster.network.mtu = Some(9_000.try_into().unwrap());
    cluster.network.syslog = Some("tcp:10.0.0.5".parse().unwrap());
    cluster.storage_networks = vec![
        toml::from_str("name = \"a\"\nnetwork = \"10.9.0.0/24\"\nnics = [2, 3]\nbond = \"802.3ad\"\nmtu = 9000")
            .unwrap(),
        StorageNetwork::numbered(2, cluster.network.address, &[]).unwrap(),
    ];
    let network = "nics = [1, 4]\nbond = \"balance-alb\"\nbridge = \"guests\"\naddressing = \"dhcp\"";
    cluster.types.get_mut(&crate::types::HostType::SCH).unwrap().network = toml::from_str(network).unwrap();
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    cluster.boot_loaders = vec![
        toml::from_str("file = \"ipxe.efi\"\nhosts = \"sch-[001-003]\"\nreason = \"hangs\"").unwrap(),
        toml::from_str(&format!(
            "file = \"own.efi\"\npath = \"/srv/own.efi\"\nsha256 = \"{digest}\"\narchitectures = [7, 9]\nreason = \"a patch\""
        ))
        .unwrap(),
    ];
    cluster.boot.order = crate::config::BootOrder::Disk;
    cluster.boot.loader = crate::types::Loader::Grub;
    if let Some(settings) = cluster.types.get_mut(&crate::types::HostType::SCH) {
        settings.disks.mirror = true;
        settings.disks.root_gib = Some(40);
        settings.disks.swap_gib = Some(8);
    }
    let cluster = cluster.checked().unwrap();
    assert_eq!(Cluster::parse(&cluster.to_text()).unwrap(), cluster);
}

/// Programs read `010` in two ways, and a network without a prefix is all addresses.
#[test]
fn networks_have_one_way_to_be_written() {
    for (good, bad) in [
        ("10.0.0.1/24", "10.0.0.1/0"),
        ("10.0.0.1/24", "010.0.0.1/24"),
        ("10.0.0.1/24", "10.0.0.01/24"),
        ("10.0.0.1/24", "10.0.0.1/024"),
    ] {
        let error = Cluster::parse(&MINIMAL.replace(good, bad)).unwrap_err().to_string();
        assert!(error.contains("without leading zeros, a prefix of 8 to 30"), "{bad}: {error}");
        let storage = |network: &str| {
            toml::from_str::<StorageNetwork>(&format!("name = \"a\"\nnetwork = \"{network}\"\n"))
                .map_err(|error| error.to_string())
        };
        assert!(storage(good).is_ok());
        let error = storage(bad).unwrap_err();
        assert!(error.contains("without leading zeros, a prefix of 8 to 30"), "{bad}: {error}");
    }
}

#[test]
fn a_bad_value_is_named_with_its_line() {
    for (from, to, line) in [
        ("eth0", "eth 0", 6),
        ("10.0.0.1/24", "10.0.0.1/33", 7),
        ("domain = \"lab.internal\"", "domain = \"lab.internal\"\nmtu = 90000", 11),
        ("\"lab\"", "\"../lab\"", 3),
        ("debian-12", "solaris-12", 17),
        ("[install]", "[install]\nnotify = \"mail root\"", 13),
        ("[install]", "[install]\nkeyboard = \"german\"", 13),
    ] {
        let text = MINIMAL.replace(from, to);
        match Cluster::parse(&text) {
            Err(ClusterError::File(all)) => {
                let found: Vec<usize> = all.iter().map(ParseError::line).collect();
                assert_eq!(found, [line], "{all}");
                assert!(!all.to_string().contains('\n'));
            }
            other => panic!("{to}: {other:?}"),
        }
    }
}

#[test]
fn contradictions_are_named() {
    for (from, to, word) in [
        ("version = 1", "version = 2", "version"),
        ("10.0.0.1/24", "10.0.0.7/24", "own address"),
        ("10.0.0.2-10.0.0.127", "10.0.0.2-10.0.0.128", "overlap"),
        ("10.0.0.2-10.0.0.127", "10.0.1.2-10.0.1.9", "outside"),
        ("10.0.0.1/24", "10.0.0.0/24", "address of a host"),
        ("[types.SCH]", "[[rule]]\nname = \"r\"\ntype = \"SCH\"\n[types.SCH]", "names no machine"),
        (
            "[types.SCH]",
            "[[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"SCH\"\n[[rule]]\nname = \"s\"\nserial = \"1\"\ntype = \"SCH\"\n[types.SCH]",
            "rules r and s",
        ),
        ("[install]", "gateway = \"10.9.9.9\"\n[install]", "gateway"),
        ("[\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin\"]", "[]", "install.ssh_keys"),
    ] {
        let error = Cluster::parse(&MINIMAL.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(word), "{to}: {error}");
    }
}

#[test]
fn a_message_has_line_key_and_value_in_the_words_of_the_file() {
    let hosts = "10.0.0.2-10.0.0.127\"\n";
    for (from, to, expected) in [
        (
            "\"menu\"",
            "\"menu\"\nmax_attempts = \"3\"",
            "line 14: install.max_attempts is \"3\": expected a whole number without quotes",
        ),
        (
            hosts,
            &format!("{hosts}dns = \"10.0.0.1\"\n"),
            "line 10: network.dns is \"10.0.0.1\": expected a list, such as [\"...\"]",
        ),
        (
            hosts,
            &format!("{hosts}gateway = \"\"\n"),
            "line 10: network.gateway is \"\": expected an IPv4 address, such as 10.0.0.1",
        ),
        (
            hosts,
            &format!("{hosts}dns = [\"10.0.0.300\"]\n"),
            "line 10: network.dns is \"10.0.0.300\": expected an IPv4 address, such as 10.0.0.1",
        ),
        (
            "10.0.0.1/24",
            "10.0.0.1",
            "line 7: network.address is \"10.0.0.1\": expected an IPv4 address and the length of its prefix, such as 10.0.0.1/24",
        ),
        ("ssh_keys", "zzz", "line 14: [install]: unknown key zzz; docs/reference/cluster-file.md lists all keys"),
        ("ssh_keys", "ssh_key", "line 14: [install]: unknown key ssh_key; did you mean ssh_keys?"),
        ("\"menu\"", "\"menus\"", "line 13: install.enrolment is \"menus\": expected menu or armed"),
        ("domain = ", "jumbo = ", "line 10: [network]: unknown key jumbo; expected one of interface, address,"),
        ("\"menu\"", "\"menu\"\nmax_attempts = 0", "line 14: install.max_attempts is 0: expected 1 to 100"),
        ("domain = \"lab.internal\"", "", "line 5: [network]: missing required key domain, such as domain = "),
        (
            "[types.SCH]",
            "[types.SCH.disks]\nsystem = \"tiny\"\n[types.SCH]",
            "line 17: types.SCH.disks.system is \"tiny\": expected words such as smallest,",
        ),
        (
            "[types.SCH]",
            "[types.SCH.disks]\nsystem = \"max=4G\"\n[types.SCH]",
            "line 17: types.SCH.disks.system is \"max=4G\": 4 GiB is below install.disk_min_gib, 8, so no disk fits",
        ),
        (
            "[types.SCH]",
            "[types.SCH.disks]\nroot_gib = 3\n[types.SCH]",
            "line 17: types.SCH.disks.root_gib is 3: expected 4 to 1000000",
        ),
        (
            "[types.SCH]",
            "[types.SCH.disks]\nroot_gib = 30\nswap_gib = 20\nsystem = \"max=40G\"\n[types.SCH]",
            "line 19: types.SCH.disks.system is \"max=40G\": 40 GiB is below root_gib and swap_gib, 50, so no disk fits",
        ),
        (
            "[types.SCH]",
            "[types.SCH.disks]\npool = \"largest\"\n[types.SCH]",
            "line 17: types.SCH.disks.pool is \"largest\": smallest and largest choose one disk",
        ),
        ("\"menu\"", "\"menu\"\nroot_password_hash = \"secret\"", "line 14: install.root_password_hash is not shown: "),
        (
            "[types.SCH]",
            "[types.TCH]\ndistro = \"x86_64-linux-debian-12\"\n[types.TCH.disks]\nvolumes = \"zfs\"\n[types.SCH]",
            "line 19: types.TCH.disks.volumes is \"zfs\", but a TCH has no pool",
        ),
        (
            "[types.SCH]",
            "[types.DRH]\ndistro = \"x86_64-linux-debian-12\"\n[types.DRH.disks]\nvolumes = \"zfs\"\n[types.SCH]",
            "line 19: types.DRH.disks.volumes is \"zfs\", but root_gib is missing",
        ),
        (
            "[types.SCH]",
            "[[rule]]\nname = \"r\"\nserial = 1\ntype = \"SCH\"\n[types.SCH]",
            "line 18: rule.serial is 1: expected text in quotes",
        ),
        (
            "[types.SCH]",
            "[[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"SCH\"\n[[rule]]\nname = \"s\"\nserial = \"1\"\ntype = \"SCH\"\n[types.SCH]",
            "line 20: rules r and s fit the same machines: make one narrower, or remove it",
        ),
    ] {
        let Err(ClusterError::File(all)) = Cluster::parse(&MINIMAL.replace(from, to)) else { panic!("{to}") };
        assert!(all.iter().any(|error| error.to_string().starts_with(expected)), "{all}\n  for {expected}");
    }
}

/// Machines that it does not concern must not stop for it: the file is good, and only reload refuses it.
#[test]
fn what_this_version_cannot_install_is_told_apart() {
    let rule = |text: &str| format!("[[rule]]\nname = \"r\"\nserial = \"1\"\n{text}\n[types.SCH]");
    let long = format!("\"{}.internal\"", "d".repeat(46));
    let consoles = format!("[boot]\nconsoles = [{}]\n[types.SCH]", "\"ttyS0\", ".repeat(5));
    for (from, to, key) in [
        ("debian-12", "debian-14", "types.SCH.distro"),
        ("\"lab.internal\"", long.as_str(), "network.domain"),
        ("[types.SCH]", consoles.as_str(), "boot.consoles"),
        ("[types.SCH]", rule("type = \"TCH\"").as_str(), "rule.0"),
        ("[types.SCH]", rule("type = \"SCH\"\ndistro = \"x86_64-linux-debian-14\"").as_str(), "rule.0"),
    ] {
        let cluster = Cluster::parse(&MINIMAL.replace(from, to)).unwrap();
        let found = cluster.not_installable();
        assert_eq!(found.iter().map(SettingError::key).collect::<Vec<_>>(), [key], "{to}");
    }
    assert_eq!(Cluster::parse(MINIMAL).unwrap().not_installable(), []);
    let rule = "[types.SCH]\ndisks = { system = \"serial=none\" }";
    let cluster = Cluster::parse(&MINIMAL.replace("[types.SCH]", rule)).unwrap();
    assert_eq!(cluster.not_installable(), []);
    let (host_type, error) = cluster.meaningless().remove(0);
    assert_eq!((host_type, error.key()), (HostType::SCH, "types.SCH.disks.system"));
    assert!(cluster.disks(HostType::SCH, &[]).unwrap_err().to_string().contains("types.SCH.disks.system"));
}

#[test]
fn default_ranges_hold_neither_server_nor_gateway() {
    for (address, gateway) in
        [("10.0.0.1/24", None), ("10.0.0.254/24", Some("10.0.0.1")), ("10.0.0.100/16", None), ("10.0.0.1/29", None)]
    {
        let gateway = gateway.map(|g: &str| g.parse().unwrap());
        for ranges in [default_ranges, roomy_ranges] {
            let (hosts, dhcp) = ranges(address.parse().unwrap(), gateway).unwrap();
            let text = MINIMAL.replace("10.0.0.1/24", address).replace("10.0.0.128-10.0.0.252", &dhcp.to_string());
            let text = text.replace("10.0.0.2-10.0.0.127", &hosts.to_string());
            Cluster::parse(&text).unwrap();
        }
    }
}

#[test]
fn a_person_is_offered_ranges_that_leave_room_for_devices() {
    for (address, hosts, unknown) in [
        ("10.20.0.1/16", "10.20.1.1-10.20.127.254", "10.20.128.1-10.20.255.254"),
        ("10.0.0.1/8", "10.0.1.1-10.0.127.254", "10.0.128.1-10.0.255.254"),
        ("10.0.0.1/24", "10.0.0.32-10.0.0.127", "10.0.0.128-10.0.0.254"),
        ("10.0.0.60/24", "10.0.0.61-10.0.0.127", "10.0.0.128-10.0.0.254"),
        ("10.0.0.1/22", "10.0.1.1-10.0.1.254", "10.0.2.1-10.0.3.254"),
        ("10.0.0.1/29", "10.0.0.2-10.0.0.3", "10.0.0.4-10.0.0.6"),
    ] {
        let (one, other) = roomy_ranges(address.parse().unwrap(), None).unwrap();
        assert_eq!((one.to_string(), other.to_string()), (hosts.to_owned(), unknown.to_owned()), "{address}");
    }
}
