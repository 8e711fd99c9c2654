// SPDX-License-Identifier: GPL-3.0-or-later
//! `check-and-download-rocky`: publishes an installation tree, so far from an ISO that is at hand.

use crate::program::{self, Ended, Exit};
use clap::Parser;
use hps::config::Dir;
use hps::media::tree::{self, Published, TreeError};
use hps::types::{Distro, Sha256Digest};
use std::io::Write as _;
use std::path::PathBuf;

/// Publish the installation tree of a Rocky Linux or AlmaLinux ISO.
///
/// The ISO must have the SHA-256 digest that you give: take it from the release's CHECKSUM file, whose signature you
/// checked. That it was your word is recorded in media.log.
#[derive(Debug, Parser)]
#[command(
    name = "check-and-download-rocky",
    version,
    after_help = "\
Examples:
  check-and-download-rocky --from-file Rocky-10.1-x86_64-minimal.iso --sha256 0123...cdef

Exit codes: 0 done or published before, 1 failed, 2 wrong usage, 3 refused, 4 not found,
10 --dry-run: it would be published.
The file $HPS_CONFIG, or /srv/hps-config/hps.conf, says where everything lies."
)]
pub struct Arguments {
    /// The ISO
    #[arg(long, value_name = "ISO")]
    from_file: PathBuf,
    /// Its digest
    #[arg(long, value_name = "HEX")]
    sha256: Sha256Digest,
    /// Check the digest, and publish nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Answer {
    distro: Distro,
    new: bool,
}

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    program::need_root()?;
    if !arguments.from_file.exists() {
        return Err(Ended::error(Exit::NotFound, format!("{}: no such file", arguments.from_file.display())));
    }
    // Ctrl-C ends xorriso, which fails then, and what it had extracted is removed.
    let _interrupted = program::interrupted()?;
    if program::on_terminal() {
        program::note("check-and-download-rocky: reading the ISO");
    }
    let iso = match tree::prove(&arguments.from_file, arguments.sha256) {
        Err(error @ TreeError::Digest { .. }) => return Err(Ended::error(Exit::Refused, error.to_string())),
        other => other?,
    };
    if arguments.dry_run {
        program::note(format_args!(
            "{}: the digest is right; its tree would be published",
            arguments.from_file.display()
        ));
        return Ok(Exit::WouldChange);
    }
    if program::on_terminal() {
        program::note("check-and-download-rocky: extracting the tree");
    }
    let (distro, new) = match tree::publish(&iso, site.conf.dir(Dir::Distros))? {
        Published::New(distro) => (distro, true),
        Published::Before(distro) => (distro, false),
    };
    if new {
        let line = format!(
            "{} {distro} published from {} with SHA-256 {} on the word of {}\n",
            program::now(),
            arguments.from_file.display(),
            iso.digest,
            program::operator()
        );
        let log = site.conf.dir(Dir::Log).join("media.log");
        std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&log)
            .and_then(|mut f| f.write_all(line.as_bytes()))?;
    }
    if arguments.json {
        program::say_json(&Answer { distro, new })?;
    } else {
        program::say(&distro)?;
    }
    Ok(Exit::Done)
}
