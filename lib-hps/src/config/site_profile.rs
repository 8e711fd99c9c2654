// SPDX-License-Identifier: GPL-3.0-or-later
//! A site profile, `clusters/<name>/profiles/<profile>.toml`: what hosts of a type, or single hosts, have besides what
//! HPS gives them. It is read and checked as a whole, like a cluster file.

use super::cluster::TypeSettings;
use super::disks::DiskChanges;
use super::parse_error::ParseErrors;
use super::reader::{self, Samples};
use super::setting_error::{SettingError, SettingErrors};
use super::site_text::{FileMode, Text};
use crate::types::check_kernel_arguments;
use crate::types::{
    HostName, HostPattern, HostType, KernelArgument, Line, MacAddr, PackageName, Ports, ScriptName, SitePath,
    SiteProfileName, UnitName,
};
use serde::Deserialize;

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteProfile {
    version: u32,
    #[serde(skip)]
    origin: Origin,
    /// One line for people.
    #[serde(default)]
    pub description: Option<Line>,
    /// The types whose hosts have it.
    #[serde(default)]
    pub types: Vec<HostType>,
    /// Single hosts that have it.
    #[serde(default)]
    pub hosts: Vec<HostPattern>,
    /// Further packages.
    #[serde(default)]
    pub packages: Vec<PackageName>,
    /// Units that start with the host.
    #[serde(default)]
    pub services: Vec<UnitName>,
    /// Ports that its firewall leaves open.
    #[serde(default)]
    pub ports: Vec<Ports>,
    /// Further words for its kernel.
    #[serde(default)]
    pub kernel_arguments: Vec<KernelArgument>,
    /// Disks and layout, if they differ from those of the type.
    #[serde(default)]
    pub disks: DiskChanges,
    /// Files.
    #[serde(default, rename = "file")]
    pub files: Vec<SiteFile>,
    /// Scripts, which run in the new system in the order of the file.
    #[serde(default, rename = "script")]
    pub scripts: Vec<SiteScript>,
}

/// Where the lines of a profile are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Origin {
    /// In a text without a name.
    #[default]
    Text,
    /// In the file of this name.
    File(SiteProfileName),
    /// In the section of a host type in the cluster file.
    Section(HostType),
}

/// A file of the installed system.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFile {
    /// Its path.
    pub path: SitePath,
    /// Its permission bits.
    #[serde(default)]
    pub mode: FileMode,
    /// Whether `{{ host_name }}` and similar names in it are filled in.
    #[serde(default)]
    pub template: bool,
    /// Its text.
    pub text: Text,
}

/// A script that runs as root in the new system before its first start.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteScript {
    /// Its name in messages.
    pub name: ScriptName,
    /// Its text; the first line names its interpreter.
    pub text: Text,
}

/// Folders whose files are lost at a restart.
const NOT_ON_DISK: [&str; 7] = ["/dev", "/proc", "/run", "/sys", "/tmp", "/var/lock", "/var/run"];

/// Where systemd looks for units, besides what it makes at run time.
const UNIT_FOLDERS: [&str; 4] =
    ["/etc/systemd/system/", "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"];

/// Where old init scripts are, which count as a service of their name.
const INIT_FOLDER: &str = "/etc/init.d/";

/// One value for each required key.
const SAMPLES: Samples = Samples(&[
    ("version", "1"),
    ("file.*.path", "\"/etc/motd\""),
    ("file.*.text", "\"Welcome\\n\""),
    ("script.*.name", "\"first\""),
    ("script.*.text", "\"#!/bin/sh\\n\""),
]);

impl SiteProfile {
    const VERSION: u32 = 1;

    /// Reads a file.
    ///
    /// # Errors
    /// All of its mistakes.
    pub fn parse(text: &str, name: SiteProfileName) -> Result<Self, ParseErrors> {
        let profile: Self = reader::read(text, SAMPLES, Self::contradictions)?;
        Ok(Self { origin: Origin::File(name), ..profile })
    }

