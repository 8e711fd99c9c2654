// SPDX-License-Identifier: GPL-3.0-or-later
//! New packages: what apt has that is newer, and what an administrator adds, published all together or not at all.

use super::super::arguments::Given;
use super::ended::{ended, ended_with};
use super::order::{Order, progress};
use super::wanted::{components, wanted};
use crate::debian_archives::{archives, asking, lines, need_keyring};
use crate::media::{self, bar, show};
use crate::program::{self, Ended, Exit};
use hps::exec::apt::{self, Archive};
use hps::exec::apt_index::Candidate;
use hps::media::deb_repository::{Deb, DebRepository, NewDeb, Origin, PackagesKey, bring_deb};
use hps::media::packages::MAX_PACKAGE_BYTES;
use hps::media::proven_package::PackageSource;
use hps::types::Distro;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What changed, or would.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Outcome {
    distro: Distro,
    added: Vec<Deb>,
    removed: Vec<Deb>,
    packages: usize,
    /// The site has a new key, which hosts do not know.
    new_key: bool,
}

impl Outcome {
    /// Whether nothing changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && !self.new_key
    }

    /// A line for each change.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let added = self.added.iter().map(|deb| format!("{deb} would be added ({})", deb.origin));
        added.chain(self.removed.iter().map(|deb| format!("{deb} would be removed ({})", deb.origin)))
    }

    /// All in one line; none if nothing changed.
    pub(crate) fn line(&self) -> Option<String> {
        const MOST: usize = 5;
        let some = |debs: &[Deb], what: &str| {
            let named: Vec<String> = debs.iter().take(MOST).map(ToString::to_string).collect();
            let more = debs.len().checked_sub(MOST).filter(|more| *more > 0);
            let more = more.map_or_else(String::new, |more| format!(" and {more} more"));
            (!debs.is_empty()).then(|| format!("{}{more} {what}", named.join(", ")))
        };
        let parts = [some(&self.added, "added"), some(&self.removed, "removed")];
        let mut parts: Vec<String> = parts.into_iter().flatten().collect();
        if self.new_key {
            parts.push("signed with a new key".to_owned());
        }
        let count = self.packages;
        let packages = if count == 1 { "package" } else { "packages" };
        (!self.is_empty()).then(|| format!("{}: {}; {count} {packages}", self.distro, parts.join("; ")))
    }
}

