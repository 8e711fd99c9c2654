// SPDX-License-Identifier: GPL-3.0-or-later
//! The files and folders of HPS that are on this machine, by the table of what HPS owns.

use super::name_pattern::{is_wild, matches};
use super::owned::OWNED;
use hps::config::{Dir, HpsConf};
use std::path::{Path, PathBuf};

/// What stands for up to three names.
const DEEP: &str = "PATH";

/// Something that is there, and what it should have.
#[derive(Debug)]
pub(super) struct OwnedFile {
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
pub(super) fn owned_files(conf_path: &Path, conf: &HpsConf) -> Vec<OwnedFile> {
    let mut found: Vec<OwnedFile> = Vec::new();
    for (line, owned) in OWNED.iter().enumerate() {
        let for_all = ["tftp/", "services/dhcp-hosts."].iter().any(|begin| owned.path.starts_with(begin));
        let mut add = |path: PathBuf, mode, is_folder| {
            if !found.iter().any(|known| known.path == path) {
                found.push(OwnedFile { path, mode, group: owned.group, is_folder, for_all, line });
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
    found
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
        if !is_wild(pattern) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

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
        let found: BTreeSet<String> = owned_files(Path::new("/nonexistent/hps.conf"), &conf)
            .into_iter()
            .filter_map(|file| {
                let path = file.path.strip_prefix(distros).ok()?.display().to_string();
                Some(format!("{path} {:04o}", file.mode))
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
}
