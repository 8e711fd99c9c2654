// SPDX-License-Identifier: GPL-3.0-or-later
//! The repository for Debian hosts: packages of the images and of the site, refreshed from Debian's archives.

mod check;
mod ended;
mod kept;
mod order;
mod refresh;
mod wanted;

pub(crate) use order::Order;
pub(crate) use refresh::{Outcome, refresh};

use super::arguments::Arguments;
use crate::debian_archives::Mirrors;
use crate::program::{self, Ended, Exit, Site};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Runs the program for a system of Debian.
pub(super) fn run(site: &Site, arguments: &Arguments, stop: &Arc<AtomicBool>) -> anyhow::Result<Exit> {
    if !arguments.keys.is_empty() {
        let message = format!(
            "{}: packages of Debian hosts have no signatures of their own, so no key is accepted; give the files of the packages",
            arguments.distro
        );
        return Err(Ended::error(Exit::Usage, message));
    }
    let order = Order {
        program: "build-repository",
        site,
        distro: &arguments.distro,
        mirrors: Mirrors { main: arguments.mirror.as_ref(), security: arguments.security_mirror.as_ref() },
        given: &arguments.packages,
        names: &arguments.names,
        timeout: arguments.timeout,
        retries: arguments.retries,
        stop,
    };
    if arguments.list {
        return kept::list(&order, arguments.json);
    }
    if arguments.verify {
        return kept::verify(&order, arguments.json);
    }
    if arguments.check {
        return check::check(&order, arguments.json);
    }
    let outcome = if arguments.remove.is_empty() {
        refresh(&order, arguments.dry_run)?
    } else {
        kept::remove(&order, &arguments.remove, arguments.dry_run)?
    };
    if arguments.json {
        program::print_json(&outcome)?;
    } else if arguments.dry_run {
        outcome.lines().for_each(|line| program::eprint(format_args!("{line}")));
    } else if let Some(line) = outcome.line() {
        program::print(line)?;
    }
    Ok(if arguments.dry_run && !outcome.is_empty() { Exit::WouldChange } else { Exit::Done })
}
