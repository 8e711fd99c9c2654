// SPDX-License-Identifier: GPL-3.0-or-later
//! The way from nothing to a published tree: ask the mirrors, prove, download, publish.

use super::{Answer, Arguments, Session, ended, progress};
use crate::media::{self, BYTES, bar, keys, show};
use crate::program::{self, Ended, Exit};
use crate::shelf::line;
use clap::CommandFactory as _;
use hps::media::download::{Order, download};
use hps::media::mirror::{Client, Mirror};
use hps::media::offer::{Offer, OfferError, checksums, offers};
use hps::media::shelf::{self, Published};
use hps::media::vendor::{Vendor, Wanted};
use hps::media::verify::{Claim, Expected};
use hps::media::{Item, Release};
use hps::types::Distro;

/// What is newer, and how it must be.
struct Newer {
    distro: Distro,
    expected: Expected,
    urls: Vec<String>,
}

pub(super) fn run(run: &Session<'_>) -> anyhow::Result<Exit> {
    let arguments = run.arguments;
    if arguments.sha256.is_some() && !matches!(arguments.release, Wanted::Exactly(_)) {
        let kind = clap::error::ErrorKind::MissingRequiredArgument;
        Arguments::command().error(kind, "--sha256 is of one release: name it, as in --release 9.7").exit();
    }
    let only_asked = arguments.check || arguments.dry_run;
    // Asking changes nothing, and needs to wait for nobody.
    let shelf = if only_asked { None } else { Some(run.lock()?) };
    let client = media::client(arguments.timeout, arguments.retries, &run.keeper.stop);
    let newer = newer(run, &client)?;
    let Some(shelf) = shelf else {
        return match newer {
            Some(newer) if arguments.json => {
                let answer = Answer { distro: &newer.distro, new: true, from: None, removed: &[] };
                program::say_json(&answer).map(|()| Exit::WouldChange)
            }
            Some(newer) => Ok(program::say(&newer.distro).map(|()| Exit::WouldChange)?),
            None => Ok(Exit::Done),
        };
    };
    let Some(newer) = newer else {
        shelf.sweep(arguments.os).map_err(ended)?;
        let removed = match newest_published(run).and_then(|r| arguments.os.distro(r, &arguments.cpu).ok()) {
            Some(newest) => run.prune(&shelf, &newest)?,
            None => Vec::new(),
        };
        if !removed.is_empty() {
            program::say(line(None, &removed))?;
        }
        return Ok(Exit::Done);
    };
    let folder = shelf.isos().map_err(ended)?;
    let order = Order { expected: &newer.expected, urls: &newer.urls, folder: &folder, limit: arguments.limit };
    progress(format_args!("downloading {}", newer.expected.name()));
    let bar = bar(BYTES);
    let iso = download(&client, &order, &mut show(&bar)).map_err(ended);
    bar.finish_and_clear();
    let (published, removed) = run.publish(&shelf, iso?, Some(arguments.os))?;
    let from = match &published {
        Published::New(origin) => Some(origin),
        Published::Before(_) => None,
    };
    if arguments.json {
        program::say_json(&Answer { distro: &newer.distro, new: from.is_some(), from, removed: &removed })?;
    } else if from.is_some() || !removed.is_empty() {
        program::say(line(from.map(|origin| Item::tree(origin.distro.clone())).as_ref(), &removed))?;
    }
    Ok(Exit::Done)
}

fn newest_published(run: &Session<'_>) -> Option<Release> {
    let line = match run.arguments.release {
        Wanted::Latest => None,
        Wanted::Line(major) => Some(major),
        Wanted::Exactly(release) => Some(release.major),
    };
    shelf::newest_release(run.distros(), run.arguments.os, &run.arguments.cpu, line)
}

/// The newest release that is meant and not published, with the word of its maker.
fn newer(run: &Session<'_>, client: &Client) -> anyhow::Result<Option<Newer>> {
    let (arguments, vendor) = (run.arguments, run.arguments.os);
    let mirrors = if arguments.mirrors.is_empty() { vec![vendor_mirror(vendor)?] } else { arguments.mirrors.clone() };
    if let Wanted::Exactly(release) = arguments.release {
        let distro = vendor.distro(release, &arguments.cpu)?;
        if shelf::newest(run.distros(), &distro).is_some() {
            up_to_date(run, &distro);
            return Ok(None);
        }
    }
    progress("asking for the newest release");
    let found = offers(client, vendor, &mirrors, arguments.release)?;
    let troubles = found.troubles.join("; ");
    let Some(newest) = found.offers.first().map(|offer| offer.release) else {
        return Err(Ended::error(Exit::Failed, troubles));
    };
    for trouble in &found.troubles {
        progress(trouble);
    }
    let published = newest_published(run).filter(|_| !matches!(arguments.release, Wanted::Exactly(_)));
    if let Some(published) = published.filter(|published| *published > newest) {
        let message = format!(
            "the newest release of {} that the mirrors offer is {newest}, and {published} is published: they are behind; nothing is changed{}",
            vendor.osname(),
            if troubles.is_empty() { String::new() } else { format!(" ({troubles})") }
        );
        return Err(Ended::error(Exit::Refused, message));
    }
    let mut not_yet = Vec::new();
    for offer in found.offers.iter().filter(|offer| published.is_none_or(|published| offer.release > published)) {
        let distro = vendor.distro(offer.release, &arguments.cpu)?;
        let expected = match expected(run, client, offer) {
            Ok(expected) => expected,
            // A folder that a mirror has made for what is still to come.
            Err(OfferError::None { missing: true, reasons, .. }) => {
                not_yet.push(reasons);
                continue;
            }
            Err(error) => return Err(ended(error)),
        };
        let below = format!("{}/{}", vendor.iso_folder(offer.release, &arguments.cpu), expected.name());
        let urls = offer.mirrors.iter().map(|mirror| mirror.url(&below)).collect();
        return Ok(Some(Newer { distro, expected, urls }));
    }
    match published {
        Some(published) => up_to_date(run, &vendor.distro(published, &arguments.cpu)?),
        None => return Err(Ended::error(Exit::NotFound, not_yet.join("; "))),
    }
    Ok(None)
}

/// On the word of the maker, or on that of the operator.
fn expected(run: &Session<'_>, client: &Client, offer: &Offer) -> Result<Expected, OfferError> {
    let (arguments, vendor) = (run.arguments, run.arguments.os);
    let name = vendor.iso_name(offer.release, &arguments.cpu, arguments.variant);
    if let Some(digest) = arguments.sha256 {
        let claim = Claim { vendor, release: offer.release, cpu: arguments.cpu.clone() };
        return Ok(Expected::on_the_word_of(&program::operator(), &name, digest, Some(claim)));
    }
    let keys =
        keys().map_err(|error| OfferError::None { reasons: error.to_string(), refused: false, missing: false })?;
    let checksums = checksums(client, keys, vendor, offer, &arguments.cpu)?;
    checksums.expected(&name).map_err(OfferError::Verify)
}

fn vendor_mirror(vendor: Vendor) -> anyhow::Result<Mirror> {
    Ok(vendor.mirror().parse()?)
}

/// Says so to a person, with the ISO that it was made from where that is not the one that was asked for.
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
