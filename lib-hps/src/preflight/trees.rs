// SPDX-License-Identifier: GPL-3.0-or-later
//! Compares what kickstarts install with what their trees and the local packages have. The lists of a tree are read
//! once for all types.

use super::finding::{Finding, FindingKind, Findings};
use super::kickstart;
use super::sample_kickstart::SampleKickstart;
use super::{InstallTarget, PreflightInputs};
use crate::files::IoError;
use crate::media::packages::lists::{ListError, Sought, missing, site_repository, tree_repositories};
use crate::types::{Distro, one_line};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A release, and the distribution of the local packages for it.
type From = (Distro, Option<Distro>);

pub(super) fn check(inputs: &PreflightInputs<'_>, kickstarts: &[SampleKickstart], findings: &mut Findings) {
    let mut trees: BTreeMap<&From, Vec<(&InstallTarget, BTreeSet<Sought>)>> = BTreeMap::new();
    for kickstart in kickstarts {
        let Some(from) = &kickstart.from else { continue };
        let mut sought = BTreeSet::new();
        for line in kickstart::packages(&kickstart.text) {
            if line.trim_start().starts_with('@') && line.contains(':') {
                let problem = format!("the module {} was not checked in the tree", line.trim());
                let advice = "build-repository --check asks dnf, which supports modules";
                findings
                    .add(&kickstart.target, Finding::new(FindingKind::Note, &inputs.tree(&from.0), &problem, advice));
            }
            sought.extend(Sought::parse(line));
        }
        trees.entry(from).or_default().push((&kickstart.target, sought));
    }
    for ((release, local), targets) in trees {
        let tree = inputs.tree(release);
        let local = local.as_ref().map(|distro| site_repository(inputs.packages, distro));
        match look(&tree, local.as_deref(), &targets) {
            Ok(Some(missing)) => lacking(&tree, release, &targets, &missing, findings),
            Ok(None) => {
                let problem = "the tree has no lists of packages: the packages of the kickstart were not checked";
                let advice = "a tree of the dvd has them; publish that one";
                each(&targets, &Finding::new(FindingKind::Note, &tree, problem, advice), findings);
            }
            Err(error) => {
                let (kind, file, problem) = unread(&error);
                let advice = match local.filter(|local| file.starts_with(local)) {
                    Some(_) => "build-repository --verify reports the damaged files".to_owned(),
                    None => format!("check-and-download-rocky --verify {release} reports the damaged files"),
                };
                let advice = if kind == FindingKind::Note { "install it, and check again".to_owned() } else { advice };
                each(&targets, &Finding::new(kind, file, &problem, &advice), findings);
            }
        }
    }
}

fn each(targets: &[(&InstallTarget, BTreeSet<Sought>)], found: &Finding, findings: &mut Findings) {
    for (target, _) in targets {
        findings.add(target, found.clone());
    }
}

/// What neither tree nor repository has; `None` if the tree has no lists.
fn look(
    tree: &Path,
    local: Option<&Path>,
    targets: &[(&InstallTarget, BTreeSet<Sought>)],
) -> Result<Option<BTreeSet<Sought>>, ListError> {
    let mut repositories: Vec<PathBuf> =
        tree_repositories(tree).map_err(IoError::during("read", tree))?.into_iter().map(|(_, path)| path).collect();
    if repositories.is_empty() {
        return Ok(None);
    }
    // The base system first: it has most packages, and the groups.
    repositories.sort_by_key(|path| !path.ends_with("BaseOS"));
    repositories.extend(local.map(Path::to_path_buf));
    let all: BTreeSet<Sought> = targets.iter().flat_map(|(_, sought)| sought.iter().cloned()).collect();
    missing(&repositories, &all).map(Some)
}

fn lacking(
    tree: &Path,
    release: &Distro,
    targets: &[(&InstallTarget, BTreeSet<Sought>)],
    missing: &BTreeSet<Sought>,
    findings: &mut Findings,
) {
    for what in missing {
        let problem = format!("the kickstart installs {what}, which neither the tree nor the local packages have");
        let advice = match what {
            Sought::Package(_) => {
                format!("publish the tree of the dvd, or add the package: build-repository --distro {}", release.line())
            }
            _ => "publish the tree of the dvd".to_owned(),
        };
        for (target, _) in targets.iter().filter(|(_, sought)| sought.contains(what)) {
            findings.add(target, Finding::new(FindingKind::Lacking, tree, &problem, &advice));
        }
    }
}

/// A list that was not unpacked because a program is missing says nothing about the tree.
fn unread(error: &ListError) -> (FindingKind, &Path, String) {
    match error {
        ListError::Io(error) => (FindingKind::Media, error.path(), format!("cannot be read: {}", error.reason())),
        ListError::Content { path, problem } => (FindingKind::Media, path, problem.clone()),
        ListError::Unpack { path, source: source @ crate::exec::ExecError::Missing { .. } } => {
            (FindingKind::Note, path, format!("not read: {}", one_line(source)))
        }
        ListError::Unpack { path, source } => (FindingKind::Media, path, one_line(source)),
    }
}
