// SPDX-License-Identifier: GPL-3.0-or-later
//! The text of a `.cluster` file, with a comment for each value, as `cluster-configure` writes it.

use super::{Cluster, Enrolment};
use crate::types::{HostType, MacAddr};
use std::fmt::{Display, Write as _};

impl Cluster {
    /// The file's text. [`Cluster::parse`] reads it back to the same value.
    pub fn to_text(&self) -> String {
        let mut out = File(String::new());
        out.line("# An HPS cluster. Edit it by hand or with cluster-configure, then run: reload");
        out.line("# The boot manager reads this file at every request, so most of it counts at once; dnsmasq and lighttpd, which serve");
        out.line("# [network], read what reload makes of it. Every key: docs/reference/cluster-file.md");
        out.bare("version", Self::VERSION, "of this format");
        out.text("name", &self.name, "also the name of this file");
        out.text("description", &self.description, "one line for people");

        let n = &self.network;
        out.table("network");
        out.text("interface", &n.interface, "serves DHCP, TFTP, DNS and HTTP");
        out.text("address", n.address, "of this node on it, with the prefix length");
        out.text("dhcp_range", n.dhcp_range, "for machines that are not known yet");
        out.text("host_range", n.host_range, "reserved for hosts, one each, for good");
        out.option("gateway", n.gateway.as_ref(), "default gateway of hosts");
        out.list("dns", &n.dns, "name servers of hosts; empty: this node");
        out.list("ntp", &n.ntp, "time servers of hosts");
        out.option("syslog", n.syslog.as_ref(), "server that hosts send their logs to; tcp:ADDRESS for TCP");
        match n.mtu {
            Some(mtu) => out.bare("mtu", mtu, "largest packet of hosts, in bytes"),
            None => out.line(&format!("# {:<42} # largest packet of hosts, in bytes", "mtu = 1500")),
        }
        out.text("domain", &n.domain, "of hosts");
        out.bare("http_port", n.http_port, "of the boot manager and the files");

        let i = &self.install;
        out.table("install");
        let enrolment = match i.enrolment {
            Enrolment::Menu => "menu",
            Enrolment::Armed => "armed",
        };
        out.text(
            "enrolment",
            enrolment,
            "menu: a person at the console of a new machine may choose; armed: only host-state arm",
        );
        out.bare("max_attempts", i.max_attempts, "that one permission gives before the host is FAILED");
        out.bare("max_refusals", i.max_refusals, "bad tickets or tokens until a permission ends; 0: never");
        out.text("permission_lifetime", i.permission_lifetime, "of host-state arm without --expires");
        out.text("attempt_lifetime", i.attempt_lifetime, "how long one installation may take");
        out.bare("disk_min_gib", i.disk_min_gib, "smallest system disk");
        out.bare("memory_min_mib", i.memory_min_mib, "smallest memory, as Linux counts it (MemTotal)");
        out.text("admin_user", &i.admin_user, "the administrator's account on every host");
        out.list("ssh_keys", &i.ssh_keys, "the administrator's public keys");
        out.option("root_password_hash", i.root_password_hash.as_ref(), "crypt(5); without it root has no password");
        out.text("timezone", &i.timezone, "of hosts");
        out.text(
            "sources",
            i.sources.as_str(),
            "of packages later: site, this node alone; distribution, its mirrors too",
        );
        out.option(
            "notify",
            i.notify.as_ref(),
            "program that is called, as user hps, when a host is INSTALLED or FAILED; see host-state notify",
        );

        out.line("");
        out.line("# An installation that stays in a stage for longer is shown as stalled: host-state list --stalled");
        out.line("[install.stage_limits]");
        for (key, limit, about) in i.stage_limits.entries() {
            out.text(key, limit, about);
        }

        out.table("boot");
        out.list("consoles", &self.boot.consoles, "serial consoles, such as \"ttyS0,115200n8\"");
        out.bare("menu_timeout", self.boot.menu_timeout, "seconds without a key until a menu does the safe thing");
        out.text("order", self.boot.order.as_str(), "what UEFI of an installed host tries first: network or disk");

        for (host_type, settings) in &self.types {
            out.table(&format!("types.{host_type}"));
            out.text("distro", &settings.distro, host_type.title());
            if !host_type.profiles().is_empty() {
                out.option(
                    "profile",
                    settings.profile.as_ref(),
                    "STORAGESINGLE, the default: pool on the system's disk; STORAGERAID: on the others",
                );
            }
            let network = &settings.network;
            out.table(&format!("types.{host_type}.network"));
            out.bare(
                "nics",
                &network.nics,
                "cards of the main network, by the place of the MAC in the record; several: a bond",
            );
            out.text("bond", network.bond, "how several share the work");
            let by_itself = if network.bridge_of(*host_type).is_some() { "without it br0" } else { "without it none" };
            out.option("bridge", network.bridge.as_ref(), &format!("over them, for guests; {by_itself}"));
            out.text("addressing", network.addressing.as_str(), "of the installed system: static, or dhcp");
            out.table(&format!("types.{host_type}.disks"));
            out.text("system", &settings.disks.system, "which disk its system goes on, of those that are large enough");
            out.bare("mirror", settings.disks.mirror, "the system on two disks that fit, as RAID 1");
            out.number(
                "root_gib",
                settings.disks.root_gib,
                "root file system; without it 30 on large disks with a pool, else the rest",
            );
            out.number(
                "swap_gib",
                settings.disks.swap_gib,
                "swap space; without it 20 on large disks with a pool, else less",
            );
            if matches!(host_type, HostType::Sch | HostType::Drh) {
                let pool = if *host_type == HostType::Sch {
                    "those of the pool of STORAGERAID, such as min=100G; without it all others"
                } else {
                    "those of its pool of ZFS, such as min=100G; without it the rest of the system's disk"
                };
                out.option("pool", settings.disks.pool.as_ref(), pool);
                out.text("level", settings.disks.level, "RAID over them; auto: by their number");
                let volumes = if *host_type == HostType::Sch {
                    "of the pool: lvm, zfs, or auto, which is zfs where its packages are"
                } else {
                    "zfs: it has a pool, which receives what storage hosts send"
                };
                out.text("volumes", settings.disks.volumes.as_str(), volumes);
            }
        }
        for storage in &self.storage_networks {
            out.line("");
            out.line("[[storage_network]]");
            out.text("name", &storage.name, "the interface of its VLAN on hosts");
            out.text("network", storage.network, "a host's address in it ends as its main one does");
            if let Some(vlan) = storage.vlan {
                out.bare("vlan", vlan, "the tag, which the switch must know");
            }
            if let Some(nics) = &storage.nics {
                out.bare("nics", nics, "its cards, by the place of the MAC in the host's record");
                if nics.places().len() > 1 {
                    out.text("bond", storage.bond, "how they share the work");
                }
            }
            if let Some(mtu) = storage.mtu {
                out.bare("mtu", mtu, "largest packet, in bytes");
            }
            out.list("types", &storage.types, "whose hosts are on it");
        }
        for rule in &self.rules {
            out.line("");
            out.line("[[rule]]");
            out.text("name", &rule.name, "installs, once, a machine that was never installed and is");
            out.given("mac", rule.mac.map(MacAddr::colons));
            out.given("mac_prefix", rule.mac_prefix.as_ref());
            out.given("uuid", rule.uuid.as_ref());
            out.given("serial", rule.serial.as_ref());
            out.given("product", rule.product.as_ref());
            out.text("type", rule.host_type, "what it becomes");
            out.given("profile", rule.profile);
            out.given("distro", rule.distro.as_ref());
        }

        out.table("legacy");
        out.line(
            "# Commands of the shell release. Each believes any sender; docs/reference/legacy.md says what that costs.",
        );
        for (command, on, cost) in self.legacy.settings() {
            out.bare(command, on, cost);
        }
        out.0
    }
}

