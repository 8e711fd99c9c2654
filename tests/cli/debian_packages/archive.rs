// SPDX-License-Identifier: GPL-3.0-or-later
//! A small archive of Debian in the namespace of a node: signed by a key of the test, which stands for Debian's keyring.

use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const URL: &str = "http://127.0.0.1:8123";
/// Each with the folder of its archive.
const SUITES: [(&str, &str); 3] =
    [("debian", "bookworm"), ("debian", "bookworm-updates"), ("security", "bookworm-security")];

pub(crate) struct Archive<'a> {
    node: &'a Node,
    server: Child,
}

/// Runs a command of the test and gives its output.
fn output(command: &mut Command) -> Vec<u8> {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

impl<'a> Archive<'a> {
    /// Empty, and served.
    pub(crate) fn new(node: &'a Node) -> Self {
        let home = node.path("gpg");
        std::fs::create_dir(&home).unwrap();
        std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        for (archive, suite) in SUITES {
            std::fs::create_dir_all(node.path(&format!("mirror/{archive}/pool/{suite}"))).unwrap();
        }
        let mut server = node.command("python3");
        server.args(["-m", "http.server", "--bind", "127.0.0.1", "--directory"]).arg(node.path("mirror")).arg("8123");
        let server = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let archive = Self { node, server };
        let key = ["--passphrase", "", "--pinentry-mode", "loopback", "--quick-generate-key", "Archive", "ed25519"];
        output(archive.gpg().args(key));
        std::fs::write(node.path("keyring.gpg"), output(archive.gpg().arg("--export"))).unwrap();
        archive.publish();
        archive
    }

    fn gpg(&self) -> Command {
        let mut command = Command::new("gpg");
        command.args(["--batch", "--no-tty", "--quiet", "--homedir"]).arg(self.node.path("gpg"));
        command
    }

    /// Adds a package to a suite. It has one file.
    pub(crate) fn add(&self, suite: &str, name: &str, version: &str, depends: &str) {
        let (archive, _) = SUITES.into_iter().find(|(_, known)| *known == suite).unwrap();
        let place = self.node.path(&format!("mirror/{archive}/pool/{suite}/{name}_{version}_all.deb"));
        deb(self.node, &place, name, version, "all", depends);
        self.publish();
    }

    fn publish(&self) {
        for (archive, suite) in SUITES {
            let top = self.node.path(&format!("mirror/{archive}"));
            let dist = top.join("dists").join(suite);
            std::fs::create_dir_all(dist.join("main/binary-amd64")).unwrap();
            let tool = |place: &Path, arguments: &[&str]| {
                output(Command::new("apt-ftparchive").args(arguments).current_dir(place))
            };
            let list = tool(&top, &["packages", &format!("pool/{suite}")]);
            std::fs::write(dist.join("main/binary-amd64/Packages"), list).unwrap();
            let _old = std::fs::remove_file(dist.join("Release"));
            let name = |field: &str| format!("APT::FTPArchive::Release::{field}={suite}");
            let fields = ["-o", &name("Suite"), "-o", &name("Codename")];
            let parts = ["-o", "APT::FTPArchive::Release::Components=main", "release", "."];
            std::fs::write(dist.join("Release"), tool(&dist, &[&fields[..], &parts].concat())).unwrap();
            let signed = output(self.gpg().args(["--output", "-", "--clear-sign"]).arg(dist.join("Release")));
            std::fs::write(dist.join("InRelease"), signed).unwrap();
        }
    }

    /// A program of HPS that believes in this archive, with these scripts in the place of programs of the system.
    fn command(&self, stand_ins: &[(&str, &str)], program: &str, arguments: &[&str]) -> Command {
        const SCRIPT: &str =
            "while [ \"$1\" != -- ]; do mount --bind \"$1\" \"$2\" || exit 99; shift 2; done; shift; exec \"$@\"";
        let mut command = self.node.command("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(self.node.path("keyring.gpg")).arg(KEYRING);
        for (name, script) in stand_ins {
            let place = self.node.path(&format!("stand-in-{name}"));
            std::fs::write(&place, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            command.arg(place).arg(format!("/usr/bin/{name}"));
        }
        command.arg("--").arg(PathBuf::from(PROGRAM).with_file_name(program)).args(arguments);
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    /// `build-repository` for Debian 12.
    pub(crate) fn build(&self, more: &[&str]) -> Answer {
        Answer::from_output(self.building(&[], more).output().unwrap())
    }

    pub(crate) fn building(&self, stand_ins: &[(&str, &str)], more: &[&str]) -> Command {
        let sources = self.sources();
        self.command(stand_ins, "build-repository", &[&sources.each_ref().map(String::as_str), more].concat())
    }

    /// `build-image` for Debian 12.
    pub(crate) fn build_image(&self, stand_ins: &[(&str, &str)], more: &[&str]) -> Answer {
        let sources = self.sources();
        let arguments = [&sources.each_ref().map(String::as_str), more].concat();
        Answer::from_output(self.command(stand_ins, "build-image", &arguments).output().unwrap())
    }

    fn sources(&self) -> [String; 6] {
        let at = |name: &str| format!("{URL}/{name}");
        let flag = |name: &str| name.to_owned();
        [
            flag("--distro"),
            flag(super::DEBIAN),
            flag("--mirror"),
            at("debian"),
            flag("--security-mirror"),
            at("security"),
        ]
    }
}

/// Builds a package with one file at this path.
pub(crate) fn deb(node: &Node, place: &Path, name: &str, version: &str, architecture: &str, depends: &str) {
    let root = node.path("package");
    let _old = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(root.join("DEBIAN")).unwrap();
    std::fs::create_dir_all(root.join("usr/share/hps-test")).unwrap();
    let depends = if depends.is_empty() { String::new() } else { format!("Depends: {depends}\n") };
    let control = format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: a <a@b.c>\n{depends}Description: x\n"
    );
    std::fs::write(root.join("DEBIAN/control"), control).unwrap();
    std::fs::write(root.join("usr/share/hps-test").join(name), version).unwrap();
    output(Command::new("dpkg-deb").args(["--build", "--root-owner-group"]).arg(&root).arg(place));
}

impl Drop for Archive<'_> {
    fn drop(&mut self) {
        let _gone = self.server.kill().and_then(|()| self.server.wait());
    }
}
