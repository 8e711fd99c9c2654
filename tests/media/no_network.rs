// SPDX-License-Identifier: GPL-3.0-or-later
//! No way out: real apt and the client of mirrors in a network where every packet is lost. Each program ends soon, and
//! its one line names the server and what to do.

use crate::debian::DEBIAN;
use crate::site::{Answer, Site};
use std::time::{Duration, Instant};

/// A default route and a name server, behind a wire whose other end takes nothing.
const LOST: &str = "
ip link set lo up
ip link add out type veth peer name lost
ip link set lost up
ip address add 192.0.2.2/24 dev out
ip link set out up
ip neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev out
ip route add default via 192.0.2.1
mount --bind \"$1\" /etc/resolv.conf
shift
exec \"$@\"";

/// Without a bound it would be two minutes and more; two runs of a loaded machine are within this one.
const BOUND: Duration = Duration::from_secs(60);

const BUILD_IMAGE: &str = env!("CARGO_BIN_EXE_build-image");
const BUILD_REPOSITORY: &str = env!("CARGO_BIN_EXE_build-repository");

fn lost(program: &str, arguments: &[&str]) -> (Answer, Duration) {
    let site = Site::of_debian();
    // build-repository takes the names of packages from it.
    site.publish(1);
    let resolver = site.path("resolv.conf");
    std::fs::write(&resolver, "nameserver 198.51.100.53\n").unwrap();
    let mut command = site.command_of("unshare", &["--net", "--mount", "sh", "-ec", LOST, "sh"]);
    command.arg(&resolver).arg(program).args(arguments);
    let began = Instant::now();
    (Answer::from_output(command.output().unwrap()), began.elapsed())
}

/// The programs wait side by side.
fn all_end_soon(programs: &[(&str, &[&str], &[&str])]) {
    std::thread::scope(|scope| {
        for (program, arguments, words) in programs {
            scope.spawn(move || {
                let (answer, took) = lost(program, arguments);
                answer.fails(1, words);
                assert!(took < BOUND, "{program} {arguments:?}: {took:?}");
            });
        }
    });
}

const ARCHIVES: [&str; 4] =
    ["--mirror", "http://mirror.example/debian", "--security-mirror", "http://security.example/d"];
const SILENT: [&str; 4] =
    ["--mirror", "http://198.51.100.80/debian", "--security-mirror", "http://198.51.100.81/debian"];
const ADVICE: [&str; 3] = ["Debian's archive cannot be reached: http://", "set http_proxy and https_proxy", "--mirror"];

#[test]
fn without_a_name_server_each_program_ends_soon_and_names_what_to_do() {
    let image = [&["--check", "--distro", DEBIAN][..], &ARCHIVES].concat();
    let repository = [&["--distro", DEBIAN][..], &ARCHIVES].concat();
    let mirror = ["--check", "--mirror", "http://mirror.example/rocky"];
    all_end_soon(&[
        (BUILD_IMAGE, &image, &ADVICE),
        (BUILD_REPOSITORY, &repository, &ADVICE),
        (crate::PROGRAM, &mirror, &["mirror.example", "set http_proxy and https_proxy", "--from-file ISO"]),
    ]);
}

#[test]
fn servers_that_never_answer_are_given_up_soon() {
    let image = [&["--check", "--distro", DEBIAN][..], &SILENT].concat();
    let repository = [&["--distro", DEBIAN][..], &SILENT].concat();
    let mirror = ["--check", "--mirror", "http://198.51.100.80/rocky"];
    all_end_soon(&[
        (BUILD_IMAGE, &image, &ADVICE),
        (BUILD_REPOSITORY, &repository, &ADVICE),
        (crate::PROGRAM, &mirror, &["198.51.100.80 does not answer", "set http_proxy", "--from-file ISO"]),
    ]);
}
