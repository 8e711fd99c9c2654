// SPDX-License-Identifier: GPL-3.0-or-later
//! Stand-ins for BMCs: Redfish by `tests/support/bmc.py`, IPMI by the real `ipmi_sim`.

use crate::support::{Node, SERVER};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// As in `bmc.py`.
pub(crate) const PASSWORD: &str = "geheim 7#";

/// A BMC by Redfish. It ends when it is dropped.
pub(crate) struct Bmc {
    child: Child,
    pub(crate) state: PathBuf,
    pub(crate) port: u16,
}

/// A certificate with its key, and its fingerprint.
pub(crate) fn certificate(folder: &Path, name: &str) -> (PathBuf, String) {
    let pem = folder.join(name);
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().expect("openssl is not installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let path = pem.to_str().unwrap();
    let curve = "ec_paramgen_curve:prime256v1";
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        curve,
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=bmc",
        "-keyout",
        path,
        "-out",
        &format!("{path}.crt"),
    ]);
    let both = std::fs::read_to_string(&pem).unwrap() + &std::fs::read_to_string(format!("{path}.crt")).unwrap();
    std::fs::write(&pem, both).unwrap();
    let shown = openssl(&["x509", "-in", path, "-noout", "-fingerprint", "-sha256"]);
    (pem, shown.trim().rsplit('=').next().unwrap().to_owned())
}

fn wait(what: &str, is_there: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_there() {
        assert!(Instant::now() < end, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Bmc {
    /// One in the network of a node, with this certificate; without one by http.
    pub(crate) fn new(node: &Node, port: u16, certificate: Option<&Path>) -> Self {
        let state = node.path(&format!("bmc-{port}"));
        std::fs::create_dir_all(&state).unwrap();
        Self { child: start(node, port, certificate, &state), state, port }
    }

    /// The same machine, with another certificate.
    pub(crate) fn restart(&mut self, node: &Node, certificate: &Path) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::fs::remove_file(self.state.join("ready")).unwrap();
        self.child = start(node, self.port, Some(certificate), &self.state);
    }

    pub(crate) fn url(&self) -> String {
        format!("redfish://{SERVER}:{}", self.port)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.state.join(name)).unwrap().trim().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.state.join(name), text).unwrap();
    }

    /// The requests since the last call.
    pub(crate) fn log(&self) -> String {
        let log = self.read("log");
        self.write("log", "");
        log
    }
}

fn start(node: &Node, port: u16, certificate: Option<&Path>, state: &Path) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/support/bmc.py");
    let mut command = node.command("python3");
    command.arg(script).args(["--listen", &format!("{SERVER}:{port}"), "--state"]).arg(state);
    if let Some(certificate) = certificate {
        command.arg("--certificate").arg(certificate);
    }
    let child = command.stdin(Stdio::null()).spawn().unwrap();
    wait("the BMC", || state.join("ready").exists());
    child
}

