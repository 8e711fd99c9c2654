// SPDX-License-Identifier: GPL-3.0-or-later
//! Services for tests of `reload`: programs that stand in for them, and what they serve.

use crate::support::{Node, SERVER};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) fn executable(path: &Path, script: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes a script in the place of a service. It passes its check and runs the real program, except with a configuration that has this word.
pub(crate) fn stand_in(node: &Node, folder: &Path, name: &str, check: &str, word: &str, how: &str) {
    let real = node.path(&format!("real-{name}"));
    std::fs::copy(format!("/usr/sbin/{name}"), &real).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' {check} '*) exit 0 ;; esac\nfor last; do :; done\n\
         grep -q '{word}' \"${{last#--conf-file=}}\" && {{ {how}; }}\nexec {} \"$@\"\n",
        real.display()
    );
    executable(&folder.join(name), &script);
}

/// Another program that has a port, until it is dropped.
pub(crate) struct Holder(std::process::Child);

impl Holder {
    pub(crate) fn new(node: &Node, port: u16) -> Self {
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

/// A folder that is mounted for a test, until it is dropped.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    pub(crate) fn new(arguments: &[&str], folder: &Path) -> Self {
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

pub(crate) fn serves(node: &Node, port: u16) {
    node.run("curl", &["-sSf", &format!("http://{SERVER}:{port}/cgi-bin/boot_manager?cmd=init")]).done();
    let fetched = node.run("curl", &["-sS", "-o", "/dev/null", &format!("tftp://{SERVER}/undionly.kpxe")]);
    assert_eq!(fetched.code, 0, "{fetched:?}");
}

pub(crate) fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A cluster that is configured for this service manager, and not served yet.
pub(crate) fn configure_under(node: &Node, manager: &str) {
    node.configure(&["--no-reload"]).done();
    let text = text_of(&node.conf());
    let changed = text.replace("HPS_SERVICE_MANAGER=\"plain\"", &format!("HPS_SERVICE_MANAGER=\"{manager}\""));
    assert_eq!(changed == text, manager == "plain");
    std::fs::write(node.conf(), changed).unwrap();
}
