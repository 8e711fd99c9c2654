// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state` on the registry: which hosts are meant, what is shown of them, and how they are changed and removed.

use crate::PROGRAM;
use crate::support::{Answer, Node, SERVER};

const MACS: [&str; 4] = ["52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:03", "52:54:00:00:00:04"];

/// sch-001 to sch-003.
fn three(node: &Node) {
    for mac in &MACS[..3] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
}

fn json(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.out).unwrap()
}

fn names(answer: &Answer) -> Vec<String> {
    answer.out.lines().skip(1).map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// Writes into a record as an editor does.
fn edit(node: &Node, mac: &str, from: &str, to: &str) {
    let path = node.path(&format!("srv/hps-config/clusters/lab/hosts/{}.toml", mac.replace(':', "")));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
}

fn reservation(node: &Node, mac: &str) -> Option<String> {
    let path = node.path(&format!("srv/hps-config/services/dhcp-hosts.lab/{}", mac.replace(':', "")));
    std::fs::read_to_string(path).ok()
}

/// An INSTALLING host that reported `stage` so many seconds ago, written as an installation leaves it.
fn installing(node: &Node, mac: &str, stage: &str, seconds: i64) {
    let moment = |ago: i64| {
        let at = node.run("date", &["-u", "-d", &format!("-{ago} seconds"), "+%Y-%m-%dT%H:%M:%SZ"]);
        at.out.trim().to_owned()
    };
    let path = node.path(&format!("srv/hps-config/clusters/lab/hosts/{}.toml", mac.replace(':', "")));
    let mut text = std::fs::read_to_string(&path).unwrap().replace("CONFIGURED", "INSTALLING");
    text.push_str(&format!(
        "\n[attempt]\nnumber = 1\nof_permission = 1\npermission = \"{}\"\nsince = \"{}\"\ndistro = \"x86_64-linux-debian-12\"\n\
         [[attempt.stages]]\nstage = \"{stage}\"\nat = \"{}\"\n",
        "a".repeat(32),
        moment(seconds + 60),
        moment(seconds)
    ));
    std::fs::write(&path, text).unwrap();
}

#[test]
fn hosts_are_named_by_ranges_and_files() {
    let node = Node::served(PROGRAM);
    three(&node);
    let list = |arguments: &[&str]| node.run("host-state", &[&["list"], arguments].concat());
    assert_eq!(names(&list(&["sch-[001-002]"])), ["sch-001", "sch-002"]);
    assert_eq!(names(&list(&["SCH-003", MACS[0]])), ["sch-001", "sch-003"]);
    list(&["sch-[001-005]"]).fails(4, &["sch-004, sch-005"]);
    assert_eq!(list(&["sch-[3-1]"]).code, 2);
    std::fs::write(node.path("hosts"), "# two\nsch-[002-003]   # the rest\n\nSCH-001\n").unwrap();
    let file = node.path("hosts").display().to_string();
    let shown = node.run("host-state", &["show", "--hosts-from", &file, "--json"]);
    let shown = shown.out;
    assert_eq!(shown.matches("\"state\": \"CONFIGURED\"").count(), 3, "{shown}");
    std::fs::write(node.path("hosts"), "sch-001\nwhat is this\n").unwrap();
    node.run("host-state", &["disarm", "--hosts-from", &file]).fails(3, &["hosts:2:", "what is this"]);
    std::fs::write(node.path("hosts"), "# none\n").unwrap();
    node.run("host-state", &["rm", "--hosts-from", &file]).fails(3, &["no host is named"]);
    assert_eq!(node.run("host-state", &["rm"]).code, 2);
}

#[test]
fn list_has_filters_and_fits_a_terminal() {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["add", MACS[3]]).done();
    node.run("host-state", &["set", "sch-002", "state=INSTALLED"]).done();
    node.run("host-state", &["set", "sch-003", "state=FAILED", &format!("reason={}", "x".repeat(200))]).done();
    let list = |arguments: &[&str]| node.run("host-state", &[&["list"], arguments].concat());
    assert_eq!(names(&list(&["--state", "INSTALLED,FAILED"])), ["sch-002", "sch-003"]);
    assert_eq!(names(&list(&["--type", "SCH"])).len(), 3);
    assert_eq!(names(&list(&["--type", "TCH"])).len(), 0);
    assert_eq!(list(&["--state", "ASLEEP"]).code, 2);
    let json = list(&["--state", "UNCONFIGURED", "--json"]).out;
    assert!(json.contains("\"mac\": \"52:54:00:00:00:04\"") && json.contains("\"stalled\": null"), "{json}");
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    let line = list(&["sch-001"]).out.lines().nth(1).unwrap().to_owned();
    assert!(line.contains("  armed for 2") && line.len() <= 80, "{line}");
    // On a terminal of 80 columns no line is longer; in a pipe nothing is cut.
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let script = format!("stty cols 80; {} list", program.display());
    let seen = node.run("script", &["-qec", &script, "/dev/null"]);
    let longest = seen.out.lines().map(|l| l.trim_end().chars().count()).max().unwrap();
    assert_eq!(longest, 80, "{}", seen.out);
    assert!(list(&[]).out.contains(&"x".repeat(200)));
}

