// SPDX-License-Identifier: GPL-3.0-or-later
//! Settings that are well-formed, but that this machine or this version cannot follow. The boot manager stops only the
//! machines that they concern. The preflight check finds them at once, so that the author of the mistake sees it.

use crate::config::{Cluster, line_of_key};
use crate::types::HostType;
use std::path::Path;

const ZONES: &str = "/usr/share/zoneinfo";

/// A setting that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The one type that it concerns, whose hosts are not installed; none if it concerns all machines.
    pub host_type: Option<HostType>,
    /// The line of the cluster file, if its text is known.
    pub line: Option<usize>,
    /// What is wrong, and what is expected.
    pub problem: String,
}

/// What cannot be followed in the settings of a cluster. `text` is the file's, for the line.
pub fn settings(cluster: &Cluster, text: Option<&str>) -> Vec<Setting> {
    let line = |key: &str| text.and_then(|text| line_of_key(text, key));
    let mut found = Vec::new();
    for error in cluster.not_installable() {
        found.push(Setting { host_type: None, line: line(error.key()), problem: error.problem().to_owned() });
    }
    for (host_type, error) in cluster.meaningless() {
        let line = line(error.key());
        found.push(Setting { host_type: Some(host_type), line, problem: error.problem().to_owned() });
    }
    let zone = cluster.install.timezone.as_str();
    let zones = Path::new(ZONES);
    // If this machine has no time zones, the hosts still have them. Debian 13 has the old names in a package of their
    // own, and lists them all in the text of the database. The check of the image decides whether it has one.
    let is_old_name = || {
        let text = std::fs::read_to_string(zones.join("tzdata.zi")).unwrap_or_default();
        text.lines()
            .any(|line| line.strip_prefix("L ").and_then(|l| l.split_once(' ')).is_some_and(|(_, name)| name == zone))
    };
    if zones.join("Etc").is_dir() && !zones.join(zone).is_file() && !is_old_name() {
        let problem = format!(
            "install.timezone is {zone:?}: there is no such time zone below {ZONES}; an example is Europe/Zurich"
        );
        found.push(Setting { host_type: None, line: line("install.timezone"), problem });
    }
    found
}
