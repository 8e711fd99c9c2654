// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state check`, and what a hand edit does to the host it is about and to no other.

use crate::PROGRAM;
use crate::preflight::publish_image;
use crate::support::{Node, SERVER};

const CLUSTER: &str = "srv/hps-config/clusters/lab";

fn two(node: &Node) {
    for mac in ["52:54:00:00:00:01", "52:54:00:00:00:02"] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
}

fn edit(node: &Node, number: u8, from: &str, to: &str) {
    let path = node.path(&format!("{CLUSTER}/hosts/52540000000{number}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
}

/// Changes something, and looks for one problem or note with these words; nothing else may be found.
fn finds(code: i32, change: impl Fn(&Node), words: &[&str]) {
    let node = Node::served(PROGRAM);
    publish_image(&node, "nothing");
    two(&node);
    let clean = node.run("host-state", &["check"]);
    assert_eq!((clean.code, clean.out.as_str()), (0, ""), "{}", clean.err);
    change(&node);
    let check = node.run("host-state", &["check"]);
    assert_eq!(check.code, code, "{}{}", check.out, check.err);
    let found = check.out.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(found, "{words:?} in {}", check.out);
    let json = node.run("host-state", &["check", "--json"]);
    assert_eq!(json.code, code);
    // Where hosts get packages later is in JSON alone.
    let of_sources = json.out.matches("will get no packages").count();
    assert_eq!(json.out.matches("\"severity\"").count() - of_sources, check.out.lines().count(), "{}", json.out);
}

#[test]
fn records() {
    finds(1, |n| edit(n, 1, "CONFIGURED", "CONFIGURD"), &["525400000001.toml:3: ", "by hand"]);
    finds(1, |n| edit(n, 1, "10.99.0.2", "10.99.0.3"), &["525400000002.toml:", "address 10.99.0.3 is also in"]);
    finds(1, |n| edit(n, 1, "sch-001", "sch-002"), &["525400000002.toml:4: name sch-002 is also in"]);
    finds(1, |n| edit(n, 1, "10.99.0.2", "10.98.0.2"), &["cannot be a host's", "host-state set"]);
    finds(1, |n| edit(n, 1, "10.99.0.2", "10.99.0.200"), &["dhcp_range"]);
    finds(1, |n| edit(n, 1, "\"CONFIGURED\"", "\"INSTALLED\""), &["has no mark", "state=INSTALLED makes it"]);
    finds(1, |n| std::fs::write(n.path(&format!("{CLUSTER}/hosts/sch-001.toml")), "").unwrap(), &["is not a MAC"]);
}

#[test]
fn what_mends_itself_is_a_note() {
    let claim = format!("{CLUSTER}/claims/address/10.99.0.40");
    finds(
        0,
        |n| std::fs::write(n.path(&claim), "525400000077\n").unwrap(),
        &["note: ", "10.99.0.40", "does not have it"],
    );
    let lost = format!("{CLUSTER}/claims/name/sch-001");
    finds(0, |n| std::fs::remove_file(n.path(&lost)).unwrap(), &["note: ", "not all allocated", "reload"]);
    let entry = "srv/hps-config/services/dhcp-hosts.lab/525400000001";
    finds(0, |n| std::fs::write(n.path(entry), "x\n").unwrap(), &["note: ", "differs from the record", "reload"]);
    finds(
        0,
        |n| std::fs::remove_file(n.path(entry)).unwrap(),
        &["note: ", "no file here for a reservation", "reload writes it"],
    );
    let strange = "srv/hps-config/services/dhcp-hosts.lab/525400000077";
    finds(0, |n| std::fs::write(n.path(strange), "x\n").unwrap(), &["note: ", "without a host"]);
}

/// Root reads them all, and would not notice.
#[test]
fn what_the_boot_manager_cannot_read() {
    let only_root = |node: &Node, file: &str| {
        std::os::unix::fs::chown(node.path(file), Some(0), Some(0)).unwrap();
        std::fs::set_permissions(node.path(file), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    };
    let record = format!("{CLUSTER}/hosts/525400000001.toml");
    let words = ["525400000001.toml: mode 600, user 0 and group 0", "hps cannot read it", "chgrp hps"];
    finds(1, |n| only_root(n, &record), &words);
    let file = "srv/hps-config/clusters/lab.cluster";
    finds(1, |n| only_root(n, file), &["lab.cluster: mode 600", "hps cannot read it", "chgrp hps"]);

    let node = Node::served(PROGRAM);
    two(&node);
    only_root(&node, &record);
    let why = node.run("host-state", &["explain", "sch-001"]).out;
    assert!(
        why.contains("This answer is not what the machine gets") && why.contains("525400000001.toml: mode 600"),
        "{why}"
    );
    let why = node.run("host-state", &["explain", "sch-002"]).out;
    assert!(!why.contains("cannot read"), "{why}");
}

/// The boot manager refuses such a key, so no machine is installed, and such leases.
#[test]
fn the_site_key_and_the_leases() {
    const KEY: &str = "srv/hps-config/state/site.key";
    let mode = |node: &Node, mode| {
        std::fs::set_permissions(node.path(KEY), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    finds(1, |n| mode(n, 0o642), &["site.key: everybody can write it", "chmod o-w"]);
    finds(1, |n| mode(n, 0o660), &["site.key: group", "can write it", "chmod g-w"]);
    let give = |node: &Node| std::os::unix::fs::chown(node.path(KEY), Some(12_345), None).unwrap();
    finds(1, give, &["site.key: belongs to user 12345, expected root", "chown -h root:hps"]);
    finds(1, |n| std::fs::write(n.path(KEY), "short").unwrap(), &["site.key: expected 32 bytes", "reload"]);
    finds(1, |n| std::fs::remove_file(n.path(KEY)).unwrap(), &["site.key: ", "No such file", "reload"]);
    let leases = |node: &Node| {
        let path = node.path("srv/hps-config/state/dnsmasq.leases");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    };
    finds(1, leases, &["dnsmasq.leases: everybody can write it (mode 0666)", "chmod"]);
    let node = Node::served(PROGRAM);
    std::fs::remove_file(node.path(KEY)).unwrap();
    node.run("reload", &[]).done();
    assert_eq!(node.run("host-state", &["check"]).out, "", "reload has made one");
}

/// A folder that was restored by another user: one line, and its command mends all.
#[test]
fn files_of_a_folder_with_one_fault_share_a_line() {
    let node = Node::served(PROGRAM);
    two(&node);
    for number in 1..=2 {
        node.run("host-state", &["arm", &format!("sch-00{number}"), "--type", "SCH"]).done();
    }
    for folder in ["hosts", "permissions"] {
        for number in 1..=2 {
            let path = node.path(&format!("{CLUSTER}/{folder}/52540000000{number}.toml"));
            std::os::unix::fs::chown(path, Some(12_345), None).unwrap();
        }
        let found = node.run("host-state", &["check"]);
        let lines: Vec<&str> = found.out.lines().filter(|line| line.contains("belongs to user 12345")).collect();
        assert!(
            !lines.is_empty() && lines.iter().all(|line| line.contains("1 more file of this folder")),
            "{lines:#?}"
        );
        assert!(lines[0].contains("525400000001.toml: belongs to user"), "{lines:#?}");
        let json = node.run("host-state", &["check", "--json"]).out;
        assert!(json.contains("525400000001.toml\"") && json.contains("525400000002.toml\""), "{json}");
        let command = lines[0].rsplit(": ").next().unwrap();
        assert!(node.run("sh", &["-c", command]).code == 0, "{command}");
        let after = node.run("host-state", &["check"]);
        assert!(!after.out.contains("belongs to user"), "{command}: {}", after.out);
    }
}

#[test]
fn permissions_and_marks() {
    let file = format!("{CLUSTER}/permissions/525400000001.toml");
    let arm = |node: &Node| node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    let mode = |node: &Node, mode: u32| {
        arm(node);
        std::fs::set_permissions(node.path(&file), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    finds(1, |n| mode(n, 0o666), &["permissions/525400000001.toml", "users other than root can write"]);
    finds(
        1,
        |n| {
            arm(n);
            std::os::unix::fs::chown(n.path(&file), Some(12_345), None).unwrap();
        },
        &["belongs to user 12345"],
    );
    finds(
        1,
        |n| {
            arm(n);
            let text = std::fs::read_to_string(n.path(&file)).unwrap();
            std::fs::write(
                n.path(&file),
                text.replace("type = \"SCH\"", "type = \"TCH\"").replace("profile", "# profile"),
            )
            .unwrap();
        },
        &["permits an installation that is not possible", "no TCH"],
    );
    finds(1, |n| std::fs::write(n.path(&file), "broken").unwrap(), &["permissions/525400000001.toml"]);
    finds(
        1,
        |n| std::fs::write(n.path("srv/hps-config/state/ever-installed/sch-001"), "").unwrap(),
        &["protects no machine"],
    );
}

#[test]
fn a_hand_edit_is_taken_at_the_next_request_or_refused_alone() {
    let node = Node::served(PROGRAM);
    two(&node);
    let boot = |number: u8| {
        let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac=52540000000{number}");
        node.run("curl", &["-sS", &url]).out
    };
    assert!(boot(1).contains("sch-001") && !boot(1).contains("sanboot --no-describe"), "{}", boot(1));
    edit(&node, 1, "\"CONFIGURED\"", "\"INSTALLED\"");
    assert!(boot(1).contains("sanboot"), "it is taken at once: {}", boot(1));
    edit(&node, 1, "name = \"sch-001\"", "name = \"by-hand\"");
    assert!(
        node.run("host-state", &["show", "by-hand"]).out.contains("52:54:00:00:00:01"),
        "before it is allocated too"
    );
    // A change of a program keeps what was written by hand.
    node.run("host-state", &["set", "by-hand", "reason=kept"]).done();
    assert!(node.run("host-state", &["show", "by-hand"]).out.contains("INSTALLED"));
    edit(&node, 2, "version = 1", "version = 1\ncolour = \"red\"");
    let bad = node.run("host-state", &["show", "52:54:00:00:00:02"]);
    bad.fails(1, &["525400000002.toml: line 2: ", "colour"]);
    assert!(boot(2).contains("line 2"), "the screen names the line: {}", boot(2));
    assert!(boot(1).contains("sanboot"), "and nobody else is stopped");
    let list = node.run("host-state", &["list"]);
    assert!(list.code == 1 && list.out.contains("by-hand") && list.err.contains("525400000002.toml"), "{}", list.err);
    assert_eq!(node.run("reload", &[]).code, 1, "done for the others, and said");
}

#[test]
fn what_others_can_change_is_found() {
    let build = |node: &Node| {
        let folder = std::fs::read_dir(node.path("srv/hps-resources/distros/x86_64-linux-debian-12")).unwrap();
        folder.map(|e| e.unwrap().path()).find(|path| path.is_dir()).unwrap()
    };
    let give = |path: &std::path::Path| std::os::unix::fs::chown(path, Some(1000), Some(1000)).unwrap();
    finds(1, |n| give(&build(n)), &["belongs to user 1000", "build-image --distro x86_64-linux-debian-12 --force"]);
    finds(1, |n| give(&build(n).join("vmlinuz")), &["vmlinuz: belongs to user 1000", "build-image --remove"]);
    let node = Node::served(PROGRAM);
    publish_image(&node, "nothing");
    let distros = node.path("srv/hps-resources/distros");
    give(&distros);
    node.run("host-state", &["check"]).fails(3, &["distros: belongs to user", "chown -h root"]);
    std::os::unix::fs::chown(&distros, Some(0), Some(0)).unwrap();
    give(&build(&node));
    let reload = node.run("reload", &["--dry-run"]);
    assert!(reload.err.contains("belongs to user 1000") && reload.code == 1, "{} {}", reload.code, reload.err);
    // In a folder of theirs they can put anything in the place of anything: no program goes on.
    give(&node.path("srv/hps-resources/distros"));
    for program in ["host-state", "reload"] {
        let refused = node.run(program, if program == "reload" { &["--dry-run"] } else { &["check"] });
        assert_eq!(refused.code, 3, "{program}: {}", refused.err);
        assert!(
            refused.err.contains("distros: belongs to user") && refused.err.contains("chown -h root"),
            "{}",
            refused.err
        );
    }
}
