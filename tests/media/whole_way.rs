// SPDX-License-Identifier: GPL-3.0-or-later
//! From nothing to a published tree, and what comes after.

use crate::iso::{NEW, OLD, checksum, fill, make};
use crate::key::GOOD;
use crate::mirror::{Mirror, Reply};
use crate::programs::WITH_PROGRAMS;
use crate::site::{Answer, Site};
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn from_nothing_to_a_published_tree_and_on_to_the_next() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let check = |site: &Site| site.fetch(&[&mirror], &["--check"]);
    let answer = check(&site);
    assert_eq!((answer.code, answer.out.trim(), answer.err.as_str()), (Some(10), OLD.distro().as_str(), ""));
    assert!(site.published().is_empty() && site.isos().is_empty(), "--check changes nothing");

    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
    let tree = site.distros(&OLD.distro());
    for (name, mode) in
        [("images/pxeboot/vmlinuz", 0o644), ("images", 0o755), (".treeinfo", 0o644), (".hps-inventory", 0o600)]
    {
        let found = std::fs::metadata(tree.join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(found, mode, "{name}");
    }
    assert!(site.isos().is_empty(), "the ISO goes: {:?}", site.isos());
    let log = site.log();
    assert!(log.lines().count() == 1 && log.contains("signed by") && log.contains(&OLD.name()), "{log}");
    site.fetch(&[&mirror], &[]).is_silent();
    site.fetch(&[&mirror], &["--check"]).is_silent();
    assert_eq!(mirror.seen(&OLD.iso_path()).len(), 1, "downloaded once");

    for path in [NEW.path("CHECKSUM"), NEW.path("CHECKSUM.sig"), NEW.iso_path()] {
        let bytes = match path.rsplit('/').next().unwrap() {
            "CHECKSUM" => &NEW.checksum,
            "CHECKSUM.sig" => &NEW.signature,
            _ => &NEW.iso,
        };
        mirror.put(&path, bytes);
    }
    assert_eq!(check(&site).out.trim(), NEW.distro());
    site.fetch(&[&mirror], &["--keep", "1", "--keep-iso", "--release", "10"])
        .says(&format!("{} published", NEW.distro()));
    assert_eq!(site.published(), [OLD.distro(), NEW.distro()]);
    assert_eq!(site.isos(), [NEW.name()]);
    // What is too old goes with the next run, in one line too.
    site.fetch(&[&mirror], &["--keep", "0"]).says(&format!("{} removed", OLD.distro()));
    assert_eq!(site.published(), [NEW.distro()]);
    assert_eq!(site.isos(), [NEW.name()], "an ISO that was kept stays");
    site.fetch(&[&mirror], &["--keep", "0"]).is_silent();
}

#[test]
fn an_older_release_is_published_only_by_its_name() {
    let (site, both, behind) = (Site::new(), Mirror::new(&[&OLD, &NEW]), Mirror::new(&[&OLD]));
    site.fetch(&[&both], &[]).says(&format!("{} published", NEW.distro()));
    let words = ["10.1", "10.2 is published", "behind", "nothing was changed"];
    site.fetch(&[&behind], &[]).fails(3, &words);
    site.fetch(&[&behind], &["--check", "--release", "10"]).fails(3, &words);
    assert_eq!(site.published(), [NEW.distro()]);
    site.fetch(&[&behind], &["--release", "10.1"]).says(&format!("{} published", OLD.distro()));
    assert_eq!(site.published(), [OLD.distro(), NEW.distro()]);
    site.fetch(&[&behind], &["--release", "9"]).fails(1, &["has no such release"]);
    site.fetch(&[&behind], &["--release", "10.7"]).fails(4, &["10.7/isos/x86_64/CHECKSUM", "404"]);
}

#[test]
fn of_several_mirrors_the_one_that_is_behind_hides_nothing() {
    let (site, behind, ahead) = (Site::new(), Mirror::new(&[&OLD]), Mirror::new(&[&OLD, &NEW]));
    let dead = behind.called("http://127.0.0.1:1/pub");
    site.fetch(&[&dead, &behind, &ahead], &[]).says(&format!("{} published", NEW.distro()));
    assert!(behind.seen(&NEW.path("CHECKSUM")).is_empty());
    site.fetch(&[&dead], &[]).fails(1, &["127.0.0.1:1", "refuses connections", "--from-file ISO", "https_proxy"]);
    let nameless = behind.called("http://mirror.invalid/pub");
    site.fetch(&[&nameless], &[]).fails(1, &["the name mirror.invalid cannot be resolved", "--from-file ISO"]);
    Site::new().fetch(&[&nameless], &["--release", "10.1"]).fails(1, &["cannot be resolved", "--from-file ISO"]);
    site.fetch(&[&dead, &Mirror::new(&[])], &[]).fails(1, &["has no such release"]);
}

