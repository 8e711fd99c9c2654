// SPDX-License-Identifier: GPL-3.0-or-later
//! Settings that this machine or this version cannot follow, refused at once; and folders that `hps.conf` leaves at
//! their defaults.

use crate::program::{Ended, Exit};
use hps::config::{Cluster, HpsConf};
use hps::preflight::{self, Setting};
use std::path::Path;

/// The settings of a cluster that cannot be followed. `text` is the file's, for the line.
///
/// # Errors
/// One line for each, with file, line, and key.
pub fn check(cluster: &Cluster, file: &Path, text: Option<&str>) -> anyhow::Result<()> {
    let lines = preflight::settings(cluster, text).iter().map(|found| line(found, file)).collect();
    Ended::errors(Exit::Failed, lines).map_or(Ok(()), Err)
}

/// The same if hosts are installed already: a problem of one type stops only that type, and is returned as a line.
///
/// # Errors
/// One line with file, line, and key, for each setting that concerns all machines.
pub(super) fn check_served(cluster: &Cluster, file: &Path, text: Option<&str>) -> anyhow::Result<Vec<String>> {
    let (mut stopped, mut refused) = (Vec::new(), Vec::new());
    for found in preflight::settings(cluster, text) {
        let line = line(&found, file);
        match found.host_type {
            Some(host_type) => {
                stopped.push(format!("{line}; correct it, since no {host_type} is installed until then"));
            }
            None => refused.push(line),
        }
    }
    Ended::errors(Exit::Failed, refused).map_or(Ok(stopped), Err)
}

fn line(found: &Setting, file: &Path) -> String {
    let line = found.line.map_or_else(String::new, |line| format!("line {line}: "));
    format!("{}: {line}{}", file.display(), found.problem)
}

/// Folders that `hps.conf` does not name, although it moves the other folders.
pub fn stray_folders(conf: &HpsConf, file: &Path) -> Vec<String> {
    let Ok(text) = hps::store::conf_text(file) else { return Vec::new() };
    conf.strays(&text)
        .into_iter()
        .map(|(name, path)| {
            format!(
                "{}: {name} is missing, so it is {}, but the other folders are elsewhere; add a line for it",
                file.display(),
                path.display()
            )
        })
        .collect()
}
