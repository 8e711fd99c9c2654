// SPDX-License-Identifier: GPL-3.0-or-later
//! The preflight check: what would be served to each host type of a cluster, checked before a machine asks for it.
//!
//! Each type and system of the cluster file gets a sample host with an answer file, made from what is published now.
//! The file is then read as its reader will read it: a kickstart by ksvalidator and by bash, and compared with the
//! package lists of its tree; the answer of the node environment by the script of that environment. The check changes
//! nothing, reads no secret and holds no lock.

mod finding;
mod image;
mod inputs;
mod install_target;
mod kickstart;
mod node;
pub(crate) mod sample;
mod sample_kickstart;
mod settings;
mod sources;
mod trees;

pub use finding::{Finding, FindingKind};
pub use inputs::PreflightInputs;
pub use install_target::{InstallTarget, targets};
pub use settings::{Setting, settings};

use crate::answer::{AnswerError, AttemptMedia, MediaFolders, wanted};
use crate::boot::Source;
use crate::config::Cluster;
use crate::exec::{ExecError, ksvalidator};
use crate::media::work_folder::sheet;
use crate::media::{self, Compared, SourceError, Unsuited, contents_list};
use crate::types::{Method, one_line};
use finding::Findings;
use sample_kickstart::SampleKickstart;
use std::path::Path;

/// Everything that is wrong with what these targets would be served, in their order.
pub fn examine(inputs: &PreflightInputs<'_>, targets: &[InstallTarget]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let mut kickstarts = Vec::new();
    let mut published_media = Vec::new();
    for target in targets {
        let published = published(inputs.distros, target, &mut findings);
        // The settings of the cluster file can be checked before anything is published.
        if let Some(source) = &published {
            suited(inputs, target, source, &mut findings);
        }
        let release = match &published {
            Some(Source::Tree { path }) => path.as_str().parse().ok(),
            _ => None,
        };
        let (source, media) = match published {
            Some(source) => match media_of(inputs, target, &source, &mut findings) {
                Some(media) => {
                    published_media.push((target, media.clone()));
                    (source, media)
                }
                None => continue,
            },
            // Before anything is published, missing ZFS is not an error.
            None => {
                let wants_zfs = inputs.cluster.wants_zfs(target.host_type, inputs.profiles);
                (sample::source(target), AttemptMedia::unpublished(wants_zfs))
            }
        };
        let from = release.map(|release| (release, media.packages().cloned()));
        match sample::answer(inputs, target, &source, &media) {
            Ok(text) if target.distro.method() == Method::Kickstart => {
                kickstarts.push(SampleKickstart { target: target.clone(), text, from });
            }
            Ok(text) => match node::problem(&text) {
                Ok(None) => {}
                Ok(Some(said)) => {
                    let problem = format!("the node environment refuses its answer file: {said}");
                    findings.add(target, inputs.answer(target, &problem));
                }
                Err(error) => findings.add_for_all(not_asked(inputs, &error)),
            },
            Err(error) => findings
                .add(target, inputs.answer(target, &format!("no answer file can be made: {}", one_line(&error)))),
        }
    }
    for kickstart in &kickstarts {
        match kickstart::faults(&kickstart.text) {
            Ok(faults) => {
                for fault in faults {
                    findings.add(&kickstart.target, inputs.in_kickstart(&kickstart.target, fault.line, &fault.problem));
                }
            }
            Err(error) => findings.add_for_all(not_asked(inputs, &error)),
        }
    }
    validate(inputs, &kickstarts, &mut findings);
    trees::check(inputs, &kickstarts, &mut findings);
    image::check(inputs, targets, &mut findings);
    for (target, media) in &published_media {
        sources::check(inputs, target, media, &mut findings);
    }
    findings.into_list()
}

/// What the types of a cluster cannot be installed from, because it is not published or damaged. [`examine`] looks
/// closer and takes longer.
pub fn unpublished(cluster: &Cluster, distros: &Path) -> Vec<Finding> {
    let mut findings = Findings::default();
    for target in targets(cluster) {
        published(distros, &target, &mut findings);
    }
    findings.into_list()
}

/// The published media of a sample attempt. What cannot be read becomes a finding; none if no answer file can be made
/// then.
fn media_of(
    inputs: &PreflightInputs<'_>,
    target: &InstallTarget,
    source: &Source,
    findings: &mut Findings,
) -> Option<AttemptMedia> {
    let folders = MediaFolders { distros: inputs.distros, packages: inputs.packages };
    match AttemptMedia::find(inputs.cluster, folders, &target.distro, target.host_type, source) {
        Ok(media) => Some(media),
        Err(AnswerError::LocalPackages(error)) => {
            let problem = format!("cannot be read: {}", error.reason());
            findings.add(target, Finding::new(FindingKind::Media, error.path(), &problem, "check its file system"));
            Some(AttemptMedia::unpublished(false))
        }
        Err(error) => {
            findings.add(target, inputs.answer(target, &format!("no answer file can be made: {}", one_line(&error))));
            None
        }
    }
}

