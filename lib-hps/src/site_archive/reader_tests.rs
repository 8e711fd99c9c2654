// SPDX-License-Identifier: GPL-3.0-or-later
//! An archive is read as it was written, or it is refused.

use super::*;
use crate::types::{Sha256Digest, Timestamp};
use proptest::prelude::*;
use std::io::Read as _;
use std::process::{Command, Stdio};

type Files = Vec<(String, Vec<u8>)>;

fn files() -> Files {
    let long = format!("distros/x86_64-linux-rockylinux-9.5/{}/{}.rpm", "p".repeat(90), "k".repeat(150));
    [
        ("clusters/lab.cluster", "name = 'lab'".to_owned()),
        ("clusters/lab/hosts/525400000001.toml", "a host".to_owned()),
        ("hps.conf", String::new()),
        ("state/ever-installed/525400000001", "x".repeat(512)),
        (&long, "y".repeat(3000)),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .into()
}

fn manifest(files: &Files) -> Manifest {
    let listed = files.iter().map(|(name, bytes)| ListedFile {
        name: name.parse().unwrap(),
        size: bytes.len() as u64,
        mode: 0o640,
        sha256: Sha256Digest::hash(bytes),
    });
    let origin = Origin {
        hps: "0.1.0".to_owned(),
        made: Timestamp::from_unix(1_800_000_000),
        node: "ips".to_owned(),
        active: Some("lab".parse().unwrap()),
        media: true,
    };
    Manifest::new(origin, listed.collect())
}

fn packed(files: &Files) -> Vec<u8> {
    let manifest = manifest(files);
    let mut writer = Writer::new(Vec::new(), &manifest).unwrap();
    while let Some(file) = writer.next() {
        let content = files.iter().find(|(name, _)| name == file.name.as_str()).unwrap();
        writer.add(content.1.as_slice()).unwrap();
    }
    writer.finish().unwrap().0
}

fn read(bytes: &[u8]) -> Result<Files, ArchiveError> {
    let mut archive = tar::Archive::new(bytes);
    let mut reader = Reader::new(&mut archive)?;
    let mut found = Vec::new();
    while let Some((file, bytes)) = reader.next(|_| Ok(Vec::new()))? {
        found.push((file.name.to_string(), bytes));
    }
    Ok(found)
}

fn problem(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

/// Packs members as a hostile or a careless person would.
fn by_hand(members: &[(tar::EntryType, &str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (kind, name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // Past the checks of the crate.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn it_is_read_as_it_was_written_and_tar_reads_it_too() {
    let files = files();
    let bytes = packed(&files);
    let mut sorted = files.clone();
    sorted.sort_by_key(|(name, _)| (name.starts_with("distros"), name.clone()));
    assert_eq!(read(&bytes).unwrap(), sorted);
    let top = tempfile::tempdir().unwrap();
    std::fs::write(top.path().join("site.tar"), &bytes).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test, with the tar of the system")]
    let output = Command::new("tar")
        .args(["--list", "--file"])
        .arg(top.path().join("site.tar"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> = listed.lines().collect();
    let mut expected = vec!["manifest.json"];
    expected.extend(sorted.iter().map(|(name, _)| name.as_str()));
    expected.push("manifest.sha256");
    assert_eq!(names, expected);
}

#[test]
fn a_file_that_changes_while_it_is_packed_is_an_error() {
    let files = files();
    let manifest = manifest(&files);
    for other in ["", "name = 'lax'", "name = 'lab' "] {
        let mut writer = Writer::new(Vec::new(), &manifest).unwrap();
        assert!(matches!(writer.add(other.as_bytes()), Err(ArchiveError::Changed(_))), "{other:?}");
    }
}

#[test]
fn what_does_not_follow_from_the_manifest_is_refused() {
    use tar::EntryType as Kind;
    let files: Files = vec![("hps.conf".to_owned(), b"x".to_vec())];
    let mut manifest = manifest(&files);
    let with = |manifest: &Manifest, rest: &[(Kind, &str, &[u8])]| {
        let bytes = manifest.to_bytes();
        by_hand(&[&[(Kind::Regular, "manifest.json", bytes.as_slice())], rest].concat())
    };
    manifest.origin.active = None;
    let good: (Kind, &str, &[u8]) = (Kind::Regular, "hps.conf", b"x");
    let bytes = manifest.to_bytes();
    let line = format!("{}  manifest.json\n", Sha256Digest::hash(&bytes));
    let end: (Kind, &str, &[u8]) = (Kind::Regular, "manifest.sha256", line.as_bytes());
    assert!(read(&with(&manifest, &[good, end])).is_ok());
    for (members, words) in [
        (vec![good], "its end is missing"),
        (vec![], "ends before hps.conf"),
        (vec![(Kind::Symlink, "hps.conf", &b""[..]), end], "hps.conf is a link"),
        (vec![(Kind::Link, "hps.conf", &b""[..]), end], "hps.conf is a link"),
        (vec![(Kind::Directory, "hps.conf", &b""[..]), end], "hps.conf is a folder"),
        (vec![(Kind::Fifo, "hps.conf", &b""[..]), end], "hps.conf is a device"),
        (vec![(Kind::GNUSparse, "hps.conf", &b""[..]), end], "hps.conf is of another kind"),
        (vec![(Kind::XHeader, "hps.conf", &b"30 path=../../etc/passwd\n"[..]), good, end], "of another kind"),
        (vec![(Kind::Regular, "/etc/shadow", b"x"), end], "/etc/shadow where hps.conf is expected"),
        (vec![(Kind::Regular, "../hps.conf", b"x"), end], "../hps.conf where"),
        (vec![(Kind::Regular, "hps.conf", b"xx"), end], "not as long as listed"),
        (vec![(Kind::Regular, "hps.conf", b"y"), end], "its digest is another one"),
        (vec![good, good, end], "hps.conf is not listed"),
        (vec![good, end, good], "hps.conf is after its end"),
        (
            vec![(Kind::GNULongName, "x", b"hps.conf"), (Kind::GNULongName, "x", b"hps.conf"), good],
            "a name follows a name",
        ),
        (vec![(Kind::GNULongName, "x", &[b'a'; 5000]), good], "more than 4096 bytes"),
        (vec![(Kind::GNULongName, "x", b"/etc/shadow"), good], "/etc/shadow where hps.conf is expected"),
        (vec![good, (Kind::Regular, "manifest.sha256", b"0")], "the digest of its manifest"),
    ] {
        let problem = problem(&with(&manifest, &members));
        assert!(problem.contains(words), "{words}: {problem}");
    }
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    let text = String::from_utf8(manifest(&files()).to_bytes()).unwrap();
    let of = |text: &str| Manifest::parse(text.as_bytes()).map(drop).map_err(|error| error.to_string());
    assert_eq!(of(&text), Ok(()));
    for (from, to, words) in [
        ("\"format\": 1", "\"format\": 2", "upgrade HPS first"),
        ("hosts/525400000001.toml", "permissions/525400000001.toml", "expected a file that HPS knows"),
        ("\"hps.conf\"", "\"/etc/hps.conf\"", "expected a file that HPS knows"),
        ("\"hps.conf\"", "\"clusters/lab.cluster\"", "not in order"),
        ("\"hps.conf\"", "\"clusters/lab/hosts/525400000001.toml\"", "listed twice"),
        ("\"active\": \"lab\"", "\"active\": \"other\"", "is not in it"),
        ("\"media\": true", "\"media\": false", "says that it has none"),
        ("\"0640\"", "\"4755\"", "at most 0777"),
        ("\"files\"", "\"flies\"", "flies"),
    ] {
        assert!(text.contains(from), "{from}");
        let problem = of(&text.replacen(from, to, 1)).unwrap_err();
        assert!(problem.contains(words) || words == "flies", "{words}: {problem}");
    }
}

proptest! {
    #[test]
    fn no_changed_byte_and_no_cut_passes(at in 0usize..20_000, bit in 0u8..8, cut in any::<bool>()) {
        let files = files();
        let good = packed(&files);
        let mut bytes = good.clone();
        let at = at % good.len();
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << bit;
        }
        // Some bytes count for nothing: those that fill a block, and fields of a header that nobody reads.
        match read(&bytes) {
            Ok(found) => {
                let mut sorted = files;
                sorted.sort_by_key(|(name, _)| (name.starts_with("distros"), name.clone()));
                prop_assert_eq!(found, sorted);
            }
            Err(error) => {
                let line = error.to_string();
                prop_assert!(!line.contains('\n'), "{}", line);
            }
        }
    }

    #[test]
    fn noise_is_refused_in_one_line(noise in proptest::collection::vec(any::<u8>(), 0..5000)) {
        let mut archive = tar::Archive::new(noise.as_slice());
        let refused = Reader::new(&mut archive).map(|reader| reader.digest().len());
        prop_assert!(refused.is_err());
        let mut text = String::new();
        let mut manifest = noise.as_slice();
        if manifest.read_to_string(&mut text).is_ok() {
            prop_assert!(Manifest::parse(text.as_bytes()).is_err());
        }
    }
}
