// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure rehearse`: the drill says whether it would work today, and touches nothing.

use crate::PROGRAM;
use crate::setup::{CLUSTER, MACS, installing, json, publish};
use crate::site_export::{busy_node, export};
use crate::support::{Answer, Node};
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn rehearse(node: &Node, more: &[&str]) -> Answer {
    node.run("cluster-configure", &[&["rehearse"], more].concat())
}

/// What the machine has that a rehearsal could change.
fn traces(node: &Node) -> Vec<String> {
    let links = node.run("ip", &["-o", "link"]).out;
    let names = |folder: &str| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names.join(" ")
    };
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
    let mut names_of_run = names("/run/netns");
    // Other tests make namespaces meanwhile.
    names_of_run = names_of_run.split(' ').filter(|name| name.starts_with("hps-client-")).collect();
    vec![links, passwd, names("/run/hps"), names_of_run]
}

/// Running programs with this folder in their arguments.
fn running_in(folder: &str) -> usize {
    let all = std::process::Command::new("ps").args(["-eo", "args"]).output().unwrap();
    let services = ["dnsmasq", "lighttpd"];
    let is_it = |line: &&str| line.contains(folder) && services.iter().any(|service| line.contains(service));
    String::from_utf8_lossy(&all.stdout).lines().filter(is_it).count()
}

#[test]
fn a_node_that_works_and_its_file_pass_and_nothing_is_touched() {
    let node = busy_node();
    let (before, was) = (node.snapshot("srv"), traces(&node));
    let begun = Instant::now();
    let answer = rehearse(&node, &["--json"]);
    println!("rehearsal: {:?}", begun.elapsed());
    assert_eq!(answer.code, 0, "{answer:?}");
    let value = json(&answer);
    assert_eq!((&value["works"], &value["hosts"], &value["ever_installed"]), (&true.into(), &3.into(), &1.into()));
    assert_eq!((&value["asked"], &value["by_dhcp"]), (&3.into(), &3.into()), "{value}");
    assert!(value["notes"].to_string().contains("x86_64-linux-debian-12 is missing"), "{value}");
    let quiet = rehearse(&node, &["--sample", "1"]);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (0, "", ""), "quiet under cron");
    assert_eq!(node.snapshot("srv"), before);
    assert_eq!(traces(&node), was);
    // A file of it, on a machine that has no site.
    publish(&node);
    let file = node.path("site.tar.zst").display().to_string();
    export(&node, &["--media", &file]).done();
    let other = Node::new(PROGRAM);
    let value = json(&rehearse(&other, &["--json", &file]));
    assert_eq!(
        (&value["works"], &value["media"]),
        (&true.into(), &serde_json::json!(["x86_64-linux-rockylinux-10.1"]))
    );
    assert!(!other.path("srv").exists());
}

/// What site-copy makes on a disaster recovery host: the files below `files/`, and the list of their paths.
fn copy_of(node: &Node) -> PathBuf {
    let copy = node.path("hps-copy");
    let config = node.path("srv/hps-config").display().to_string();
    let files = copy.join("files");
    let place = files.join(config.trim_start_matches('/'));
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    let mut run = std::process::Command::new("cp");
    assert!(run.arg("--archive").arg(&config).arg(&place).status().unwrap().success());
    std::fs::remove_dir_all(place.join("clusters/lab/permissions")).unwrap();
    std::fs::write(copy.join("PATHS"), format!("{config}\n")).unwrap();
    copy
}

#[test]
fn a_copy_of_site_copy_is_rehearsed_and_a_broken_one_does_not_work() {
    let node = busy_node();
    let copy = copy_of(&node);
    let name = copy.display().to_string();
    let before = node.snapshot("hps-copy");
    let value = json(&rehearse(&node, &["--json", &name]));
    assert_eq!((&value["works"], &value["hosts"], &value["asked"]), (&true.into(), &3.into(), &3.into()), "{value}");
    assert_eq!(node.snapshot("hps-copy"), before);
    let lab = |path: &str| copy.join("files").join(node.path("srv/hps-config").strip_prefix("/").unwrap()).join(path);
    let record = lab(&format!("clusters/lab/hosts/{}.toml", MACS[1].replace(':', "")));
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, "nothing").unwrap();
    let broken = rehearse(&node, &[&name]);
    assert!(broken.code == 1 && broken.out.contains("525400000002.toml"), "{broken:?}");
    std::fs::write(&record, text).unwrap();
    std::fs::remove_file(lab("clusters/active")).unwrap();
    let inactive = rehearse(&node, &[&name]);
    assert!(inactive.code == 1 && inactive.out.contains("no cluster is active"), "{inactive:?}");
    let other = rehearse(&node, &["/usr"]);
    assert!(other.code == 1 && other.out.contains("no copy of site-copy"), "{other:?}");
}

#[test]
fn what_would_not_work_is_a_line_with_what_to_do() {
    let node = busy_node();
    // An image that changed on the disk.
    let build = node.path("srv/hps-resources/distros/x86_64-linux-debian-12/20261101T000000Z");
    std::fs::create_dir_all(&build).unwrap();
    std::fs::write(build.join("manifest.toml"), "version = 9\n").unwrap();
    let answer = rehearse(&node, &["--sample", "0"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.out.contains("x86_64-linux-debian-12/20261101T000000Z"), "{answer:?}");
    assert_eq!(rehearse(&node, &["--sample", "0", "--no-media"]).code, 0);
    // Nobody gets a message of a drill, and the machine keeps its clock. A host that is given up would cause one.
    let (said, script) = (node.path("said"), node.path("notify"));
    std::fs::write(&script, format!("#!/bin/sh\ntouch {}\n", said.display())).unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let line = format!("[install]\nnotify = \"{}\"\n", script.display());
    crate::setup::edit_cluster(&node, "[install]\n", &line);
    installing(&node, MACS[2], "packages", 60);
    let value = json(&rehearse(&node, &["--no-media", "--json"]));
    assert!(value["works"] == true && value["notes"].to_string().contains("install.notify"), "{value}");
    assert!(!said.exists());
    // A cluster whose services cannot start.
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    std::fs::write(node.path(CLUSTER), text.replace("address = \"10.99.0.1/24\"", "address = \"10.99.0.0/24\""))
        .unwrap();
    let answer = rehearse(&node, &["--no-media"]);
    assert!(answer.code == 1 && answer.out.lines().count() == 1, "{answer:?}");
}

#[test]
fn a_signal_ends_all_of_it() {
    let node = busy_node();
    // A folder of its own: other tests rehearse meanwhile.
    let place = node.path("work");
    std::fs::create_dir(&place).unwrap();
    let name = place.display().to_string();
    let mut command = node.command("cluster-configure");
    command.env("TMPDIR", &place).args(["rehearse", "--sample", "100"]).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while running_in(&name) == 0 && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(running_in(&name) > 0);
    std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(!child.wait().unwrap().success());
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(running_in(&name), 0);
    assert!(!std::fs::read_to_string("/proc/mounts").unwrap().contains(&name));
    assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0);
}
