// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` repairs the rights of files: the web server can read what it needs, and secrets stay secret.

use crate::PROGRAM;
use crate::support::{Node, SERVER};
use std::os::unix::fs::PermissionsExt;

/// What an editor under a narrow umask leaves, and a slip with chown: every machine of the site would be told that the boot manager
/// is not able to answer.
#[test]
fn files_that_the_web_server_cannot_read_are_mended() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", "525400000001", "--type", "SCH"]).done();
    node.run("host-state", &["arm", "525400000001"]).done();
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac=525400000001");
    let ask = || node.run("curl", &["-sS", &url]).out;
    let good = ask();
    assert!(!good.contains("Permission denied"), "{good}");
    let cluster = "srv/hps-config/clusters/lab";
    for below in [
        &format!("{cluster}.cluster"),
        &format!("{cluster}/hosts/525400000001.toml"),
        &format!("{cluster}/permissions/525400000001.toml"),
        "srv/hps-config/state/site.key",
        "srv/hps-config/hps.conf",
        "srv/hps-config/services/dhcp-hosts.lab/525400000001",
        "srv/hps-system/http/cgi-bin/boot_manager",
    ] {
        let path = node.path(below);
        let name = path.to_string_lossy().into_owned();
        let before = std::fs::metadata(&path).unwrap();
        node.run("chown", &["root:root", &name]).done();
        node.run("chmod", &["600", &name]).done();
        let dry = node.run("reload", &["--dry-run"]);
        assert_eq!(dry.code, 10, "{}{}", dry.out, dry.err);
        assert!(dry.out.contains(&name) && dry.out.contains("cannot read it (mode 0600"), "{}", dry.out);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "a dry run changes nothing");
        node.run("reload", &[]).fails(0, &[&name, "cannot read it (mode 0600", "now"]);
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!(after.permissions().mode() & 0o7777, before.permissions().mode() & 0o7777, "{name}");
        assert!(ask().starts_with("#!ipxe\n") && !ask().contains("Permission denied"), "{}", ask());
    }
    // What is secret is no wider afterwards, and becomes narrow again where a slip or an older version opened it.
    let tree = node.path("srv/hps-resources/distros/x86_64-linux-rockylinux-10.1");
    std::fs::create_dir_all(tree.join("images")).unwrap();
    std::fs::create_dir(node.path("srv/hps-resources/distros/.iso")).unwrap();
    let secrets = [
        tree.join(".hps-inventory"),
        tree.join(".lock"),
        node.path("srv/hps-resources/distros/.media.lock"),
        node.path("srv/hps-resources/distros/.iso/x.iso.part"),
    ];
    for path in secrets.iter().chain([&tree.join(".treeinfo"), &tree.join("images/install.img")]) {
        std::fs::write(path, "x").unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    }
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    node.run("reload", &[]).done();
    assert!(secrets.iter().all(|path| mode(path) == 0o600), "reload widens what is secret");
    assert_eq!([mode(&tree.join(".treeinfo")), mode(&tree.join("images/install.img"))], [0o644, 0o644]);
    secrets.iter().for_each(|path| std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap());
    let fetch = |name: &str| {
        let url = format!("http://{SERVER}/distros/x86_64-linux-rockylinux-10.1/{name}");
        node.run("curl", &["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is", &url]).out
    };
    for hidden in [".hps-inventory", "%2ehps-inventory", "images/../.hps-inventory", ".lock"] {
        assert_eq!(fetch(hidden), "403", "{hidden}");
    }
    assert_eq!([fetch(".treeinfo"), fetch("images/install.img")], ["200", "200"]);
    let answer = node.run("reload", &[]);
    assert!(answer.code == 0 && answer.err.contains(".hps-inventory: too many users can read"), "{}", answer.err);
    assert!(secrets.iter().all(|path| mode(path) == 0o600));
    for (below, before) in [("state/site.key", 0o640), ("clusters/lab.cluster", 0o640), ("hps.conf", 0o644)] {
        let path = node.path(&format!("srv/hps-config/{below}"));
        assert_eq!(mode(&path), before, "{below}");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        node.run("reload", &[]).done();
        assert_eq!(mode(&path), before, "{below}");
    }
    // A link that the web server's user may have put there leads nowhere.
    let secret = node.path("secret");
    std::fs::write(&secret, "x").unwrap();
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&secret, node.path(&format!("{cluster}/hosts/525400000002.toml"))).unwrap();
    std::fs::hard_link(&secret, node.path(&format!("{cluster}/history/525400000002.jsonl"))).unwrap();
    let answer = node.run("reload", &[]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(answer.err.contains("it has a second name"), "{}", answer.err);
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_file(node.path(&format!("{cluster}/hosts/525400000002.toml"))).unwrap();
    std::fs::remove_file(node.path(&format!("{cluster}/history/525400000002.jsonl"))).unwrap();
    // A folder above all that lets nobody through is said.
    let above = node.path("srv/hps-config");
    std::fs::set_permissions(&above, PermissionsExt::from_mode(0o700)).unwrap();
    node.run("reload", &[]).fails(1, &["srv/hps-config: user hps cannot enter", "chmod o+x"]);
    std::fs::set_permissions(&above, PermissionsExt::from_mode(0o755)).unwrap();
}