#[test]
fn stalled_hosts_are_shown_and_counted_for_cron() {
    let node = Node::served(PROGRAM);
    three(&node);
    let stalled = || node.run("host-state", &["list", "--stalled"]);
    installing(&node, MACS[0], "packages", 60);
    let none = stalled();
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", ""));
    installing(&node, MACS[1], "packages", 3 * 3_600);
    let one = stalled();
    assert_eq!(one.code, 1);
    assert_eq!(names(&one), ["sch-002"]);
    assert!(one.out.contains("STALLED in packages for 3h, limit 2h"), "{}", one.out);
    assert!(one.err.contains("1 host is stalled") && one.err.contains("state=FAILED"), "{}", one.err);
    assert!(node.run("host-state", &["list"]).out.contains("STALLED"));
    assert!(node.run("host-state", &["show", "sch-002"]).out.contains("STALLED in packages"));
    let watched = node.run("host-state", &["watch", "sch-[001-002]", "--timeout", "1s"]).out;
    assert_eq!(watched.matches("STALLED").count(), 1, "{watched}");
    // The limit is the cluster's.
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("[install.stage_limits]") && text.contains("packages = \"2h\""), "{text}");
    std::fs::write(&file, text.replace("packages = \"2h\"", "packages = \"4h\"")).unwrap();
    assert_eq!(stalled().code, 0);
}

#[test]
fn shell_lines_are_sourced_whatever_they_hold() {
    let node = Node::served(PROGRAM);
    three(&node);
    let hostile = [
        "it's $(touch OWNED) `touch OWNED` \"q\" \\ ; touch OWNED # & | < >",
        "'; touch OWNED; '",
        "$HOME ~ * ? [a] {a,b} !! \\' \\\\",
        "\u{e9}\u{20ac} 'quoted' ''",
    ];
    for value in hostile {
        node.run("host-state", &["set", "sch-001", &format!("reason={value}")]).done();
        let lines = node.run("host-state", &["show", "sch-001", "--shell"]);
        lines.done();
        let file = node.path("lines");
        std::fs::write(&file, &lines.out).unwrap();
        let read = "set -eu; cd \"$2\"; . \"$1\"; printf '%s|%s|%s|%s' \"$HPS_HOST_NAME\" \"$HPS_HOST_STALLED\" \"$HPS_HOST_PERMISSION_EXPIRES\" \"$HPS_HOST_REASON\"";
        let folder = node.folder.path().display().to_string();
        for shell in ["bash", "dash"] {
            let answer = node.run(shell, &["-c", read, shell, &file.display().to_string(), &folder]);
            assert_eq!(answer.out, format!("sch-001|no||{value}"), "{shell}: {}{}", lines.out, answer.err);
        }
        assert!(!node.path("OWNED").exists());
    }
    node.run("host-state", &["show", "sch-[001-002]", "--shell"]).fails(3, &["one host"]);
}

