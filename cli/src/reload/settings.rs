// SPDX-License-Identifier: GPL-3.0-or-later
//! Settings that this machine or this version cannot follow, refused at once; and folders that `hps.conf` leaves where they are.

use crate::program::{Ended, Exit};
use hps::config::{Cluster, HpsConf};
use hps::desk::{self, Setting};
use std::path::Path;

/// The first setting of a cluster that cannot be followed. `text` is the file's, for the line.
///
/// # Errors
/// One line with file, line, and key.
pub fn check(cluster: &Cluster, file: &Path, text: Option<&str>) -> anyhow::Result<()> {
    desk::settings(cluster, text).first().map_or(Ok(()), |found| Err(Ended::error(Exit::Failed, line(found, file))))
}

/// The same where hosts are installed already: what concerns one type stops that type alone, and is given back as a line.
///
/// # Errors
/// One line with file, line, and key, of a setting that concerns all machines.
pub(super) fn check_served(cluster: &Cluster, file: &Path, text: Option<&str>) -> anyhow::Result<Vec<String>> {
    let mut stopped = Vec::new();
    for found in desk::settings(cluster, text) {
        let line = line(&found, file);
        let Some(host_type) = found.host_type else { return Err(Ended::error(Exit::Failed, line)) };
        stopped.push(format!("{line}; correct it, since no {host_type} is installed until then"));
    }
    Ok(stopped)
}

fn line(found: &Setting, file: &Path) -> String {
    let line = found.line.map_or_else(String::new, |line| format!("line {line}: "));
    format!("{}: {line}{}", file.display(), found.problem)
}

/// Folders that `hps.conf` does not name, though it puts the others elsewhere than the defaults are.
pub fn stray_folders(conf: &HpsConf, file: &Path) -> Vec<String> {
    let Ok(text) = hps::store::conf_text(file) else { return Vec::new() };
    conf.strays(&text)
        .into_iter()
        .map(|(name, path)| {
            format!(
                "{}: {name} is not named, so that it is {}, while the other folders lie elsewhere; add a line for it",
                file.display(),
                path.display()
            )
        })
        .collect()
}
