// SPDX-License-Identifier: GPL-3.0-or-later
//! Consoles: `host-power record`, and `host-state console`, against the real `ipmi_sim` and with a program of the site.

use crate::bmc::{IPMI_PASSWORD, IPMI_PORT, IpmiSim, SERIAL_PORT, credentials, serial_line};
use crate::setup::{MAC, rocky_node};
use crate::support::{Node, SERVER};
use crate::terminal::Terminal;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const CTRL_C: &str = "\u{3}";
const LEAVE: &str = "\u{1d}";

/// A host whose BMC has a console.
fn with_bmc(node: &Node) -> IpmiSim {
    let sim = IpmiSim::new(node);
    credentials(node, "rack7", IPMI_PASSWORD);
    let url = format!("ipmi://{SERVER}:{IPMI_PORT}");
    let set = ["set", MAC, &url, "--credentials", "rack7", "--cipher-suite", "3", "--console", "sol"];
    node.run("host-power", &set).done();
    sim
}

/// `host-power record`, which is killed in the end.
struct Recorder(Child);

impl Recorder {
    fn new(node: &Node) -> Self {
        Self(node.command("host-power").arg("record").stdin(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn recorded(node: &Node) -> String {
    node.run("host-state", &["console", MAC]).out
}

fn wait(what: &str, is_there: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_there() {
        assert!(Instant::now() < end, "{what} does not come");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether a process has this path or word in its arguments.
fn runs(words: &str) -> bool {
    let is_one = |path: &Path| {
        let arguments = std::fs::read(path.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).replace('\0', " ").contains(words)
    };
    std::fs::read_dir("/proc").unwrap().any(|entry| is_one(&entry.unwrap().path()))
}

/// ipmitool at the BMC of this test: another test may have its own in another network, on the same port.
fn ipmitool_runs(node: &Node) -> bool {
    node.run("ss", &["-unaH"])
        .out
        .lines()
        .any(|line| line.contains(&format!("{SERVER}:{IPMI_PORT}")) && line.contains("ESTAB"))
}

#[test]
fn a_host_that_may_be_installed_is_recorded_and_nothing_is_left_of_a_killed_recorder() {
    let node = rocky_node(&[]);
    let sim = with_bmc(&node);
    let empty = node.run("host-state", &["console", MAC]);
    empty.fails(4, &["nothing of the console", "--attach"]);
    let mut recorder = Recorder::new(&node);
    std::thread::sleep(Duration::from_secs(4));
    assert!(!ipmitool_runs(&node), "a host that is not to be installed");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    wait("the record", || recorded(&node).contains("tick"));
    let text = recorded(&node);
    assert!(text.contains("--- recorded from here on") && !text.contains("SOL Session"), "{text}");

    // What acts on a terminal does not get there, and a long line is split.
    let mut hostile = b"\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[31mred\x1b[0m \0\xff\x9b6n end\r\n".to_vec();
    hostile.extend(b"y".repeat(5000));
    std::fs::write(sim.state.join("say-"), hostile).unwrap();
    std::fs::rename(sim.state.join("say-"), sim.state.join("say")).unwrap();
    wait("the hostile text", || recorded(&node).contains("red ") && recorded(&node).contains("yyyy"));
    let log = node.path("srv/log/consoles/525400000001.log");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(!text.contains("title") && !text.contains("ZXZ"), "{text}");
    assert!(text.lines().all(|line| line.len() < 1100 && line.starts_with("20")), "{text}");
    let folder = log.parent().unwrap().metadata().unwrap().permissions().mode();
    assert_eq!(folder & 0o777, 0o700);

    // A kill leaves no process, and the next one goes on.
    assert!(ipmitool_runs(&node));
    recorder.0.kill().unwrap();
    recorder.0.wait().unwrap();
    wait("the end of ipmitool", || !ipmitool_runs(&node));
}

#[test]
fn a_person_types_at_the_console_while_it_is_recorded_and_leaves_the_terminal_as_it_was() {
    let node = rocky_node(&[]);
    let sim = with_bmc(&node);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let _recorder = Recorder::new(&node);
    wait("the record", || recorded(&node).contains("tick"));
    let attach = Terminal::at_program(&node, "host-state", &["console", "sch-001", "--attach"]);
    let seen = attach.run(&[("tick", "ls"), ("[0d]", CTRL_C), ("[03]", LEAVE)]);
    assert!(seen.code == Some(0) && seen.left == 0 && seen.text.contains("Ctrl-] leaves it"), "{seen:?}");
    let typed = std::fs::read(sim.state.join("typed")).unwrap();
    assert_eq!(typed, b"ls\r\x03", "Ctrl-C goes to the host, and the key that leaves does not");
    // The recorder gave the console up for it, and has it again.
    let text = recorded(&node);
    assert!(text.contains("types at the console") && text.contains("[03]"), "{text}");
    wait("the recorder", || {
        let text = recorded(&node);
        text.rfind("recorded from here on") > text.find("has left the console")
    });
    let history = node.run("host-state", &["history", "sch-001"]).out;
    assert!(history.contains("console attached"), "{history}");
}

#[test]
fn one_person_types_and_a_second_one_is_told_who() {
    let node = rocky_node(&[]);
    let sim = with_bmc(&node);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            let attach = Terminal::at_program(&node, "host-state", &["console", "sch-001", "--attach"]);
            attach.run(&[("tick", "x"), ("[0d]", CTRL_C), ("bye", "HANGUP")])
        });
        let locks = node.path("run/hps/consoles");
        wait("the first one", || locks.join("525400000001.name").exists());
        let second = Terminal::at_program(&node, "host-state", &["console", "sch-001", "--attach"]).run(&[]);
        assert_eq!(second.code, Some(5), "{second:?}");
        assert!(second.text.contains("types at the console of sch-001"), "{second:?}");
        std::fs::write(sim.state.join("say"), "bye\r\n").unwrap();
        first.join().unwrap();
    });
    // The terminal of the first one is gone, and with it the session.
    let again = Terminal::at_program(&node, "host-state", &["console", "sch-001", "--attach"]).run(&[("tick", LEAVE)]);
    assert_eq!(again.code, Some(0), "{again:?}");
    // Without a terminal nothing is opened.
    node.run("host-state", &["console", "sch-001", "--attach"]).fails(2, &["needs a terminal"]);
}

#[test]
fn another_session_and_a_wrong_password_are_named() {
    let node = rocky_node(&[]);
    let sim = with_bmc(&node);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let secret = sim.state.join("secret");
    std::fs::write(&secret, format!("{IPMI_PASSWORD}\n")).unwrap();
    let mut other = node.command("ipmitool");
    other.args(["-I", "lanplus", "-C", "3", "-H", SERVER, "-p", &IPMI_PORT.to_string(), "-U", "ADMIN", "-f"]);
    let mut other =
        other.arg(&secret).args(["sol", "activate"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    wait("the other session", || ipmitool_runs(&node));
    std::thread::sleep(Duration::from_secs(1));
    let attach = || Terminal::at_program(&node, "host-state", &["console", "sch-001", "--attach"]).run(&[]);
    let busy = attach();
    assert!(busy.code == Some(1) && busy.text.contains("another session has the console"), "{busy:?}");
    drop(other.stdin.take());
    other.wait().unwrap();
    credentials(&node, "rack7", "falsch");
    let wrong = attach();
    assert!(wrong.code == Some(1) && wrong.text.contains("does not accept the user or the password"), "{wrong:?}");
    assert!(!wrong.text.contains("falsch"), "{wrong:?}");
}

#[test]
fn a_program_of_the_site_is_a_console_and_a_flood_is_bounded() {
    let node = rocky_node(&[]);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let folder = node.path("site");
    std::fs::create_dir(&folder).unwrap();
    let mut serial = serial_line(&node, &folder);
    let program = folder.join("console");
    let script = format!("#!/bin/sh\necho $(id -un) $HPS_HOST $HPS_MAC\nexec socat - TCP:{SERVER}:{SERIAL_PORT}\n");
    std::fs::write(&program, &script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let console = format!("command:{}", program.display());
    node.run("host-power", &["set", "sch-001", "wake-on-lan:", "--console", "sol"]).fails(2, &["console is sol"]);
    node.run("host-power", &["set", "sch-001", "wake-on-lan:", "--console", &console]).done();
    let attach = || Terminal::at_program(&node, "host-state", &["console", "sch-001", "--attach"]);
    let seen = attach().run(&[("tick", "a"), ("[61]", LEAVE)]);
    assert!(seen.code == Some(0) && seen.text.contains(&format!("hps sch-001 {MAC}")), "{seen:?}");
    serial.kill().unwrap();
    serial.wait().unwrap();

    // 100 MB without a line end, then an end: the record has little of it, and says so.
    let flood = "#!/bin/sh\nhead -c 100000000 /dev/zero | tr '\\0' x\nsleep 1.5\necho\necho the end; exit 3\n";
    std::fs::write(&program, flood).unwrap();
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    let recorder = Recorder::new(&node);
    wait("the end of the flood", || recorded(&node).contains("exit code 3"));
    drop(recorder);
    let text = recorded(&node);
    assert!(text.contains("bytes are left out") && text.contains("the end"), "{}", &text[text.len() - 500..]);
    let files = std::fs::read_dir(node.path("srv/log/consoles")).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 6 << 20, "{bytes}");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o777)).unwrap();
    let refused = attach().run(&[]);
    assert!(refused.code == Some(1) && refused.text.contains("chmod go-w"), "{refused:?}");
    assert!(!runs(&program.display().to_string()));
}
