// SPDX-License-Identifier: GPL-3.0-or-later
//! What HPS owns: one table of paths and rights. `reload` corrects what is listed here and nothing else, and
//! docs/reference/files.md shows the same table, which a test holds.
//!
//! To list is safer than to walk: a walk gives every file that it meets what most of them need, the secret ones too.

use hps::config::{Dir, HpsConf};
use std::path::{Path, PathBuf};

/// A file, or a folder whose path ends with `/`.
#[derive(Debug)]
pub(super) struct Owned {
    /// As files.md has it. Words in capitals stand for any name, `PATH` for up to three; none of them matches a hidden name,
    /// unless the dot stands in the table.
    pub(super) path: &'static str,
    /// What it may have at most, and what it gets where its readers lack something.
    pub(super) mode: u32,
    /// Whether group `hps` has it.
    pub(super) group: bool,
    /// The mode of its folder, which has the same group.
    pub(super) folder: Option<u32>,
}

const fn owned(path: &'static str, mode: u32) -> Owned {
    Owned { path, mode, group: false, folder: None }
}

const fn within(path: &'static str, mode: u32, folder: u32) -> Owned {
    Owned { path, mode, group: false, folder: Some(folder) }
}

/// Of group `hps`.
const fn shared(path: &'static str, mode: u32, folder: u32) -> Owned {
    Owned { path, mode, group: true, folder: Some(folder) }
}

/// The same, in a folder that others enter too.
const fn secret(path: &'static str, mode: u32) -> Owned {
    Owned { path, mode, group: true, folder: None }
}

/// In the order of files.md. Of several lines that match a file the first one counts.
pub(super) const OWNED: &[Owned] = &[
    owned("/srv/hps-config/hps.conf", 0o644),
    shared("clusters/NAME.cluster", 0o640, 0o2755),
    shared("clusters/NAME/hosts/MAC.toml", 0o660, 0o2770),
    shared("clusters/NAME/history/MAC.jsonl", 0o660, 0o2770),
    shared("clusters/NAME/history/MAC.jsonl.1", 0o660, 0o2770),
    shared("clusters/NAME/profiles/PROFILE.toml", 0o640, 0o2750),
    shared("clusters/NAME/permissions/MAC.toml", 0o640, 0o2750),
    shared("clusters/NAME/permissions/windows/ID.toml", 0o640, 0o2750),
    shared("clusters/NAME/menu-permissions/MAC.toml", 0o660, 0o2770),
    // Of older versions.
    shared("clusters/NAME/spent/ID", 0o660, 0o2770),
    shared("clusters/NAME/refusals/MAC", 0o660, 0o2770),
    shared("clusters/NAME/pending/MAC.toml", 0o660, 0o2770),
    shared("clusters/NAME/claims/address/ADDRESS", 0o660, 0o2770),
    shared("clusters/NAME/claims/name/HOST", 0o660, 0o2770),
    shared("clusters/NAME/claims/mac/MAC", 0o660, 0o2770),
    shared("clusters/NAME/claims/marks/first-storage-host", 0o660, 0o2770),
    shared("clusters/NAME/locks/allocation.lock", 0o660, 0o2755),
    shared("clusters/NAME/notices/TIME-N-MAC.toml", 0o660, 0o2770),
    secret("clusters/NAME/FOLDER/.FILE.lock", 0o660),
    secret("clusters/NAME/claims/FOLDER/.FILE.lock", 0o660),
    owned("services/dnsmasq.conf", 0o644),
    owned("services/lighttpd.conf", 0o644),
    owned("services/hps-notify", 0o755),
    shared("services/dhcp-hosts.NAME/MAC", 0o644, 0o2775),
    secret("state/site.key", 0o640),
    shared("state/ever-installed/MAC", 0o660, 0o2770),
    secret("state/ever-installed/.FILE.lock", 0o660),
    shared("state/spent/ID", 0o660, 0o2770),
    shared("/srv/log/hosts/MAC.log", 0o660, 0o2770),
    shared("/srv/log/hosts/MAC.log.N", 0o660, 0o2770),
    shared("/srv/log/hosts/MAC.install-N.log", 0o660, 0o2770),
    secret("/srv/log/hosts/.FILE.lock", 0o660),
    owned("cgi-bin/boot_manager", 0o755),
    owned("tftp/FILE", 0o644),
    within("distros/.iso/FILE", 0o600, 0o700),
    owned("distros/.media.lock", 0o600),
    owned("distros/DISTRO/.hps-inventory", 0o600),
    owned("distros/DISTRO/.lock", 0o600),
    owned("distros/DISTRO/.treeinfo", 0o644),
    within("distros/DISTRO/PATH", 0o644, 0o755),
    owned("packages/DISTRO/.packages.lock", 0o600),
    owned("packages/DISTRO/Repo/.hps-repository", 0o644),
    within("packages/DISTRO/PATH", 0o644, 0o755),
    owned("/run/hps/reload.lock", 0o600),
    owned("/run/hps/site-copy.lock", 0o600),
];

