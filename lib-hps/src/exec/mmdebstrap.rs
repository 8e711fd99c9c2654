// SPDX-License-Identifier: GPL-3.0-or-later
//! `mmdebstrap`: a root of Debian packages, verified by apt.

use super::apt::{Archive, RESOLVER};
use super::{ExecError, Limit, Run};
use crate::types::Cpu;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "mmdebstrap";

/// Makes `/bin` and its like links into `/usr` before the first package.
const MERGED_USR: &str = "/usr/share/mmdebstrap/hooks/merged-usr";

/// How much is done with the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// They are extracted, and none of their scripts runs: a source of files.
    Extract,
    /// They are installed, with all essential packages and apt: a system.
    Apt,
}

/// What to make.
#[derive(Debug, Clone)]
pub struct Bootstrap<'a> {
    /// How.
    pub variant: Variant,
    /// The release: `bookworm`.
    pub suite: &'a str,
    /// The processor that they are for. Programs of another one than this machine's run through binfmt_misc.
    pub cpu: Cpu,
    /// The packages, besides those of the variant.
    pub packages: &'a [String],
    /// The archives.
    pub archives: &'a [Archive],
    /// Settings for apt, or files with such: see [`super::apt::network_settings`]. They include proxies; apt gets none
    /// from its environment.
    pub settings: &'a [String],
    /// A file with settings for dpkg, which stay in the root.
    pub dpkg: Option<&'a Path>,
    /// A program that is called with the root before any package is in it.
    pub prepare: Option<&'a Path>,
    /// A program that is called with the root when all packages are in it.
    pub finish: Option<&'a Path>,
    /// Variables for these programs.
    pub variables: &'a [(&'a str, PathBuf)],
    /// Its working folder.
    pub temporary: &'a Path,
}

impl Bootstrap<'_> {
    /// Makes it: a folder, or an archive where the name ends in `.tar`.
    ///
    /// # Errors
    /// When mmdebstrap is missing, fails or is stopped.
    pub fn make(&self, target: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
        self.call(&["--quiet"], target).output(Limit::WORK, stop).map(drop)
    }

    /// Asks apt which packages it would install, with its current lists; downloads no package. Name and version of
    /// each.
    ///
    /// # Errors
    /// As [`Self::make`], and when it names no package.
    pub fn simulate(&self, stop: &AtomicBool) -> Result<BTreeMap<String, String>, ExecError> {
        let output = self.call(&["--verbose", "--simulate"], Path::new("/dev/null")).output(Limit::WORK, stop)?;
        let packages = packages_of(&String::from_utf8_lossy(&output.stderr));
        if packages.is_empty() {
            return Err(ExecError::Output { program: PROGRAM, problem: "no package is named".to_owned() });
        }
        Ok(packages)
    }

    fn call(&self, options: &[&str], target: &Path) -> Run {
        let variant = match self.variant {
            Variant::Extract => "--variant=extract",
            Variant::Apt => "--variant=apt",
        };
        let mut run = Run::new(PROGRAM, PROGRAM)
            .env("TMPDIR", self.temporary)
            .env(RESOLVER.0, RESOLVER.1)
            // Scripts of packages may expect one.
            .env("HOME", "/root")
            .args(options)
            .args(["--mode=root", variant])
            .arg(format!("--architectures={}", self.cpu.debian()))
            .arg(format!("--include={}", self.packages.join(",")));
        for (name, value) in self.variables {
            run = run.env(name, value);
        }
        for setting in self.settings {
            run = run.arg(format!("--aptopt={setting}"));
        }
        if let Some(file) = self.dpkg {
            run = run.arg(option("--dpkgopt=", file));
        }
        if self.variant == Variant::Apt && Path::new(MERGED_USR).is_dir() {
            run = run.arg(option("--hook-dir=", Path::new(MERGED_USR)));
        }
        if let Some(program) = self.prepare {
            run = run.arg(option("--setup-hook=", program));
        }
        if let Some(program) = self.finish {
            run = run.arg(option("--customize-hook=", program));
        }
        run.arg(self.suite).arg(target).args(self.archives.iter().map(ToString::to_string))
    }
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut text = std::ffi::OsString::from(name);
    text.push(path);
    text
}

/// `Inst name (version ...` or `Inst name [old] (version ...`, as apt-get --simulate prints it.
fn packages_of(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| {
            let rest = line.strip_prefix("Inst ")?;
            let (name, _) = rest.split_once(' ')?;
            let version = rest.split_once('(')?.1.split_whitespace().next()?;
            Some((name.to_owned(), version.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_apt_would_install() {
        let text = "Reading package lists...\nInst gcc-12-base (12.2.0-14+deb12u1 Debian:12.15/oldstable [amd64])\n\
                    Inst libc6 [2.36-8] (2.36-9 Debian:12.15/oldstable [amd64]) []\nConf libc6 (2.36-9 x)\n";
        let found = packages_of(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found.get("libc6").map(String::as_str), Some("2.36-9"));
    }
}