/// A mirror whose CHECKSUM of this release is that text, well signed.
fn saying(release: &crate::iso::Release, text: &[u8]) -> Mirror {
    let mirror = Mirror::new(&[release]);
    mirror.put(&release.path("CHECKSUM"), text);
    mirror.put(&release.path("CHECKSUM.sig"), GOOD.sign(text));
    mirror
}

#[test]
fn the_fault_of_one_mirror_is_not_that_of_the_site() {
    let good = || Mirror::new(&[&OLD]);
    let published = format!("{} published", OLD.distro());
    // An older CHECKSUM at the new place; one of another state of the ISO, whose mirror has not that either; one that nobody signed.
    let older = || saying(&OLD, &checksum(&[("Rocky-10.0-x86_64-dvd1.iso", &NEW.iso)]));
    let other = || saying(&OLD, &checksum(&[(&OLD.name(), &NEW.iso)]));
    let unsigned = || {
        let mirror = good();
        mirror.remove(&OLD.path("CHECKSUM.sig"));
        mirror
    };
    let broken = |status| {
        let mirror = good();
        mirror.at(&OLD.path("CHECKSUM"), move |_| Reply::new(status, ""));
        mirror
    };
    let loops = good();
    loops
        .at(&OLD.path("CHECKSUM"), |_| Reply::new(302, "").header("Location", format!("/pub{}", OLD.path("CHECKSUM"))));
    for bad in [older(), other(), unsigned(), broken(404), broken(500), broken(403), loops] {
        Site::new().fetch(&[&bad, &good()], &[]).says(&published);
        Site::new().fetch(&[&bad, &good()], &["--release", "10.1"]).says(&published);
        let check = Site::new().fetch(&[&bad, &good()], &["--check"]);
        assert_eq!((check.code, check.out.trim_end()), (Some(10), OLD.distro().as_str()), "{check:?}");
    }
    // Only where none is right are all of them named.
    let (first, second, third) = (older(), other(), broken(500));
    Site::new()
        .fetch(&[&first, &second, &third], &[])
        .fails(3, &[&first.url, "it has no line for", &second.url, "its SHA-256 is", &third.url, "answered 500"]);
    // Neither is a release that one mirror makes up.
    let liar = Mirror::new(&[&OLD]);
    liar.put(&NEW.path("CHECKSUM"), "SHA256 (x) = y");
    let site = Site::new();
    site.fetch(&[&liar, &good()], &[]).says(&published);
    site.fetch(&[&liar, &good()], &[]).fails(3, &[&liar.url, "10.2", "not signed"]);
}

#[test]
fn a_clock_that_is_wrong_is_the_cause_that_is_named() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    // HPS gives a program no environment, so gpgv gets its clock by a stand-in.
    let time = "@1970-01-02 00:00:00";
    let (programs, real) = (site.path("programs"), site.path("gpgv"));
    std::fs::create_dir(&programs).unwrap();
    std::fs::copy("/usr/bin/gpgv", &real).unwrap();
    let script = format!("#!/bin/sh\nexec /usr/bin/faketime -f '{time}' {} \"$@\"\n", real.display());
    std::fs::write(programs.join("gpgv"), script).unwrap();
    std::fs::set_permissions(programs.join("gpgv"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let real = site.fetching(&[&mirror], &["--check"]);
    let mut faked = site.command_of("unshare", &["--mount", "sh", "-c", WITH_PROGRAMS, "sh"]);
    faked.arg(programs).args(["faketime", "-f", time]).arg(real.get_program()).args(real.get_args());
    let early = Answer::from_output(faked.output().unwrap());
    early.fails(
        3,
        &["which is in the future", "the clock of this machine shows 1970-01-02T", "timedatectl set-ntp true"],
    );
    assert!(!early.err.contains("another key"), "{early:?}");
    let site = Site::pinning(&crate::key::EXPIRED);
    let mirror = saying_by(&crate::key::EXPIRED);
    site.fetch(&[&mirror], &[]).fails(3, &["its key has expired on 2024-01-02T", "the clock of this machine shows 20"]);
}

fn saying_by(key: &crate::key::Key) -> Mirror {
    let mirror = Mirror::new(&[&OLD]);
    mirror.put(&OLD.path("CHECKSUM.sig"), key.sign(&OLD.checksum));
    mirror
}

#[test]
fn a_release_that_is_still_being_uploaded_is_not_there_yet() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    mirror.put("/10.2/README", "soon");
    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
    site.fetch(&[&mirror], &[]).is_silent();
    let empty = Mirror::new(&[]);
    empty.put("/10.2/README", "soon");
    Site::new().fetch(&[&empty], &[]).fails(4, &["404"]);
}

