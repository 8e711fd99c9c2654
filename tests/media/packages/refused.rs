// SPDX-License-Identifier: GPL-3.0-or-later
//! Packages that are not taken, and why.

use super::LINE;
use crate::key::{ATTACKER, EXPIRED, GOOD, Key, REVOKED};
use crate::rpm::{Spec, renamed, signed};
use crate::site::{Answer, Site};

#[test]
fn what_proves_nothing_is_not_published() {
    let site = Site::new();
    let tool = Spec::new("tool", "1.0");
    let good = tool.signed(&GOOD);
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let text = format!("{}\n", site.stick("good.rpm", &good));
    let name = good.windows(5).rposition(|w| w == b"tool\0").unwrap();
    let cases: [(&str, Vec<u8>, &str); 11] = [
        ("unsigned", tool.build(), "it is not signed"),
        ("signed by a foreign key", tool.signed(&ATTACKER), "not accepted"),
        ("a changed body", changed(good.len() - 20), "Payload SHA256"),
        ("a changed header", changed(name), "rpm does not accept it"),
        ("cut in its body", good[..good.len() - 20].to_vec(), "Payload SHA256"),
        ("cut in its head", good[..300].to_vec(), "rpm does not accept it"),
        ("longer by a byte", [&good[..], b"x"].concat(), "Payload SHA256"),
        ("nothing", Vec::new(), "not an RPM package"),
        ("a list that names a good one", text.into_bytes(), "not an RPM package"),
        ("for another processor", Spec { arch: "aarch64", ..tool }.signed(&GOOD), "it is for aarch64"),
        ("a source package", signed(&tool.source(), &GOOD), "it is a source package"),
    ];
    for (what, package, word) in cases {
        let file = site.stick(&format!("{what}.rpm"), &package);
        site.build(&[&file]).fails(3, &[what, word, "no package is added"]);
        site.build(&[&file, "--dry-run"]).fails(3, &[what, word]);
    }
    assert!(site.repo().is_empty());
    // One that is bad keeps the good ones out too, and each bad one is named.
    let (a, b) = (site.stick("a.rpm", &tool.build()), site.stick("b.rpm", b"hello"));
    site.build(&[&site.path("stick/good.rpm").to_string_lossy(), &a, &b])
        .fails(3, &["a.rpm: it is not signed", "b.rpm: it is not an RPM package"]);
    assert!(site.repo().is_empty());
    site.is_tidy();
}

#[test]
fn a_key_that_has_ended_signs_nothing() {
    let site = Site::new();
    let tool = Spec::new("tool", "1.0");
    let refuses = |key: &Key, name: &str, word: &str| {
        let file = site.stick(&format!("{name}.asc"), key.public.as_bytes());
        site.build(&["--key", &file]).fails(3, &[name, word, "it is not accepted"]);
        // Somebody has put it there by hand, or it was good then.
        std::fs::create_dir_all(site.packages("keys")).unwrap();
        std::fs::copy(&file, site.packages("keys/by-hand.asc")).unwrap();
        let package = site.stick(&format!("{name}.rpm"), &tool.signed(key));
        site.build(&[&package]).fails(3, &[&key.fingerprint(), "does not count", word]);
        std::fs::remove_file(site.packages("keys/by-hand.asc")).unwrap();
    };
    refuses(&EXPIRED, "old", "has expired");
    refuses(&REVOKED, "withdrawn", "was revoked");
    // The pinned key too.
    let site = Site::pinning(&EXPIRED);
    let package = site.stick("tool.rpm", &tool.signed(&EXPIRED));
    site.build(&[&package]).fails(3, &["has expired"]);
    assert!(site.repo().is_empty());
}

#[test]
fn names_that_are_no_names() {
    let site = Site::new();
    // rpmbuild makes none of these. The signature is good: whoever holds an accepted key has no say in where files go.
    let package = Spec::new("aaaaaaaa", "1.0").build();
    for bad in
        ["../../xx", "a/bbbbbb", ".hiddenx", "a\nbbbbbb", "a!b!c!dd", "-aaaaaaa", "a b\tcccc", "a*bbbbbb", "a%2fbbbb"]
    {
        let file = site.stick("named.rpm", &signed(&renamed(&package, "aaaaaaaa", bad), &GOOD));
        let word = if bad.contains('!') { "fields" } else { "package name" };
        site.build(&[&file]).fails(3, &["named.rpm: ", word]);
    }
    assert!(site.repo().is_empty());
    let file = site.stick("named.rpm", &signed(&renamed(&package, "aaaaaaaa", "bbbbbbbb"), &GOOD));
    site.build(&[&file]).says(&format!("{LINE}: bbbbbbbb-1.0-1.el10.x86_64 added"));
}

#[test]
fn another_package_of_the_same_name() {
    let site = Site::new();
    let tool = Spec::new("tool", "1.0");
    let other = Spec { content: "other", ..tool };
    let (a, b) = (site.stick("a.rpm", &tool.signed(&GOOD)), site.stick("b.rpm", &other.signed(&GOOD)));
    site.build(&[&a, &b]).fails(3, &["tool-1.0-1.el10.x86_64: another package with that name"]);
    assert!(site.repo().is_empty());
    site.build(&[&a]).says(&format!("{LINE}: {tool} added"));
    site.build(&[&b]).fails(3, &["another package with that name", "--remove tool-1.0-1.el10.x86_64"]);
    site.build(&["--verify"]).says(&format!("{LINE}: 1 package, all verified"));
}

#[test]
fn what_is_typed_wrongly() {
    let site = Site::new();
    let run =
        |distro: &str, arguments: &[&str]| Answer::from_output(site.packaging(distro, arguments).output().unwrap());
    run("x86_64-linux-debian-11", &["--list"]).fails(3, &["x86_64-linux-debian-11", "Debian 12 and 13"]);
    site.build(&["/nonexistent.rpm"]).fails(4, &["/nonexistent.rpm: no such file"]);
    site.build(&[&site.path("").to_string_lossy()]).fails(3, &["not a file"]);
    for bad in [&[][..], &["--list", "--verify"], &["--list", "a.rpm"], &["ftp://h/a.rpm"], &["--remove", "x", "a.rpm"]]
    {
        assert_eq!(site.build(bad).code, Some(2), "{bad:?}");
    }
    site.build(&["--check"]).fails(4, &["no tree of it is published", "--os rockylinux --release 10"]);
}
