// SPDX-License-Identifier: GPL-3.0-or-later
//! `--from-file`: an ISO from a file, on a site without the Internet.

use super::ended::ended;
use super::progress::progress;
use super::session::{Answer, Session};
use crate::media::{BYTES, bar, keys, show};
use crate::program::{self, Ended, Exit};
use hps::media::brought::{Brought, BroughtError};
use hps::media::iso::{Checksums, Expected, ReleaseId, SIGNATURES, VerifyError};
use hps::media::tree_store::PublishOutcome;
use hps::media::vendor::Vendor;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Neither a CHECKSUM nor a signature is larger.
const MAX_CHECKSUM_BYTES: u64 = 1 << 20;

pub(super) fn run(run: &Session<'_>, iso: &Path) -> anyhow::Result<Exit> {
    let opened = Brought::open(iso).map_err(taken)?;
    let name = iso.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let expected = match run.arguments.sha256 {
        Some(digest) => Expected::on_the_word_of(&program::operator(), &name, digest, None),
        None => signed(iso, &name, &run.publisher.stop)?,
    };
    let store = run.lock()?;
    if let Some(release_id) = expected.release_id() {
        run.admit(&release_id.vendor.distro(release_id.release, &release_id.cpu)?, Some(expected.sha256()))?;
    }
    progress("reading the ISO");
    let bar = bar(BYTES);
    if run.arguments.dry_run {
        expected.check(&opened, &run.publisher.stop, &mut show(&bar)).map_err(ended)?;
        bar.finish_and_clear();
        program::eprint(format_args!("{}: it is verified; its tree would be published", iso.display()));
        return Ok(Exit::WouldChange);
    }
    let verified = expected.verify(&opened, run.distros(), &run.publisher.stop, &mut show(&bar)).map_err(ended)?;
    bar.finish_and_clear();
    let (published, removed) = run.publish(&store, verified, None)?;
    let (distro, new, from) = match &published {
        PublishOutcome::New(origin) => (&origin.distro, true, Some(origin)),
        PublishOutcome::AlreadyPublished(distro) => (distro, false, None),
    };
    if run.arguments.json {
        program::print_json(&Answer { distro, new, from, removed: &removed })?;
    } else {
        program::print(distro)?;
    }
    Ok(Exit::Done)
}

/// The digest in the CHECKSUM beside the ISO, if the pinned key has signed it.
fn signed(iso: &Path, name: &str, stop: &AtomicBool) -> anyhow::Result<Expected> {
    let Some((vendor, release, cpu, _)) = Vendor::parse_iso_name(name) else {
        let message =
            format!("{}: this is not the name of a release's ISO; give its digest with --sha256", iso.display());
        return Err(Ended::error(Exit::Refused, message));
    };
    let folder = iso.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = folder.join("CHECKSUM");
    let Some(text) = beside(&path)? else {
        let message =
            format!("{}: no such file; put it and CHECKSUM.sig beside the ISO, or give --sha256", path.display());
        return Err(Ended::error(Exit::NotFound, message));
    };
    let mut signatures = Vec::new();
    for name in SIGNATURES {
        signatures.extend(beside(&folder.join(name))?.map(|bytes| (name, bytes)));
    }
    let key =
        keys(stop)?.for_release(vendor, release.major).ok_or_else(|| ended(VerifyError::NoKey { vendor, release }))?;
    let release_id = ReleaseId { vendor, release, cpu };
    let checksums = Checksums::verify(release_id, &key, &text, &signatures, stop).map_err(ended)?;
    checksums.expected(name).map_err(ended)
}

/// A small file, if it is there.
fn beside(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match Brought::open(path).and_then(|file| file.bytes(MAX_CHECKSUM_BYTES)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(BroughtError::Missing(_)) => Ok(None),
        Err(error) => Err(taken(error)),
    }
}

/// Why a file from the operator is refused, with its exit code.
fn taken(error: BroughtError) -> anyhow::Error {
    ended(VerifyError::from(error))
}
