// SPDX-License-Identifier: GPL-3.0-or-later
//! Two hundred machines that ask at the same moment, under the real lighttpd: each gets an address and a name of its own, and keeps
//! them, whatever process dies meanwhile.

use crate::PROGRAM;
use crate::support::{INTERFACE, Node, SERVER};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const MACHINES: u32 = 200;
const SYSTEM: &str = "x86_64-linux-rockylinux-10.1";
const INSTALL: &str = "cmd=process_menu_item&mac=MAC&menu_item=install_SCH_STORAGESINGLE";
const BOOT: &str = "cmd=boot_action&mac=MAC";
const ANSWER: &str = "cmd=answer&mac=MAC&ticket=WORD";
/// What stands for WORD: the ticket of the last answer.
const TICKET: &str = "[0-9]+-[0-9]+-[0-9a-f]{64}";

/// Two crowds at once would measure the machine.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

struct Crowd {
    node: Node,
    _alone: MutexGuard<'static, ()>,
}

impl Crowd {
    /// A node with exactly as many addresses as machines will ask for, and a lease for each machine.
    fn new() -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let node = Node::new(PROGRAM);
        node.configure(&["--no-reload"]).done();
        let file = node.path("srv/hps-config/clusters/lab.cluster");
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().map(|line| match line.split(" = ").next() {
            Some("address") => format!("address = \"{SERVER}/22\""),
            Some("host_range") => "host_range = \"10.99.0.2-10.99.0.223\"".to_owned(),
            Some("dhcp_range") => "dhcp_range = \"10.99.2.1-10.99.2.250\"".to_owned(),
            Some("distro") => format!("distro = \"{SYSTEM}\""),
            _ => line.to_owned(),
        });
        std::fs::write(&file, lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
        let tree = node.path("srv/hps-resources/distros").join(SYSTEM);
        std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
        for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
            std::fs::write(tree.join(name), "x").unwrap();
        }
        let mut addresses = format!("address replace {SERVER}/22 dev {INTERFACE}\n");
        let mut leases = String::new();
        for number in 1..=MACHINES {
            writeln!(addresses, "address add 10.99.2.{number}/32 dev {INTERFACE}").unwrap();
            let mac = format!("52:54:01:00:00:{number:02x}");
            writeln!(leases, "0 {mac} 10.99.2.{number} * 01:{mac}").unwrap();
        }
        std::fs::write(node.path("addresses"), addresses).unwrap();
        node.run("ip", &["-batch", &node.path("addresses").to_string_lossy()]).done();
        node.run("reload", &[]).done();
        std::fs::write(node.path("srv/hps-config/state/dnsmasq.leases"), leases).unwrap();
        std::fs::create_dir(node.path("answers")).unwrap();
        Self { node, _alone: alone }
    }

    /// All of them ask this at once. See ask-together.
    fn ask(&self, query: &str, pattern: &str) -> Vec<String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cgi/ask-together");
        let url = format!("http://{SERVER}/cgi-bin/boot_manager");
        let (folder, last) = (self.node.path("answers"), MACHINES.to_string());
        let mut command = self.node.command(script);
        command.arg(url).arg(&folder).args(["1", &last, query]).stdin(Stdio::null());
        if !pattern.is_empty() {
            command.arg(pattern);
        }
        assert!(command.status().unwrap().success());
        (1..=MACHINES).map(|n| std::fs::read_to_string(folder.join(n.to_string())).unwrap()).collect()
    }

    /// Address and name of each MAC that has both, from the records; no two are the same.
    fn places(&self) -> BTreeMap<String, (String, String)> {
        let mut places = BTreeMap::new();
        for (path, bytes) in self.node.snapshot("srv/hps-config/clusters/lab/hosts") {
            if path.extension().is_none_or(|e| e != "toml") {
                continue;
            }
            let text = String::from_utf8(bytes).unwrap();
            let value = |key: &str| {
                text.lines().find_map(|l| l.strip_prefix(&format!("{key} = "))).map(|v| v.trim_matches('"').to_owned())
            };
            let mac = path.file_stem().unwrap().to_string_lossy().into_owned();
            if let (Some(address), Some(name)) = (value("address"), value("name")) {
                places.insert(mac, (address, name));
            }
        }
        let addresses: BTreeSet<_> = places.values().map(|(address, _)| address).collect();
        let names: BTreeSet<_> = places.values().map(|(_, name)| name).collect();
        assert_eq!((addresses.len(), names.len()), (places.len(), places.len()), "each has its own: {places:?}");
        places
    }

    /// Every machine gets the installer and its answer file, and keeps its place.
    fn completes(&self) {
        let before = self.places();
        for (number, answer) in self.ask(INSTALL, "").iter().enumerate() {
            assert!(answer.contains("inst.ks=") && answer.ends_with("\n200\n"), "machine {}: {answer}", number + 1);
        }
        let places = self.places();
        assert_eq!(places.len(), MACHINES as usize);
        assert!(before.iter().all(|(mac, place)| places.get(mac) == Some(place)), "a place that was given stays");
        // The same ones when they ask again.
        let again = self.ask(INSTALL, "");
        assert!(again.iter().all(|answer| answer.contains("inst.ks=")));
        assert_eq!(self.places(), places);
        let answers = self.ask(ANSWER, TICKET);
        for (number, answer) in (1..).zip(&answers) {
            let (address, name) = &places[&format!("5254010000{number:02x}")];
            assert!(answer.ends_with("\n200\n"), "machine {number}: {answer}");
            assert!(answer.contains(&format!("'{name}")) && answer.contains(address), "{name} {address}: {answer}");
        }
        assert_eq!(self.places(), places);
        for (mac, (address, name)) in &places {
            let entry = self.node.path(&format!("srv/hps-config/services/dhcp-hosts.lab/{mac}"));
            let entry = std::fs::read_to_string(&entry).unwrap();
            assert!(entry.contains(address) && entry.contains(name), "{entry}");
        }
    }
}

