// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of settings in the audit of the site: `hps.conf`, cluster files and site profiles. A person may edit them with any editor, so
//! HPS keeps a copy of each as it saw it last, and compares.

use crate::program;
use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::files::{Access, IoError, write_atomic};
use hps::host::{AuditLine, Who};
use hps::store::{Audit, read_plain};
use hps::types::Line;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// A file of settings is smaller.
const MAX_BYTES: u64 = 4 << 20;
/// More changed lines of one file are counted only.
const MAX_LINES: usize = 40;
/// The key of a secret, and how hashes of crypt(5) begin, wherever a person wrote them.
const SECRETS: [&str; 7] = ["root_password_hash", "$1$", "$2", "$5$", "$6$", "$7$", "$y$"];

/// Notes what differs from the copies as a change of `who`, and copies the files. The first run only copies.
///
/// # Errors
/// When a file cannot be read or copied, or the audit cannot be written.
pub(crate) fn note(conf_path: &Path, conf: &HpsConf, who: &Who, what: &str) -> anyhow::Result<()> {
    let folder = conf.dir(Dir::State).join("audit");
    let first = !folder.is_dir();
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(IoError::during("make", &folder))?;
    let now = settings(conf_path, conf)?;
    let before = copies(&folder)?;
    for name in now.keys().chain(before.keys().filter(|name| !now.contains_key(*name))) {
        let file = now.get(name);
        let (old, new) = (before.get(name), file.map(|(_, text)| text));
        if old == new {
            continue;
        }
        let copy = folder.join(name);
        if !first {
            let shown = file.map_or_else(|| name.clone(), |(path, _)| path.display().to_string());
            let line = AuditLine {
                file: Some(Line::lossy(&shown)),
                changes: changes(old.map_or("", String::as_str), new.map_or("", String::as_str)),
                ..AuditLine::new(program::now(), who.clone(), if new.is_none() { "removed" } else { what })
            };
            Audit::new(conf).append(&line)?;
        }
        match new {
            Some(text) => write_atomic(&copy, text.as_bytes(), Access::GroupRead)?,
            None => fs::remove_file(&copy).map_err(IoError::during("remove", &copy))?,
        }
    }
    Ok(())
}

/// The files, by the names of their copies.
fn settings(conf_path: &Path, conf: &HpsConf) -> anyhow::Result<BTreeMap<String, (PathBuf, String)>> {
    let clusters = conf.dir(Dir::Clusters);
    let mut files = vec![("hps.conf".to_owned(), conf_path.to_path_buf())];
    for (name, path) in listed(clusters, "cluster")? {
        let profiles = clusters.join(&name).join("profiles");
        files.push((format!("{name}.cluster"), path));
        for (profile, path) in listed(&profiles, "toml")? {
            files.push((format!("{name}.profile.{profile}"), path));
        }
    }
    let mut texts = BTreeMap::new();
    for (name, path) in files {
        match read_plain(&path, MAX_BYTES) {
            Ok(bytes) => {
                texts.insert(name, (path, String::from_utf8_lossy(&bytes).into_owned()));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("{}: cannot read", path.display())),
        }
    }
    Ok(texts)
}

/// The files of a folder with this extension, and their names without it. A missing folder has none.
fn listed(folder: &Path, extension: &str) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{}: cannot list", folder.display())),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("{}: cannot list", folder.display()))?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|name| !name.starts_with('.'));
        if path.extension().is_some_and(|end| end == extension)
            && let Some(name) = name
        {
            found.push((name.to_owned(), path));
        }
    }
    Ok(found)
}

fn copies(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut copies = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(IoError::during("list", folder))? {
        let path = entry.map_err(IoError::during("list", folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let bytes = read_plain(&path, MAX_BYTES).with_context(|| format!("{}: cannot read", path.display()))?;
        copies.insert(name.to_owned(), String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(copies)
}

/// The lines that differ, behind `-` and `+`.
fn changes(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines: Vec<Line> = Vec::new();
    let mut more = 0;
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        if lines.len() < MAX_LINES {
            lines.push(Line::lossy(&format!("{sign}{}", without_secret(change.value().trim_end()))));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        lines.push(Line::lossy(&format!("and {more} more lines")));
    }
    lines
}

fn without_secret(line: &str) -> String {
    if SECRETS.iter().any(|secret| line.contains(secret)) {
        "(a password hash, not shown)".to_owned()
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_no_secret_and_is_bounded() {
        let words = |before: &str, after: &str| -> Vec<String> {
            changes(before, after).iter().map(ToString::to_string).collect()
        };
        let hash = "root_password_hash = \"$6$abcdefgh$x\"\n";
        assert_eq!(words("a = 1\n", &format!("a = 1\n{hash}")), ["+(a password hash, not shown)"]);
        for other in [
            format!("# {hash}"),
            "install = { root_password_hash = \"x\" }\n".to_owned(),
            "\"root_password_hash\" = \"x\"\n".to_owned(),
            "$6$abcdefgh$x\"\"\"\n".to_owned(),
        ] {
            assert_eq!(words(&other, ""), ["-(a password hash, not shown)"], "{other}");
        }
        let long: String = (0..50).map(|number| format!("{number}\n")).collect();
        assert_eq!(words("", &long).len(), 41);
        assert_eq!(words("", &long)[40], "and 10 more lines");
    }

    #[test]
    fn a_change_is_noted_once_and_the_first_look_only_copies() {
        let lab = tempfile::tempdir().unwrap();
        let conf = HpsConf::with_base(lab.path()).unwrap();
        let clusters = conf.dir(Dir::Clusters);
        let profiles = clusters.join("a/profiles");
        fs::create_dir_all(&profiles).unwrap();
        fs::create_dir_all(Audit::new(&conf).dir()).unwrap();
        let path = lab.path().join("hps.conf");
        fs::write(&path, "x\n").unwrap();
        fs::write(clusters.join("a.cluster"), "one\ntwo\n").unwrap();
        let look = |what: &str| {
            note(&path, &conf, &Who::by_hand(), what).unwrap();
            let lines = Audit::new(&conf).read().unwrap();
            lines.iter().map(|line| line.to_string().replace(&lab.path().display().to_string(), "")).collect::<Vec<_>>()
        };
        assert!(look("edited").is_empty());
        fs::write(clusters.join("a.cluster"), "one\n2\n").unwrap();
        fs::write(profiles.join("p.toml"), "new\n").unwrap();
        let lines = look("edited");
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].ends_with("a.cluster edited; 2 lines, by hand"), "{lines:?}");
        assert!(lines[1].ends_with("a/profiles/p.toml edited; 1 line, by hand"), "{lines:?}");
        assert_eq!(look("edited").len(), 2, "once");
        fs::remove_file(profiles.join("p.toml")).unwrap();
        assert!(look("edited")[2].ends_with("a.profile.p removed; 1 line, by hand"));
    }
}
