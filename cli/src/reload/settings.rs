// SPDX-License-Identifier: GPL-3.0-or-later
//! Settings that this machine or this version cannot follow, refused at once; and folders that `hps.conf` leaves where they are.

use crate::program::{Ended, Exit};
use hps::config::{Cluster, HpsConf};
use hps::desk;
use std::path::Path;

/// The first setting of a cluster that cannot be followed. `text` is the file's, for the line.
///
/// # Errors
/// One line with file, line, and key.
pub fn check(cluster: &Cluster, file: &Path, text: Option<&str>) -> anyhow::Result<()> {
    let Some(found) = desk::settings(cluster, text).into_iter().next() else { return Ok(()) };
    let line = found.line.map_or_else(String::new, |line| format!("line {line}: "));
    Err(Ended::error(Exit::Failed, format!("{}: {line}{}", file.display(), found.problem)))
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
