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
    node.run("cluster-configure", &["--from", &file]).fails(3, &["lab is the active cluster", "--activate"]);
    node.run("cluster-configure", &["--from", &file, "--activate"]).fails(0, &["lab is not active any more; site is"]);
    let active = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    assert_eq!(active.to_string_lossy(), "site.cluster");
    std::fs::write(&file, text.replace("http_port = 80", "http_prot = 80")).unwrap();
    let before = node.snapshot("srv/hps-config");
    node.run("cluster-configure", &["--from", &file]).fails(1, &["site.cluster", "line 19", "http_prot"]);
    assert_eq!(node.snapshot("srv/hps-config"), before);
}

/// Five mistakes of different kinds: a key that is not known, one that is missing, a wrong type, no address, and a range outside of the
/// network.
#[test]
fn five_mistakes_are_five_lines_of_one_run() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let bad: String = text.lines().fold(String::new(), |bad, line| {
        bad + match line.split(' ').next().unwrap() {
            "enrolment" => "enrollment = \"menu\"",
            "domain" => "gateway = \"10.99.0.300\"",
            "http_port" => "http_port = \"80\"",
            "host_range" => "host_range = \"10.98.0.2-10.98.0.9\"",
            _ => line,
        } + "\n"
    });
    let line_of = |start: &str| 1 + bad.lines().position(|line| line.starts_with(start)).unwrap();
    let mut expected = [
        (line_of("enrollment"), 1, "did you mean enrolment?"),
        (line_of("[network]"), 1, "domain"),
        (line_of("http_port"), 13, "80"),
        (line_of("gateway"), 11, "10.99.0.300"),
        (line_of("host_range"), 14, "10.99.0.0/24"),
    ];
    expected.sort_unstable();
    let from = node.path("own.cluster");
    std::fs::write(&from, &bad).unwrap();
    std::fs::write(&file, &bad).unwrap();
    let before = node.snapshot("srv/hps-config");
    for (program, arguments, file) in [
        ("cluster-configure", vec!["--from", from.to_str().unwrap()], &from),
        ("reload", vec!["--json"], &file),
        ("host-state", vec!["check"], &file),
    ] {
        let answer = node.run(program, &arguments);
        assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{program}");
        let lines: Vec<&str> = answer.err.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{}", answer.err);
        for (line, (number, column, word)) in lines.iter().zip(expected) {
            let begin = format!("{program}: {}: line {number}: ", file.display());
            let place = format!(" (column {column}: {})", bad.lines().nth(number - 1).unwrap());
            assert!(line.starts_with(&begin) && line.ends_with(&place) && line.contains(word), "{line}");
        }
    }
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
    // What no flag of it knows: rules, and the commands of the shell release.
    let rule = "\n[[rule]]\nname = \"rack\"\nmac_prefix = \"52:54\"\ntype = \"SCH\"\n[legacy]\nlog_message = true\n";
    let by_hand = text.split("\n[legacy]").next().unwrap().to_owned() + rule;
    std::fs::write(node.path("srv/hps-config/clusters/lab.cluster"), by_hand).unwrap();
    node.configure(&["--storage-networks", "2", "--syslog", "tcp:10.99.0.250"]).done();
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    for kept in ["\"rack\"", "log_message = true", "\"10.100.1.0/24\"", "vlan = 102", "\"tcp:10.99.0.250\"", "the lab"]
    {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    node.configure(&["--storage-networks", "1"]).done();
    let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    assert_eq!(text.matches("[[storage_network]]").count(), 1);
    assert_eq!(node.configure(&["--storage-networks", "6"]).code, 2);
}