#[test]
fn alma_by_the_same_path() {
    let (site, mirror) = (Site::new(), Mirror::new(&[]));
    let iso = make(|tree| fill(tree, "AlmaLinux", "10.1"));
    let name = "AlmaLinux-10.1-x86_64-minimal.iso";
    let text = checksum(&[(name, &iso)]);
    mirror.put("/10.1/isos/x86_64/CHECKSUM", &text);
    mirror.put("/10.1/isos/x86_64/CHECKSUM.asc", GOOD.sign_armored(&text));
    mirror.put(&format!("/10.1/isos/x86_64/{name}"), &iso);
    let answer = site.fetch(&[&mirror], &["--os", "almalinux", "--variant", "minimal", "--json"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let json: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(
        (&json["distro"], &json["new"], &json["from"]["iso"]),
        (&"x86_64-linux-almalinux-10.1".into(), &true.into(), &name.into())
    );
    assert_eq!(site.published(), ["x86_64-linux-almalinux-10.1"]);
}

#[test]
fn the_tree_must_be_what_was_signed() {
    // A good signature over an ISO that holds another release than its name says.
    let (site, mirror) = (Site::new(), Mirror::new(&[]));
    let text = checksum(&[(&NEW.name(), &OLD.iso)]);
    mirror.put(&NEW.path("CHECKSUM"), &text);
    mirror.put(&NEW.path("CHECKSUM.sig"), GOOD.sign(&text));
    mirror.put(&NEW.iso_path(), &OLD.iso);
    site.fetch(&[&mirror], &[]).fails(3, &[&OLD.distro(), &NEW.distro(), "not published"]);
    assert!(site.published().is_empty());
}

#[test]
fn the_operators_word_is_recorded() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    mirror.remove(&OLD.path("CHECKSUM.sig"));
    site.fetch(&[&mirror], &[]).fails(3, &["not signed", "--sha256"]);
    let digest = hps::types::Sha256Digest::hash(&OLD.iso).to_string();
    let usage = site.fetch(&[&mirror], &["--sha256", &digest]);
    assert_eq!(usage.code, Some(2), "{usage:?}");
    site.fetch(&[&mirror], &["--release", "10.1", "--sha256", &"0".repeat(64)]).fails(3, &["its SHA-256 is"]);
    site.fetch(&[&mirror], &["--release", "10.1", "--sha256", &digest]).says(&format!("{} published", OLD.distro()));
    assert!(site.log().contains("on the word of") && site.log().contains(&digest), "{}", site.log());
}

#[test]
fn a_proxy_of_the_environment_is_asked() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let proxy = Mirror::new(&[]);
    proxy.rule(|request| (request.target.contains("mirror.invalid")).then(|| Reply::new(502, "no")));
    let asked = mirror.called("http://mirror.invalid/pub");
    let address = proxy.url.trim_end_matches("/pub").to_owned();
    let output = site.fetching(&[&asked], &[]).env("http_proxy", &address).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("mirror.invalid"), "{said}");
    assert!(proxy.has_seen("mirror.invalid"), "the proxy was asked");
    let direct =
        site.fetching(&[&mirror], &[]).env("http_proxy", &address).env("no_proxy", "127.0.0.1").output().unwrap();
    assert_eq!(direct.status.code(), Some(0), "{}", String::from_utf8_lossy(&direct.stderr));
}
