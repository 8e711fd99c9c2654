// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-image` and apt: archives of another release, keyrings, proxies and the clock.

use crate::debian::DEBIAN;
use crate::site::{Answer, Site};

#[test]
fn a_node_of_another_release_takes_it_from_its_own_mirrors() {
    let site = Site::with_workshop();
    let check = |distro: &str, more: &[&str]| {
        let answer = site.make_from_apt(&[&["--distro", distro, "--check"], more].concat());
        assert_eq!(answer.code, Some(10), "{answer:?}");
        site.archives_asked()
    };
    let own = ["http://m/debian bookworm", "http://m/debian bookworm-updates", "http://s/security bookworm-security"];
    site.apt_knows(&own);
    assert_eq!(check(DEBIAN, &[]), own.map(|archive| format!("{archive} main")));
    let other = "x86_64-linux-debian-13";
    let trixie = own.map(|archive| format!("{} main", archive.replace("bookworm", "trixie")));
    assert_eq!(check(other, &[]), trixie);
    let given = check(other, &["--security-mirror", "http://192.0.2.1/security"]);
    assert_eq!(given[..2], trixie[..2]);
    assert_eq!(given[2], "http://192.0.2.1/security trixie-security main");
    // A node that has both keeps them apart.
    site.apt_knows(&[&own[..], &["http://n/debian trixie"]].concat());
    assert_eq!(check(other, &[])[0], "http://n/debian trixie main");
    site.apt_knows(&own[..1]);
    let alone = site.make_from_apt(&["--distro", other, "--check"]);
    alone.fails(
        4,
        &[
            "apt of this machine has no archive of trixie-security",
            "--security-mirror http://deb.debian.org/debian-security",
        ],
    );
    // The updates of a release are beside it.
    site.apt_knows(&[own[0], own[2]]);
    assert_eq!(check(DEBIAN, &[]), own.map(|archive| format!("{archive} main")));
    site.make(&["--distro", "x86_64-linux-debian-14"])
        .fails(4, &["expected Debian 12 or 13", "aarch64-linux-debian-13"]);
}

#[test]
fn a_keyring_that_is_too_old_is_told() {
    let site = Site::with_workshop();
    let said = "Err:1 http://m/debian trixie InRelease\n  The following signatures couldn't be verified because the public key \
                is not available: NO_PUBKEY 6ED0E7B82643E131\nE: The repository is not signed.\nE: mmdebstrap failed to run\n";
    std::fs::write(site.path("fake/refused"), said).unwrap();
    let answer = site.make(&["--distro", "x86_64-linux-debian-13"]);
    answer.fails(1, &["lacks the keys of trixie", "apt-get install debian-archive-keyring"]);
}

#[test]
fn apt_goes_by_the_proxies_of_the_environment() {
    let site = Site::with_workshop();
    let asked = |variables: &[(&str, &str)]| {
        let mut command = site.making(&["--check"]);
        command.envs(variables.iter().copied());
        let answer = Answer::from_output(command.output().unwrap());
        let text = std::fs::read_to_string(site.path("fake/asked")).unwrap();
        (answer, text, std::fs::read_to_string(site.path("fake/settings")).unwrap_or_default())
    };
    let (answer, asked_for, settings) =
        asked(&[("http_proxy", "us:s3cret@127.0.0.1:3128"), ("no_proxy", "10.0.0.0/8")]);
    assert_eq!(answer.code, Some(10), "{answer:?}");
    let way = "Acquire::http::Proxy::192.0.2.1 \"http://us:s3cret@127.0.0.1:3128\";";
    assert_eq!(settings.matches(way).count(), 1, "{settings}");
    assert!(!asked_for.contains("s3cret"), "a password on a command line: {asked_for}");
    let (_, _, settings) = asked(&[("http_proxy", "127.0.0.1:3128"), ("no_proxy", "x, 192.0.2.0/24")]);
    assert!(settings.contains("Acquire::http::Proxy::192.0.2.1 \"DIRECT\";"), "{settings}");
    let (answer, ..) = asked(&[("all_proxy", "socks4://127.0.0.1:1080")]);
    answer.fails(2, &["all_proxy", "SOCKS 4", "socks5h"]);
}

#[test]
fn a_clock_that_is_wrong_is_told_of_apt_too() {
    let site = Site::with_workshop();
    let said =
        "E: Release file for http://m/debian/dists/bookworm/InRelease is not valid yet (invalid for another 56y 3d)\n";
    std::fs::write(site.path("fake/refused"), said).unwrap();
    site.make(&[]).fails(1, &["clock of this machine, which shows 20", "timedatectl set-ntp true", "is not valid yet"]);
}
