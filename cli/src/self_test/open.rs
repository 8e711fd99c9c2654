// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps.conf` and the active cluster, as far as they can be read.

use super::check::NEEDS_ROOT;
use super::context::Context;
use super::found::Found;
use crate::program::{self, Ended, Exit, Site, conf_path};
use hps::files::FileError;
use hps::store::{Store, StoreError, load_conf};
use hps::types::one_line;

/// The check that fails when nothing can be opened, and what it found.
#[derive(Debug)]
pub(super) struct NotOpened {
    pub(super) check: &'static str,
    pub(super) found: Vec<Found>,
}

/// Opens them.
///
/// # Errors
/// [`Exit::NotFound`] if HPS is not configured here.
pub(super) fn open() -> anyhow::Result<Result<Context, NotOpened>> {
    let path = conf_path();
    let conf = match load_conf(&path) {
        Ok(conf) => conf,
        Err(StoreError::Io(error)) if error.is_not_found() => {
            let line = format!("{}: no such file; cluster-configure makes it", path.display());
            return Err(Ended::error(Exit::NotFound, line));
        }
        Err(error) => return Ok(Err(not_opened(error))),
    };
    if let Err(error) = program::check_folders(&conf) {
        return Ok(Err(not_opened(StoreError::Untrusted(error))));
    }
    let opened = Store::open(&conf).map(|store| Context::new(Site { path, conf }, store));
    Ok(opened.map_err(not_opened))
}

fn not_opened(error: StoreError) -> NotOpened {
    let (check, found) = match error {
        StoreError::Mistakes { path, mistakes } => {
            let line =
                |mistake: &_| Found::problem(format!("{}: {mistake}", path.display()), "correct it, then: reload");
            ("cluster", mistakes.iter().map(line).collect())
        }
        StoreError::Untrusted(FileError::Untrusted { path, problem, mend }) => {
            ("rights", vec![Found::problem(format!("{}: {problem}", path.display()), mend)])
        }
        error if program::is_denied(&error) && !rustix::process::geteuid().is_root() => {
            ("cluster", vec![Found::unchecked(NEEDS_ROOT, "")])
        }
        error @ (StoreError::NoActiveCluster { .. } | StoreError::ActiveClusterGone { .. }) => {
            ("cluster", vec![Found::problem_line(&one_line(&error))])
        }
        error => ("cluster", vec![Found::problem(one_line(&error), "correct it, then: reload")]),
    };
    NotOpened { check, found }
}
