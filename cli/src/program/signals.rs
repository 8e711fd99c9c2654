// SPDX-License-Identifier: GPL-3.0-or-later
//! Ctrl-C and SIGTERM.

use anyhow::Context as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// From now on Ctrl-C and SIGTERM set this flag instead of ending the program. The program then ends in order: it stops the work of its
/// children, removes temporary files, and reports it.
///
/// # Errors
/// When the system refuses the handler.
pub fn interrupted() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).context("a signal handler cannot be set")?;
    }
    Ok(flag)
}
