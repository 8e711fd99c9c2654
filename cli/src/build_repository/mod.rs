// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-repository`: local packages for the hosts of one distro: verified, published, listed, checked.

mod add;
mod arguments;
mod check;
pub(crate) mod debian;
mod kept;
mod session;

pub use arguments::Arguments;

use crate::program::{self, Ended, Exit};
use hps::types::Method;
use session::Session;

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    program::need_root()?;
    let stop = program::interrupted()?;
    if arguments.distro.method() == Method::Image {
        return debian::run(&site, &arguments, &stop);
    }
    if let Some(flag) = arguments.only_for_debian() {
        let message = format!("{}: {flag} is only for Debian", arguments.distro);
        return Err(Ended::error(Exit::Usage, message));
    }
    if arguments.is_without_work() {
        let message = format!("{}: expected packages, --key, --list, --verify, --check or --remove", arguments.distro);
        return Err(Ended::error(Exit::Usage, message));
    }
    let run = Session { site: &site, arguments: &arguments, stop };
    if arguments.list {
        return kept::list(&run);
    }
    if arguments.verify {
        return kept::verify(&run);
    }
    if arguments.check {
        return check::check(&run);
    }
    if !arguments.remove.is_empty() {
        return kept::remove(&run);
    }
    add::add(&run)
}
