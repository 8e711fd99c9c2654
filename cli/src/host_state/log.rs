// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state log`.

use super::find::{HostArgument, completer};
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::store::Store;

/// Print what a host did and said: its boots, the stages of its installation, and with --install the installer's own log.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state log sch-001
  host-state log sch-001 --install")]
pub(super) struct Arguments {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    /// Print the installer's own log of the newest attempt
    #[arg(long)]
    install: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let host = arguments.host.host(store)?;
    if !arguments.install {
        program::say(store.host_log(host.mac())?.trim_end())?;
        return Ok(Exit::Done);
    }
    let number = host.attempt.as_ref().map_or(0, |a| a.number);
    let path = store.paths.install_log(host.mac(), number);
    match std::fs::read(&path) {
        Ok(bytes) => {
            // What a node sent may hold control sequences; on a terminal they would act.
            let text: String = String::from_utf8_lossy(&bytes)
                .chars()
                .map(|c| if c.is_control() && c != '\n' && c != '\t' { '?' } else { c })
                .collect();
            program::say(text.trim_end())?;
            Ok(Exit::Done)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Ended::error(
            Exit::NotFound,
            format!(
                "{} has sent no installer's log of attempt {number}; see: host-state log {}",
                host.label(),
                host.label()
            ),
        )),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}
