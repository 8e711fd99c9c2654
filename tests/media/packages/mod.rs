// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-repository`: packages that are taken, listed, proven again and removed.

mod needs;
mod readers;
mod refused;
mod stopped;

use crate::BUILD_REPOSITORY;
use crate::key::{ATTACKER, GOOD, RSA, WITH_SUBKEY};
use crate::mirror::{Mirror, Reply};
use crate::rpm::Spec;
use crate::site::{Answer, Site};
use std::path::PathBuf;
use std::process::Command;

pub(super) const LINE: &str = "x86_64-linux-rockylinux-10";

impl Site {
    fn packaging(&self, distro: &str, arguments: &[&str]) -> Command {
        let mut all = vec!["--distro", distro];
        all.extend(arguments);
        self.command_of(BUILD_REPOSITORY, &all)
    }

    /// `build-repository` for the line.
    fn build(&self, arguments: &[&str]) -> Answer {
        Answer::from_output(self.packaging(LINE, arguments).output().unwrap())
    }

    /// Puts a package on a stick, under this name.
    fn stick(&self, name: &str, package: &[u8]) -> String {
        let folder = self.path("stick");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, package).unwrap();
        path.to_string_lossy().into_owned()
    }

    fn packages(&self, below: &str) -> PathBuf {
        self.path("srv/hps-resources/packages").join(LINE).join(below)
    }

    /// All files of the repository and of its metadata, sorted.
    fn repo(&self) -> Vec<String> {
        let list = |below: &str| -> Vec<String> {
            let Ok(entries) = std::fs::read_dir(self.packages(below)) else { return Vec::new() };
            entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect()
        };
        let mut all = [list("Repo"), list("Repo/repodata")].concat();
        all.retain(|name| name != "repodata");
        all.sort();
        all
    }

    /// What `--list` says, the names alone.
    fn listed(&self) -> Vec<String> {
        let list = self.build(&["--list"]);
        assert_eq!(list.code, Some(0), "{list:?}");
        list.out.lines().map(|line| line.split("  ").take(2).collect::<Vec<_>>().join("-")).collect()
    }

    /// What runs have left beside the repository.
    fn leftovers(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.packages("")).unwrap().map(|e| e.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with(".work-")).collect()
    }

    fn is_tidy(&self) {
        assert!(self.leftovers().is_empty(), "{:?}", self.leftovers());
    }
}

#[test]
fn packages_are_added_and_nothing_is_done_when_nothing_is_new() {
    let site = Site::new();
    site.build(&["--list"]).is_silent();
    let (tool, other) =
        (Spec::new("tool", "1.0~rc1+x"), Spec { arch: "noarch", more: "Epoch: 2", ..Spec::new("c++", "2^git") });
    let (a, b) =
        (site.stick("whatever it was called.rpm", &tool.signed(&GOOD)), site.stick("b.rpm", &other.signed(&GOOD)));
    let dry = site.build(&["--dry-run", &a]);
    assert_eq!((dry.code, dry.out.as_str()), (Some(10), ""), "{dry:?}");
    assert!(dry.err.contains("tool-1.0~rc1+x-1.el10.x86_64 would be added, signed by"), "{dry:?}");
    assert!(!site.packages("").exists(), "a dry run touches nothing");
    // Under a umask that lets nobody read what is made.
    let narrow = site.packaging(LINE, &[&a, &b]);
    let mut shell = site.command_of("sh", &["-c", "umask 077; exec \"$@\"", "sh"]);
    Answer::from_output(shell.arg(narrow.get_program()).args(narrow.get_args()).output().unwrap())
        .says(&format!("{LINE}: {tool} added; {other} added"));
    assert!(site.packages("Repo").join(tool.file_name()).is_file(), "by the name in the header");
    assert!(site.packages("Repo").join(other.file_name()).is_file());
    let before =
        (site.repo(), std::fs::metadata(site.packages("Repo/repodata/repomd.xml")).unwrap().modified().unwrap());
    site.build(&[&b, &a, &a]).is_silent();
    site.build(&["--dry-run", &a]).is_silent();
    let after =
        (site.repo(), std::fs::metadata(site.packages("Repo/repodata/repomd.xml")).unwrap().modified().unwrap());
    assert_eq!(before, after, "the metadata is made when something changed, and only then");

    let list = site.build(&["--list"]);
    let lines: Vec<&str> = list.out.lines().collect();
    let by = format!("signed by {}", GOOD.fingerprint());
    assert!(lines.len() == 2 && lines.iter().all(|line| line.contains("KiB") && line.ends_with(&by)), "{list:?}");
    assert!(lines[0].starts_with("c++  2:2^git-1.el10  noarch"), "{list:?}");
    let json: serde_json::Value = serde_json::from_str(&site.build(&["--list", "--json"]).out).unwrap();
    assert_eq!((&json[1]["nevra"]["name"], &json[0]["nevra"]["epoch"]), (&"tool".into(), &2.into()));
    site.build(&["--verify"]).says(&format!("{LINE}: 2 packages, all verified"));
    for mode in [("", 0o40755), ("Repo", 0o40755), ("Repo/repodata", 0o40755), ("Repo/repodata/repomd.xml", 0o100644)] {
        let metadata = std::fs::metadata(site.packages(mode.0)).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()), mode.1, "{}", mode.0);
    }
    assert!(
        site.log().contains("tool-1.0~rc1+x-1.el10.x86_64.rpm added by") && site.log().contains(&by),
        "{}",
        site.log()
    );
    site.is_tidy();
}

