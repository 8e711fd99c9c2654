// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` under systemd. A script stands in for `systemctl`, so that no unit of this machine is touched.

use crate::PROGRAM;
use crate::support::{Answer, Node, SERVER};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// It knows a unit as it was at the last `daemon-reload`, as systemd does. `restart` succeeds when the program was executed (`Type=simple`
/// of systemd.service(5)), and `is-active` shows whether it still runs. `STATE` is its folder.
const SYSTEMCTL: &str = r#"#!/bin/sh
units=/etc/systemd/system state=STATE
verb='' names='' now=''
for argument; do
    case $argument in
        --now) now=yes ;;
        --*) ;;
        *.service) names="$names ${argument%.service}" ;;
        *.device) [ -e "$state/udev" ] || exit 3 ;;
        *) verb=$argument ;;
    esac
done
echo "$verb$names" >> "$state/calls"
runs() {
    pid=$(cat "$state/$1.pid" 2> /dev/null) && grep -q '^State:.[^ZX]' "/proc/$pid/status" 2> /dev/null
}
stop() {
    if runs "$1"; then
        kill "$pid"
        while runs "$1"; do sleep 0.02; done
    fi
}
start() {
    [ -f "$state/loaded/$1.service" ] || { echo "Unit $1.service not found." >&2; exit 5; }
    sed -n 's/^ExecStartPre=+//p' "$state/loaded/$1.service" | sh -e || exit 1
    command=$(sed -n 's/^ExecStart=//p' "$state/loaded/$1.service")
    config=$(sed -n 's/^Environment=//p' "$state/loaded/$1.service")
    # shellcheck disable=SC2086
    setsid env $config $command < /dev/null > "$state/$1.log" 2>&1 &
    pid=$!
    echo "$pid" > "$state/$1.pid"
    # The caller kills what is still in this process group when this script ends.
    until [ "$(cut -d ' ' -f 6 "/proc/$pid/stat" 2> /dev/null || echo "$pid")" = "$pid" ]; do sleep 0.01; done
}
case $verb in
    daemon-reload)
        rm -rf "$state/loaded"
        mkdir "$state/loaded"
        cp "$units"/*.service "$state/loaded" 2> /dev/null || : ;;
esac
for name in $names; do
    case $verb in
        reenable) [ -f "$units/$name.service" ] || exit 1; : > "$state/enabled/$name" ;;
        disable) rm -f "$state/enabled/$name"; [ -z "$now" ] || stop "$name" ;;
        is-active) runs "$name" || exit 3 ;;
        restart) stop "$name"; start "$name" ;;
        stop) stop "$name" ;;
        kill) ! runs "$name" || kill -HUP "$pid" ;;
    esac
done
"#;

/// `$1` is our folder of units, `$2` one of stand-ins; then the command.
const UNDER_SYSTEMD: &str = r#"
mount --bind "$1" /etc/systemd/system || exit 99
for program in "$2"/*; do
    for folder in /usr/sbin /usr/bin; do
        [ ! -e "$folder/${program##*/}" ] || mount --bind "$program" "$folder/${program##*/}" || exit 99
    done
done
shift 2
exec "$@""#;

/// A node whose services run under the stand-in.
struct Systemd {
    node: Node,
}

impl Systemd {
    fn new() -> Self {
        let node = Node::new(PROGRAM);
        node.configure(&["--no-reload"]).done();
        let text = std::fs::read_to_string(node.conf()).unwrap();
        std::fs::write(node.conf(), text.replace("MANAGER=\"plain\"", "MANAGER=\"systemd\"")).unwrap();
        for folder in ["units", "stand-ins", "state/loaded", "state/enabled"] {
            std::fs::create_dir_all(node.path(folder)).unwrap();
        }
        let script = SYSTEMCTL.replace("STATE", &node.path("state").display().to_string());
        executable(&node.path("stand-ins/systemctl"), &script);
        Self { node }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Answer {
        let mut command = self.node.command("sh");
        command.args(["-c", UNDER_SYSTEMD, "sh"]).arg(self.node.path("units")).arg(self.node.path("stand-ins"));
        command.arg(Path::new(PROGRAM).with_file_name(program)).args(arguments);
        Answer::from_output(command.stdin(Stdio::null()).output().unwrap())
    }

    /// The number of a service's process, if it runs.
    fn pid(&self, unit: &str) -> Option<String> {
        let pid = std::fs::read_to_string(self.node.path(&format!("state/{unit}.pid"))).ok()?;
        let arguments = std::fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        (!arguments.is_empty()).then(|| pid.trim().to_owned())
    }

    /// The units that are started with the machine.
    fn enabled(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.node.path("state/enabled")).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Changes the cluster file. Returns its old text.
    fn edit(&self, from: &str, to: &str) -> String {
        let file = self.node.path("srv/hps-config/clusters/lab.cluster");
        let old = std::fs::read_to_string(&file).unwrap();
        let new = old.replace(from, to);
        assert_ne!(new, old);
        std::fs::write(&file, new).unwrap();
        old
    }

    fn serves(&self) {
        let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=init");
        self.node.run("curl", &["-sSf", &url]).done();
        self.node.run("curl", &["-sS", "-o", "/dev/null", &format!("tftp://{SERVER}/undionly.kpxe")]).done();
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        for unit in ["hps-dnsmasq", "hps-lighttpd", "hps-notify"] {
            if let Some(pid) = self.pid(unit) {
                let _gone = Command::new("kill").args(["-9", &pid]).status();
            }
        }
    }
}

fn executable(path: &Path, script: &str) {
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The program is the real one, except with a configuration that has this word: then it ends at once.
fn ends_with(node: &Node, name: &str, check: &str, word: &str) {
    let real = node.path(&format!("real-{name}"));
    std::fs::copy(format!("/usr/sbin/{name}"), &real).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' {check} '*) exit 0 ;; esac\nfor last; do :; done\n\
         grep -q '{word}' \"${{last#--conf-file=}}\" && exit 2\nexec {} \"$@\"\n",
        real.display()
    );
    executable(&node.path(&format!("stand-ins/{name}")), &script);
}

#[test]
fn a_configuration_that_does_not_start_leaves_the_old_services() {
    let cases = [
        ("dnsmasq", "--test", "10.99.0.250", ("ntp = []", "ntp = [\"10.99.0.250\"]")),
        ("lighttpd", "-tt", "port = 8099", ("http_port = 80 ", "http_port = 8099 ")),
    ];
    for (name, check, word, (from, to)) in cases {
        let systemd = Systemd::new();
        ends_with(&systemd.node, name, check, word);
        systemd.run("reload", &[]).done();
        systemd.serves();
        let pids = || ["hps-dnsmasq", "hps-lighttpd"].map(|unit| systemd.pid(unit));
        let first = pids();
        let before = systemd.node.snapshot("srv/hps-config/services");
        let old = systemd.edit(from, to);
        let answer = systemd.run("reload", &[]);
        answer.fails(1, &[&format!("journalctl -u hps-{name}"), "the old configuration was restored"]);
        assert!(systemd.node.snapshot("srv/hps-config/services") == before, "{name}");
        systemd.serves();
        let again = pids();
        assert_ne!(again[0], first[0], "{name}: dnsmasq reads a file that changed");
        assert_eq!(again[1] == first[1], name == "dnsmasq", "lighttpd goes on where its configuration stayed");
        assert_eq!(systemd.enabled(), ["hps-dnsmasq", "hps-lighttpd"]);
        systemd.edit(to, from);
        assert_eq!(std::fs::read_to_string(systemd.node.path("srv/hps-config/clusters/lab.cluster")).unwrap(), old);
        systemd.run("reload", &["--dry-run"]).done();
        systemd.run("reload", &["--stop"]).done();
        assert_eq!(pids(), [None, None]);
        assert!(systemd.enabled().is_empty(), "they would come back when the machine starts");
    }
}

/// The notifier is a copy of a program of ours, so the stand-in gives `env` an option with which it ends at once.
#[test]
fn a_new_unit_that_does_not_start_is_disabled_removed_and_forgotten() {
    let systemd = Systemd::new();
    systemd.run("reload", &[]).done();
    let pids = || ["hps-dnsmasq", "hps-lighttpd"].map(|unit| systemd.pid(unit));
    let first = pids();
    let command = systemd.node.path("command");
    executable(&command, "#!/bin/sh\n");
    systemd.edit("# notify = \"\"", &format!("notify = \"{}\"", command.display()));
    let systemctl = systemd.node.path("stand-ins/systemctl");
    let script = std::fs::read_to_string(&systemctl).unwrap();
    executable(&systemctl, &script.replace("setsid env $config", "setsid env -u $config"));
    let answer = systemd.run("reload", &[]);
    answer.fails(1, &["hps-notify was started but ended at once"]);
    assert!(!systemd.node.path("units/hps-notify.service").exists());
    assert!(!systemd.node.path("state/loaded/hps-notify.service").exists(), "systemd still knows it");
    assert!(!systemd.node.path("srv/hps-config/services/hps-notify").exists());
    assert_eq!(systemd.enabled(), ["hps-dnsmasq", "hps-lighttpd"]);
    assert_eq!(pids(), first);
}

#[test]
fn a_service_that_is_no_longer_wanted_is_disabled_before_its_unit_is_removed() {
    let systemd = Systemd::new();
    let command = systemd.node.path("command");
    executable(&command, "#!/bin/sh\n");
    let notify = format!("notify = \"{}\"", command.display());
    systemd.edit("# notify = \"\"", &notify);
    systemd.run("reload", &[]).done();
    assert!(systemd.pid("hps-notify").is_some());
    assert_eq!(systemd.enabled(), ["hps-dnsmasq", "hps-lighttpd", "hps-notify"]);
    systemd.edit(&notify, "# notify = \"\"");
    let answer = systemd.run("reload", &["--json"]);
    assert!(answer.code == 0 && answer.out.contains("\"stopped\": [\n    \"hps-notify\"\n  ]"), "{answer:?}");
    assert_eq!((systemd.pid("hps-notify"), systemd.enabled().len()), (None, 2));
    for file in ["units/hps-notify.service", "state/loaded/hps-notify.service"] {
        assert!(!systemd.node.path(file).exists(), "{file}");
    }
    systemd.run("reload", &["--dry-run"]).done();
}

/// One that systemd does not start again today, and would tomorrow.
#[test]
fn stop_is_for_the_next_start_of_the_machine_too() {
    let systemd = Systemd::new();
    systemd.run("reload", &["--if-running"]).done();
    assert_eq!(systemd.pid("hps-dnsmasq"), None, "no service ran");
    systemd.run("reload", &[]).done();
    systemd.run("systemctl", &["stop", "hps-dnsmasq.service"]);
    systemd.run("reload", &["--stop"]).done();
    assert!(systemd.enabled().is_empty());
    systemd.run("reload", &[]).done();
    assert_eq!(systemd.enabled(), ["hps-dnsmasq", "hps-lighttpd"]);
    let lighttpd = systemd.pid("hps-lighttpd");
    systemd.run("systemctl", &["stop", "hps-dnsmasq.service"]);
    systemd.run("reload", &["--if-running"]).done();
    assert!(systemd.pid("hps-dnsmasq").is_some(), "lighttpd ran");
    assert_eq!(systemd.pid("hps-lighttpd"), lighttpd);
}
