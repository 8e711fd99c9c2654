// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`, with the real dnsmasq and lighttpd.

use crate::PROGRAM;
use crate::support::{Answer, Node, SERVER};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

#[test]
fn the_boot_loaders_are_served_by_tftp_and_http() {
    let node = Node::served(PROGRAM);
    for file in ["undionly.kpxe", "snponly.efi"] {
        let expected = std::fs::read(format!("/usr/lib/ipxe/{file}")).expect("apt-get install ipxe");
        for url in [format!("tftp://{SERVER}/{file}"), format!("http://{SERVER}/boot/{file}")] {
            let fetched = node.command("curl").args(["-sS", &url]).output().unwrap();
            assert!(fetched.stdout == expected, "{url}: {}", String::from_utf8_lossy(&fetched.stderr));
        }
    }
}

#[test]
fn a_change_restarts_only_what_reads_it() {
    let node = Node::served(PROGRAM);
    let pid = |service: &str| std::fs::read_to_string(node.path(&format!("run/hps/{service}.pid"))).unwrap();
    let (dnsmasq, lighttpd) = (pid("dnsmasq"), pid("lighttpd"));
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("ntp = []", "ntp = [\"10.99.0.250\"]")).unwrap();
    let dry = node.run("reload", &["--dry-run"]);
    assert_eq!(dry.code, 10);
    assert!(dry.out.contains("+dhcp-option=option:ntp-server,10.99.0.250"), "{}", dry.out);
    assert_eq!(pid("dnsmasq"), dnsmasq);
    let answer = node.run("reload", &["--json"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.out.contains("dnsmasq.conf") && !answer.out.contains("lighttpd.conf"), "{}", answer.out);
    assert_ne!(pid("dnsmasq"), dnsmasq);
    assert_eq!(pid("lighttpd"), lighttpd);
    node.run("reload", &["--dry-run"]).done();
    let dry = node.run("reload", &["--stop", "--dry-run"]);
    assert_eq!((dry.code, dry.out.as_str()), (10, "dnsmasq would be ended\nlighttpd would be ended\n"));
    assert_eq!(pid("lighttpd"), lighttpd);
    node.run("reload", &["--stop"]).done();
    for service in ["dnsmasq", "lighttpd"] {
        assert!(!node.path(&format!("run/hps/{service}.pid")).exists(), "{service}");
    }
    // Gone, or waiting to be collected by process 1.
    assert!(std::fs::read(format!("/proc/{}/cmdline", lighttpd.trim())).unwrap_or_default().is_empty());
    assert_eq!(node.run("reload", &["--stop"]).code, 0, "nothing to do");
}

#[test]
fn a_bad_cluster_file_leaves_everything_as_it_was() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("http_port = 80", "http_port = 99999")).unwrap();
    let before = node.snapshot("srv/hps-config/services");
    node.run("reload", &[]).fails(1, &["lab.cluster", "line 19"]);
    assert_eq!(node.snapshot("srv/hps-config/services"), before);
    assert!(
        node.run("curl", &["-sS", &format!("http://{SERVER}/cgi-bin/boot_manager?cmd=init")])
            .out
            .contains("lab.cluster: line 19")
    );
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_changed() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let before = node.snapshot("srv/hps-config/services");
    let other = Holder::of(&node, 80);
    node.run("reload", &[]).fails(5, &["port 80 (HTTP) of 10.99.0.1 is in use", "ss -lntup"]);
    drop(other);
    assert_eq!(node.snapshot("srv/hps-config/services"), before);
    node.run("reload", &[]).done();
    // A running one that is to move keeps its place until the new one is known to be free.
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let configuration = || std::fs::read_to_string(node.path("srv/hps-config/services/lighttpd.conf")).unwrap();
    let before = configuration();
    std::fs::write(&file, text.replace("http_port = 80 ", "http_port = 8099 ")).unwrap();
    let other = Holder::of(&node, 8099);
    for arguments in [&["--dry-run"][..], &[]] {
        node.run("reload", arguments).fails(5, &["port 8099 (HTTP) of 10.99.0.1 is in use"]);
    }
    assert_eq!(configuration(), before);
    node.run("curl", &["-sSf", "http://10.99.0.1/cgi-bin/boot_manager?cmd=init"]).done();
    drop(other);
    node.run("reload", &[]).done();
    node.run("curl", &["-sSf", "http://10.99.0.1:8099/cgi-bin/boot_manager?cmd=init"]).done();
    // Its own port is not another program's, whatever somebody did to the file.
    for edited in ["", "server.port=8099\n"] {
        std::fs::write(node.path("srv/hps-config/services/lighttpd.conf"), edited).unwrap();
        node.run("reload", &[]).done();
    }
    assert!(configuration().contains("\nserver.port = 8099\n"));
}

/// Another program that has a port, until it is dropped.
struct Holder(std::process::Child);

