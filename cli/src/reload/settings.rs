// SPDX-License-Identifier: GPL-3.0-or-later
//! Settings that are well-formed, and that this machine or this version cannot follow. The boot manager stops only the machines
//! that they concern; here they are refused at once, so that the mistake is seen by whoever makes it.

use crate::program::{Ended, Exit};
use hps::config::{Cluster, HpsConf, line_of_key};
use std::path::Path;

const ZONES: &str = "/usr/share/zoneinfo";

/// What cannot be followed in the settings of a cluster. `text` is the file's, for the line.
///
/// # Errors
/// One line with file, line, and key.
pub fn check(cluster: &Cluster, file: &Path, text: Option<&str>) -> anyhow::Result<()> {
    let refuse = |key: &str, problem: &str| {
        let line =
            text.and_then(|text| line_of_key(text, key)).map_or_else(String::new, |line| format!("line {line}: "));
        Err(Ended::error(Exit::Failed, format!("{}: {line}{problem}", file.display())))
    };
    if let Err(impossible) = cluster.installable() {
        return refuse(&impossible.key, &impossible.problem);
    }
    let zone = cluster.install.timezone.as_str();
    let zones = Path::new(ZONES);
    // Where this machine has no time zones, the hosts have them.
    if zones.join("Etc").is_dir() && !zones.join(zone).is_file() {
        let problem =
            format!("install.timezone is {zone:?}: there is no such time zone below {ZONES}; such as Europe/Zurich");
        return refuse("install.timezone", &problem);
    }
    Ok(())
}

/// Folders that `hps.conf` does not name, though it puts the others elsewhere than the defaults are.
pub fn stray_folders(conf: &HpsConf, file: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(file) else { return Vec::new() };
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
