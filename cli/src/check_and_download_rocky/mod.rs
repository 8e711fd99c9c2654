// SPDX-License-Identifier: GPL-3.0-or-later
//! `check-and-download-rocky`: installation trees, from mirrors or from an ISO file: found, verified, published.

mod arguments;
mod ended;
mod fetch;
mod from_file;
mod progress;
mod session;

pub use arguments::Arguments;

use crate::program::{self, Exit};
use crate::published::{Family, Publisher};
use ended::ended;
use hps::media::Item;
use progress::PROGRAM;
use session::Session;

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    program::need_root()?;
    let publisher = Publisher {
        program: PROGRAM,
        family: Family::Trees,
        site: &site,
        stop: program::interrupted()?,
        json: arguments.json,
    };
    let run = Session { publisher, arguments: &arguments };
    if arguments.list {
        return run.publisher.list();
    }
    if let Some(which) = &arguments.verify {
        return run.publisher.verify(which.clone().map(Item::tree).as_ref());
    }
    if let Some(distro) = &arguments.remove {
        let store = run.lock()?;
        let remove = |_: &Item| store.remove(distro).map_err(ended);
        return run.publisher.remove(&Item::tree(distro.clone()), arguments.dry_run, remove);
    }
    match &arguments.from_file {
        Some(iso) => from_file::run(&run, iso),
        None => fetch::run(&run),
    }
}