/// Compares the values of the cluster file with what is in the system of a target.
fn suited(inputs: &PreflightInputs<'_>, target: &InstallTarget, source: &Source, findings: &mut Findings) {
    let InstallTarget { host_type, distro, .. } = target;
    let found = match media::suits(inputs.distros, distro, *host_type, source, wanted(&inputs.cluster.install)) {
        Ok(Compared::Yes) => return,
        Ok(Compared::NoList) => {
            let file =
                inputs.distros.join(distro.as_str()).join(source.build().as_str()).join(contents_list(*host_type));
            let problem = "is missing, because an older version made the build: install.timezone and install.admin_user were not checked";
            Finding::new(FindingKind::Note, &file, problem, &format!("build-image --distro {distro} makes a new build"))
        }
        Err(Unsuited { list: Some(list), problem, advice, .. }) => {
            Finding::new(FindingKind::Media, &list, &problem, &advice)
        }
        Err(Unsuited { key, problem, advice, .. }) => {
            Finding::new(FindingKind::Served, inputs.file, &problem, &advice).at(key.and_then(|key| inputs.line(key)))
        }
    };
    findings.add(target, found);
}

/// What a target would be installed from now.
fn published(distros: &Path, target: &InstallTarget, findings: &mut Findings) -> Option<Source> {
    let place = distros.join(target.distro.as_str());
    match media::source(distros, &target.distro, target.host_type, None) {
        Ok(source) => return Some(source),
        Err(SourceError::Damaged { path, problem }) => {
            let (problem, advice) = problem.split_once("; ").unwrap_or((&problem, "publish it again"));
            findings.add(target, Finding::new(FindingKind::Media, &path, problem, advice));
        }
        Err(error) => {
            let said = error.to_string();
            let (problem, advice) = said.split_once("; ").unwrap_or((&said, "publish it"));
            findings.add(target, Finding::new(FindingKind::Absent, &place, problem, advice));
        }
    }
    None
}

/// ksvalidator is slow to start, so it reads all kickstarts of a release at once. It reads each one alone only if
/// something is wrong.
fn validate(inputs: &PreflightInputs<'_>, kickstarts: &[SampleKickstart], findings: &mut Findings) {
    let mut majors: Vec<u32> = kickstarts.iter().map(|k| k.target.distro.major()).collect();
    majors.sort_unstable();
    majors.dedup();
    for major in majors {
        let these: Vec<&SampleKickstart> = kickstarts.iter().filter(|k| k.target.distro.major() == major).collect();
        if let Err(error) = validate_release(inputs, &these, major, findings) {
            findings.add_for_all(not_validated(inputs, &error));
            return;
        }
    }
}

fn validate_release(
    inputs: &PreflightInputs<'_>,
    these: &[&SampleKickstart],
    major: u32,
    findings: &mut Findings,
) -> Result<(), ExecError> {
    let start = |error| ExecError::Start { program: "ksvalidator", source: std::io::Error::other(error) };
    let files: Vec<_> = these.iter().map(|k| sheet(k.text.as_bytes())).collect::<Result<_, _>>().map_err(start)?;
    let paths: Vec<&Path> = files.iter().map(|file| file.path()).collect();
    if ksvalidator::check(inputs.ksvalidator, &paths, major)?.is_none() {
        return Ok(());
    }
    for (kickstart, path) in these.iter().zip(paths) {
        if let Some(said) = ksvalidator::check(inputs.ksvalidator, &[path], major)? {
            let problem = format!("ksvalidator for RHEL {major}: {}", said.problem);
            findings.add(&kickstart.target, inputs.in_kickstart(&kickstart.target, said.line, &problem));
        }
    }
    Ok(())
}

fn not_asked(inputs: &PreflightInputs<'_>, error: &ExecError) -> Finding {
    let problem = format!("scripts were not checked: {}", one_line(error));
    Finding::new(FindingKind::Note, inputs.file, &problem, "check again")
}

fn not_validated(inputs: &PreflightInputs<'_>, error: &ExecError) -> Finding {
    const HOW: &str = "install pykickstart from PyPI (pip install pykickstart); if ksvalidator is elsewhere, name its path in hps.conf (HPS_KSVALIDATOR)";
    let (problem, advice) = match error {
        ExecError::Missing { .. } => {
            let place = inputs.ksvalidator.display();
            (format!("ksvalidator is not installed as {place}: it did not check the kickstarts"), HOW)
        }
        // Its end is the command that corrects it.
        ExecError::Untrusted { problem, .. } => {
            let (what, how) = problem.split_once("; correct it with: ").unwrap_or((problem, "correct it"));
            (format!("ksvalidator did not check the kickstarts: {what}"), how)
        }
        other => (format!("ksvalidator could not check the kickstarts: {}", one_line(other)), "try again"),
    };
    Finding::new(FindingKind::Note, inputs.file, &problem, advice)
}
