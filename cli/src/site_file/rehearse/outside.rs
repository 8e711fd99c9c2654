// SPDX-License-Identifier: GPL-3.0-or-later
//! The outside of a rehearsal: starts the inside, waits for it, and shows what it found.

use super::arguments::Rehearse;
use super::report::Report;
use crate::program::{self, Ended, Exit, Site};
use crate::site_file::encryption::gpg_environment;
use anyhow::Context as _;
use hps::exec::{age, unshare};
use hps::media::work_folder::work_folder;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::Ordering;

pub(super) fn run(site: &Site, arguments: &Rehearse) -> anyhow::Result<Exit> {
    if let Some(source) = &arguments.source {
        look_at(source)?;
    }
    let stop = program::interrupted()?;
    let work = work_folder()?;
    let mut words: Vec<OsString> = vec!["rehearse".into(), "--inside".into(), work.path().into()];
    words.extend(["--sample".into(), arguments.sample.to_string().into()]);
    if arguments.no_media {
        words.push("--no-media".into());
    }
    if let Some(identity) = &arguments.identity {
        words.extend(["--identity".into(), std::path::absolute(identity)?.into()]);
    }
    if let Some(source) = &arguments.source {
        words.push(std::path::absolute(source)?.into());
    }
    let mut environment = gpg_environment();
    environment.retain(|(name, _)| name != "GPG_TTY");
    environment.push(("HPS_CONFIG".to_owned(), site.path.display().to_string()));
    program::eprint_progress("cluster-configure", "rehearsing in namespaces of its own");
    let program = std::env::current_exe().context("this program")?;
    let output =
        unshare::run(&program, words, &environment, &stop).map_err(|error| match stop.load(Ordering::Relaxed) {
            true => Ended::error(Exit::Failed, "stopped; nothing stays of the rehearsal"),
            false => error.into(),
        })?;
    let report: Report = serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next_back().unwrap_or("it printed nothing").to_owned();
        Ended::error(Exit::Failed, format!("the rehearsal could not be made: {said}{}", way_out(&said)))
    })?;
    report.print(arguments.json)?;
    Ok(report.exit())
}

/// What to do where unshare(1) may not make namespaces, by its words.
fn way_out(said: &str) -> &'static str {
    if said.contains("root filesystem propagation") {
        "; in a chroot, its folder must be a mount point: mount --bind FOLDER FOLDER, before chroot"
    } else if said.starts_with("unshare:") {
        "; a container needs CAP_SYS_ADMIN for it; rehearse an export on a machine that is none"
    } else {
        ""
    }
}

/// Refuses what the inside cannot read: it has no terminal for a passphrase.
fn look_at(source: &Path) -> anyhow::Result<()> {
    if source.is_dir() {
        return Ok(());
    }
    let mut head = Vec::new();
    program::open_input(source)?.take(512).read_to_end(&mut head)?;
    if head.starts_with(age::PASSPHRASE_MAGIC) {
        let line = format!(
            "{}: a rehearsal cannot ask for a passphrase; encrypt for a key, or rehearse this node without a file",
            source.display()
        );
        return Err(Ended::error(Exit::Refused, line));
    }
    Ok(())
}