struct File(String);

impl File {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn table(&mut self, name: &str) {
        self.line("");
        self.line(&format!("[{name}]"));
    }

    fn bare(&mut self, key: &str, value: impl Display, about: &str) {
        let assignment = format!("{key} = {value}");
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.0, "{assignment:<44} # {about}");
    }

    fn text(&mut self, key: &str, value: impl Display, about: &str) {
        self.bare(key, toml::Value::String(value.to_string()), about);
    }

    fn option(&mut self, key: &str, value: Option<impl Display>, about: &str) {
        match value {
            Some(value) => self.text(key, value, about),
            None => self.line(&format!(
                "# {key} = \"\" {:>width$}# {about}",
                "",
                width = 36_usize.saturating_sub(key.len())
            )),
        }
    }

    fn number(&mut self, key: &str, value: Option<u32>, about: &str) {
        match value {
            Some(value) => self.bare(key, value, about),
            None => self.line(&format!("{:<44} # {about}", format!("# {key} ="))),
        }
    }

    fn given(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line(&format!("{key} = {}", toml::Value::String(value.to_string())));
        }
    }

    fn list(&mut self, key: &str, values: &[impl Display], about: &str) {
        let items: Vec<toml::Value> = values.iter().map(|v| toml::Value::String(v.to_string())).collect();
        self.bare(key, toml::Value::Array(items), about);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ClusterError, StorageNetwork, default_ranges};

    const MINIMAL: &str = include_str!("../../../tests/fixtures/lab.cluster");

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
        cluster.types.get_mut(&crate::types::HostType::Sch).unwrap().network = toml::from_str(network).unwrap();
        cluster.boot.order = crate::config::BootOrder::Disk;
        if let Some(settings) = cluster.types.get_mut(&crate::types::HostType::Sch) {
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
        ] {
            let text = MINIMAL.replace(from, to);
            match Cluster::parse(&text) {
                Err(ClusterError::Syntax { line: found, problem }) => {
                    assert_eq!(found, line, "{problem}");
                    assert!(!problem.contains('\n'));
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
            ("[\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin\"]", "[]", "log in"),
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
            ("ssh_keys", "zzz", "line 14: [install] has no key zzz; docs/reference/cluster-file.md has all keys"),
            ("ssh_keys", "ssh_key", "line 14: [install] has no key ssh_key; did you mean ssh_keys?"),
            ("\"menu\"", "\"menus\"", "line 13: install.enrolment is \"menus\": expected menu or armed"),
            ("domain = ", "jumbo = ", "line 10: [network] has no key jumbo; its keys are interface, address,"),
            ("\"menu\"", "\"menu\"\nmax_attempts = 0", "line 14: install.max_attempts is 0: expected 1 to 100"),
            ("domain = \"lab.internal\"", "", "line 5: [network] has no domain; it must"),
            (
                "[types.SCH]",
                "[types.SCH.disks]\nsystem = \"tiny\"\n[types.SCH]",
                "line 17: types.SCH.disks.system is \"tiny\": rule for disks \"tiny\": expected words such as smallest,",
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
            (
                "\"menu\"",
                "\"menu\"\nroot_password_hash = \"secret\"",
                "line 14: install.root_password_hash is not shown: ",
            ),
            (
                "[types.SCH]",
                "[types.TCH]\ndistro = \"x86_64-linux-debian-12\"\n[types.TCH.disks]\nvolumes = \"zfs\"\n[types.SCH]",
                "line 19: types.TCH.disks.volumes is \"zfs\", and a TCH has no pool",
            ),
            (
                "[types.SCH]",
                "[types.DRH]\ndistro = \"x86_64-linux-debian-12\"\n[types.DRH.disks]\nvolumes = \"zfs\"\n[types.SCH]",
                "line 19: types.DRH.disks.volumes is \"zfs\", and root_gib is not given",
            ),
            (
                "[types.SCH]",
                "[[rule]]\nname = \"r\"\nserial = 1\ntype = \"SCH\"\n[types.SCH]",
                "line 18: rule.serial is 1: expected text in quotes",
            ),
            (
                "[types.SCH]",
                "[[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"SCH\"\n[[rule]]\nname = \"s\"\nserial = \"1\"\ntype = \"SCH\"\n[types.SCH]",
                "line 20: rules r and s mean the same machines: make one narrower, or take it away",
            ),
        ] {
            let error = Cluster::parse(&MINIMAL.replace(from, to)).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}\n  for {expected}");
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
            assert_eq!(cluster.installable().unwrap_err().key, key, "{to}");
        }
        Cluster::parse(MINIMAL).unwrap().installable().unwrap();
        let rule = "[types.SCH]\ndisks = { system = \"serial=none\" }";
        let cluster = Cluster::parse(&MINIMAL.replace("[types.SCH]", rule)).unwrap();
        cluster.installable().unwrap();
        let (host_type, impossible) = cluster.meaningless().remove(0);
        assert_eq!((host_type, impossible.key.as_str()), (HostType::Sch, "types.SCH.disks.system"));
        assert!(cluster.disks(HostType::Sch, &[]).unwrap_err().contains("types.SCH.disks.system"));
    }

    #[test]
    fn default_ranges_hold_neither_server_nor_gateway() {
        for (address, gateway) in
            [("10.0.0.1/24", None), ("10.0.0.254/24", Some("10.0.0.1")), ("10.0.0.100/16", None), ("10.0.0.1/29", None)]
        {
            let gateway = gateway.map(|g: &str| g.parse().unwrap());
            let (hosts, dhcp) = default_ranges(address.parse().unwrap(), gateway).unwrap();
            let text = MINIMAL.replace("10.0.0.1/24", address).replace("10.0.0.128-10.0.0.252", &dhcp.to_string());
            let text = text.replace("10.0.0.2-10.0.0.127", &hosts.to_string());
            Cluster::parse(&text).unwrap();
        }
    }
}