/// Comments, order and layout of the file are its administrator's.
#[test]
fn one_changed_value_is_the_whole_diff() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let key = text.lines().find(|line| line.starts_with("ssh_keys")).unwrap().split('"').nth(1).unwrap();
    let own = format!(
        "# Rack 7: ask Kim\ntypes = {{ SCH = {{ distro = 'x86_64-linux-debian-12' }} }} # blue\nname='lab'\nversion = 1\n\n\
         [install]\nssh_keys = [\n  \"{key}\", # Kim\n]\nenrolment   =   \"menu\"   # until May\n\n\
         [network] # port 12\ndomain = \"lab.internal\"\n# half of it\nhost_range = \"10.99.0.2-10.99.0.127\"\n\
         dhcp_range = \"10.99.0.128-10.99.0.199\"\naddress = \"{ADDRESS}\"\ninterface = \"br0\"\n# end\n"
    );
    std::fs::write(&file, &own).unwrap();
    node.run("cluster-configure", &["--no-reload"]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), own);
    let shown = node.run("cluster-configure", &["--no-reload", "--dry-run", "--enrolment", "armed"]);
    let changed: Vec<&str> =
        shown.out.lines().filter(|l| l.starts_with(['+', '-']) && !l.contains(".cluster")).collect();
    assert_eq!(
        (shown.code, changed),
        (10, vec!["-enrolment   =   \"menu\"   # until May", "+enrolment   =   \"armed\"   # until May"])
    );
    node.run("cluster-configure", &["--no-reload", "--enrolment", "armed"]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), own.replace("\"menu\"", "\"armed\""));
    // A whole file is taken with its comments.
    let from = node.path("own.cluster");
    std::fs::write(&from, &own).unwrap();
    node.run("cluster-configure", &["--no-reload", "--from", &from.to_string_lossy()]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), own);
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
fn bad_input_is_one_line() {
    let node = Node::new(PROGRAM);
    node.run("cluster-configure", &["--name", "lab"]).fails(2, &["--ssh-key-file is missing"]);
    node.run("cluster-configure", &["--interface", "br0"]).fails(2, &["--name is missing"]);
    node.run("cluster-configure", &["--from", "/nonexistent.cluster"])
        .fails(4, &["/nonexistent.cluster: no such file"]);
    let prefix = node.run("cluster-configure", &["--name", "lab", "--address", "10.99.0.1"]);
    assert_eq!(prefix.code, 2);
    assert!(prefix.err.contains("10.99.0.1/24"), "{}", prefix.err);
    let missing = node.path("no.pub").to_string_lossy().into_owned();
    let arguments = ["--name", "lab", "--interface", "br0", "--ssh-key-file", &missing];
    node.run("cluster-configure", &arguments).fails(4, &["no.pub", "no such file"]);
    let clap = node.run("cluster-configure", &["--name", "../x"]);
    assert_eq!(clap.code, 2);
    assert!(clap.err.contains("cluster name"), "{}", clap.err);
    assert!(node.snapshot("srv").is_empty(), "nothing half-written");
    node.configure(&["--host-range", "10.99.0.2-10.99.0.9", "--gateway", "10.99.0.5"])
        .fails(1, &["host_range", "the gateway's address 10.99.0.5: choose a range without it"]);
}

