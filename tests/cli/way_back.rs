// SPDX-License-Identifier: GPL-3.0-or-later
//! Services that do not come up: what was there before is there again, under each service manager; and restarts that are owed.

use crate::PROGRAM;
use crate::support::{Answer, Node, SERVER};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A script in the place of a service: it passes its check and is the real one, except with a configuration that has this word.
fn stand_in(node: &Node, folder: &Path, name: &str, check: &str, word: &str, how: &str) {
    let real = node.path(&format!("real-{name}"));
    std::fs::copy(format!("/usr/sbin/{name}"), &real).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' {check} '*) exit 0 ;; esac\nfor last; do :; done\n\
         grep -q '{word}' \"${{last#--conf-file=}}\" && {{ {how}; }}\nexec {} \"$@\"\n",
        real.display()
    );
    executable(&folder.join(name), &script);
}

fn executable(path: &Path, script: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn serves(node: &Node, port: u16) {
    node.run("curl", &["-sSf", &format!("http://{SERVER}:{port}/cgi-bin/boot_manager?cmd=init")]).done();
    let fetched = node.run("curl", &["-sS", "-o", "/dev/null", &format!("tftp://{SERVER}/undionly.kpxe")]);
    assert_eq!(fetched.code, 0, "{fetched:?}");
}

fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The boot manager reads the cluster file at each request: with the new one and the old services, machines would ask at a port where nobody
/// listens.
#[test]
fn a_cluster_file_whose_services_do_not_come_up_is_the_old_one_again() {
    let node = Node::new(PROGRAM);
    let folder = node.path("stand-ins");
    stand_in(&node, &folder, "lighttpd", "-tt", "port = 8099", "echo 'lighttpd: cannot' >&2; exit 255");
    let configure = |more: &[&str]| {
        let mut command = node.command_with(&folder, "cluster-configure");
        Answer::of(command.args(more).stdin(Stdio::null()).output().unwrap())
    };
    // Where there is no old one, the new one stays: the next reload tries it.
    node.configure(&["--no-reload"]).done();
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let first = text_of(&file);
    std::fs::remove_file(node.path("srv/hps-config/clusters/active")).unwrap();
    configure(&["--name", "lab", "--http-port", "8099"])
        .fails(1, &["the cluster is configured, but the services are not", "lighttpd"]);
    assert!(text_of(&file).contains("http_port = 8099"));
    for name in ["dnsmasq", "lighttpd"] {
        let Ok(pid) = std::fs::read_to_string(node.path(&format!("run/hps/{name}.pid"))) else { continue };
        let process = std::fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        assert!(process.is_empty(), "{name} runs by a configuration that is no more");
    }
    std::fs::write(&file, &first).unwrap();
    node.run("reload", &[]).done();
    // The services, the file and what the boot manager takes from it are the old ones.
    let before = node.snapshot("srv/hps-config/services");
    configure(&["--name", "lab", "--http-port", "8099"]).fails(
        1,
        &["lighttpd", "the old configuration is back", "started with it", "the cluster file is the old one again"],
    );
    assert!(node.snapshot("srv/hps-config/services") == before);
    assert_eq!(text_of(&file), first);
    serves(&node, 80);
    node.run("reload", &["--dry-run"]).done();
    // Another cluster does not stay the active one.
    configure(&[
        "--name",
        "other",
        "--interface",
        "br0",
        "--address",
        "10.99.0.1/24",
        "--http-port",
        "8099",
        "--activate",
    ]);
    let active = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    assert_eq!(active.file_name().unwrap(), "lab.cluster");
    assert!(!node.path("srv/hps-config/clusters/other.cluster").exists());
    serves(&node, 80);
    // With a program that works, the same command is done.
    node.run("cluster-configure", &["--name", "lab", "--http-port", "8099"]).done();
    serves(&node, 8099);
}

#[test]
fn a_restart_that_is_owed_is_named_until_it_is_done_or_nothing_runs() {
    let node = Node::served(PROGRAM);
    let owed = node.path("run/hps/restart-owed");
    let check = || node.run("host-state", &["check"]);
    let words = "a reload was interrupted: dnsmasq runs with an older configuration than its files have; reload starts it again";
    assert!(!check().out.contains("interrupted"), "{:?}", check());
    std::fs::write(&owed, "dnsmasq\n").unwrap();
    let found = check();
    assert!(found.code == 1 && found.out.contains(words), "{found:?}");
    node.run("reload", &[]).done();
    assert!(!check().out.contains("interrupted") && !owed.exists());
    // What an administrator stopped reads what is there when it is started.
    std::fs::write(&owed, "dnsmasq\n").unwrap();
    node.run("reload", &["--stop"]).done();
    assert!(!owed.exists() && !check().out.contains("interrupted"), "{:?}", check());
    std::fs::write(&owed, "dnsmasq\n").unwrap();
    assert!(!check().out.contains("interrupted"), "it does not run");
    node.run("reload", &[]).done();
    serves(&node, 80);
    assert!(!owed.exists());
}

/// A folder that is mounted for a test, until it is dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn of(arguments: &[&str], folder: &Path) -> Self {
        let done = Command::new("mount").args(arguments).arg(folder).status().unwrap();
        assert!(done.success(), "mount {arguments:?}");
        Self(folder.to_path_buf())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_nothing_is_changed_and_what_is_owed_is_started_again() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let run = node.path("run/hps");
    let _mounted = Mounted::of(&["-t", "tmpfs", "-o", "size=256k,mode=755", "tmpfs"], &run);
    node.run("reload", &[]).done();
    let pid = || text_of(&run.join("dnsmasq.pid"));
    let fill = || drop(node.run("dd", &["if=/dev/zero", &format!("of={}", run.join("filler").display()), "bs=4096"]));
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = text_of(&file);
    let (before, first) = (node.snapshot("srv/hps-config/services"), pid());
    fill();
    std::fs::write(&file, text.replace("ntp = []", "ntp = [\"10.99.0.250\"]")).unwrap();
    let answer = node.run("reload", &[]);
    assert!(answer.code == 1 && answer.err.contains("restart-owed"), "{answer:?}");
    assert!(node.snapshot("srv/hps-config/services") == before && pid() == first);
    assert!(!node.run("host-state", &["check"]).out.contains("interrupted"));
    // What a killed run noted needs no room.
    std::fs::write(&file, &text).unwrap();
    std::fs::remove_file(run.join("filler")).unwrap();
    std::fs::write(run.join("restart-owed"), "dnsmasq\n").unwrap();
    fill();
    node.run("reload", &[]).done();
    assert!(pid() != first && !run.join("restart-owed").exists());
    serves(&node, 80);
    node.run("reload", &["--stop"]).done();
}