#[test]
fn a_key_of_the_site_is_accepted_once_and_named() {
    let site = Site::new();
    let tool = Spec::new("tool", "1.0");
    let (package, key) =
        (site.stick("tool.rpm", &tool.signed(&ATTACKER)), site.stick("vendor.asc", ATTACKER.public.as_bytes()));
    let fingerprint = ATTACKER.fingerprint();
    let id = &fingerprint[24..];
    site.build(&[&package])
        .fails(3, &["tool.rpm: it was signed by a key", id, "not accepted", "--key", "no package is added"]);
    site.build(&["--key", &key]).says(&format!("{LINE}: key {fingerprint} accepted"));
    site.build(&["--key", &key]).is_silent();
    assert!(site.packages("keys").join(format!("{fingerprint}.asc")).is_file());
    assert!(site.log().contains(&format!("{LINE}: key {fingerprint} accepted by")), "{}", site.log());
    site.build(&[&package]).says(&format!("{LINE}: {tool} added"));
    assert!(site.build(&["--list"]).out.contains(&fingerprint));
    // For this distro and no other.
    let other = site.packaging("x86_64-linux-rockylinux-9", &[&package]).output().unwrap();
    Answer::from_output(other).fails(3, &["not accepted"]);
    // A key that is taken away takes its packages with it, for whoever asks.
    std::fs::remove_file(site.packages("keys").join(format!("{fingerprint}.asc"))).unwrap();
    let verify = site.build(&["--verify"]);
    assert!(verify.code == Some(3) && verify.out.contains("not accepted"), "{verify:?}");
    let both = site.stick("both.asc", format!("{}{}", GOOD.public, ATTACKER.public).as_bytes());
    site.build(&["--key", &both]).fails(3, &["2 keys"]);
    let none = site.stick("none.asc", b"hello");
    site.build(&["--key", &none]).fails(3, &["one OpenPGP key"]);
    site.build(&["--key", "/nonexistent.asc"]).fails(4, &["no such file"]);
}

#[test]
fn keys_as_makers_have_them() {
    for key in [&RSA, &WITH_SUBKEY] {
        let site = Site::pinning(key);
        let tool = Spec::new("tool", "1.0");
        let file = site.stick("tool.rpm", &tool.signed(key));
        site.build(&[&file]).says(&format!("{LINE}: {tool} added"));
        assert!(site.build(&["--list"]).out.contains(&format!("signed by {}", key.fingerprint())));
        site.build(&["--verify"]).says(&format!("{LINE}: 1 package, all verified"));
        let weak = site.stick("weak.rpm", &Spec::new("weak", "1.0").signed_with_sha1(key));
        site.build(&[&weak]).fails(3, &["weak.rpm", "hash algorithm 2, which is too weak"]);
    }
}