/// Fetches what is newer and publishes it; with `dry_run` it only asks.
pub(crate) fn refresh(order: &Order<'_>, dry_run: bool) -> anyhow::Result<Outcome> {
    need_keyring()?;
    let repository = order.lock()?;
    let before = repository.packages().map_err(ended)?;
    let workshop = repository.workshop().map_err(ended)?;
    let given = bring(order, workshop.path())?;
    let names: BTreeSet<String> = repository.wanted(&order.base()).map_err(ended)?;
    let asked: BTreeSet<String> = order.names.iter().map(ToString::to_string).collect();
    let all_names: BTreeSet<String> = names.union(&asked).cloned().collect();

    let (archives, source) = open(order, &repository)?;
    let with_reason = |error| ended_with(error, &archives);
    let mut site: Vec<Deb> = before.iter().filter(|deb| deb.origin == Origin::Site).cloned().collect();
    let mut files: Vec<(String, std::path::PathBuf)> =
        site.iter().map(|deb| (deb.to_string(), repository.file(deb))).collect();
    for (called, new) in &given {
        if let Some(other) = site.iter().find(|deb| deb.is_same_name(new.deb())) {
            if other == new.deb() {
                continue;
            }
            let message = format!(
                "{called}: another package of this name and version is there; give it another version, or remove the old one with --remove {}",
                other.name
            );
            return Err(Ended::error(Exit::Refused, message));
        }
        site.push(new.deb().clone());
        files.push((called.clone(), new.path().to_path_buf()));
    }
    let wanted = wanted(order)?;
    let debian = resolve(order, &source, &archives, &wanted, &all_names, &asked, &files)?;

    let mut after: Vec<Deb> = debian.values().map(Deb::from_candidate).collect();
    for deb in site {
        match after.iter().find(|other| other.is_same_name(&deb)) {
            // The same bytes: Debian has it too.
            Some(other) if other.sha256 == deb.sha256 => {}
            Some(_) => {
                let message = format!(
                    "{deb} is also a package of Debian, with other bytes; give the one of the site another version, such as {}+site1",
                    deb.version
                );
                return Err(Ended::error(Exit::Refused, message));
            }
            None => after.push(deb),
        }
    }
    after.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let to_fetch: Vec<Candidate> = debian
        .into_values()
        .filter(|candidate| {
            let deb = Deb::from_candidate(candidate);
            !before.contains(&deb) || !repository.file(&deb).exists()
        })
        .collect();
    let added: Vec<Deb> = after.iter().filter(|deb| !before.contains(deb)).cloned().collect();
    let removed: Vec<Deb> = before.iter().filter(|deb| !after.contains(deb)).cloned().collect();
    let mut outcome = Outcome { distro: order.distro.clone(), added, removed, packages: after.len(), new_key: false };
    if dry_run {
        return Ok(outcome);
    }
    let bytes = to_fetch.iter().map(|candidate| candidate.size).fold(0u64, u64::saturating_add);
    repository.ask_space(bytes).map_err(ended)?;
    let bar = bar("{bar:30} package {pos} of {len}, {eta} left");
    let fetched = DebRepository::fetch(&source, &to_fetch, workshop.path(), order.stop, &mut show(&bar));
    bar.finish_and_clear();
    let mut new = fetched.map_err(with_reason)?;
    let is_new = |new: &NewDeb| outcome.added.contains(new.deb()) || !repository.file(new.deb()).exists();
    new.extend(given.into_iter().map(|(_, new)| new).filter(is_new));
    if all_names != names {
        repository.set_wanted(&all_names).map_err(ended)?;
    }
    publish(order, &repository, &mut outcome, &after, &new, workshop.path())?;
    Ok(outcome)
}

/// Publishes these packages if anything changed, and logs it.
pub(super) fn publish(
    order: &Order<'_>,
    repository: &DebRepository,
    outcome: &mut Outcome,
    after: &[Deb],
    new: &[NewDeb],
    workshop: &Path,
) -> anyhow::Result<()> {
    let (key, is_new) = PackagesKey::read_or_make(&order.key_file(), &order.base(), order.stop).map_err(ended)?;
    if is_new {
        order.log(&format!("{} made: the key that signs packages for Debian hosts", order.key_file().display()))?;
    }
    let public = key.public_key(order.stop).map_err(ended)?;
    let signed = repository.is_signed_by(&public).map_err(ended)?;
    // A file that was removed by hand is new too.
    if signed && outcome.is_empty() && new.is_empty() {
        progress("every package is up to date");
        return Ok(());
    }
    // At first there is no other one that hosts could know.
    outcome.new_key = !signed && outcome.packages > outcome.added.len();
    progress("writing the index");
    repository.publish(after, new, &key, workshop, order.stop).map_err(ended)?;
    // At first hundreds of packages come together.
    const MOST: usize = 200;
    for (debs, what) in [(&outcome.added, "added"), (&outcome.removed, "removed")] {
        let (debian, site): (Vec<&Deb>, Vec<&Deb>) = debs.iter().partition(|deb| deb.origin == Origin::Debian);
        if debian.len() > MOST {
            order.log(&format!("{} packages of Debian {what}, proven by apt", debian.len()))?;
        } else {
            for deb in debian {
                order.log(&format!("{deb} of Debian {what}, proven by apt (SHA-256 {})", deb.sha256))?;
            }
        }
        for deb in site {
            let who = program::operator();
            order.log(&format!("{deb} of the site {what} by {who} with SHA-256 {}", deb.sha256))?;
        }
    }
    if outcome.new_key {
        order.log("signed with a new key, which installed hosts do not know")?;
    }
    Ok(())
}

/// Another state of the same repository.
pub(super) fn outcome(order: &Order<'_>, before: &[Deb], after: &[Deb]) -> Outcome {
    let not_in = |some: &[Deb], others: &[Deb]| some.iter().filter(|deb| !others.contains(deb)).cloned().collect();
    Outcome {
        distro: order.distro.clone(),
        added: not_in(after, before),
        removed: not_in(before, after),
        packages: after.len(),
        new_key: false,
    }
}

