// SPDX-License-Identifier: GPL-3.0-or-later
//! The table of owners and modes against the reference, and its patterns.

use super::*;
use std::collections::BTreeSet;

const DOCS: &str = include_str!("../../../docs/reference/files.md");

fn cell(owned: &Owned) -> String {
    let folder = owned.folder.map_or_else(String::new, |mode| format!(" in {mode:04o}"));
    format!("{:04o}{folder}{}", owned.mode, if owned.group { " root:hps" } else { "" })
}

/// `a/{b,c}/d` is two paths.
fn each(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (names, after) = rest.split_once('}').unwrap();
    names.split(',').map(|name| format!("{before}{name}{after}")).collect()
}

#[test]
fn the_reference_has_the_same_table() {
    let rows = DOCS.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, path, _, _, mode, _] = cells[..] else { return None };
        mode.starts_with('0').then_some((path, mode))
    });
    let docs: BTreeSet<_> =
        rows.flat_map(|(path, mode)| each(path).into_iter().map(|path| (path, mode.to_owned()))).collect();
    let code: BTreeSet<_> = OWNED.iter().map(|owned| (owned.path.to_owned(), cell(owned))).collect();
    let missing: Vec<_> = code.difference(&docs).collect();
    let strange: Vec<_> = docs.difference(&code).collect();
    assert!(missing.is_empty() && strange.is_empty(), "files.md lacks {missing:?}, and has {strange:?}");
}

#[test]
fn patterns() {
    for (pattern, name) in [
        ("NAME.cluster", "lab.cluster"),
        ("MAC.install-N.log", "525400000001.install-12.log"),
        ("TIME-N-MAC.toml", "1-2-3.toml"),
        (".FILE.lock", ".525400000001.toml.lock"),
        ("dhcp-hosts.NAME", "dhcp-hosts.lab"),
        ("Repo", "Repo"),
        ("PATH", "a"),
    ] {
        assert!(matches(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in [
        ("NAME.cluster", ".lab.cluster"),
        ("NAME.cluster", "lab.cluster~"),
        ("NAME.cluster", ".cluster"),
        ("ID", ".hps-inventory"),
        ("Repo", "repo"),
        (".FILE.lock", ".lock"),
    ] {
        assert!(!matches(pattern, name), "{pattern} {name}");
    }
}

#[test]
fn what_is_secret_and_hidden_is_met_by_its_own_line_alone() {
    let lab = tempfile::tempdir().unwrap();
    let conf = HpsConf::with_base(lab.path()).unwrap();
    let distros = conf.dir(Dir::Distros);
    for folder in [".iso", "x/images/pxeboot/deep", ".tree-1/y"] {
        std::fs::create_dir_all(distros.join(folder)).unwrap();
    }
    for file in [
        ".iso/a.iso.part",
        ".media.lock",
        "x/.hps-inventory",
        "x/.secret",
        "x/media.repo",
        "x/images/pxeboot/vmlinuz",
        "x/images/pxeboot/deep/z",
        ".tree-1/y/z",
    ] {
        std::fs::write(distros.join(file), "").unwrap();
    }
    std::os::unix::fs::symlink("media.repo", distros.join("x/link")).unwrap();
    let found: BTreeSet<String> = places(Path::new("/nonexistent/hps.conf"), &conf)
        .into_iter()
        .filter_map(|place| {
            let path = place.path.strip_prefix(distros).ok()?.display().to_string();
            Some(format!("{path} {:04o}", place.mode))
        })
        .collect();
    let expected = [
        ".iso 0700",
        ".iso/a.iso.part 0600",
        ".media.lock 0600",
        "x 0755",
        "x/.hps-inventory 0600",
        "x/images 0755",
        "x/images/pxeboot 0755",
        "x/images/pxeboot/deep 0755",
        "x/images/pxeboot/vmlinuz 0644",
        "x/media.repo 0644",
    ];
    assert_eq!(found, expected.map(str::to_owned).into());
}
