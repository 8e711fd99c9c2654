// SPDX-License-Identifier: GPL-3.0-or-later
//! From the mirrors to a published tree: query, verify, download, publish.

use super::arguments::Arguments;
use super::ended::{advice, ended};
use super::progress::progress;
use super::session::{Answer, Session};
use crate::media::{self, BYTES, bar, keys, show};
use crate::program::{self, Ended, Exit};
use crate::published::line;
use anyhow::Context as _;
use clap::CommandFactory as _;
use hps::media::available_releases::{AvailableRelease, available_releases};
use hps::media::checksum_search::{ChecksumSearch, SearchError};
use hps::media::download::{DownloadError, Order, download};
use hps::media::iso::{Expected, ReleaseId, VerifiedIso};
use hps::media::mirror::{Client, Mirror};
use hps::media::tree_store::{PublishOutcome, TreeStore};
use hps::media::trees;
use hps::media::vendor::{Vendor, Wanted};
use hps::media::{Item, Release};
use hps::types::Distro;

/// What is newer, and which form it must have.
struct Newer<'a> {
    distro: Distro,
    expected: Expected,
    urls: Vec<String>,
    /// When other sources may change that form.
    search: Option<ChecksumSearch<'a>>,
}

pub(super) fn run(run: &Session<'_>) -> anyhow::Result<Exit> {
    let arguments = run.arguments;
    if arguments.sha256.is_some() && !matches!(arguments.release, Wanted::Exactly(_)) {
        let kind = clap::error::ErrorKind::MissingRequiredArgument;
        Arguments::command()
            .error(kind, "--sha256 is the digest of one release: name the release, for example --release 9.7")
            .exit();
    }
    let only_asked = arguments.check || arguments.dry_run;
    // A query changes nothing and needs no lock.
    let store = if only_asked { None } else { Some(run.lock()?) };
    let client = media::client(arguments.timeout, arguments.retries, &run.publisher.stop)?;
    let newer = newer(run, &client)?;
    let Some(store) = store else {
        return match newer {
            Some(newer) if arguments.json => {
                let answer = Answer { distro: &newer.distro, new: true, from: None, removed: &[] };
                program::print_json(&answer).map(|()| Exit::WouldChange)
            }
            Some(newer) => Ok(program::print(&newer.distro).map(|()| Exit::WouldChange)?),
            None => Ok(Exit::Done),
        };
    };
    let Some(newer) = newer else {
        store.isos().and_then(|isos| isos.sweep(arguments.os)).map_err(ended)?;
        let removed = match newest_published(run)?.and_then(|r| arguments.os.distro(r, &arguments.cpu).ok()) {
            Some(newest) => run.prune(&store, &newest)?,
            None => Vec::new(),
        };
        if !removed.is_empty() {
            program::print(line(None, &removed))?;
        }
        return Ok(Exit::Done);
    };
    let distro = newer.distro.clone();
    progress(format_args!("downloading {}", newer.expected.name()));
    let bar = bar(BYTES);
    let iso = bring(run, &store, &client, newer, &mut show(&bar));
    bar.finish_and_clear();
    let (published, removed) = run.publish(&store, iso?, Some(arguments.os))?;
    let from = match &published {
        PublishOutcome::New(origin) => Some(origin),
        PublishOutcome::AlreadyPublished(_) => None,
    };
    if arguments.json {
        program::print_json(&Answer { distro: &distro, new: from.is_some(), from, removed: &removed })?;
    } else if from.is_some() || !removed.is_empty() {
        program::print(line(from.map(|origin| Item::tree(origin.distro.clone())).as_ref(), &removed))?;
    }
    Ok(Exit::Done)
}

/// Downloads it by the first CHECKSUM that a mirror can fulfil. If none can, the errors of all mirrors are reported.
fn bring(
    run: &Session<'_>,
    store: &TreeStore,
    client: &Client,
    newer: Newer<'_>,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> anyhow::Result<VerifiedIso> {
    let isos = store.isos().map_err(ended)?;
    let Newer { distro, mut expected, urls, mut search } = newer;
    let (mut faults, mut was_refused, mut was_unreachable) = (Vec::new(), false, true);
    loop {
        let order = Order { expected: &expected, urls: &urls, folder: isos.path(), limit: run.arguments.limit };
        let mut iso = download(client, &order, progress);
        if matches!(iso, Err(DownloadError::Space { .. }))
            && let Ok(release) = distro.version().parse()
            && isos.make_way_for(run.arguments.os, release).map_err(ended)?
        {
            iso = download(client, &order, progress);
        }
        let (name, tries, refused, unreachable) = match iso {
            Err(DownloadError::NoMirror { name, tries, refused, unreachable }) => (name, tries, refused, unreachable),
            other => return other.map_err(ended),
        };
        faults.push(tries);
        was_refused |= refused;
        was_unreachable &= unreachable;
        let next = search.as_mut().map(ChecksumSearch::next_expected).transpose().map_err(ended)?.flatten();
        if let Some(next) = next {
            expected = next;
            continue;
        }
        if let Some(SearchError::None { reasons, refused, .. }) = search.map(ChecksumSearch::faults)
            && !reasons.is_empty()
        {
            faults.push(reasons);
            was_refused |= refused;
        }
        let tries = faults.join("; ");
        return Err(ended(DownloadError::NoMirror { name, tries, refused: was_refused, unreachable: was_unreachable }));
    }
}

fn newest_published(run: &Session<'_>) -> anyhow::Result<Option<Release>> {
    let line = match run.arguments.release {
        Wanted::Latest => None,
        Wanted::Line(major) => Some(major),
        Wanted::Exactly(release) => Some(release.major),
    };
    trees::newest_release(run.distros(), run.arguments.os, &run.arguments.cpu, line)
        .with_context(|| format!("{}: cannot be read", run.distros().display()))
}