/// What Debian's archives offer now.
fn open(order: &Order<'_>, repository: &DebRepository) -> anyhow::Result<(Vec<Archive>, PackageSource)> {
    let suite = order.distro.codename().unwrap_or_default();
    let archives = archives(order.mirrors, &components(&wanted(order)?), suite, order.stop)?;
    let settings = lines(apt::network_settings(order.stop)?, &archives, &media::proxies()?)?;
    progress(asking(&archives));
    let source = repository.source(&archives, &settings, order.stop).map_err(|error| ended_with(error, &archives))?;
    Ok((archives, source))
}

/// The newest packages of Debian that hosts need, by the names of their files.
fn resolve(
    order: &Order<'_>,
    source: &PackageSource,
    archives: &[Archive],
    wanted: &BTreeMap<hps::types::HostType, BTreeSet<String>>,
    names: &BTreeSet<String>,
    asked: &BTreeSet<String>,
    files: &[(String, std::path::PathBuf)],
) -> anyhow::Result<BTreeMap<String, Candidate>> {
    let with_reason = |error: hps::media::ProvenPackageError| ended_with(error.into(), archives);
    let known = source.names(order.stop).map_err(with_reason)?;
    if let Some(unknown) = asked.iter().find(|name| !known.contains(*name)) {
        let message = format!("{unknown}: no such package in Debian's archives for {}", order.distro);
        return Err(Ended::error(Exit::NotFound, message));
    }
    let mut found = BTreeMap::new();
    let mut add = |candidates: Vec<Candidate>| {
        found.extend(candidates.into_iter().map(|candidate| (candidate.file.clone(), candidate)));
    };
    for (host_type, packages) in wanted {
        // An image has kernels under names with their version, which leave the archive.
        let (there, gone): (Vec<&str>, Vec<&str>) =
            packages.iter().map(String::as_str).partition(|name| known.contains(*name));
        if !gone.is_empty() {
            progress(format_args!("{host_type}: no longer in Debian's archives: {}", gone.join(", ")));
        }
        add(source.needed(&there, order.stop).map_err(with_reason)?);
    }
    for name in names.iter().filter(|name| known.contains(*name)) {
        add(source.needed(&[name], order.stop).map_err(with_reason)?);
    }
    for (called, path) in files {
        let path = path.to_string_lossy();
        match source.needed(&[&path], order.stop).map_err(hps::media::ProvenPackageError::exec) {
            Ok(candidates) => add(candidates),
            Err(Ok(hps::exec::ExecError::Failed { said, .. })) => {
                let message = format!(
                    "{called}: what it depends on is not in Debian's archives: {said}; to see that: dpkg-deb --field FILE Depends"
                );
                return Err(Ended::error(Exit::Refused, message));
            }
            Err(Ok(error)) => return Err(error.into()),
            Err(Err(error)) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// Fetches and checks the packages of the site. Every error is reported.
fn bring(order: &Order<'_>, workshop: &Path) -> anyhow::Result<Vec<(String, NewDeb)>> {
    let client = media::client(order.timeout, order.retries, order.stop)?;
    let (mut brought, mut refusals): (Vec<(String, NewDeb)>, Vec<String>) = (Vec::new(), Vec::new());
    for (number, given) in order.given.iter().enumerate() {
        // A name of our own: the control file decides the package's name.
        let file = workshop.join(format!("{number}.deb"));
        match given {
            Given::File(path) => bring_deb(path, &file, order.stop).map_err(ended)?,
            Given::Url(url) => {
                url.fetch(&client, &file, MAX_PACKAGE_BYTES).map_err(super::super::session::ended)?;
            }
        }
        match NewDeb::from_site(&file, &given.to_string(), order.distro, order.stop) {
            Ok(new) => brought.push((given.to_string(), new)),
            Err(error) if error.is_refusal() => refusals.push(error.to_string()),
            Err(error) => return Err(ended(error)),
        }
    }
    if refusals.is_empty() {
        return Ok(brought);
    }
    Err(Ended::error(Exit::Refused, format!("{}; no package is added", refusals.join("; "))))
}
