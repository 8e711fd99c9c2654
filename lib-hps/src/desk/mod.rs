// SPDX-License-Identifier: GPL-3.0-or-later
//! The desk: what would be served to each host type of a cluster, looked at before a machine in a rack meets it.
//!
//! For everything that the cluster file lets be installed a sample host is given its answer file, from what is published now, and
//! the file is read as its reader will: a kickstart by ksvalidator, by bash, and beside the package lists of its tree; the
//! answer of the node environment by that environment's own script. Nothing is changed, no secret is read, no lock is held.

mod case;
mod found;
mod image;
mod kickstart;
mod node;
pub(crate) mod sample;
mod settings;
mod trees;

pub use case::{Case, cases};
pub use found::{Found, Kind};
pub use settings::{Setting, settings};

use crate::answer::{AnswerError, AttemptMedia, MediaFolders, wanted};
use crate::boot::Source;
use crate::config::{Cluster, SiteProfile, line_of_key};
use crate::exec::{ExecError, ksvalidator};
use crate::host::Host;
use crate::media::workroom::sheet;
use crate::media::{self, Compared, SourceError, Unsuited, contents_list};
use crate::types::{Distro, Method, one_line};
use found::Findings;
use std::path::{Path, PathBuf};

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Its file.
    pub file: &'a Path,
    /// The file's text, for line numbers; none where the file is not written yet.
    pub text: Option<&'a str>,
    /// The site profiles of the cluster that can be taken.
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

/// A kickstart of a sample host.
struct Kickstart {
    case: Case,
    text: String,
    /// The tree, where one is published, and the local packages beside it.
    from: Option<(Distro, Option<Distro>)>,
}

/// Everything that is wrong with what these cases would be served, in their order.
pub fn examine(desk: &Desk<'_>, cases: &[Case]) -> Vec<Found> {
    let mut findings = Findings::default();
    let mut kickstarts = Vec::new();
    for case in cases {
        let published = published(desk, case, &mut findings);
        // What the cluster file says can be looked at before anything is published.
        if let Some(source) = &published {
            suited(desk, case, source, &mut findings);
        }
        let release = match &published {
            Some(Source::Tree { path }) => path.as_str().parse().ok(),
            _ => None,
        };
        let (source, media) = match published {
            Some(source) => match media_of(desk, case, &source, &mut findings) {
                Some(media) => (source, media),
                None => continue,
            },
            // Before anything is published nobody misses ZFS.
            None => {
                let wants_zfs = desk.cluster.wants_zfs(case.host_type, desk.profiles);
                (sample::source(case), AttemptMedia::unpublished(wants_zfs))
            }
        };
        let from = release.map(|release| (release, media.packages().cloned()));
        match sample::answer(desk, case, &source, &media) {
            Ok(text) if case.distro.method() == Method::Kickstart => {
                kickstarts.push(Kickstart { case: case.clone(), text, from });
            }
            Ok(text) => match node::problem(&text) {
                Ok(None) => {}
                Ok(Some(said)) => {
                    let problem = format!("the node environment refuses its answer file: {said}");
                    findings.add(case, desk.answer(case, &problem));
                }
                Err(error) => findings.add_for_all(not_asked(desk, &error)),
            },
            Err(error) => {
                findings.add(case, desk.answer(case, &format!("no answer file can be made: {}", one_line(&error))))
            }
        }
    }
    for kickstart in &kickstarts {
        match kickstart::faults(&kickstart.text) {
            Ok(faults) => {
                for fault in faults {
                    findings.add(&kickstart.case, desk.in_kickstart(&kickstart.case, fault.line, &fault.problem));
                }
            }
            Err(error) => findings.add_for_all(not_asked(desk, &error)),
        }
    }
    validate(desk, &kickstarts, &mut findings);
    trees::check(desk, &kickstarts, &mut findings);
    image::check(desk, cases, &mut findings);
    findings.into_list()
}

/// The published media of a sample attempt. What cannot be read is a finding; none where no answer file can be made then.
fn media_of(desk: &Desk<'_>, case: &Case, source: &Source, findings: &mut Findings) -> Option<AttemptMedia> {
    let folders = MediaFolders { distros: desk.distros, packages: desk.packages };
    match AttemptMedia::find(folders, &case.distro, case.host_type, source) {
        Ok(media) => Some(media),
        Err(AnswerError::LocalPackages(error)) => {
            let problem = format!("cannot be read: {}", error.reason());
            findings.add(case, Found::new(Kind::Media, error.path(), &problem, "look at its file system"));
            Some(AttemptMedia::unpublished(false))
        }
        Err(error) => {
            findings.add(case, desk.answer(case, &format!("no answer file can be made: {}", one_line(&error))));
            None
        }
    }
}

