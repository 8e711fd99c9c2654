// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps.conf`: `export NAME="value"` lines that a shell can source.
//!
//! The names are those of the shell release, so that site scripts go on reading it. Only plain values are
//! taken: one that a shell would expand is refused with its line, since the two readers would disagree.
//! Names that are not ours are left alone; one that begins with `HPS_` is ours, and one that is not known is a slip.

use crate::types::{Invalid, text_enum};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where `hps.conf` is when nothing else is said.
pub const DEFAULT_CONF: &str = "/srv/hps-config/hps.conf";

/// A folder that `hps.conf` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dir {
    /// Logs of the services and of hosts.
    Log,
    /// Scripts of the site.
    Scripts,
    /// What lighttpd serves at `/`.
    HttpStatic,
    /// lighttpd's own files.
    HttpConfig,
    /// The CGI program.
    HttpCgi,
    /// Menu texts of the site.
    MenuConfig,
    /// What TFTP serves.
    Tftp,
    /// Cluster files, and a folder of state for each cluster.
    Clusters,
    /// Generated configuration of dnsmasq and lighttpd.
    Services,
    /// Published trees and images.
    Distros,
    /// Local package repositories.
    Packages,
    /// State that outlives clusters: the site key, leases, which machines were ever installed.
    State,
    /// Pid files and locks of running services.
    Run,
}

/// Name, default below `/`, and what the written file says about it.
const DIRS: [(Dir, &str, &str, &str); 13] = [
    (Dir::Log, "HPS_LOG_DIR", "srv/log", "logs of the services and of hosts"),
    (Dir::Scripts, "HPS_SCRIPTS_DIR", "srv/hps-system/scripts", "scripts of the site"),
    (Dir::HttpStatic, "HPS_HTTP_STATIC_DIR", "srv/hps-system/http", "what lighttpd serves at /"),
    (Dir::HttpConfig, "HPS_HTTP_CONFIG_DIR", "srv/hps-system/http", "lighttpd's own files"),
    (Dir::HttpCgi, "HPS_HTTP_CGI_DIR", "srv/hps-system/http/cgi-bin", "the boot manager"),
    (Dir::MenuConfig, "HPS_MENU_CONFIG_DIR", "srv/hps-system/http/menu", "menu texts of the site"),
    (Dir::Tftp, "HPS_TFTP_DIR", "srv/hps-config/tftp", "boot loaders, served by TFTP"),
    (Dir::Clusters, "HPS_CLUSTER_CONFIG_BASE_DIR", "srv/hps-config/clusters", "cluster files and their hosts"),
    (Dir::Services, "HPS_SERVICE_CONFIG_DIR", "srv/hps-config/services", "generated configuration"),
    (Dir::Distros, "HPS_DISTROS_DIR", "srv/hps-resources/distros", "installation trees and images"),
    (Dir::Packages, "HPS_PACKAGES_DIR", "srv/hps-resources/packages", "local package repositories"),
    (Dir::State, "HPS_STATE_DIR", "srv/hps-config/state", "site key, leases, machines ever installed"),
    (Dir::Run, "HPS_RUN_DIR", "run/hps", "pid files of services run without a service manager"),
];

text_enum! {
    /// What starts dnsmasq and lighttpd.
    ServiceManagerSetting, "service manager",

    /// systemd where it is process 1, else supervisord where it runs, else plain processes.
    Auto = "auto",
    /// `systemctl`.
    Systemd = "systemd",
    /// `supervisorctl`.
    Supervisord = "supervisord",
    /// Processes of their own with pid files.
    Plain = "plain",
    /// Files are written, nothing is started.
    None = "none",
}

/// Why an `hps.conf` is not taken. The caller knows the file's name.
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

/// Every name of ours that is no folder. `HPS_CONFIG` says where the file is; some sites export it there.
const OTHERS: [&str; 4] = ["HPS_SERVICE_MANAGER", "HPS_SYSLOG", "HPS_KSVALIDATOR", "HPS_CONFIG"];

/// Where the system's log takes messages, below `/`.
const SYSLOG: &str = "dev/log";

/// Where pip of the system installs ksvalidator, which no package of Debian has.
const KSVALIDATOR: &str = "/usr/local/bin/ksvalidator";

