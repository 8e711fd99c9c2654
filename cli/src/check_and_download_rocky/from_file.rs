// SPDX-License-Identifier: GPL-3.0-or-later
//! `--from-file`: an ISO that is at hand, on a site without the Internet.

use super::{Answer, Session, ended, progress};
use crate::media::{BYTES, bar, keys, show};
use crate::program::{self, Ended, Exit};
use hps::files;
use hps::media::shelf::Published;
use hps::media::vendor::Vendor;
use hps::media::verify::{Checksums, Claim, Expected, SIGNATURES, VerifyError};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Neither CHECKSUM nor a signature is larger.
const LARGEST: u64 = 1 << 20;

pub(super) fn run(run: &Session<'_>, iso: &Path) -> anyhow::Result<Exit> {
    // Before anything waits for it: a FIFO or a device is no ISO.
    drop(program::open_input(iso)?);
    let name = iso.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let expected = match run.arguments.sha256 {
        Some(digest) => Expected::on_the_word_of(&program::operator(), &name, digest, None),
        None => signed(iso, &name, &run.keeper.stop)?,
    };
    let shelf = run.lock()?;
    progress("reading the ISO");
    let bar = bar(BYTES);
    let proven = expected.prove(iso, &run.keeper.stop, &mut show(&bar)).map_err(ended)?;
    bar.finish_and_clear();
    if run.arguments.dry_run {
        program::note(format_args!("{}: it is proven; its tree would be published", iso.display()));
        return Ok(Exit::WouldChange);
    }
    let (published, removed) = run.publish(&shelf, proven, None)?;
    let (distro, new, from) = match &published {
        Published::New(origin) => (&origin.distro, true, Some(origin)),
        Published::Before(distro) => (distro, false, None),
    };
    if run.arguments.json {
        program::say_json(&Answer { distro, new, from, removed: &removed })?;
    } else {
        program::say(distro)?;
    }
    Ok(Exit::Done)
}

/// What the CHECKSUM beside the ISO says of it, when the pinned key has signed it.
fn signed(iso: &Path, name: &str, stop: &AtomicBool) -> anyhow::Result<Expected> {
    let Some((vendor, release, cpu, _)) = Vendor::of_iso(name) else {
        let message =
            format!("{}: its name is not that of a release's ISO; give its digest with --sha256", iso.display());
        return Err(Ended::error(Exit::Refused, message));
    };
    let folder = iso.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = folder.join("CHECKSUM");
    let Some(text) = beside(&path)? else {
        let message =
            format!("{}: not there; put it and CHECKSUM.sig beside the ISO, or give --sha256", path.display());
        return Err(Ended::error(Exit::NotFound, message));
    };
    let mut signatures = Vec::new();
    for name in SIGNATURES {
        signatures.extend(beside(&folder.join(name))?.map(|bytes| (name, bytes)));
    }
    let key = keys()?.of(vendor, release.major).ok_or_else(|| ended(VerifyError::NoKey { vendor, release }))?;
    let claim = Claim { vendor, release, cpu };
    let checksums = Checksums::prove(claim, &key, &text, &signatures, stop).map_err(ended)?;
    checksums.expected(name).map_err(ended)
}

/// A small file, if it is there.
fn beside(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match files::read_input(path, LARGEST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
