// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure`: one command makes a cluster and serves it.

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
    // The audit notes that hps.conf was edited after it was written, as it was for these tests.
    node.run("reload", &[]).done();
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
    for (folder, expected) in [
        ("hosts", 0o2770),
        ("claims", 0o2755),
        ("claims/address", 0o2770),
        ("claims/marks", 0o2770),
        ("locks", 0o2755),
        ("permissions", 0o2750),
    ] {
        assert_eq!(mode(&format!("{cluster}/{folder}")), expected, "{folder}");
    }
    assert_eq!(mode("srv/hps-config/state/spent"), 0o2770);
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
    // It claims and locks, and puts nothing in the place of a folder or of the lock.
    assert_eq!(
        as_web(&format!("cd {base}/{cluster} && echo x > claims/name/.probe && flock -n locks/allocation.lock true")),
        0
    );
    for script in [
        "mv claims/name claims/x",
        "mkdir claims/x",
        "ln -s /etc claims/x",
        "mkdir locks/x",
        "rm locks/allocation.lock",
    ] {
        assert_ne!(as_web(&format!("cd {base}/{cluster} && {script}")), 0, "{script}");
    }
}

#[test]
fn a_new_cluster_installs_all_types() {
    let node = Node::new(PROGRAM);
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let arguments = ["--name", "lab", "--interface", "br0", "--address", ADDRESS, "--ssh-key-file", &key, "--dry-run"];
    let shown = node.run("cluster-configure", &arguments).out;
    for host_type in ["SCH", "TCH", "CCH", "DRH"] {
        assert!(shown.contains(&format!("[types.{host_type}]")), "{shown}");
    }
}

#[test]
fn a_lab_never_writes_into_the_real_system() {
    let node = Node::new(PROGRAM);
    let elsewhere = tempfile::tempdir().unwrap();
    let base = elsewhere.path().to_string_lossy().into_owned();
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let arguments =
        ["--name", "lab", "--interface", "br0", "--address", ADDRESS, "--ssh-key-file", &key, "--no-reload"];
    let based = [&arguments[..], &["--base", &base]].concat();
    let own = format!("{base}/srv/hps-config/hps.conf");
    let real = node.conf().to_string_lossy().into_owned();
    node.run("cluster-configure", &based).fails(3, &["--base", &own, "HPS_CONFIG", &real]);
    assert!(!node.path("srv").exists() && !elsewhere.path().join("srv").exists());
    // A name that is missing or mistyped in a lab's file would be the real system's.
    node.configure(&["--no-reload"]).done();
    let text = std::fs::read_to_string(node.conf()).unwrap();
    std::fs::write(node.conf(), text.replace("HPS_STATE_DIR", "HPS_STATE_DIRR")).unwrap();
    node.run("reload", &["--dry-run"]).fails(1, &["hps.conf: line ", "HPS_STATE_DIRR", "did you mean HPS_STATE_DIR?"]);
    std::fs::write(node.conf(), text.replace("export HPS_LOG_DIR", "# HPS_LOG_DIR")).unwrap();
    node.configure(&[]).fails(3, &["HPS_LOG_DIR is missing", "/srv/log"]);
    node.run("reload", &["--dry-run"]).fails(1, &["HPS_LOG_DIR is missing", "/srv/log"]);
}

#[test]
fn a_narrow_umask_shuts_nobody_out() {
    let node = Node::new(PROGRAM);
    let base = node.folder.path().to_string_lossy().into_owned();
    let program = node.command("cluster-configure");
    let program = program.get_args().last().unwrap().to_string_lossy().into_owned();
    let script = format!(
        "umask 077; exec {program} --base {base} --name lab --interface br0 --address {ADDRESS} --ssh-key-file {base}/key.pub --services plain"
    );
    node.run("sh", &["-c", &script]).done();
    let url = "http://10.99.0.1/cgi-bin/boot_manager?cmd=boot_action&mac=525400000001";
    let answer = node.run("curl", &["-sS", url]).out;
    assert!(answer.starts_with("#!ipxe\n") && !answer.contains("cannot answer"), "{answer}");
}
