// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure`.

use crate::PROGRAM;
use crate::support::{ADDRESS, Node};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

#[test]
fn one_command_configures_and_serves() {
    let node = Node::new(PROGRAM);
    let answer = node.configure(&[]);
    assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (0, "", ""), "quiet under cron");
    let sourced = node.run("sh", &["-c", ". \"$HPS_CONFIG\" && printf %s \"$HPS_TFTP_DIR\""]);
    assert_eq!(sourced.out, node.path("srv/hps-config/tftp").to_string_lossy(), "a shell can source hps.conf");
    let active = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    assert_eq!(active.to_string_lossy(), "lab.cluster");
    let url = "http://10.99.0.1/cgi-bin/boot_manager?cmd=init";
    assert!(node.run("curl", &["-sS", url]).out.starts_with("#!ipxe\n"));
    // Again, it changes nothing and restarts nothing.
    let before = node.snapshot("srv/hps-config");
    let pid = std::fs::read_to_string(node.path("run/hps/lighttpd.pid")).unwrap();
    node.configure(&[]).done();
    assert_eq!(node.snapshot("srv/hps-config"), before);
    assert_eq!(std::fs::read_to_string(node.path("run/hps/lighttpd.pid")).unwrap(), pid);
}

#[test]
fn what_the_web_server_may_write() {
    let node = Node::served(PROGRAM);
    let mode = |below: &str| std::fs::metadata(node.path(below)).unwrap().permissions().mode() & 0o7777;
    let cluster = "srv/hps-config/clusters/lab";
    for (folder, expected) in
        [("hosts", 0o2770), ("claims/address", 0o2770), ("spent", 0o2770), ("permissions", 0o2750)]
    {
        assert_eq!(mode(&format!("{cluster}/{folder}")), expected, "{folder}");
    }
    assert_eq!(mode("srv/hps-config/state/site.key"), 0o640);
    let owner = |below: &str| std::fs::metadata(node.path(below)).unwrap().uid();
    assert_eq!(owner(&format!("{cluster}/permissions")), 0);
    let as_web =
        |script: &str| node.run("setpriv", &["--reuid=hps", "--regid=hps", "--clear-groups", "sh", "-c", script]).code;
    let base = node.folder.path().display();
    assert_eq!(as_web(&format!("echo x > {base}/{cluster}/hosts/.probe")), 0);
    assert_ne!(
        as_web(&format!("echo x > {base}/{cluster}/permissions/525400000001.toml")),
        0,
        "it can make no permission"
    );
    assert_ne!(as_web(&format!("echo x > {base}/srv/hps-config/clusters/lab.cluster")), 0);
}

#[test]
fn a_dry_run_shows_a_diff_and_writes_nothing() {
    let node = Node::new(PROGRAM);
    let answer = node.configure(&["--dry-run"]);
    assert_eq!(answer.code, 10, "{}", answer.err);
    assert!(answer.out.contains("+name = \"lab\""), "{}", answer.out);
    assert!(node.snapshot("srv").is_empty());
}

#[test]
fn a_file_is_taken_and_a_bad_one_is_named() {
    let node = Node::served(PROGRAM);
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    let file = node.path("site.cluster");
    std::fs::write(&file, text.replace("\"lab\" ", "\"site\" ")).unwrap();
    let file = file.to_string_lossy().into_owned();
    node.run("cluster-configure", &["--from", &file]).done();
    let active = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    assert_eq!(active.to_string_lossy(), "site.cluster");
    std::fs::write(&file, text.replace("http_port = 80", "http_prot = 80")).unwrap();
    let before = node.snapshot("srv/hps-config");
    node.run("cluster-configure", &["--from", &file]).fails(1, &["site.cluster", "line 15", "http_prot"]);
    assert_eq!(node.snapshot("srv/hps-config"), before);
}

#[test]
fn a_change_keeps_what_no_flag_names() {
    let node = Node::served(PROGRAM);
    node.configure(&["--enrolment", "armed", "--console", "ttyS0,115200n8", "--ntp", "10.99.0.250"]).done();
    node.configure(&["--description", "the lab"]).done();
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    for kept in ["enrolment = \"armed\"", "ttyS0,115200n8", "10.99.0.250", "the lab", ADDRESS] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

#[test]
fn bad_input_is_one_line() {
    let node = Node::new(PROGRAM);
    node.run("cluster-configure", &["--name", "lab"]).fails(1, &["--ssh-key-file is missing"]);
    let missing = node.path("no.pub").to_string_lossy().into_owned();
    let arguments = ["--name", "lab", "--interface", "br0", "--ssh-key-file", &missing];
    node.run("cluster-configure", &arguments).fails(1, &["no.pub", "cannot read"]);
    let clap = node.run("cluster-configure", &["--name", "../x"]);
    assert_eq!(clap.code, 2);
    assert!(clap.err.contains("cluster name"), "{}", clap.err);
    assert!(node.snapshot("srv").is_empty(), "nothing half-written");
}

#[test]
fn what_cannot_be_served_does_not_become_active() {
    let node = Node::served(PROGRAM);
    let before = node.snapshot("srv/hps-config/clusters");
    node.run("cluster-configure", &["--interface", "eth9", "--address", "10.99.0.1/24"]).fails(4, &["interface eth9"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters"), before);
}
