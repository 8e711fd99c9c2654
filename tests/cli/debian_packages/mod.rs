// SPDX-License-Identifier: GPL-3.0-or-later
//! Packages for Debian hosts the day after: published by `build-repository`, served by the real lighttpd, and used by the
//! real apt of a host that has no way out.

mod archive;
mod host;

use crate::PROGRAM;
use crate::setup::{MAC, edit_cluster, json};
use crate::support::{Answer, Node};
use archive::{Archive, deb};
use host::{Host, files};
use hps::media::build::{Builder, describe};
use hps::media::{Manifest, NodeFiles};
use hps::types::{Distro, HostType, Line, Sha256Digest, Timestamp};
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(crate) const DEBIAN: &str = "x86_64-linux-debian-12";

/// Publishes what looks like a build, whose image has these packages.
fn publish_image(node: &Node, packages: &[&str]) {
    let distro: Distro = DEBIAN.parse().unwrap();
    let distros = node.path("srv/hps-resources/distros");
    let base = hps::files::Base::from_folders([node.folder.path()]);
    let builder = Builder::lock(&distros, &base, &distro, Timestamp::now()).unwrap();
    let workshop = builder.workshop(&hps::exec::NEVER).unwrap();
    let staged = workshop.path().join("build");
    std::fs::create_dir(&staged).unwrap();
    let list: String = packages.iter().map(|name| format!("{name} 1.0\n")).collect();
    let file = |name: &str, unpacked| {
        let text = if name == "packages-SCH.txt" { list.clone() } else { name.to_owned() };
        std::fs::write(staged.join(name), text).unwrap();
        describe(&staged.join(name), unpacked).unwrap()
    };
    let manifest = Manifest {
        version: Manifest::VERSION,
        distro,
        build: builder.next_name(Timestamp::now()).unwrap(),
        kernel: Line::lossy("linux-image-6.1.0-9-amd64 6.1.9"),
        recipe: Sha256Digest::hash(b"recipe"),
        node: NodeFiles { kernel: file("vmlinuz", None), initrd: file("initrd.img", None) },
        images: [(HostType::SCH, file("SCH.tar.zst", Some(9)))].into(),
        packages: vec![file("packages.txt", None), file("packages-SCH.txt", None)],
    };
    builder.publish(&staged, &manifest, Timestamp::now()).unwrap();
}

/// A served node with a host that is armed, and an archive whose `base` is in the image.
fn node_with_image() -> (Node, Answer) {
    let node = Node::served(PROGRAM);
    publish_image(&node, &["base", "linux-image-6.1.0-9-amd64"]);
    let armed = node.run("host-state", &["arm", MAC, "--type", "SCH"]);
    armed.done();
    (node, armed)
}

fn answer(node: &Node) -> String {
    let answer = node.run("host-state", &["render", MAC, "--part", "answer", "--secrets"]);
    answer.done();
    answer.out
}

fn says(answer: &Answer, line: &str) {
    assert_eq!((answer.code, answer.out.trim(), answer.err.as_str()), (0, line, ""));
}

fn repo(node: &Node) -> PathBuf {
    node.path("srv/hps-resources/packages").join(DEBIAN).join("Repo")
}

/// The published list that has this line. The one before it stays for a day.
fn list_with(node: &Node, line: &str) -> PathBuf {
    let folder = repo(node).join("dists/bookworm/main/binary-amd64/by-hash/SHA256");
    let mut paths = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    paths.find(|path| std::fs::read_to_string(path).unwrap().contains(line)).unwrap()
}

