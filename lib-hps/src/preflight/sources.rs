// SPDX-License-Identifier: GPL-3.0-or-later
//! Where installed hosts will get packages and updates.

use super::finding::{Finding, FindingKind, Findings};
use super::{InstallTarget, PreflightInputs};
use crate::answer::AttemptMedia;
use crate::config::PackageSources;
use crate::render::system::DebianSources;
use crate::types::Method;

/// Reports it for one target, also if that is nowhere.
pub(super) fn check(
    inputs: &PreflightInputs<'_>,
    target: &InstallTarget,
    media: &AttemptMedia,
    findings: &mut Findings,
) {
    let (cluster, distro) = (inputs.cluster, &target.distro);
    let line = inputs.line("install.sources");
    let published = media.packages().is_some();
    let from = match distro.method() {
        Method::Image => {
            let from = DebianSources::new(cluster, published);
            if from.is_empty() {
                let why = DebianSources::why_empty(cluster, distro);
                let problem = format!("hosts with {distro} will get no packages and no updates: {why}");
                let advice = format!("publish packages: build-repository --distro {distro}");
                let found = Finding::new(FindingKind::NoUpdates, inputs.file, &problem, &advice).at(line);
                return findings.add(target, found);
            }
            from.to_string()
        }
        Method::Kickstart => {
            let local = if published { " and the local packages" } else { "" };
            let mirrors = match cluster.install.sources {
                PackageSources::Distribution => ", and the mirrors of the distribution",
                PackageSources::Auto | PackageSources::Site => "",
            };
            format!("the tree{local} of this node{mirrors}")
        }
    };
    let problem = format!("hosts with {distro} will get packages and updates from {from}");
    let found = Finding::new(FindingKind::Fact, inputs.file, &problem, "install.sources chooses the sources").at(line);
    findings.add(target, found);
}