    fn contradictions(&self) -> Vec<SettingError> {
        let mut found = SettingErrors::default();
        if self.version != Self::VERSION {
            let problem = format!("version is {}: this program reads version {}", self.version, Self::VERSION);
            found.add(&["version"], problem);
            return found.into_vec();
        }
        if self.types.is_empty() && self.hosts.is_empty() {
            found.add(&["types", "hosts"], "it has neither types nor hosts, so it is for no host".to_owned());
        }
        if let Err(problem) = check_kernel_arguments(self.kernel_arguments.iter().map(KernelArgument::as_str)) {
            found.add(&["kernel_arguments"], problem.to_string());
        }
        for (index, file) in self.files.iter().enumerate() {
            let path = file.path.as_str();
            let is_below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
            if let Some(folder) = NOT_ON_DISK.into_iter().find(|folder| is_below(folder)) {
                let problem = format!(
                    "file {path}: files in {folder} are lost at a restart; expected another folder, such as /etc, or /var/lib for data of a script"
                );
                found.add(&[&format!("file.{index}")], problem);
            }
        }
        for (index, script) in self.scripts.iter().enumerate() {
            if !script.text.as_str().starts_with("#!/") {
                let problem = format!(
                    "script {}: its first line names no interpreter; expected one such as #!/bin/sh",
                    script.name
                );
                found.add(&[&format!("script.{index}")], problem);
            }
        }
        found.into_vec()
    }

    /// What the section of a host type adds to its hosts, if it adds something. One path then serves both.
    pub fn from_section(host_type: HostType, settings: &TypeSettings) -> Option<Self> {
        let TypeSettings { packages, services, ports, .. } = settings;
        if packages.is_empty() && services.is_empty() && ports.is_empty() {
            return None;
        }
        Some(Self {
            version: Self::VERSION,
            origin: Origin::Section(host_type),
            description: None,
            types: vec![host_type],
            hosts: Vec::new(),
            packages: packages.clone(),
            services: services.clone(),
            ports: ports.clone(),
            kernel_arguments: Vec::new(),
            disks: DiskChanges::default(),
            files: Vec::new(),
            scripts: Vec::new(),
        })
    }

    /// Its name.
    pub fn label(&self) -> String {
        match &self.origin {
            Origin::Text => "without a name".to_owned(),
            Origin::File(name) => name.to_string(),
            Origin::Section(host_type) => format!("[types.{host_type}]"),
        }
    }

    /// Its name in messages, with what it is.
    pub fn describe(&self) -> String {
        match self.origin {
            Origin::Section(_) => self.label(),
            _ => format!("site profile {}", self.label()),
        }
    }

    /// Whether a host has it.
    pub fn is_for(&self, host_type: HostType, name: Option<&HostName>, macs: &[MacAddr]) -> bool {
        self.types.contains(&host_type) || self.names(name, macs)
    }

    fn names(&self, name: Option<&HostName>, macs: &[MacAddr]) -> bool {
        self.hosts.iter().any(|pattern| name.is_some_and(|name| pattern.has_name(name)) || pattern.has_mac(macs))
    }

    /// The units that it enables and that no profile of the host adds as a file: the system of the host must have them.
    /// All files are placed before any unit is enabled.
    pub fn units_of_system<'a>(&'a self, of_host: &[&Self]) -> Vec<&'a str> {
        let brings = |unit: &str| {
            of_host.iter().flat_map(|profile| &profile.files).any(|file| {
                let path = file.path.as_str();
                // systemd makes no unit from a script that is not executable.
                let script = path.strip_prefix(INIT_FOLDER).filter(|_| file.mode.0 & 0o100 != 0);
                script.is_some_and(|script| unit.strip_suffix(".service") == Some(script))
                    || UNIT_FOLDERS.contains(&path.strip_suffix(unit).unwrap_or_default())
            })
        };
        let template = |unit: &str| {
            let (name, rest) = unit.split_once('@')?;
            Some(format!("{name}@.{}", rest.rsplit_once('.')?.1))
        };
        let units = self.services.iter().map(UnitName::as_str);
        units.filter(|unit| !brings(unit) && !template(unit).is_some_and(|template| brings(&template))).collect()
    }
}

#[cfg(test)]
#[path = "site_profile_tests.rs"]
mod tests;
