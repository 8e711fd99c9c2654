// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-repository`: local packages for the hosts of one distro: verified, published, listed, checked.

mod add;
mod arguments;
mod check;
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
    if arguments.distro.method() != Method::Kickstart {
        let message = format!(
            "{}: build-image makes the image of its hosts from Debian's packages; repositories are for Rocky Linux and AlmaLinux",
            arguments.distro
        );
        return Err(Ended::error(Exit::Refused, message));
    }
    program::need_root()?;
    let run = Session { site: &site, arguments: &arguments, stop: program::interrupted()? };
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
