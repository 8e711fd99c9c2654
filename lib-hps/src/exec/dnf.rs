// SPDX-License-Identifier: GPL-3.0-or-later
//! `dnf`: whether packages can be installed from repositories, with all their dependencies. It installs and downloads
//! nothing.
//!
//! Its exit code does not help: it is 1 if all is found and the question is answered with no, and also if something is
//! missing. So its words are read.

use super::{ExecError, Limit, Run};
use crate::types::Distro;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A question to it.
#[derive(Debug)]
pub struct Question<'a> {
    /// The packages and groups.
    pub distro: &'a Distro,
    /// Repositories: a name, and the folder that holds its `repodata`.
    pub repositories: &'a [(String, PathBuf)],
    /// An empty folder at first. The next query may use it again, and is then faster.
    pub place: &'a Path,
}

impl Question<'_> {
    /// Whether all of `packages`, and groups that begin with `@`, could be installed into an empty system: one line for
    /// each obstacle.
    ///
    /// # Errors
    /// When dnf is missing or is stopped, or the folder cannot be written.
    pub fn ask(&self, packages: &[&str], stop: &AtomicBool) -> Result<Vec<String>, ExecError> {
        const PROGRAM: &str = "dnf";
        let start = |source| ExecError::Start { program: PROGRAM, source };
        let (conf, root) = (self.place.join("dnf.conf"), self.place.join("root"));
        std::fs::write(&conf, "[main]\n").and_then(|()| std::fs::create_dir_all(&root)).map_err(start)?;
        let (cache, none) = (self.place.join("cache"), self.place.join("none"));
        let folder = |name: &str, path: &Path| format!("--setopt={name}={}", path.display());
        let mut run = Run::new(PROGRAM, PROGRAM)
            .env("HOME", self.place)
            .arg("--config")
            .path(&conf)
            .arg("--installroot")
            .path(&root)
            // No configuration of this machine has an effect.
            .args([folder("cachedir", &cache), folder("logdir", &cache), folder("reposdir", &none)])
            .args([folder("varsdir", &none), folder("pluginpath", &none)])
            .args(["--setopt=plugins=0", "--setopt=install_weak_deps=0", "--setopt=gpgcheck=0", "--setopt=strict=1"])
            .arg(format!("--setopt=module_platform_id=platform:el{}", self.distro.major()))
            .args(["--releasever", self.distro.version(), "--forcearch", self.distro.cpu()]);
        for (name, place) in self.repositories {
            run = run.arg("--repofrompath").arg(format!("{name},{}", place.display()));
        }
        // Anaconda writes @^ before an environment, dnf does not.
        let packages = packages.iter().map(|package| package.replace("@^", "@"));
        let output = run
            .args(["--quiet", "--assumeno", "install"])
            .args(packages)
            .ended(Limit::WORK.bytes(MAX_OUTPUT_BYTES), stop)?;
        Ok(judge(&String::from_utf8_lossy(&output.stderr)))
    }
}

/// More than it prints for any system.
const MAX_OUTPUT_BYTES: usize = 64 << 20;

/// Its output. If all was found, that is one line: that the answer was no.
fn judge(said: &str) -> Vec<String> {
    const ALL_FOUND: &str = "Operation aborted.";
    if said.trim() == ALL_FOUND {
        return Vec::new();
    }
    let lines = said.lines().map(|line| line.trim().trim_start_matches("- ").trim_start_matches("Error: "));
    let telling = |line: &&str| !line.is_empty() && !matches!(*line, "Error:" | "Nothing to do." | ALL_FOUND);
    let lines: Vec<String> = lines.filter(telling).map(str::to_owned).collect();
    if lines.is_empty() { vec![format!("dnf gave no answer: {said:?}")] } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way() {
        assert!(judge("Operation aborted.\n").is_empty());
        for (said, lines) in [
            ("Error: Unable to find a match: nosuch other\n", &["Unable to find a match: nosuch other"][..]),
            (
                "Module or Group 'x' is not available.\nError: Nothing to do.\n",
                &["Module or Group 'x' is not available."],
            ),
            (
                "Error: \n Problem: conflicting requests\n  - nothing provides b needed by a-1.0-1.x86_64\n",
                &["Problem: conflicting requests", "nothing provides b needed by a-1.0-1.x86_64"],
            ),
            ("Module or Group 'x' is not available.\nOperation aborted.\n", &["Module or Group 'x' is not available."]),
            ("", &["dnf gave no answer: \"\""]),
        ] {
            assert_eq!(judge(said), lines, "{said}");
        }
    }
}