#[test]
fn packages_from_an_address() {
    let site = Site::new();
    let mirror = Mirror::new(&[]);
    let tool = Spec::new("tool", "1.0");
    mirror.put("/t%2b.rpm", tool.signed(&GOOD));
    let url = |path: &str| format!("{}{path}", mirror.url);
    let fetch = |path: &str| site.build(&["--timeout", "1", "--retries", "1", &url(path)]);
    fetch("/none.rpm").fails(4, &["none.rpm", "404"]);
    mirror.at("/page.rpm", |_| Reply::new(200, "<html>sorry</html>"));
    fetch("/page.rpm").fails(3, &["page.rpm: it is not an RPM package"]);
    mirror.at("/to-file.rpm", |_| Reply::new(302, "").header("Location", "file:///etc/passwd"));
    fetch("/to-file.rpm").fails(1, &["not an http or https address"]);
    mirror.at("/huge.rpm", |_| Reply { length: Some(usize::MAX / 2), ..Reply::new(200, "x") });
    fetch("/huge.rpm").fails(3, &["larger than"]);
    mirror.at("/cut.rpm", |_| Reply { cut: Some(5), ..Reply::new(200, "0123456789") });
    fetch("/cut.rpm").fails(1, &["cut.rpm"]);
    mirror.at("/silent.rpm", |_| Reply {
        pause: Some((3, std::time::Duration::from_secs(20))),
        ..Reply::new(200, "0123456789")
    });
    fetch("/silent.rpm").fails(1, &["silent.rpm"]);
    assert!(site.repo().is_empty());
    mirror.once_at("/t%2b.rpm", |_| Reply::new(503, "later"));
    fetch("/t%2b.rpm").says(&format!("{LINE}: {tool} added"));
    assert_eq!(mirror.seen("/t%2b.rpm").len(), 2, "tried again");
    site.is_tidy();
}

#[test]
fn packages_are_removed_by_name() {
    let site = Site::new();
    let specs = [Spec::new("tool", "1.0"), Spec::new("tool", "2.0"), Spec::new("tool-extra", "1.0")];
    let files: Vec<String> = specs.iter().map(|spec| site.stick(&spec.file_name(), &spec.signed(&GOOD))).collect();
    site.build(&[&files[0], &files[1], &files[2]])
        .says(&format!("{LINE}: {} added; {} added; {} added", specs[0], specs[1], specs[2]));
    site.build(&["--remove", "nosuch"]).fails(4, &["nosuch: no such package", "--list"]);
    let dry = site.build(&["--remove", "tool", "--dry-run"]);
    assert!(dry.code == Some(10) && dry.err.lines().count() == 2, "{dry:?}");
    site.build(&["--remove", &specs[0].to_string()]).says(&format!("{LINE}: {} removed", specs[0]));
    assert_eq!(site.listed(), ["tool-2.0-1.el10", "tool-extra-1.0-1.el10"]);
    assert!(site.packages("Repo").join(specs[0].file_name()).is_file(), "who has read the old metadata still finds it");
    site.build(&["--remove", "tool"]).says(&format!("{LINE}: {} removed", specs[1]));
    site.build(&["--verify"]).says(&format!("{LINE}: 1 package, all verified"));
    // Removed to be replaced by one with the same name and other bytes.
    let changed = site.stick("changed.rpm", &Spec { content: "changed", ..specs[0] }.signed(&GOOD));
    site.build(&[&changed]).says(&format!("{LINE}: {} added", specs[0]));
    site.build(&["--verify"]).says(&format!("{LINE}: 2 packages, all verified"));
    // A day later.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(90_000);
    let count = site.repo().len();
    for folder in ["Repo", "Repo/repodata"] {
        for entry in std::fs::read_dir(site.packages(folder)).unwrap().map(|e| e.unwrap()) {
            if entry.path().is_file() {
                std::fs::File::open(entry.path()).unwrap().set_modified(old).unwrap();
            }
        }
    }
    site.build(&["--verify"]).says(&format!("{LINE}: 2 packages, all verified"));
    // Two packages, four files of metadata and the one that names them, and the mark.
    assert_eq!((site.repo().len(), count > 8), (8, true), "{:?}", site.repo());
    site.build(&["--remove", "tool", "--remove", "tool-extra"]);
    site.build(&["--list"]).is_silent();
    site.build(&["--verify"]).says(&format!("{LINE}: 0 packages, all verified"));
}