/// The newest release that fits and is not published, with its signed CHECKSUM.
fn newer<'a>(run: &Session<'_>, client: &'a Client) -> anyhow::Result<Option<Newer<'a>>> {
    let (arguments, vendor) = (run.arguments, run.arguments.os);
    let mirrors = if arguments.mirrors.is_empty() { vec![vendor_mirror(vendor)?] } else { arguments.mirrors.clone() };
    if let Wanted::Exactly(release) = arguments.release {
        let distro = vendor.distro(release, &arguments.cpu)?;
        let looked = trees::newest(run.distros(), &distro);
        if looked.with_context(|| format!("{}: cannot be read", run.distros().display()))?.is_some() {
            up_to_date(run, &distro);
            return Ok(None);
        }
        // Before any query or download that would be useless.
        run.admit(&distro, None)?;
    }
    let asked: Vec<String> = mirrors.iter().map(ToString::to_string).collect();
    progress(format_args!("asking {} for the newest release; to stop: Ctrl-C", asked.join(" and ")));
    let found = available_releases(client, vendor, &mirrors, arguments.release)?;
    let warnings = found.warnings.join("; ");
    let Some(newest) = found.releases.first().map(|newest| newest.release) else {
        return Err(Ended::error(Exit::Failed, format!("{warnings}{}", advice(found.unreachable))));
    };
    for warning in &found.warnings {
        progress(warning);
    }
    let published = newest_published(run)?.filter(|_| !matches!(arguments.release, Wanted::Exactly(_)));
    if let Some(published) = published.filter(|published| *published > newest) {
        let message = format!(
            "the newest release of {} on the mirrors is {newest}, but {published} is published: the mirrors are behind; nothing was changed{}",
            vendor.as_str(),
            if warnings.is_empty() { String::new() } else { format!(" ({warnings})") }
        );
        return Err(Ended::error(Exit::Refused, message));
    }
    let (mut not_yet, mut faults, mut was_refused, mut was_unreachable) = (Vec::new(), Vec::new(), false, true);
    for offer in found.releases.iter().filter(|found| published.is_none_or(|published| found.release > published)) {
        let distro = vendor.distro(offer.release, &arguments.cpu)?;
        run.admit(&distro, None)?;
        let (expected, search) = match expected(run, client, offer) {
            Ok(found) => found,
            // A folder that a mirror has made for a future release.
            Err(SearchError::None { missing: true, reasons, .. }) => {
                not_yet.push(reasons);
                continue;
            }
            // A mirror's own extra folder must not hide the older one of another mirror.
            Err(SearchError::None { reasons, refused, unreachable, .. }) => {
                progress(&reasons);
                faults.push(reasons);
                was_refused |= refused;
                was_unreachable &= unreachable;
                continue;
            }
            Err(error) => return Err(ended(error)),
        };
        let below = format!("{}/{}", vendor.iso_folder(offer.release, &arguments.cpu), expected.name());
        let urls = offer.mirrors.iter().map(|mirror| mirror.url(&below)).collect();
        return Ok(Some(Newer { distro, expected, urls, search }));
    }
    if !faults.is_empty() {
        let reasons = faults.join("; ");
        let (refused, unreachable) = (was_refused, was_unreachable);
        return Err(ended(SearchError::None { reasons, refused, missing: false, unreachable }));
    }
    match published {
        Some(published) => up_to_date(run, &vendor.distro(published, &arguments.cpu)?),
        None => return Err(Ended::error(Exit::NotFound, not_yet.join("; "))),
    }
    Ok(None)
}

/// Proven by the CHECKSUM of the maker, with the search that found it, or by the digest of the operator.
fn expected<'a>(
    run: &Session<'_>,
    client: &'a Client,
    offer: &AvailableRelease,
) -> Result<(Expected, Option<ChecksumSearch<'a>>), SearchError> {
    let (arguments, vendor) = (run.arguments, run.arguments.os);
    let name = vendor.iso_name(offer.release, &arguments.cpu, arguments.variant);
    let release_id = ReleaseId { vendor, release: offer.release, cpu: arguments.cpu.clone() };
    if let Some(digest) = arguments.sha256 {
        return Ok((Expected::on_the_word_of(&program::operator(), &name, digest, Some(release_id)), None));
    }
    let keys = keys(&run.publisher.stop).map_err(|error| SearchError::None {
        reasons: error.to_string(),
        refused: false,
        missing: false,
        unreachable: false,
    })?;
    let mut search = ChecksumSearch::new(client, keys, release_id, offer, &name)?;
    match search.next_expected()? {
        Some(expected) => Ok((expected, Some(search))),
        None => Err(search.faults()),
    }
}

fn vendor_mirror(vendor: Vendor) -> anyhow::Result<Mirror> {
    Ok(vendor.mirror().parse()?)
}

/// Reports that to a person, with the ISO of the tree if that is another one than the wanted one.
fn up_to_date(run: &Session<'_>, distro: &Distro) {
    let origin = hps::media::inventory::origin(&run.distros().join(distro.as_str()));
    let other = match (&origin, distro.version().parse()) {
        (Ok(origin), Ok(release)) => {
            let wanted = run.arguments.os.iso_name(release, &run.arguments.cpu, run.arguments.variant);
            (origin.iso != wanted).then(|| format!(", from {}; for {wanted}, --remove it first", origin.iso))
        }
        _ => None,
    };
    progress(format_args!("{distro} is published{}", other.unwrap_or_default()));
}