#[test]
fn a_host_without_a_way_out_installs_a_package_and_takes_an_update() {
    let (node, armed) = node_with_image();
    assert!(armed.err.contains("no packages and no updates"), "{armed:?}");
    let archive = Archive::new(&node);
    archive.add("bookworm", "base", "1.0", "");
    archive.add("bookworm", "tool", "2.0", "libtool-of-test");
    archive.add("bookworm", "libtool-of-test", "1:3.0", "");
    says(&archive.build(&[]), &format!("{DEBIAN}: base 1.0 added; 1 package"));
    says(&archive.build(&[]), "");
    let host = Host::new(&node, &answer(&node));
    host.update().done();
    host.sh("apt-get install -y base").done();
    assert_eq!(host.has("base"), "1.0");

    // The package of an administrator, with what it needs from Debian.
    let own = node.path("agent.deb");
    deb(&node, &own, "agent", "1.0", "amd64", "tool (>= 2)");
    let added = archive.build(&[&own.to_string_lossy()]);
    says(&added, &format!("{DEBIAN}: agent 1.0, libtool-of-test 1:3.0, tool 2.0 added; 4 packages"));
    host.update().done();
    host.sh("apt-get install -y agent").done();
    assert_eq!((host.has("tool"), host.has("libtool-of-test")), ("2.0".to_owned(), "1:3.0".to_owned()));

    // An update of security, whose list somebody changes on the way.
    archive.add("bookworm-security", "base", "1.1", "");
    let check = archive.build(&["--dry-run"]);
    assert_eq!((check.code, check.out.as_str(), check.err.contains("base 1.1 would be added")), (10, "", true));
    says(&archive.build(&[]), &format!("{DEBIAN}: base 1.1 added; base 1.0 removed; 4 packages"));
    let list = list_with(&node, "Version: 1.1");
    let good = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, good.replace("Version: 1.1", "Version: 6.6")).unwrap();
    let refused = host.update();
    assert!(refused.code != 0 && refused.err.contains("Hash Sum mismatch"), "{refused:?}");
    archive.build(&["--verify"]).fails(3, &["has changed since it was published"]);
    std::fs::write(&list, good).unwrap();
    let signed = repo(&node).join("dists/bookworm/InRelease");
    let release = std::fs::read_to_string(&signed).unwrap();
    std::fs::write(&signed, release.replace("Origin: HPS", "Origin: XXX")).unwrap();
    let refused = host.update();
    assert!(refused.code != 0 && refused.err.contains("BADSIG"), "{refused:?}");
    std::fs::write(&signed, release).unwrap();
    host.update().done();
    host.sh("apt-get upgrade -y").done();
    assert_eq!(host.has("base"), "1.1");
    archive.build(&["--verify"]).done();
    archive.build(&["--check"]).done();
    // The line of cron that looks after the images looks after these packages too.
    archive.add("bookworm-security", "base", "1.2", "");
    let mmdebstrap = ("mmdebstrap", "echo 'Inst base (1.2 Debian:12/stable [all])' >&2");
    let asked = archive.build_image(&[mmdebstrap], &["--check", "--json"]);
    assert_eq!((asked.code, &json(&asked)["repository"]["added"][0]["version"]), (10, &"1.2".into()), "{asked:?}");
    // A host that read the old list still finds its package.
    assert!(repo(&node).join("pool/debian/base_1.0_all.deb").is_file());
}

