// SPDX-License-Identifier: GPL-3.0-or-later
//! What a preflight check reads.

use super::finding::{Finding, FindingKind};
use super::install_target::InstallTarget;
use crate::config::{Cluster, SiteProfile, line_of_key};
use crate::host::Host;
use crate::types::Distro;
use std::path::{Path, PathBuf};

/// What is checked.
#[derive(Debug, Clone, Copy)]
pub struct PreflightInputs<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Its file.
    pub file: &'a Path,
    /// The file's text, for line numbers; none if the file is not written yet.
    pub text: Option<&'a str>,
    /// The site profiles of the cluster that can be used.
    pub profiles: &'a [SiteProfile],
    /// The hosts whose records can be read.
    pub hosts: &'a [Host],
    /// Where trees and builds are published.
    pub distros: &'a Path,
    /// Where local packages are.
    pub packages: &'a Path,
    /// Where ksvalidator is.
    pub ksvalidator: &'a Path,
}

impl PreflightInputs<'_> {
    pub(super) fn line(&self, key: &str) -> Option<usize> {
        self.text.and_then(|text| line_of_key(text, key))
    }

    /// Something wrong in what would be served.
    pub(super) fn answer(&self, target: &InstallTarget, problem: &str) -> Finding {
        const ADVICE: &str = "check its settings in the cluster file (host-state render shows the file of a host); if they are right, this is an error in HPS";
        let line = self.line(&format!("types.{}", target.host_type));
        Finding::new(FindingKind::Served, self.file, problem, ADVICE).at(line)
    }

    pub(super) fn in_kickstart(&self, target: &InstallTarget, line: Option<usize>, problem: &str) -> Finding {
        let line = line.map_or_else(String::new, |line| format!(", line {line}"));
        self.answer(target, &format!("its kickstart{line}: {problem}"))
    }

    pub(super) fn tree(&self, release: &Distro) -> PathBuf {
        self.distros.join(release.as_str())
    }
}
