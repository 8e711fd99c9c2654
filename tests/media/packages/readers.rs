// SPDX-License-Identifier: GPL-3.0-or-later
//! Readers beside a writer: whoever reads `repomd.xml` finds all that it names, and all that these name, as they say.

use crate::key::GOOD;
use crate::rpm::Spec;
use crate::site::Site;
use hps::types::Sha256Digest;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    text.split_once(begin).unwrap_or_else(|| panic!("no {begin} in {text}")).1.split_once(end).unwrap().0
}

/// Reads all of a repository as dnf does: the names of its packages.
pub(super) fn read(repo: &Path) -> Vec<String> {
    let repomd = std::fs::read_to_string(repo.join("repodata/repomd.xml")).unwrap();
    assert!(repomd.trim_end().ends_with("</repomd>"), "{repomd}");
    let mut primary = None;
    for block in repomd.split("<data type=").skip(1) {
        let path = repo.join(between(block, "<location href=\"", "\""));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(Sha256Digest::hash(&bytes).to_string(), between(block, "<checksum type=\"sha256\">", "<"));
        if block.starts_with("\"primary\"") {
            primary = Some(path);
        }
    }
    let unpacked = Command::new("gzip").args(["-dc"]).arg(primary.unwrap()).output().unwrap();
    let text = String::from_utf8(unpacked.stdout).unwrap();
    let mut names = Vec::new();
    for block in text.split("<package type=\"rpm\">").skip(1) {
        let name = between(block, "<location href=\"", "\"");
        let bytes = std::fs::read(repo.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(Sha256Digest::hash(&bytes).to_string(), between(block, "pkgid=\"YES\">", "<"), "{name}");
        names.push(name.to_owned());
    }
    names
}

#[test]
fn nobody_sees_half_a_change() {
    let site = Site::new();
    let stays = Spec::new("stays", "1.0");
    let goes: Vec<Spec<'_>> = ["1", "2", "3", "4"].iter().map(|version| Spec::new("goes", version)).collect();
    let file = site.stick("stays.rpm", &stays.signed(&GOOD));
    let files: Vec<String> = goes.iter().map(|spec| site.stick(&spec.file_name(), &spec.signed(&GOOD))).collect();
    assert_eq!(site.build(&[&file]).code, Some(0));
    let (repo, ended) = (site.packages("Repo"), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut changes, mut last) = (0, 0, Vec::new());
            while !ended.load(Ordering::Relaxed) {
                let names = read(&repo);
                assert!(names.contains(&stays.file_name()), "{names:?}");
                (reads, changes) = (reads + 1, changes + usize::from(names != last));
                last = names;
            }
            (reads, changes)
        });
        for (spec, file) in goes.iter().zip(&files) {
            assert_eq!(site.build(&[file]).code, Some(0));
            assert_eq!(site.build(&["--remove", &spec.to_string()]).code, Some(0));
        }
        ended.store(true, Ordering::Relaxed);
        let (reads, changes) = reader.join().unwrap();
        assert!(reads > 20 && changes > 4, "{reads} reads, {changes} changes: it did not read beside the writer");
    });
}

#[test]
fn who_has_read_the_old_metadata_finds_what_it_names() {
    let site = Site::new();
    let (old, new) = (Spec::new("tool", "1.0"), Spec::new("tool", "2.0"));
    let (a, b) = (site.stick("a.rpm", &old.signed(&GOOD)), site.stick("b.rpm", &new.signed(&GOOD)));
    assert_eq!(site.build(&[&a]).code, Some(0));
    let before = std::fs::read(site.packages("Repo/repodata/repomd.xml")).unwrap();
    assert_eq!(site.build(&[&b]).code, Some(0));
    assert_eq!(site.build(&["--remove", &old.to_string()]).code, Some(0));
    assert_eq!(read(&site.packages("Repo")), [new.file_name()]);
    // What that reader has in its memory.
    let now = std::fs::read(site.packages("Repo/repodata/repomd.xml")).unwrap();
    std::fs::write(site.packages("Repo/repodata/repomd.xml"), before).unwrap();
    assert_eq!(read(&site.packages("Repo")), [old.file_name()]);
    std::fs::write(site.packages("Repo/repodata/repomd.xml"), now).unwrap();
}