#[test]
fn packages_of_a_person_are_checked_and_names_stay_up_to_date() {
    let (node, _) = node_with_image();
    let archive = Archive::new(&node);
    archive.add("bookworm", "base", "1.0", "");
    archive.add("bookworm", "tool", "2.0", "");
    let file = |name: &str| node.path(name).to_string_lossy().into_owned();
    deb(&node, &node.path("arm.deb"), "agent", "1.0", "arm64", "");
    archive.build(&[&file("arm.deb")]).fails(3, &["it is for arm64", "accepts amd64 and all"]);
    std::fs::write(node.path("text.deb"), "no package").unwrap();
    archive.build(&[&file("text.deb")]).fails(3, &["text.deb", "not a Debian package"]);
    archive.build(&[&file("missing.deb")]).fails(4, &["missing.deb"]);
    deb(&node, &node.path("lost.deb"), "lost", "1.0", "all", "nowhere");
    archive.build(&[&file("lost.deb")]).fails(3, &["lost.deb", "what it depends on", "--field"]);
    deb(&node, &node.path("base.deb"), "base", "1.0", "all", "other");
    deb(&node, &node.path("base.deb"), "base", "1.0", "all", "tool");
    archive.build(&[&file("base.deb")]).fails(3, &["also a package of Debian", "1.0+site1"]);
    archive.build(&["--key", "/dev/null"]).fails(2, &["no key is accepted"]);
    archive.build(&["--package", "nowhere"]).fails(4, &["no such package"]);
    assert!(!repo(&node).join(".hps-repository").exists(), "nothing was published");

    says(&archive.build(&["--package", "tool"]), &format!("{DEBIAN}: base 1.0, tool 2.0 added; 2 packages"));
    archive.add("bookworm-security", "tool", "2.1", "");
    says(&archive.build(&[]), &format!("{DEBIAN}: tool 2.1 added; tool 2.0 removed; 2 packages"));
    deb(&node, &node.path("agent.deb"), "agent", "1.0", "all", "");
    archive.build(&[&file("agent.deb")]).done();
    deb(&node, &node.path("agent.deb"), "agent", "1.0", "all", "base");
    archive.build(&[&file("agent.deb")]).fails(3, &["another package of this name and version"]);
    let list = json(&archive.build(&["--list", "--json"]));
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|deb| deb["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["agent", "base", "tool"]);
    archive.build(&["--remove", "base"]).fails(3, &["need it"]);
    archive.build(&["--remove", "nowhere"]).fails(4, &["--list"]);
    says(&archive.build(&["--remove", "agent"]), &format!("{DEBIAN}: agent 1.0 removed; 2 packages"));
    archive.build(&["--remove", "tool"]).done();
    says(&archive.build(&[]), &format!("{DEBIAN}: tool 2.1 removed; 1 package"));
    let secret = node.path("srv/hps-config/state/packages-key.asc");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(secret).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_run_that_is_killed_leaves_the_old_state() {
    let (node, _) = node_with_image();
    let archive = Archive::new(&node);
    archive.add("bookworm", "base", "1.0", "");
    archive.build(&[]).done();
    let state =
        || (archive.build(&["--list"]).out, std::fs::read(repo(&node).join("dists/bookworm/InRelease")).unwrap());
    let before = state();
    archive.add("bookworm-security", "base", "1.1", "");
    // In the middle: when the index is made.
    let begun = node.path("begun");
    let waits = format!("touch {}; exec sleep 60", begun.display());
    let mut command = archive.building(&[("apt-ftparchive", &waits)], &[]);
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !begun.exists() {
        assert!(Instant::now() < until, "it never comes");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(state(), before);
    says(&archive.build(&[]), &format!("{DEBIAN}: base 1.1 added; base 1.0 removed; 1 package"));
    let left = std::fs::read_dir(repo(&node).parent().unwrap()).unwrap();
    let left: Vec<_> =
        left.map(|e| e.unwrap().file_name()).filter(|name| name.to_string_lossy().starts_with(".work-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_a_host_will_have_is_said_before_and_in_its_files() {
    let (node, _) = node_with_image();
    let sources = || -> Vec<(String, String)> {
        files(&answer(&node)).into_iter().filter(|(path, _)| path.starts_with("etc/apt/")).collect()
    };
    let names = || sources().into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    let check = || node.run("host-state", &["check", "--json"]).out;
    let list = &sources()[0];
    assert_eq!((names().len(), list.0.as_str()), (1, "etc/apt/sources.list"));
    assert!(list.1.contains("no package source") && list.1.contains("build-repository --distro"), "{}", list.1);
    assert!(check().contains("no updates: the cluster has no gateway"), "{}", check());
    let reload = node.run("reload", &["--json"]);
    assert!(reload.out.contains("no packages and no updates"), "{reload:?}");

    edit_cluster(&node, "10.99.0.254\"", "10.99.0.253\"");
    edit_cluster(&node, "# gateway = ", "gateway = \"10.99.0.254\" # ");
    assert_eq!(names(), ["etc/apt/sources.list", "etc/apt/sources.list.d/debian.sources"]);
    assert!(check().contains("updates from Debian's archives"), "{}", check());
    let archive = Archive::new(&node);
    archive.add("bookworm", "base", "1.0", "");
    archive.build(&[]).done();
    assert_eq!(names().len(), 4, "{:?}", names());
    edit_cluster(&node, "sources = \"auto\"", "sources = \"site\"");
    assert_eq!(names(), ["etc/apt/sources.list", "etc/apt/sources.list.d/hps.sources", "etc/apt/keyrings/hps.asc"]);
    assert!(sources()[2].1.contains("BEGIN PGP PUBLIC KEY BLOCK"));
    assert!(check().contains("updates from the repository of this node"), "{}", check());
}
