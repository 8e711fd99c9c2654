// SPDX-License-Identifier: GPL-3.0-or-later
//! From nothing to a published tree, and what comes after.

use crate::iso::{NEW, OLD, checksum, fill, make};
use crate::key::GOOD;
use crate::mirror::{Mirror, Reply};
use crate::site::Site;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn from_nothing_to_a_published_tree_and_on_to_the_next() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let check = |site: &Site| site.fetch(&[&mirror], &["--check"]);
    let answer = check(&site);
    assert_eq!((answer.code, answer.out.trim(), answer.err.as_str()), (Some(10), OLD.distro().as_str(), ""));
    assert!(site.shelf().is_empty() && site.isos().is_empty(), "--check changes nothing");

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
    assert_eq!(site.shelf(), [OLD.distro(), NEW.distro()]);
    assert_eq!(site.isos(), [NEW.name()]);
    // What is too old goes with the next run, in one line too.
    site.fetch(&[&mirror], &["--keep", "0"]).says(&format!("{} removed", OLD.distro()));
    assert_eq!(site.shelf(), [NEW.distro()]);
    assert_eq!(site.isos(), [NEW.name()], "an ISO that was kept stays");
    site.fetch(&[&mirror], &["--keep", "0"]).is_silent();
}

#[test]
fn an_older_release_is_published_only_by_its_name() {
    let (site, both, behind) = (Site::new(), Mirror::new(&[&OLD, &NEW]), Mirror::new(&[&OLD]));
    site.fetch(&[&both], &[]).says(&format!("{} published", NEW.distro()));
    let words = ["10.1", "10.2 is published", "behind", "nothing is changed"];
    site.fetch(&[&behind], &[]).fails(3, &words);
    site.fetch(&[&behind], &["--check", "--release", "10"]).fails(3, &words);
    assert_eq!(site.shelf(), [NEW.distro()]);
    site.fetch(&[&behind], &["--release", "10.1"]).says(&format!("{} published", OLD.distro()));
    assert_eq!(site.shelf(), [OLD.distro(), NEW.distro()]);
    site.fetch(&[&behind], &["--release", "9"]).fails(1, &["lists no such release"]);
    site.fetch(&[&behind], &["--release", "10.7"]).fails(4, &["10.7/isos/x86_64/CHECKSUM", "404"]);
}

#[test]
fn of_several_mirrors_the_one_that_is_behind_hides_nothing() {
    let (site, behind, ahead) = (Site::new(), Mirror::new(&[&OLD]), Mirror::new(&[&OLD, &NEW]));
    let dead = behind.called("http://127.0.0.1:1/pub");
    site.fetch(&[&dead, &behind, &ahead], &[]).says(&format!("{} published", NEW.distro()));
    assert!(behind.seen(&NEW.path("CHECKSUM")).is_empty());
    site.fetch(&[&dead], &[]).fails(1, &["127.0.0.1:1"]);
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
    assert_eq!(site.shelf(), ["x86_64-linux-almalinux-10.1"]);
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
    assert!(site.shelf().is_empty());
}

#[test]
fn the_operators_word_is_recorded() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    mirror.remove(&OLD.path("CHECKSUM.sig"));
    site.fetch(&[&mirror], &[]).fails(3, &["not signed", "--sha256"]);
    let digest = hps::types::Sha256Digest::of(&OLD.iso).to_string();
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