impl Holder {
    fn of(node: &Node, port: u16) -> Self {
        let script = format!(
            "import socket, sys\ns = socket.create_server(('10.99.0.1', {port}))\nprint('up', flush=True)\nsys.stdin.read()"
        );
        let mut child =
            node.command("python3").args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

#[test]
fn a_missing_interface_or_address_is_named() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    node.run("cluster-configure", &["--interface", "eth9", "--address", "10.99.0.1/24"])
        .fails(4, &["interface eth9", "ip address"]);
    node.run("cluster-configure", &["--interface", "br0", "--address", "10.98.0.1/24"])
        .fails(4, &["ip address add 10.98.0.1/24 dev br0"]);
}

#[test]
fn without_a_cluster_it_says_what_to_do() {
    let node = Node::new(PROGRAM);
    node.run("reload", &[]).fails(4, &["hps.conf", "cluster-configure"]);
    node.configure(&["--no-reload"]).done();
    std::fs::remove_file(node.path("srv/hps-config/clusters/active")).unwrap();
    node.run("reload", &[]).fails(4, &["no cluster is active", "cluster-configure"]);
}

#[test]
fn one_bad_record_stops_nobody_else() {
    let node = Node::served(PROGRAM);
    for mac in ["52:54:00:00:00:01", "52:54:00:00:00:02"] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
    let bad = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    std::fs::write(&bad, "version = 1\nstate = \"INSTALED\"\n").unwrap();
    let answer = node.run("reload", &[]);
    answer.fails(1, &["525400000001.toml", "line 2", "INSTALED"]);
    let entries = node.snapshot("srv/hps-config/services/dhcp-hosts.lab");
    assert_eq!(entries.len(), 2, "the bad one keeps the reservation it had");
    let list = node.run("host-state", &["list"]);
    assert_eq!(list.code, 1);
    assert!(list.out.contains("sch-002") && list.err.contains("line 2"), "{}{}", list.out, list.err);
}

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
    assert!(
        answer.code == 0 && answer.err.contains(".hps-inventory: others than it is meant for can read"),
        "{}",
        answer.err
    );
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

#[test]
fn two_reloads_take_turns() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let start = || node.command("reload").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let both: Vec<_> = (0..4).map(|_| start()).collect();
    for reload in both {
        let output = reload.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // Who has it is named.
    let lock = node.path("run/hps/reload.lock");
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&lock).unwrap();
    file.lock().unwrap();
    // What an older version wrote there names nobody.
    std::fs::write(&lock, "cluster-configure (process 4711)").unwrap();
    let owner = format!("process {} (", std::process::id());
    node.run("reload", &["--wait", "1"]).fails(5, &[&owner, "within 1 seconds"]);
    drop(file);
    node.run("reload", &["--wait", "0"]).done();
}

#[test]
fn a_dry_run_refuses_what_the_real_run_refuses() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let rule = "\n[[rule]]\nname = \"r\"\nserial = \"1\"\ntype = \"TCH\"\n";
    for (changed, code, words) in [
        (text.replace("= \"br0\"", "= \"br1\""), 4, vec!["interface br1"]),
        (text.replace("# notify = \"\"", "notify = \"/nope/x\""), 1, vec!["install.notify: /nope/x"]),
        (
            text.replace("\"UTC\"", "\"Europe/Zurch\""),
            1,
            vec!["lab.cluster: line ", "install.timezone is \"Europe/Zurch\""],
        ),
        (text.replace("debian-12", "debian-14"), 1, vec!["line ", "types.SCH.distro: x86_64-linux-debian-14"]),
        (format!("{text}{rule}"), 1, vec!["line ", "rule r: cluster lab installs no TCH"]),
    ] {
        assert_ne!(changed, text, "{words:?}");
        std::fs::write(&file, changed).unwrap();
        node.run("reload", &["--dry-run"]).fails(code, &words);
        node.run("reload", &[]).fails(code, &words);
        std::fs::write(&file, &text).unwrap();
        node.run("reload", &[]).done();
    }
    // At a request, that rule stops only the machines that it means.
    std::fs::write(&file, format!("{text}{rule}")).unwrap();
    let ask = |more: &str| {
        let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac=525400000001{more}");
        node.run("curl", &["-sS", &url]).out
    };
    assert!(ask("&serial=1").contains("rule r: cluster lab installs no TCH"), "{}", ask("&serial=1"));
    let other = ask("&serial=2");
    assert!(other.starts_with("#!ipxe\n") && !other.contains("rule r"), "{other}");
}

#[test]
fn an_archive_out_of_reach_is_one_line() {
    // The node's network leads nowhere.
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let mirrors = ["--mirror", "http://10.99.0.9/debian", "--security-mirror", "http://10.99.0.9/security"];
    let all = [&["--check"], &mirrors[..]].concat();
    node.run("ip", &["route", "add", "unreachable", "10.99.0.9/32"]).done();
    node.run("build-image", &all).fails(1, &["Debian's archive cannot be reached: http://10.99.0.9/debian"]);
    node.run("check-and-download-rocky", &["--from-file", "/no.iso", "--sha256", &"0".repeat(64)])
        .fails(4, &["/no.iso: no such file"]);
}