impl Drop for Bmc {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Stores user and password as an administrator's script does.
pub(crate) fn credentials(node: &Node, name: &str, password: &str) {
    use std::io::Write as _;
    let mut command = node.command("host-power");
    command.args(["credentials", "set", name, "--user", "ADMIN"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
}

/// sushy-emulator, the BMC that the tests of OpenStack use, with its machine in memory. It has no sessions.
pub(crate) struct Sushy(Child);

impl Sushy {
    pub(crate) fn new(node: &Node, port: u16, certificate: &Path) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let emulator =
            std::env::split_paths(&path).map(|folder| folder.join("sushy-emulator")).find(|path| path.is_file());
        let emulator =
            emulator.expect("sushy-emulator is not in PATH: scripts/setup test, and PATH=target/venv/bin:$PATH");
        let folder = node.path("sushy");
        std::fs::create_dir_all(&folder).unwrap();
        let hash = "import bcrypt,sys;print('ADMIN:'+bcrypt.hashpw(sys.argv[1].encode(),bcrypt.gensalt(4)).decode())";
        let hash = Command::new(emulator.with_file_name("python3")).args(["-c", hash, PASSWORD]).output().unwrap();
        std::fs::write(folder.join("auth"), hash.stdout).unwrap();
        let shown = folder.display();
        let conf = format!(
            "SUSHY_EMULATOR_FAKE_DRIVER = True\nSUSHY_EMULATOR_STATE_DIR = '{shown}'\nSUSHY_EMULATOR_AUTH_FILE = '{shown}/auth'\n"
        );
        std::fs::write(folder.join("conf"), conf).unwrap();
        let mut command = node.command(emulator.to_str().unwrap());
        command.arg("--config").arg(folder.join("conf")).args(["-i", SERVER, "-p", &port.to_string()]);
        command.arg("--ssl-certificate").arg(certificate).arg("--ssl-key").arg(certificate);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait("sushy-emulator", || node.run("ss", &["-lntH"]).out.contains(&format!("{SERVER}:{port}")));
        Self(child)
    }
}

impl Drop for Sushy {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// `ipmi_sim`, with a program that keeps the state of the chassis in a folder.
pub(crate) struct IpmiSim {
    child: Child,
    serial: Child,
    pub(crate) state: PathBuf,
}

pub(crate) const IPMI_PORT: u16 = 16_230;
pub(crate) const SERIAL_PORT: u16 = 16_232;
pub(crate) const IPMI_PASSWORD: &str = "geheim7";

const CHASSIS: &str = r#"#!/bin/sh
# chassis FOLDER MC get|set|check ...: the power and the boot device of the machine, for ipmi_sim.
folder=$1 operation=$3
shift 3
echo "$operation $*" >> "$folder/log"
case $operation in
    get) for what in "$@"; do echo "$what:$(cat "$folder/$what")"; done ;;
    set)
        case $1 in
            power | boot) [ -e "$folder/lie" ] || echo "$2" > "$folder/$1" ;;
            shutdown) [ -e "$folder/deaf" ] || echo 0 > "$folder/power" ;;
        esac
        ;;
esac
"#;

impl IpmiSim {
    pub(crate) fn new(node: &Node) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let state = node.path("ipmi");
        std::fs::create_dir_all(&state).unwrap();
        let write = |name: &str, text: &str| std::fs::write(state.join(name), text).unwrap();
        write("power", "0\n");
        write("boot", "none\n");
        write("log", "");
        write("chassis", CHASSIS);
        std::fs::set_permissions(state.join("chassis"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let folder = state.display();
        write(
            "lan.conf",
            &format!(
                "name \"bmc\"\nset_working_mc 0x20\nstartlan 1\naddr {SERVER} {IPMI_PORT}\npriv_limit admin\n\
                 allowed_auths_callback none\nallowed_auths_user none\nallowed_auths_operator none\n\
                 allowed_auths_admin none md2 md5 straight\nguid a123456789abcdefa123456789abcdef\nendlan\n\
                 sol \"tcp:{SERVER}:{SERIAL_PORT}\" 115200\n\
                 chassis_control \"{folder}/chassis {folder} 0x20\"\n\
                 user 1 true \"\" \"test\" user 10 none\n\
                 user 2 true \"ADMIN\" \"{IPMI_PASSWORD}\" admin 10 none md2 md5 straight\n"
            ),
        );
        write(
            "sim.emu",
            "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nmc_enable 0x20\n",
        );
        let serial = serial_line(node, &state);
        let mut command = node.command("ipmi_sim");
        command.arg("-c").arg(state.join("lan.conf")).arg("-f").arg(state.join("sim.emu"));
        command.arg("-s").arg(&state).arg("-n").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("ipmi_sim is not installed: apt-get install openipmi");
        let sockets = || node.run("ss", &["-lnuH"]).out;
        wait("ipmi_sim", || sockets().contains(&format!(":{IPMI_PORT}")));
        Self { child, serial, state }
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.state.join(name)).unwrap().trim().to_owned()
    }
}

/// The serial line of a machine: `tests/support/serial.py`.
pub(crate) fn serial_line(node: &Node, folder: &Path) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/support/serial.py");
    let mut command = node.command("python3");
    command.arg(script).arg(format!("{SERVER}:{SERIAL_PORT}")).arg(folder).stdin(Stdio::null());
    let child = command.spawn().unwrap();
    wait("the serial line", || folder.join("serial-ready").exists());
    child
}

impl Drop for IpmiSim {
    fn drop(&mut self) {
        let _gone = self.serial.kill();
        let _ended = self.serial.wait();
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}
