// SPDX-License-Identifier: GPL-3.0-or-later
//! Local packages on a node that serves: what a host gets of them over HTTP, and what its kickstart says. (tests/media has the rest.)

use crate::PROGRAM;
use crate::key::GOOD;
use crate::rpm::Spec;
use crate::support::{Answer, Node, SERVER};

const LINE: &str = "x86_64-linux-rockylinux-10";

fn build(node: &Node, arguments: &[&str]) -> Answer {
    let mut command = node.command("build-repository");
    let key = GOOD.pin(node.folder.path());
    Answer::from_output(command.env("HPS_TEST_KEY", key).args(["--distro", LINE]).args(arguments).output().unwrap())
}

#[test]
fn dnf_fetches_packages_from_the_web_server() {
    let node = Node::served(PROGRAM);
    let spec = Spec::new("c++tool", "1.0~rc1^git.2+x");
    let file = node.path("x.rpm");
    std::fs::write(&file, spec.signed(&GOOD)).unwrap();
    build(&node, &[&file.to_string_lossy()]).done();
    let url = format!("http://{SERVER}/packages/{LINE}/Repo/");
    std::fs::write(node.path("dnf.conf"), "[main]\n").unwrap();
    let at = |below: &str| node.path(below).to_string_lossy().into_owned();
    let place = |name: &str, below: &str| format!("--setopt={name}={}", at(below));
    let mut dnf = node.command("dnf");
    dnf.env("HOME", at("home")).args(["--config", &at("dnf.conf"), "--installroot", &at("root")]);
    dnf.args([place("cachedir", "cache"), place("reposdir", "none"), place("pluginpath", "none")]);
    dnf.args(["--setopt=gpgcheck=0", "--releasever", "10", "--forcearch", "x86_64", "--repofrompath"]);
    dnf.arg(format!("hps,{url}")).args([
        "--assumeyes",
        "install",
        "--downloadonly",
        "--downloaddir",
        &at("got"),
        "c++tool",
    ]);
    Answer::from_output(dnf.output().expect("dnf is not installed: apt-get install dnf")).done();
    assert_eq!(std::fs::read(node.path("got").join(spec.file_name())).unwrap(), std::fs::read(&file).unwrap());
    // A link is not followed, and what is hidden is not read.
    let repo = node.path("srv/hps-resources/packages").join(LINE).join("Repo");
    std::os::unix::fs::symlink("/etc/hostname", repo.join("link")).unwrap();
    let status = |url: String| node.run("curl", &["-s", "-o", "/dev/null", "-w", "%{http_code}", &url]).out;
    assert_eq!(status(format!("{url}repodata/repomd.xml")), "200");
    assert_ne!(status(format!("{url}link")), "200");
    assert_ne!(status(format!("http://{SERVER}/packages/{LINE}/.packages.lock")), "200");
}