#[test]
fn set_claims_refuses_and_moves_the_reservation() {
    let node = Node::served(PROGRAM);
    three(&node);
    let set = |arguments: &[&str]| node.run("host-state", &[&["set"], arguments].concat());
    set(&["sch-001", "address=10.99.0.3"]).fails(3, &["10.99.0.3 belongs to host sch-002"]);
    set(&["sch-001", "address=10.98.0.3"]).fails(3, &["cannot be a host's"]);
    set(&["sch-001", &format!("address={SERVER}")]).fails(3, &["cannot be a host's"]);
    set(&["sch-001", "address=10.99.0.200"]).fails(3, &["dhcp_range"]);
    set(&["sch-001", "profile=STORAGERAID", "type=TCH"]).fails(3, &["TCH has no profile STORAGERAID"]);
    set(&["sch-[001-002]", "name=a"]).fails(3, &["of one host, and 2 are given"]);
    set(&["sch-001"]).fails(2, &["nothing to set", "name=, type=, profile="]);
    set(&["type=SCH"]).fails(2, &["no host is named"]);
    set(&["bar"]).fails(2, &["name=, type=, profile="]);
    assert_eq!(set(&["sch-001", "colour=red"]).code, 2);
    let dry = set(&["sch-001", "address=10.99.0.77", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("+address = \"10.99.0.77\""), "{}{}", dry.out, dry.err);
    assert!(reservation(&node, MACS[0]).unwrap().contains("10.99.0.2,"));
    set(&["sch-001", "address=10.99.0.77"]).done();
    assert_eq!(reservation(&node, MACS[0]).unwrap(), "52:54:00:00:00:01,10.99.0.77,sch-001\n");
    // The old address is free for the next one.
    node.run("host-state", &["add", MACS[3], "--type", "SCH"]).done();
    assert!(node.run("host-state", &["show", MACS[3], "--json"]).out.contains("\"address\": \"10.99.0.2\""));
    set(&["sch-[001-003]", "profile=STORAGERAID"]).done();
    let json = node.run("host-state", &["list", "--json"]).out;
    assert_eq!(json.matches("STORAGERAID").count(), 3, "{json}");
}

#[test]
fn what_is_shown_of_a_record_that_a_person_wrote() {
    let node = Node::served(PROGRAM);
    three(&node);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    edit(&node, MACS[0], "\"CONFIGURED\"", "\"INSTALLED\"");
    assert!(host_state(&["show", "sch-001"]).out.contains("ever installed  yes: its state is INSTALLED"));
    assert!(host_state(&["show", "sch-001", "--shell"]).out.contains("EVER_INSTALLED='yes'"));
    host_state(&["set", "sch-003", "reason=moved"]).done();
    let history = host_state(&["history", "sch-003"]).out;
    assert!(history.contains("set by hand: reason - -> \"moved\""), "{history}");
    // A record that cannot be read is named once, and is no stalled host.
    edit(&node, MACS[1], "\"CONFIGURED\"", "\"ASLEEP\"");
    let bad = host_state(&["list", MACS[1]]);
    assert!(bad.code == 1 && bad.err.contains("ASLEEP") && !bad.err.contains("no host"), "{}", bad.err);
    let stalled = host_state(&["list", "--stalled"]);
    assert!(stalled.code == 0 && stalled.err.contains("ASLEEP"), "{}", stalled.err);
    // Added first, and nothing of it is taken yet.
    let dry = host_state(&["add", MACS[3], "--type", "SCH", "--dry-run"]);
    assert_eq!(dry.code, 10);
    assert_eq!(dry.out, "sch-004 (52:54:00:00:00:04) would be added: CONFIGURED, SCH, 10.99.0.5\n");
    assert_eq!(host_state(&["add", MACS[3], "--type", "SCH"]).out, dry.out.replace("would be", "is"));
    // A MAC of a machine that was installed makes the host one that was.
    host_state(&["rm", "sch-001"]).done();
    let set = host_state(&["set", "sch-003", &format!("macs={},{}", MACS[2], MACS[0])]);
    assert!(set.err.contains("sch-003 boots its disk from now on"), "{}", set.err);
}

#[test]
fn who_is_not_root_is_told_so_once() {
    let node = Node::served(PROGRAM);
    three(&node);
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let copy = node.path("host-state");
    node.run("cp", &[&program.display().to_string(), &copy.display().to_string()]).done();
    let list = node.path("hosts.csv");
    std::fs::write(&list, "mac,name\n525400000021,a\n525400000022,b\n").unwrap();
    let nobody = |arguments: &[&str]| {
        let copy = copy.display().to_string();
        node.run("setpriv", &[&["--reuid=65534", "--regid=65534", "--clear-groups", &copy], arguments].concat())
    };
    let list = list.display().to_string();
    let commands: [&[&str]; 6] = [
        &["list"],
        &["show", "sch-001"],
        &["window", "list"],
        &["import", &list],
        &["add", MACS[3]],
        &["set", MACS[0], "reason=x"],
    ];
    for command in commands {
        let answer = nobody(command);
        assert_eq!((answer.code, answer.err.lines().count()), (3, 1), "{command:?}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains("only root may do this; try again with sudo"), "{command:?}: {}", answer.err);
    }
}

#[test]
fn unset_takes_values_away() {
    let node = Node::served(PROGRAM);
    three(&node);
    let unset = |arguments: &[&str]| node.run("host-state", &[&["unset"], arguments].concat());
    node.run("host-state", &["set", "sch-001", "reason=moved"]).done();
    let dry = unset(&["sch-001", "reason", "type", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("-reason = \"moved\""), "{}", dry.out);
    unset(&["sch-001", "reason", "type"]).done();
    let shown = node.run("host-state", &["show", "sch-001", "--json"]).out;
    assert!(shown.contains("\"state\": \"UNCONFIGURED\"") && !shown.contains("moved"), "{shown}");
    unset(&["sch-002", "address"]).done();
    assert_eq!(reservation(&node, MACS[1]), None, "no address, no reservation");
    assert_eq!(node.run("host-state", &["check"]).code, 0);
    unset(&["sch-[001-003]"]).fails(2, &["nothing to take away", "name, type, profile"]);
    unset(&["sch-001", "foo"]).fails(2, &["name, type, profile"]);
    assert_eq!(unset(&["sch-001", "state"]).code, 2);
    assert_eq!(unset(&["sch-001", "reason"]).code, 0, "nothing to do");
}

#[test]
fn one_host_of_several_interfaces() {
    let node = Node::served(PROGRAM);
    three(&node);
    let both = format!("macs={},{}", MACS[0], MACS[3]);
    node.run("host-state", &["set", "sch-001", &both]).done();
    assert!(node.run("host-state", &["show", MACS[3]]).out.contains("sch-001"));
    assert_eq!(reservation(&node, MACS[0]).unwrap(), "52:54:00:00:00:01,52:54:00:00:00:04,10.99.0.2,sch-001\n");
    // dnsmasq gives the one address to either interface.
    let begun = std::time::Instant::now();
    let offer = |mac| node.run("python3", &["-c", include_str!("dhcp_discover.py"), mac, "0", "no"]).out;
    while !offer(MACS[3]).starts_with("10.99.0.2 ") {
        assert!(begun.elapsed().as_secs() < 20, "{}", offer(MACS[3]));
    }
    assert!(offer(MACS[0]).starts_with("10.99.0.2 "));
    node.run("host-state", &["add", MACS[3]]).fails(3, &["already a host", "sch-001"]);
    node.run("host-state", &["set", "sch-002", &format!("macs={},{}", MACS[1], MACS[3])])
        .fails(3, &["52:54:00:00:00:04 belongs to sch-001"]);
    node.run("host-state", &["set", "sch-001", &format!("macs={}", MACS[3])]).fails(3, &["must hold"]);
    // What one interface was counts for the machine: installed over the first, it boots its disk by the second too.
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    let boot = |mac: &str| {
        let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={mac}");
        node.run("curl", &["-sS", &url]).out
    };
    assert!(boot(MACS[3]).contains("sanboot"), "{}", boot(MACS[3]));
    node.run("host-state", &["rm", MACS[3]]).done();
    assert!(boot(MACS[3]).contains("sanboot") && boot(MACS[0]).contains("sanboot"));
}

#[test]
fn a_mac_that_is_added_by_hand_is_claimed_by_reload() {
    let node = Node::served(PROGRAM);
    three(&node);
    edit(&node, MACS[0], "macs = [\"525400000001\"]", "macs = [\"525400000001\", \"525400000004\"]");
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 0 && check.out.contains("note: ") && check.out.contains("not all claimed"), "{}", check.out);
    node.run("host-state", &["show", MACS[3]]).fails(4, &["has no host"]);
    node.run("reload", &[]).done();
    assert!(node.run("host-state", &["show", MACS[3]]).out.contains("sch-001"));
    assert_eq!(node.run("host-state", &["check"]).out, "");
    // One that another host has is refused there, alone, and said.
    edit(&node, MACS[1], "macs = [\"525400000002\"]", "macs = [\"525400000002\", \"525400000004\"]");
    let reload = node.run("reload", &[]);
    assert!(reload.code == 1 && reload.err.contains("MAC 52:54:00:00:00:04 belongs to"), "{}", reload.err);
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("52:54:00:00:00:04 is also in"), "{}", check.out);
}

#[test]
fn a_removed_host_leaves_its_history_and_its_past() {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    node.run("host-state", &["arm", "sch-001", "--type", "SCH", "--wipe", "QM00001"]).done();
    let before = node.snapshot("srv/hps-config");
    let dry = node.run("host-state", &["rm", "sch-001", "--dry-run"]);
    assert_eq!(dry.code, 10);
    for part in ["would end", "hosts/525400000001.toml", "claims/name/sch-001", "claims/address/10.99.0.2", "keeps"] {
        assert!(dry.out.contains(part), "{part} in {}", dry.out);
    }
    assert_eq!(node.snapshot("srv/hps-config"), before);
    node.run("host-state", &["rm", "sch-001"]).done();
    node.run("host-state", &["rm", "sch-001"]).fails(4, &["sch-001"]);
    node.run("host-state", &["rm", MACS[0]]).fails(4, &["has no host"]);
    let history = node.run("host-state", &["history", MACS[0]]);
    assert!(history.code == 0 && history.out.lines().last().unwrap().contains("removed"), "{}", history.out);
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={}", MACS[0]);
    assert!(node.run("curl", &["-sS", &url]).out.contains("sanboot"), "it boots its disk");
    assert_eq!(reservation(&node, MACS[0]), None);
    assert_eq!(node.run("host-state", &["check"]).out, "");
    installing(&node, MACS[1], "disks", 1);
    node.run("host-state", &["rm", "sch-[002-003]"]).fails(3, &["sch-002", "--force"]);
    assert_eq!(names(&node.run("host-state", &["list"])).len(), 2, "nothing was removed");
    node.run("host-state", &["rm", "sch-[002-003]", "--force"]).done();
    assert_eq!(names(&node.run("host-state", &["list"])).len(), 0);
}

#[test]
fn a_removal_that_was_killed_is_finished_by_name() {
    let node = Node::served(PROGRAM);
    three(&node);
    std::fs::remove_file(node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml")).unwrap();
    node.run("host-state", &["rm", "sch-001"]).done();
    assert_eq!(reservation(&node, MACS[0]), None);
    assert_eq!(node.run("host-state", &["check"]).out, "");
}

/// Killed at any moment: what is left of the host cannot be installed, and doing it again finishes it.
#[test]
fn a_killed_removal_leaves_nothing_that_is_installed() {
    let node = Node::served(PROGRAM);
    let cluster = |below: &str| node.path(&format!("srv/hps-config/clusters/lab/{below}"));
    let (mut cut_short, mut pause, mut whole) = (0, 0, 20_000);
    // The pauses go over the time that a whole removal takes, again and again, until some fell into one.
    for _ in 0..400 {
        if cut_short == 8 {
            return;
        }
        pause = if pause > whole { 0 } else { pause + whole / 40 };
        node.run("host-state", &["add", MACS[0], "--type", "SCH", "--name", "victim"]).done();
        node.run("host-state", &["arm", MACS[0], "--type", "SCH"]).done();
        let marks = || std::fs::read_dir(node.path("srv/hps-config/state/spent")).unwrap().count();
        let before = marks();
        // Without `ip` in front, so that the program itself is killed.
        let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
        let mut command = std::process::Command::new(program);
        command.env("HPS_CONFIG", node.conf()).args(["rm", MACS[0]]).stdout(std::process::Stdio::null());
        let begun = std::time::Instant::now();
        let mut child = command.spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(pause));
        let _may_be_over = child.kill();
        if child.wait().unwrap().success() {
            whole = u64::try_from(begun.elapsed().as_micros()).unwrap();
        }
        let left = [
            cluster("hosts/525400000001.toml"),
            cluster("claims/name/victim"),
            cluster("claims/address/10.99.0.2"),
            cluster("permissions/525400000001.toml"),
            node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001"),
        ];
        let there = left.iter().filter(|path| path.exists()).count();
        if there < left.len() {
            assert_eq!(marks(), before + 1, "whatever is gone, the permission went first: {left:?}");
        }
        cut_short += usize::from(there > 0 && marks() > before);
        if there > 0 {
            node.run("host-state", &["rm", "victim"]).done();
        }
        assert!(left.iter().all(|path| !path.exists()));
        assert_eq!(node.run("host-state", &["check"]).out, "");
    }
    assert!(cut_short > 0, "no kill fell into a removal");
}

#[test]
fn disarm_ends_permissions() {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["arm", "sch-001", "sch-002", "--type", "SCH"]).done();
    let dry = node.run("host-state", &["disarm", "sch-[001-003]", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.lines().count() == 2 && dry.out.contains("would end"), "{}", dry.out);
    assert!(node.run("host-state", &["list"]).out.contains("armed for"));
    node.run("host-state", &["disarm", "sch-[001-003]"]).done();
    assert!(!node.run("host-state", &["list"]).out.contains("armed for"));
    let again = node.run("host-state", &["disarm", "sch-001"]);
    assert!(again.code == 0 && again.err.contains("nothing to end"), "{}", again.err);
}

#[test]
fn history_tells_every_change() {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-001", "name=backup", "address=10.99.0.50"]).done();
    let all = node.run("host-state", &["history", "backup"]).out;
    assert!(all.contains("name sch-001 -> backup, address 10.99.0.2 -> 10.99.0.50"), "{all}");
    assert!(all.lines().count() >= 2);
    assert_eq!(node.run("host-state", &["history", "backup", "--lines", "1"]).out.lines().count(), 1);
    assert!(node.run("host-state", &["history", "backup", "--json"]).out.contains("\"who\""));
    node.run("host-state", &["history", MACS[3]]).fails(4, &["never had"]);
}

#[test]
fn shells_complete_names() {
    let node = Node::served(PROGRAM);
    three(&node);
    for shell in ["bash", "zsh", "fish"] {
        let script = node.run("host-state", &["completion", shell]);
        assert!(script.code == 0 && script.out.contains("HPS_COMPLETE"), "{shell}: {}", script.out);
    }
    let folder = std::path::Path::new(PROGRAM).parent().unwrap().display().to_string();
    // As bash does it when the tabulator is pressed.
    let press = |words: &str| {
        let script = format!(
            "PATH={folder}:$PATH; source <(host-state completion bash); \
             COMP_LINE='{words}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); COMP_TYPE=9; \
             complete -p host-state >&2; f=$(complete -p host-state | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
             $f host-state \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        node.run("bash", &["-c", &script])
    };
    let names = press("host-state show sch-");
    assert_eq!(names.out.trim(), "sch-001 sch-002 sch-003", "{}", names.err);
    assert_eq!(press("host-state histo").out.trim(), "history");
    assert!(press("host-state rm --dr").out.contains("--dry-run"));
    // bash parts these at the colon and the equals sign.
    node.run("host-state", &["add", MACS[3]]).done();
    assert_eq!(press("host-state show 52:54:00:0").out.trim(), "00:00:04");
    assert_eq!(press("host-state set sch-001 state=INSTALLE").out.trim(), "INSTALLED");
    assert_eq!(press("host-state set sch-001 pro").out.trim(), "profile=");
    assert_eq!(press("host-state list --state FAILED,REI").out.trim(), "FAILED,REINSTALL");
    assert!(press("host-state arm x --type ").out.contains("SCH TCH CCH DRH"));
    let open = ["window", "open", "--type", "SCH", "--for", "2h", "--any", "--name", "rack7"];
    node.run("host-state", &open).done();
    assert_eq!(press("host-state window close ra").out.trim(), "rack7");
}

#[test]
fn the_ssh_keys_of_installed_hosts_are_told() {
    let node = Node::served(PROGRAM);
    three(&node);
    let told = |arguments: &[&str]| node.run("host-state", &[&["ssh-known-hosts"], arguments].concat());
    assert_eq!((told(&[]).code, told(&[]).out.as_str()), (0, ""));
    told(&["sch-002"]).fails(4, &["sch-002 has reported no ssh host key"]);
    let key = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", "k".repeat(43));
    edit(&node, MACS[1], "state = ", &format!("ssh_host_key = \"{key}\"\nstate = "));
    let line = |names: &str| format!("sch-002,sch-002.lab.internal,{names} {key}\n");
    let address = json(&node.run("host-state", &["show", "sch-002", "--json"]))["address"].as_str().unwrap().to_owned();
    assert_eq!(told(&[]).out, line(&address));
    assert_eq!(told(&[MACS[1]]).out, line(&address));
    assert_eq!(json(&told(&["--json"]))[0]["key"], key.as_str());
    assert!(node.run("host-state", &["show", "sch-002"]).out.contains(&key));
    // ssh itself finds it, by each name.
    std::fs::write(node.path("known"), told(&[]).out).unwrap();
    let known = node.path("known");
    for name in ["sch-002", "sch-002.lab.internal", address.as_str()] {
        let found = node.run("ssh-keygen", &["-F", name, "-f", known.to_str().unwrap()]);
        assert!(found.code == 0 && found.out.contains(&key), "{name}: {found:?}");
    }
    // While it is installed again, it is told nobody.
    installing(&node, MACS[1], "configured", 5);
    assert_eq!(told(&[]).out, "");
    told(&["sch-002"]).fails(4, &["is INSTALLING: its ssh host key is shown when its installation is complete"]);
    edit(&node, MACS[1], "INSTALLING", "INSTALLED");
    edit(&node, MACS[0], "state = ", "state = [");
    let answer = told(&[]);
    assert_eq!((answer.code, answer.out.as_str()), (1, line(&address).as_str()), "a bad record stops nobody else");
    assert!(answer.err.contains("525400000001.toml"), "{answer:?}");
}