/// The values of the cluster file beside what is in the system that a case gets.
fn suited(desk: &Desk<'_>, case: &Case, source: &Source, findings: &mut Findings) {
    let Case { host_type, distro, .. } = case;
    let found = match media::suits(desk.distros, distro, *host_type, source, wanted(&desk.cluster.install)) {
        Ok(Compared::Yes) => return,
        Ok(Compared::NoList) => {
            let file = desk.distros.join(distro.as_str()).join(source.build().as_str()).join(contents_list(*host_type));
            let problem = "is not there: an older version made the build, and whether the image knows install.timezone and has no user install.admin_user was not looked at";
            Found::new(Kind::Note, &file, problem, &format!("build-image --distro {distro} makes a new build"))
        }
        Err(Unsuited { list: Some(list), problem, advice, .. }) => Found::new(Kind::Media, &list, &problem, &advice),
        Err(Unsuited { key, problem, advice, .. }) => {
            Found::new(Kind::Served, desk.file, &problem, &advice).at(key.and_then(|key| desk.line(key)))
        }
    };
    findings.add(case, found);
}

/// What a case would be installed from now.
fn published(desk: &Desk<'_>, case: &Case, findings: &mut Findings) -> Option<Source> {
    let place = desk.distros.join(case.distro.as_str());
    match media::source(desk.distros, &case.distro, case.host_type, None) {
        Ok(source) => return Some(source),
        Err(SourceError::Damaged { path, problem }) => {
            let (problem, advice) = problem.split_once("; ").unwrap_or((&problem, "publish it again"));
            findings.add(case, Found::new(Kind::Media, &path, problem, advice));
        }
        Err(error) => {
            let said = error.to_string();
            let (problem, advice) = said.split_once("; ").unwrap_or((&said, "publish it"));
            findings.add(case, Found::new(Kind::Absent, &place, problem, advice));
        }
    }
    None
}

/// ksvalidator is slow to start, so it sees all kickstarts of a release at once, and each alone only where something is wrong.
fn validate(desk: &Desk<'_>, kickstarts: &[Kickstart], findings: &mut Findings) {
    let mut majors: Vec<u32> = kickstarts.iter().map(|k| k.case.distro.major()).collect();
    majors.sort_unstable();
    majors.dedup();
    for major in majors {
        let these: Vec<&Kickstart> = kickstarts.iter().filter(|k| k.case.distro.major() == major).collect();
        if let Err(error) = validate_release(desk, &these, major, findings) {
            findings.add_for_all(not_validated(desk, &error));
            return;
        }
    }
}

fn validate_release(
    desk: &Desk<'_>,
    these: &[&Kickstart],
    major: u32,
    findings: &mut Findings,
) -> Result<(), ExecError> {
    let start = |error| ExecError::Start { program: "ksvalidator", source: std::io::Error::other(error) };
    let files: Vec<_> = these.iter().map(|k| sheet(k.text.as_bytes())).collect::<Result<_, _>>().map_err(start)?;
    let paths: Vec<&Path> = files.iter().map(|file| file.path()).collect();
    if ksvalidator::check(desk.ksvalidator, &paths, major)?.is_none() {
        return Ok(());
    }
    for (kickstart, path) in these.iter().zip(paths) {
        if let Some(said) = ksvalidator::check(desk.ksvalidator, &[path], major)? {
            let problem = format!("ksvalidator for RHEL {major}: {}", said.problem);
            findings.add(&kickstart.case, desk.in_kickstart(&kickstart.case, said.line, &problem));
        }
    }
    Ok(())
}

fn not_asked(desk: &Desk<'_>, error: &ExecError) -> Found {
    let problem = format!("scripts were not looked at: {}", one_line(error));
    Found::new(Kind::Note, desk.file, &problem, "check again")
}

fn not_validated(desk: &Desk<'_>, error: &ExecError) -> Found {
    const HOW: &str = "install pykickstart from PyPI (pip install pykickstart); if ksvalidator is elsewhere, name its path in hps.conf (HPS_KSVALIDATOR)";
    let (problem, advice) = match error {
        ExecError::Missing { .. } => {
            let place = desk.ksvalidator.display();
            (format!("ksvalidator is not installed as {place}: kickstarts were not shown to it"), HOW)
        }
        // Its end is the command that mends it.
        ExecError::Untrusted { problem, .. } => {
            let (what, how) = problem.split_once("; mend it with: ").unwrap_or((problem, "correct it"));
            (format!("kickstarts were not shown to ksvalidator: {what}"), how)
        }
        other => (format!("kickstarts could not be shown to ksvalidator: {}", one_line(other)), "try again"),
    };
    Found::new(Kind::Note, desk.file, &problem, advice)
}

impl Desk<'_> {
    fn line(&self, key: &str) -> Option<usize> {
        self.text.and_then(|text| line_of_key(text, key))
    }

    /// Something that would be served, and that is wrong.
    fn answer(&self, case: &Case, problem: &str) -> Found {
        const ADVICE: &str = "look at what the cluster file says of it (host-state render shows the file of a host); where that is right, HPS is wrong";
        let line = self.line(&format!("types.{}", case.host_type));
        Found::new(Kind::Served, self.file, problem, ADVICE).at(line)
    }

    fn in_kickstart(&self, case: &Case, line: Option<usize>, problem: &str) -> Found {
        let line = line.map_or_else(String::new, |line| format!(", line {line}"));
        self.answer(case, &format!("its kickstart{line}: {problem}"))
    }

    fn tree(&self, release: &Distro) -> PathBuf {
        self.distros.join(release.as_str())
    }
}