#[test]
fn two_hundred_machines_at_the_same_moment() {
    let crowd = Crowd::new();
    crowd.completes();
}

/// The processes that lighttpd of this node started and that run now.
fn children(lighttpd: &str) -> Vec<String> {
    let path = PathBuf::from(format!("/proc/{lighttpd}/task/{lighttpd}/children"));
    std::fs::read_to_string(path).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn whatever_process_is_killed_nobody_is_blocked() {
    let crowd = Crowd::new();
    let pid = std::fs::read_to_string(crowd.node.path("run/hps/lighttpd.pid")).unwrap();
    let (pid, over, count) = (pid.trim(), AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let begun = Instant::now();
            while !over.load(Ordering::Relaxed) && begun.elapsed() < Duration::from_secs(60) {
                let killed = count.load(Ordering::Relaxed);
                // One of them, at another moment of its life each time.
                if let Some(child) = children(pid).get(killed % 7) {
                    let done = Command::new("kill").args(["-9", child]).stderr(Stdio::null()).status().unwrap();
                    count.fetch_add(usize::from(done.success()), Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(3 + killed as u64 % 11));
            }
        });
        // On a busy machine few are killed in one round.
        for _ in 0..5 {
            crowd.ask(INSTALL, "");
            crowd.ask(ANSWER, TICKET);
            if count.load(Ordering::Relaxed) >= 20 {
                break;
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    let killed = count.into_inner();
    assert!(killed >= 20, "only {killed} were killed");
    crowd.places();
    crowd.node.run("host-state", &["list"]).done();
    for (number, answer) in (1..).zip(crowd.ask(INSTALL, "")) {
        // An installation that began is not chosen again.
        let good = answer.contains("inst.ks=") || answer.contains("INSTALLING");
        assert!(good && answer.ends_with("\n200\n"), "machine {number}: {answer}");
    }
    let places = crowd.places();
    assert_eq!(places.len(), MACHINES as usize, "and all have a place, of exactly as many as there are");
    for (number, answer) in (1..).zip(crowd.ask(BOOT, "")) {
        assert!(answer.contains("inst.ks="), "machine {number}: {answer}");
    }
    for (number, answer) in (1..).zip(crowd.ask(ANSWER, TICKET)) {
        assert!(answer.ends_with("\n200\n"), "machine {number}: {answer}");
    }
    assert_eq!(crowd.places(), places);
}