/// What stands for up to three names.
const DEEP: &str = "PATH";

/// Something that is there, and what it should have.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) mode: u32,
    pub(super) group: bool,
    pub(super) is_folder: bool,
    /// Whether another program than the web server reads it, as a user of its own.
    pub(super) for_all: bool,
    /// The line of the table.
    pub(super) line: usize,
}

/// All that is there of the table. Links are none of it.
pub(super) fn places(conf_path: &Path, conf: &HpsConf) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for (line, owned) in OWNED.iter().enumerate() {
        let for_all = ["tftp/", "services/dhcp-hosts."].iter().any(|begin| owned.path.starts_with(begin));
        let mut add = |path: PathBuf, mode, is_folder| {
            if !places.iter().any(|known| known.path == path) {
                places.push(Place { path, mode, group: owned.group, is_folder, for_all, line });
            }
        };
        let Some((folder, below)) = root_of(owned.path, conf) else {
            add(conf_path.to_path_buf(), owned.mode, false);
            continue;
        };
        let names: Vec<&str> = below.split('/').collect();
        let Some((last, above)) = names.split_last() else { continue };
        for parent in above.iter().fold(vec![folder], |folders, name| inside(&folders, name, is_folder)) {
            if let Some(mode) = owned.folder {
                add(parent.clone(), mode, true);
            }
            let mut folders = vec![parent];
            for _ in 0..if *last == DEEP { 3 } else { 1 } {
                inside(&folders, last, is_file).into_iter().for_each(|path| add(path, owned.mode, false));
                if *last == DEEP {
                    folders = inside(&folders, last, is_folder);
                    let mode = owned.folder.unwrap_or(0o755);
                    folders.iter().for_each(|path| add(path.clone(), mode, true));
                }
            }
        }
    }
    places
}

/// The folder of `hps.conf` that a path begins with, and the rest; `None` for `hps.conf` itself.
fn root_of<'a>(path: &'a str, conf: &HpsConf) -> Option<(PathBuf, &'a str)> {
    let roots = [
        ("/srv/log/", Dir::Log),
        ("clusters/", Dir::Clusters),
        ("services/", Dir::Services),
        ("state/", Dir::State),
        ("cgi-bin/", Dir::HttpCgi),
        ("tftp/", Dir::Tftp),
        ("distros/", Dir::Distros),
        ("packages/", Dir::Packages),
        ("/run/hps/", Dir::Run),
    ];
    roots.iter().find_map(|(begin, dir)| Some((conf.dir(*dir).to_path_buf(), path.strip_prefix(begin)?)))
}

fn is_folder(metadata: &std::fs::Metadata) -> bool {
    metadata.is_dir()
}

fn is_file(metadata: &std::fs::Metadata) -> bool {
    metadata.is_file()
}

fn inside(folders: &[PathBuf], pattern: &str, kind: fn(&std::fs::Metadata) -> bool) -> Vec<PathBuf> {
    let is_kind = |path: &PathBuf| path.symlink_metadata().is_ok_and(|metadata| kind(&metadata));
    let mut found = Vec::new();
    for folder in folders {
        if !words(pattern).any(|(_, wild)| wild) {
            found.push(folder.join(pattern));
            continue;
        }
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        found.extend(
            entries.filter(|e| e.file_name().to_str().is_some_and(|name| matches(pattern, name))).map(|e| e.path()),
        );
    }
    found.retain(is_kind);
    found
}

/// The parts of a pattern: words in capitals stand for any name.
fn words(pattern: &str) -> impl Iterator<Item = (&str, bool)> {
    pattern.split_inclusive(|c: char| !c.is_ascii_alphabetic()).flat_map(|part| {
        let letters = part.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        let wild = !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_uppercase());
        [(letters, wild), (part.get(letters.len()..).unwrap_or_default(), false)]
    })
}

fn matches(pattern: &str, name: &str) -> bool {
    fn rest(parts: &[(&str, bool)], name: &str) -> bool {
        let Some(((part, wild), more)) = parts.split_first() else { return name.is_empty() };
        if !wild {
            return name.strip_prefix(part).is_some_and(|name| rest(more, name));
        }
        name.char_indices()
            .skip(1)
            .map(|(at, _)| at)
            .chain([name.len()])
            .any(|at| at > 0 && rest(more, name.get(at..).unwrap_or_default()))
    }
    let parts: Vec<_> = words(pattern).collect();
    (pattern.starts_with('.') || !name.starts_with('.')) && rest(&parts, name)
}

#[cfg(test)]
#[path = "owned_tests.rs"]
mod tests;