#[test]
fn what_was_changed_behind_its_back_is_found() {
    let site = Site::new();
    let (one, two) = (Spec::new("one", "1.0"), Spec::new("two", "1.0"));
    let put = || {
        std::fs::remove_dir_all(site.packages("")).unwrap_or_default();
        let (a, b) = (site.stick("a.rpm", &one.signed(&GOOD)), site.stick("b.rpm", &two.signed(&GOOD)));
        assert_eq!(site.build(&[&a, &b]).code, Some(0));
    };
    let finds = |word: &str| {
        let answer = site.build(&["--verify"]);
        assert!(answer.code == Some(3) && answer.out.contains(word), "{word}: {answer:?}");
    };
    put();
    let path = site.packages("Repo").join(one.file_name());
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    finds("one-1.0-1.el10.x86_64.rpm: rpmkeys said: Payload");
    std::fs::copy(site.packages("Repo").join(two.file_name()), &path).unwrap();
    finds("one-1.0-1.el10.x86_64.rpm: it is two-1.0-1.el10.x86_64");
    std::fs::write(&path, Spec { content: "other", ..one }.signed(&GOOD)).unwrap();
    finds("one-1.0-1.el10.x86_64.rpm has SHA-256");
    std::fs::remove_file(&path).unwrap();
    finds("one-1.0-1.el10.x86_64.rpm is missing");
    put();
    let meta = |kind: &str| site.repo().into_iter().find(|name| name.ends_with(kind)).unwrap();
    std::fs::write(site.packages("Repo/repodata").join(meta("-other.xml.gz")), "x").unwrap();
    finds("-other.xml.gz has SHA-256");
    std::fs::remove_file(site.packages("Repo/repodata").join(meta("-filelists.xml.gz"))).unwrap();
    finds("-filelists.xml.gz is missing");
    // Somebody ran createrepo_c in it.
    put();
    std::fs::write(site.packages("Repo/three.rpm"), Spec::new("three", "1").build()).unwrap();
    crate::rpm::index(&site.packages("Repo"), None);
    site.build(&["--verify"]).fails(3, &["not made by this program", "move it away"]);
    let a = site.stick("a.rpm", &one.signed(&GOOD));
    site.build(&[&a]).fails(3, &["not made by this program"]);
}

/// New metadata would give other bytes a digest that is right.
#[test]
fn nothing_vouches_for_bytes_that_were_changed() {
    let site = Site::new();
    let (kept, new) = (Spec::new("kept", "1.0"), Spec::new("new", "1.0"));
    let (a, b) = (site.stick("a.rpm", &kept.signed(&GOOD)), site.stick("b.rpm", &new.signed(&GOOD)));
    assert_eq!(site.build(&[&a]).code, Some(0));
    let path = site.packages("Repo").join(kept.file_name());
    let before = site.repo();
    for bytes in [Some(kept.signed(&ATTACKER)), Some(b"no package".to_vec()), None] {
        std::fs::remove_file(&path).unwrap();
        if let Some(bytes) = &bytes {
            std::fs::write(&path, bytes).unwrap();
        }
        // A cron job that brings the same package again hears of it too.
        for arguments in [[&b], [&a]] {
            site.build(&arguments.map(String::as_str))
                .fails(3, &["kept-1.0", "remove it with --remove", "add it again"]);
        }
        assert!(site.repo().iter().all(|name| before.contains(name)), "{:?}", site.repo());
        if bytes.is_none() {
            break;
        }
    }
    std::fs::write(&path, b"no package").unwrap();
    assert_eq!(site.build(&["--remove", "kept"]).code, Some(0));
    assert_eq!(site.build(&[&a, &b]).code, Some(0));
    site.build(&["--verify"]).says(&format!("{LINE}: 2 packages, all verified"));
}