/// A supervisord of its own, with our folder as `/etc/supervisor`.
struct Supervisor<'a> {
    node: &'a Node,
    child: Child,
}

/// `$1` is our folder of supervisord, `$2` one of stand-ins; then the command.
const SUPERVISED: &str = r#"
mount --bind "$1" /etc/supervisor || exit 99
for program in "$2"/*; do
    [ ! -e "$program" ] || mount --bind "$program" "/usr/sbin/${program##*/}" || exit 99
done
shift 2
exec "$@""#;

impl<'a> Supervisor<'a> {
    fn start(node: &'a Node) -> Self {
        let own = node.folder.path().display();
        let text = format!(
            "[unix_http_server]\nfile={own}/supervisor.sock\n[supervisord]\nlogfile={own}/supervisord.log\npidfile={own}/supervisord.pid\n\
             childlogdir={own}\nuser=root\n[rpcinterface:supervisor]\n\
             supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n\
             [supervisorctl]\nserverurl=unix://{own}/supervisor.sock\n[include]\nfiles = /etc/supervisor/conf.d/*.conf\n"
        );
        std::fs::create_dir_all(node.path("supervisor/conf.d")).unwrap();
        std::fs::write(node.path("supervisor/supervisord.conf"), text).unwrap();
        let mut command = Self::command(node, "/usr/bin/supervisord");
        let arguments = ["-n", "-c", "/etc/supervisor/supervisord.conf"];
        let child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let supervisor = Self { node, child };
        let begun = std::time::Instant::now();
        while !node.path("supervisor.sock").exists() {
            assert!(begun.elapsed().as_secs() < 30, "supervisord does not start: apt-get install supervisor");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        supervisor
    }

    fn command(node: &Node, program: &str) -> Command {
        let mut command = node.command("sh");
        command.args(["-c", SUPERVISED, "sh"]).arg(node.path("supervisor")).arg(node.path("stand-ins")).arg(program);
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Answer {
        let own = Path::new(PROGRAM).with_file_name(program);
        let program = if own.is_file() { own.display().to_string() } else { program.to_owned() };
        Answer::of(Self::command(self.node, &program).args(arguments).stdin(Stdio::null()).output().unwrap())
    }

    fn status(&self) -> String {
        self.run("supervisorctl", &["status"]).out
    }
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        // It ends its children.
        let _gone = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ended = self.child.wait();
    }
}

fn configure(node: &Node, manager: &str) {
    node.configure(&["--no-reload"]).done();
    let text = text_of(&node.conf());
    let changed = text.replace("HPS_SERVICE_MANAGER=\"plain\"", &format!("HPS_SERVICE_MANAGER=\"{manager}\""));
    assert_eq!(changed == text, manager == "plain");
    std::fs::write(node.conf(), changed).unwrap();
}

fn runs(status: &str, name: &str) -> bool {
    status.lines().any(|line| line.starts_with(name) && line.contains("RUNNING"))
}

#[test]
fn under_supervisord_the_old_services_are_back() {
    let cases = [
        ("dnsmasq", "--test", "10.99.0.250", "exit 2"),
        ("lighttpd", "-tt", "port = 8099", "echo 'lighttpd: cannot' >&2; exit 255"),
    ];
    for (name, check, word, how) in cases {
        let node = Node::new(PROGRAM);
        stand_in(&node, &node.path("stand-ins"), name, check, word, how);
        configure(&node, "supervisord");
        let supervisor = Supervisor::start(&node);
        supervisor.run("reload", &[]).done();
        serves(&node, 80);
        let file = node.path("srv/hps-config/clusters/lab.cluster");
        let old = text_of(&file);
        let text = if name == "lighttpd" {
            old.replace("http_port = 80 ", "http_port = 8099 ")
        } else {
            old.replace("ntp = []", "ntp = [\"10.99.0.250\"]")
        };
        assert_ne!(text, old);
        std::fs::write(&file, &text).unwrap();
        let before = node.snapshot("srv/hps-config/services");
        let answer = supervisor.run("reload", &[]);
        answer.fails(1, &[name, "the old configuration is back", "started with it"]);
        assert!(node.snapshot("srv/hps-config/services") == before, "{name}");
        let status = supervisor.status();
        assert!(runs(&status, "hps-dnsmasq") && runs(&status, "hps-lighttpd"), "{name}: {status}");
        serves(&node, 80);
        std::fs::write(&file, &old).unwrap();
        supervisor.run("reload", &["--dry-run"]).done();
    }
}

/// Without a service manager HPS knows nothing of what runs. A file that is a mount point is one that cannot be replaced.
#[test]
fn without_a_service_manager_only_the_old_files_are_back() {
    let node = Node::new(PROGRAM);
    configure(&node, "none");
    node.run("reload", &[]).done();
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let old = text_of(&file);
    let text = old.replace("http_port = 80 ", "http_port = 8099 ").replace("ntp = []", "ntp = [\"10.99.0.250\"]");
    std::fs::write(&file, text).unwrap();
    let lighttpd = node.path("srv/hps-config/services/lighttpd.conf");
    let before = node.snapshot("srv/hps-config/services");
    let mounted = Mounted::of(&["--bind", &lighttpd.display().to_string()], &lighttpd);
    let answer = node.run("reload", &[]);
    answer.fails(1, &["lighttpd.conf", "the old configuration is back"]);
    assert!(!answer.err.contains("started with it"), "{answer:?}");
    drop(mounted);
    assert!(node.snapshot("srv/hps-config/services") == before);
    node.run("reload", &[]).done();
    assert!(text_of(&lighttpd).contains("port = 8099"));
}

/// The notifier is a copy of a program of ours, so what keeps it from starting is a file system that nothing is started from.
#[test]
fn a_notifier_that_cannot_start_leaves_nothing_behind() {
    for manager in ["plain", "supervisord"] {
        let node = Node::new(PROGRAM);
        std::fs::create_dir(node.path("stand-ins")).unwrap();
        configure(&node, manager);
        let services = node.path("srv/hps-config/services");
        let _mounted = Mounted::of(&["--bind", &services.display().to_string()], &services);
        let done = Command::new("mount").args(["-o", "remount,bind,noexec"]).arg(&services).status().unwrap();
        assert!(done.success());
        let supervisor = Supervisor::start(&node);
        supervisor.run("reload", &[]).done();
        let command = node.path("told");
        executable(&command, "#!/bin/sh\n");
        let file = node.path("srv/hps-config/clusters/lab.cluster");
        let old = text_of(&file);
        std::fs::write(&file, old.replace("# notify = \"\"", &format!("notify = \"{}\"", command.display()))).unwrap();
        let answer = supervisor.run("reload", &[]);
        assert!(answer.code == 1 && answer.err.contains("hps-notify"), "{manager}: {answer:?} {}", text_of(&file));
        assert!(!services.join("hps-notify").exists(), "{manager}: {answer:?}");
        assert!(!node.path("supervisor/conf.d/hps-notify.conf").exists());
        assert!(!supervisor.status().contains("hps-notify"), "{manager}: {}", supervisor.status());
        serves(&node, 80);
        std::fs::write(&file, &old).unwrap();
        supervisor.run("reload", &["--dry-run"]).done();
        supervisor.run("reload", &["--stop"]).done();
    }
}
