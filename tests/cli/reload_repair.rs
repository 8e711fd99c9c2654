// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` repairs the rights of files: the web server can read what it needs, and secrets stay secret.

use crate::PROGRAM;
use crate::setup::{ROCKY, boot};
use crate::support::{Node, SERVER};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const MAC: &str = "525400000001";
const CLUSTER: &str = "srv/hps-config/clusters/lab";

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// What an editor under a narrow umask leaves, and a slip with chown: every machine of the site would be told that the boot manager
/// is not able to answer.
#[test]
fn files_that_the_web_server_cannot_read_are_repaired() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node.run("host-state", &["arm", MAC]).done();
    let ask = || boot(&node, MAC, "");
    let good = ask();
    assert!(!good.contains("Permission denied"), "{good}");
    for below in [
        &format!("{CLUSTER}.cluster"),
        &format!("{CLUSTER}/hosts/{MAC}.toml"),
        &format!("{CLUSTER}/permissions/{MAC}.toml"),
        "srv/hps-config/state/site.key",
        "srv/hps-config/hps.conf",
        "srv/hps-config/services/dhcp-hosts.lab/525400000001",
        "srv/hps-system/http/cgi-bin/boot_manager",
    ] {
        let path = node.path(below);
        let name = path.to_string_lossy().into_owned();
        let before = std::fs::metadata(&path).unwrap();
        node.run("chown", &["root:root", &name]).done();
        chmod(&path, 0o600);
        let dry = node.run("reload", &["--dry-run"]);
        assert_eq!(dry.code, 10, "{}{}", dry.out, dry.err);
        assert!(dry.out.contains(&name) && dry.out.contains("cannot read it (mode 0600"), "{}", dry.out);
        assert_eq!(mode(&path), 0o600, "a dry run changes nothing");
        node.run("reload", &[]).fails(0, &[&name, "cannot read it (mode 0600", "now"]);
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!(after.permissions().mode() & 0o7777, before.permissions().mode() & 0o7777, "{name}");
        assert!(ask().starts_with("#!ipxe\n") && !ask().contains("Permission denied"), "{}", ask());
    }
}

/// Files of a published tree, and beside them what only root may read. All of them have mode 0600.
fn publish(node: &Node) -> (PathBuf, Vec<PathBuf>) {
    let distros = node.path("srv/hps-resources/distros");
    let tree = distros.join(ROCKY);
    std::fs::create_dir_all(tree.join("images")).unwrap();
    std::fs::create_dir(distros.join(".iso")).unwrap();
    let secrets = [".hps-inventory", ".lock"].map(|name| tree.join(name)).into_iter();
    let secrets: Vec<PathBuf> =
        secrets.chain([".media.lock", ".iso/x.iso.part"].map(|name| distros.join(name))).collect();
    for path in secrets.iter().chain([&tree.join(".treeinfo"), &tree.join("images/install.img")]) {
        std::fs::write(path, "x").unwrap();
        chmod(path, 0o600);
    }
    (tree, secrets)
}

#[test]
fn a_published_tree_is_opened_and_its_secrets_are_not() {
    let node = Node::served(PROGRAM);
    let (tree, secrets) = publish(&node);
    node.run("reload", &[]).done();
    assert!(secrets.iter().all(|path| mode(path) == 0o600), "reload widens what is secret");
    assert_eq!([mode(&tree.join(".treeinfo")), mode(&tree.join("images/install.img"))], [0o644, 0o644]);
}

#[test]
fn the_web_server_hands_out_a_tree_without_its_hidden_files() {
    let node = Node::served(PROGRAM);
    let (_, secrets) = publish(&node);
    node.run("reload", &[]).done();
    // Not for their rights.
    secrets.iter().for_each(|path| chmod(path, 0o644));
    let fetch = |name: &str| {
        let url = format!("http://{SERVER}/distros/{ROCKY}/{name}");
        node.run("curl", &["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is", &url]).out
    };
    for hidden in [".hps-inventory", "%2ehps-inventory", "images/../.hps-inventory", ".lock"] {
        assert_eq!(fetch(hidden), "403", "{hidden}");
    }
    assert_eq!([fetch(".treeinfo"), fetch("images/install.img")], ["200", "200"]);
}

#[test]
fn what_is_secret_becomes_narrow_again() {
    let node = Node::served(PROGRAM);
    let (_, secrets) = publish(&node);
    secrets.iter().for_each(|path| chmod(path, 0o644));
    let answer = node.run("reload", &[]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.err.contains(".hps-inventory: "), "{}", answer.err);
    assert!(secrets.iter().all(|path| mode(path) == 0o600));
    for (below, before) in [("state/site.key", 0o640), ("clusters/lab.cluster", 0o640), ("hps.conf", 0o644)] {
        let path = node.path(&format!("srv/hps-config/{below}"));
        assert_eq!(mode(&path), before, "{below}");
        chmod(&path, 0o644);
        node.run("reload", &[]).done();
        assert_eq!(mode(&path), before, "{below}");
    }
}

/// The web server's user may have put it there.
#[test]
fn a_link_is_not_followed_and_changes_no_rights() {
    let node = Node::served(PROGRAM);
    let secret = node.path("secret");
    std::fs::write(&secret, "x").unwrap();
    chmod(&secret, 0o600);
    std::os::unix::fs::symlink(&secret, node.path(&format!("{CLUSTER}/hosts/525400000002.toml"))).unwrap();
    std::fs::hard_link(&secret, node.path(&format!("{CLUSTER}/history/525400000002.jsonl"))).unwrap();
    let answer = node.run("reload", &[]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(answer.err.contains("it has a second name"), "{}", answer.err);
    assert_eq!(mode(&secret), 0o600);
}

#[test]
fn a_folder_above_that_lets_nobody_through_is_named() {
    let node = Node::served(PROGRAM);
    let above = node.path("srv/hps-config");
    chmod(&above, 0o700);
    node.run("reload", &[]).fails(1, &["srv/hps-config: user hps cannot enter", "chmod o+x"]);
    chmod(&above, 0o755);
}