impl HpsConf {
    /// The defaults, with `base` in the place of `/`.
    ///
    /// # Errors
    /// When `base` cannot stand in the file (see [`HpsConf::parse`]).
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
        // Below another base it is a lab, whose messages are not the machine's own.
        let syslog = Some(PathBuf::from(format!("{base}/{SYSLOG}")));
        Ok(Self { dirs, service_manager: ServiceManagerSetting::Auto, syslog, ksvalidator: PathBuf::from(KSVALIDATOR) })
    }

    /// Reads the text. A folder that is not named has its default.
    ///
    /// # Errors
    /// The first line that cannot be taken: not `[export] NAME=value`, a value that a shell would expand, a
    /// path that is not absolute.
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

    /// Folders that this text does not name and that therefore have their defaults, where all that it does name lie below
    /// another base: whoever wrote it meant another base for these too.
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

    /// The file as [`HpsConf::parse`] and a shell read it, with a comment for each line.
    pub fn to_text(&self) -> String {
        let mut text = String::from("# Where HPS keeps its things on this machine. A shell can source it.\n");
        for (dir, name, _, about) in DIRS {
            // Writing to a String cannot fail.
            let _infallible = writeln!(text, "# {about}\nexport {name}=\"{}\"", self.dir(dir).display());
        }
        let _infallible = writeln!(
            text,
            "# what starts dnsmasq and lighttpd: auto, systemd, supervisord, plain (pid files) or none\nexport HPS_SERVICE_MANAGER=\"{}\"",
            self.service_manager.as_str()
        );
        let syslog = self.syslog.as_deref().unwrap_or(Path::new("none"));
        let _infallible = writeln!(
            text,
            "# the socket of the system's log (journald, rsyslog), which gets what hosts do, or none\nexport HPS_SYSLOG=\"{}\"",
            syslog.display()
        );
        // Older releases do not know it, so it is written only where it says something.
        if self.ksvalidator != Path::new(KSVALIDATOR) {
            let path = self.ksvalidator.display();
            let _infallible = writeln!(
                text,
                "# the program that reads kickstarts as Anaconda does\nexport HPS_KSVALIDATOR=\"{path}\""
            );
        }
        text
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

    /// The socket of the system's log, where messages are to go there.
    pub fn syslog(&self) -> Option<&Path> {
        self.syslog.as_deref()
    }

    /// Where ksvalidator is. Root runs it, so it counts only if nobody else could have changed it.
    pub fn ksvalidator(&self) -> &Path {
        &self.ksvalidator
    }

    /// The same, with another service manager.
    pub fn with_service_manager(mut self, manager: ServiceManagerSetting) -> Self {
        self.service_manager = manager;
        self
    }
}

/// Why a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum LineError {
    #[error("{0:?} is not NAME=\"value\"")]
    NoAssignment(String),
    #[error("{0:?} is not a variable name")]
    NoName(String),
    #[error("the value of {0} is not plain: write it out, in one pair of quotes, without $, ` or \\")]
    NotPlain(String),
    #[error("{name} is {value:?}: expected an absolute path of letters, digits and /._-+@, without ..")]
    NoPath { name: String, value: String },
}

/// `[export] NAME=value`, with the value bare or in one pair of quotes.
fn assignment(line: &str) -> Result<(&str, &str), LineError> {
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, raw) = line.split_once('=').ok_or_else(|| LineError::NoAssignment(shown(line)))?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(LineError::NoName(shown(name)));
    }
    let quoted = |quote: char| raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(raw);
    let expands = value.contains(['$', '`', '\\', '"', '\'', ';', '&', '|', '<', '>', '(', ')']);
    if expands || (value.len() == raw.len() && value.contains(char::is_whitespace)) || value.contains(char::is_control)
    {
        return Err(LineError::NotPlain(name.to_owned()));
    }
    Ok((name, value))
}

/// An absolute path of harmless characters, fit for the configuration of every service.
fn plain_path(value: &str, name: &str) -> Result<PathBuf, LineError> {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+' | b'@');
    if !value.starts_with('/') || !value.bytes().all(harmless) || value.split('/').any(|part| part == "..") {
        return Err(LineError::NoPath { name: name.to_owned(), value: shown(value) });
    }
    Ok(PathBuf::from(value))
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
#[path = "hps_conf_tests.rs"]
mod tests;
