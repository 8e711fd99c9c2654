// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` under supervisord, with a supervisord of its own.

use crate::PROGRAM;
use crate::services::{Mounted, configure_under, executable, serves, stand_in, text_of};
use crate::support::{Answer, Node};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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
        Answer::from_output(Self::command(self.node, &program).args(arguments).stdin(Stdio::null()).output().unwrap())
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
        configure_under(&node, "supervisord");
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
        answer.fails(1, &[name, "the old configuration was restored", "started with it"]);
        assert!(node.snapshot("srv/hps-config/services") == before, "{name}");
        let status = supervisor.status();
        assert!(runs(&status, "hps-dnsmasq") && runs(&status, "hps-lighttpd"), "{name}: {status}");
        serves(&node, 80);
        std::fs::write(&file, &old).unwrap();
        supervisor.run("reload", &["--dry-run"]).done();
    }
}

/// The notifier is a copy of a program of ours, so what keeps it from starting is a file system that nothing is started from.
#[test]
fn a_notifier_that_cannot_start_leaves_nothing_behind() {
    for manager in ["plain", "supervisord"] {
        let node = Node::new(PROGRAM);
        std::fs::create_dir(node.path("stand-ins")).unwrap();
        configure_under(&node, manager);
        let services = node.path("srv/hps-config/services");
        let _mounted = Mounted::new(&["--bind", &services.display().to_string()], &services);
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
