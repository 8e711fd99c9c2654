// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps.conf`: `export NAME="value"` lines that a shell can source.
//!
//! The names are those of the shell release, so that site scripts can still read it. Only plain values are accepted: a
//! value that a shell would expand is refused with its line, because the two readers would disagree. Other programs'
//! names are ignored. A name that begins with `HPS_` is ours, and an unknown one is a typing error.

mod dir;
mod line;
mod text;

pub use dir::Dir;

use crate::types::{Invalid, text_enum};
use dir::DIRS;
use line::{assignment, plain_path};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where `hps.conf` is by default.
pub const DEFAULT_CONF: &str = "/srv/hps-config/hps.conf";

text_enum! {
    /// What starts dnsmasq and lighttpd.
    ServiceManagerSetting, "service manager",

    /// systemd if it is process 1, otherwise supervisord if it runs, otherwise plain processes.
    Auto = "auto",
    /// `systemctl`.
    Systemd = "systemd",
    /// `supervisorctl`.
    Supervisord = "supervisord",
    /// Processes of their own with pid files.
    Plain = "plain",
    /// Files are written, no service is started.
    None = "none",
}

/// Why an `hps.conf` is refused. The caller knows the file's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {problem}")]
pub struct ConfError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there and what would be right.
    pub problem: String,
}

/// A checked `hps.conf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HpsConf {
    dirs: BTreeMap<Dir, PathBuf>,
    service_manager: ServiceManagerSetting,
    syslog: Option<PathBuf>,
    ksvalidator: PathBuf,
}

/// Every name of ours that is not a folder. `HPS_CONFIG` is the path of the file; some sites export it there.
const OTHERS: [&str; 4] = ["HPS_SERVICE_MANAGER", "HPS_SYSLOG", "HPS_KSVALIDATOR", "HPS_CONFIG"];

/// The socket of the system's log, below `/`.
const SYSLOG: &str = "dev/log";

/// Where pip of the system installs ksvalidator, which is not a Debian package.
const KSVALIDATOR: &str = "/usr/local/bin/ksvalidator";

impl HpsConf {
    /// The defaults, with `base` instead of `/`.
    ///
    /// # Errors
    /// When `base` is not accepted in the file (see [`HpsConf::parse`]).
    pub fn with_base(base: &Path) -> Result<Self, ConfError> {
        let base = base.to_string_lossy();
        let base = base.trim_end_matches('/');
        let mut dirs = BTreeMap::new();
        for (dir, name, default, _) in DIRS {
            dirs.insert(
                dir,
                plain_path(&format!("{base}/{default}"), name)
                    .map_err(|error| ConfError { line: 0, problem: error.to_string() })?,
            );
        }
        // Below another base it is a lab, whose messages do not belong in the machine's log.
        let syslog = Some(PathBuf::from(format!("{base}/{SYSLOG}")));
        Ok(Self { dirs, service_manager: ServiceManagerSetting::Auto, syslog, ksvalidator: PathBuf::from(KSVALIDATOR) })
    }

    /// Reads the text. A folder without a line has its default.
    ///
    /// # Errors
    /// The first bad line: not `[export] NAME=value`, a value that a shell would expand, a path that is not absolute.
    pub fn parse(text: &str) -> Result<Self, ConfError> {
        let mut conf = Self::with_base(Path::new("/"))?;
        for (index, line) in text.lines().enumerate() {
            let at = |problem: String| ConfError { line: index + 1, problem };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = assignment(line).map_err(|error| at(error.to_string()))?;
            if name == "HPS_SERVICE_MANAGER" {
                conf.service_manager = value
                    .parse()
                    .map_err(|error: Invalid| at(format!("HPS_SERVICE_MANAGER is {value:?}: {error:#}")))?;
            }
            if name == "HPS_SYSLOG" {
                conf.syslog = match value {
                    "none" => None,
                    path => Some(plain_path(path, name).map_err(|error| at(error.to_string()))?),
                };
            }
            if name == "HPS_KSVALIDATOR" {
                conf.ksvalidator = plain_path(value, name).map_err(|error| at(error.to_string()))?;
            }
            if let Some((dir, ..)) = DIRS.iter().find(|(_, known, ..)| *known == name) {
                conf.dirs.insert(*dir, plain_path(value, name).map_err(|error| at(error.to_string()))?);
            } else if name.starts_with("HPS_") && !OTHERS.contains(&name) {
                let near = DIRS.iter().map(|(_, known, ..)| *known).chain(OTHERS);
                let near = near.min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or_default();
                return Err(at(format!("{name} is not known; did you mean {near}?")));
            }
        }
        Ok(conf)
    }

    /// Folders without a line in this text, which therefore have their defaults, if all its lines are below another
    /// base. Their lines were probably forgotten.
    pub fn strays(&self, text: &str) -> Vec<(&'static str, &Path)> {
        let named =
            |name: &str| text.lines().filter_map(|line| assignment(line.trim()).ok()).any(|(known, _)| known == name);
        let (named, strays): (Vec<_>, Vec<_>) = DIRS.into_iter().partition(|(_, name, ..)| named(name));
        let at_home = |(dir, _, default, _): &(Dir, &str, &str, &str)| self.dir(*dir) == Path::new("/").join(default);
        if named.is_empty() || named.iter().any(at_home) {
            return Vec::new();
        }
        strays.into_iter().map(|(dir, name, ..)| (name, self.dir(dir))).collect()
    }

    /// The path of a folder.
    pub fn dir(&self, dir: Dir) -> &Path {
        self.dirs.get(&dir).map_or(Path::new("/nonexistent"), PathBuf::as_path)
    }

    /// All folders.
    pub fn dirs(&self) -> impl Iterator<Item = (Dir, &Path)> {
        self.dirs.iter().map(|(dir, path)| (*dir, path.as_path()))
    }

    /// What starts the services.
    pub fn service_manager(&self) -> ServiceManagerSetting {
        self.service_manager
    }

    /// The socket of the system's log, if messages go there.
    pub fn syslog(&self) -> Option<&Path> {
        self.syslog.as_deref()
    }

    /// The path of ksvalidator. Root runs it, so it counts only if other users cannot have changed it.
    pub fn ksvalidator(&self) -> &Path {
        &self.ksvalidator
    }

    /// The same, with another service manager.
    pub fn with_service_manager(mut self, manager: ServiceManagerSetting) -> Self {
        self.service_manager = manager;
        self
    }
}

#[cfg(test)]
mod tests;