/// A program in the place of a service: it passes its check and is the real one, except with a configuration that has this word.
fn stand_in(node: &Node, name: &str, check: &str, word: &str, how: &str) -> std::path::PathBuf {
    let folder = node.path(&format!("stand-in-{name}"));
    std::fs::create_dir(&folder).unwrap();
    let real = node.path(&format!("real-{name}"));
    std::fs::copy(format!("/usr/sbin/{name}"), &real).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' {check} '*) exit 0 ;; esac\nfor last; do :; done\n\
         grep -q '{word}' \"${{last#--conf-file=}}\" && {{ {how}; }}\nexec {} \"$@\"\n",
        real.display()
    );
    std::fs::write(folder.join(name), script).unwrap();
    std::fs::set_permissions(folder.join(name), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// The check of a configuration proves little. What served machines before goes on serving them.
#[test]
fn a_service_that_does_not_come_up_leaves_the_old_one() {
    let cases = [
        (1, "dnsmasq", "--test", "10.99.0.250", "exit 0"),
        (1, "dnsmasq", "--test", "10.99.0.250", "echo 'dnsmasq: failed to create socket' >&2; exit 2"),
        // It reports success, and ends in the background.
        (1, "dnsmasq", "--test", "10.99.0.250", "sleep 0.2 & echo $! > PIDS/dnsmasq.pid; exit 0"),
        (1, "lighttpd", "-tt", "port = 8099", "exit 0"),
        (1, "lighttpd", "-tt", "port = 8099", "echo 'lighttpd: cannot' >&2; exit 255"),
        (5, "lighttpd", "-tt", "port = 8099", "echo 'bind: Address already in use' >&2; exit 255"),
    ];
    for (code, name, check, word, how) in cases {
        let node = Node::served(PROGRAM);
        let how = how.replace("PIDS", &node.path("run/hps").to_string_lossy());
        let file = node.path("srv/hps-config/clusters/lab.cluster");
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace("ntp = []", "ntp = [\"10.99.0.250\"]");
        let text = if name == "lighttpd" { text.replace("http_port = 80 ", "http_port = 8099 ") } else { text };
        std::fs::write(&file, text).unwrap();
        let before = node.snapshot("srv/hps-config/services");
        let folder = stand_in(&node, name, check, word, &how);
        let answer = Answer::of(node.command_with(&folder, "reload").output().unwrap());
        answer.fails(code, &[name, "the old configuration is back", "started with it"]);
        assert!(node.snapshot("srv/hps-config/services") == before, "{name}: {answer:?}");
        // Both serve as before.
        node.run("curl", &["-sSf", &format!("http://{SERVER}/cgi-bin/boot_manager?cmd=init")]).done();
        let fetched = node.run("curl", &["-sS", "-o", "/dev/null", &format!("tftp://{SERVER}/undionly.kpxe")]);
        assert_eq!(fetched.code, 0, "{name}: {fetched:?}");
        // And the next run, with a program that works, completes it.
        let answer = node.run("reload", &["--json"]);
        assert!(answer.code == 0 && answer.out.contains(&format!("{name}.conf")), "{answer:?}");
    }
}

/// "Started" is not said of one that is there and serves nothing.
#[test]
fn a_service_that_does_not_listen_is_not_started() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let pid = node.path("run/hps/lighttpd.pid");
    let how = format!("setsid sleep 60 & echo $! > {}; exit 0", pid.display());
    let how = how.replace("sleep 60", "sh -c 'sleep 60; :' \"$last\" ");
    let folder = stand_in(&node, "lighttpd", "-tt", "server.port", &how);
    let answer = Answer::of(node.command_with(&folder, "reload").output().unwrap());
    answer.fails(1, &["lighttpd was started and does not listen at 10.99.0.1:80"]);
}

/// Killed behind a new file and before the start, a run leaves services on their old configuration, and the next one has nothing to change.
#[test]
fn what_a_killed_run_did_not_start_again_the_next_one_does() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let pid = || std::fs::read_to_string(node.path("run/hps/dnsmasq.pid")).unwrap();
    let served = || std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    let mut killed_between = 0;
    for number in 1..=12 {
        let port = if number % 2 == 0 { "80" } else { "8099" };
        std::fs::write(&file, text.replace("http_port = 80 ", &format!("http_port = {port} "))).unwrap();
        let (before, old) = (pid(), served());
        let inject = format!("inject=?rename,?renameat,?renameat2:signal=SIGKILL:when={number}");
        node.run("strace", &["-o", "/dev/null", "-e", "trace=?rename,?renameat,?renameat2", "-e", &inject, PROGRAM]);
        if served() != old && pid() == before {
            killed_between += 1;
        }
        node.run("reload", &[]).done();
        assert_ne!(pid(), before, "rename {number}: dnsmasq goes on with its old configuration");
        let url = format!("http://{SERVER}:{port}/cgi-bin/boot_manager?cmd=init");
        node.run("curl", &["-sSf", &url]).done();
        node.run("reload", &["--dry-run"]).done();
    }
    assert!(killed_between > 0, "strace never ended it where it matters");
}