#[test]
fn what_cannot_be_served_does_not_become_active() {
    let node = Node::served(PROGRAM);
    let before = node.snapshot("srv/hps-config/clusters");
    node.run("cluster-configure", &["--interface", "eth9", "--address", "10.99.0.1/24"]).fails(4, &["interface eth9"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters"), before);
}

#[test]
fn another_cluster_is_made_active_only_when_that_is_said() {
    let node = Node::served(PROGRAM);
    let active = || std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    let before = node.snapshot("srv/hps-config");
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let other = ["--name", "site2", "--interface", "br0", "--address", ADDRESS, "--ssh-key-file", &key];
    let other = |more: &[&str]| node.run("cluster-configure", &[&other, more].concat());
    other(&[]).fails(3, &["lab is the active cluster; to serve site2", "--activate"]);
    let dry = other(&["--dry-run"]);
    dry.fails(3, &["--activate"]);
    assert!(dry.out.contains("lab would not be active any more; site2 would be"), "{}", dry.out);
    assert_eq!(other(&["--dry-run", "--activate"]).code, 10);
    assert_eq!(node.snapshot("srv/hps-config"), before);
    let done = other(&["--activate", "--no-reload"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.contains("lab is not active any more; site2 is"), "{}", done.err);
    assert!(done.err.contains("until: reload"), "{}", done.err);
    assert_eq!(active().to_string_lossy(), "site2.cluster");
    // A link to a file that is gone is told with advice.
    std::fs::remove_file(node.path("srv/hps-config/clusters/site2.cluster")).unwrap();
    node.run("reload", &[]).fails(4, &["site2.cluster, which is not there", "--activate"]);
    node.run("cluster-configure", &[]).fails(4, &["site2.cluster, which is not there"]);
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
    node.configure(&[]).fails(3, &["HPS_LOG_DIR is not named", "/srv/log"]);
    node.run("reload", &["--dry-run"]).fails(1, &["HPS_LOG_DIR is not named", "/srv/log"]);
}

#[test]
fn a_dry_run_finds_what_the_real_run_finds() {
    let node = Node::new(PROGRAM);
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let base = ["--name", "lab", "--ssh-key-file", &key, "--services", "plain"];
    let both = |more: &[&str], code: i32, word: &str| {
        for dry in [&["--dry-run"][..], &[]] {
            node.run("cluster-configure", &[&base[..], more, dry].concat()).fails(code, &[word]);
        }
    };
    both(&["--interface", "br1", "--address", ADDRESS], 4, "interface br1");
    both(&["--type", "SCH=x86_64-linux-debian-14"], 1, "types.SCH.distro: x86_64-linux-debian-14 cannot be installed");
    assert!(node.snapshot("srv/hps-config/clusters").is_empty(), "nothing is written");
}

/// At a terminal, with Enter at most questions: a card that leads out is not the default, and what is typed counts.
#[test]
fn a_person_is_asked() {
    const TERMINAL: &str = "\
import os, pty, sys, select, time
answers = [a.split('=', 1) for a in sys.argv[1].split('|')]
child, end = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen, limit = '', time.time() + 40
while time.time() < limit:
    if select.select([end], [], [], 0.2)[0]:
        try:
            seen += os.read(end, 4096).decode(errors='replace')
        except OSError:
            break
    elif answers and answers[0][0] in seen:
        os.write(end, (answers.pop(0)[1] + '\\r').encode())
        seen += '\\n'
os.close(end)  # which ends a child that still asks
print(seen, answers)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";
    let node = Node::new(PROGRAM);
    let ip = |arguments: &str| node.run("ip", &arguments.split(' ').collect::<Vec<_>>()).done();
    ip("link add aa0 type veth peer name aa1");
    ip("address add 192.0.2.10/24 dev aa0");
    ip("link set aa0 up");
    ip("route add default via 192.0.2.1 dev aa0");
    let base = node.folder.path().to_string_lossy().into_owned();
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let program = node.command("cluster-configure");
    let program = program.get_args().last().unwrap().to_string_lossy().into_owned();
    let ask = |answers: &str, more: &[&str]| {
        let command = [&["-c", TERMINAL, answers, &program, "--base", &base, "--no-reload"], more].concat();
        let answer = node.run("python3", &command);
        assert_eq!(answer.code, 0, "{answers}: {}", answer.out);
        (answer.out, std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap())
    };
    let first = "Technical name=lab|Interface=|Address of this=|Default gateway=10.98.0.1|expected another address of=\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f10.99.0.254|\
                 reserved for hosts=|unknown machines=|Domain=|send their logs=tcp:10.99.0.250|for storage=2|Who may=|Operating=";
    let (seen, text) = ask(first, &["--ssh-key-file", &key]);
    for line in
        ["interface = \"br0\"", "gateway = \"10.99.0.254\"", "syslog = \"tcp:10.99.0.250\"", "name = \"storage2\""]
    {
        assert!(text.contains(line), "{line}: {text}\n{seen}");
    }
    let builds = seen.matches("cluster-configure: next: ").count();
    assert_eq!(builds, 3, "reload, one build for all types, arm: {seen}");
    // Enter keeps what there is; none and 0 take it away.
    let again =
        "Technical name=|Interface=|Address of this=|Default gateway=|reserved for hosts=|unknown machines=|Domain=|";
    assert_eq!(ask(&format!("{again}send their logs=|for storage="), &[]).1, text);
    let (_, text) = ask(&format!("{again}send their logs=none|for storage=0"), &[]);
    assert!(
        text.contains("\n# syslog") && text.contains("gateway = \"10") && !text.contains("storage_network"),
        "{text}"
    );
}

#[test]
fn only_root_may() {
    let node = Node::served(PROGRAM);
    for program in ["reload", "cluster-configure"] {
        let path = node.command(program);
        let path = path.get_args().last().unwrap().to_string_lossy().into_owned();
        node.run("setpriv", &["--reuid=65534", "--regid=65534", "--clear-groups", &path])
            .fails(3, &["only root may do this"]);
    }
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
    assert!(answer.starts_with("#!ipxe\n") && !answer.contains("not able"), "{answer}");
}
