// SPDX-License-Identifier: GPL-3.0-or-later
//! The end of questions by a signal: nothing was written, and this is said.

use crate::program::{self, Exit};
use anyhow::Context as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// While it exists, Ctrl-C, SIGTERM and a terminal that is closed end the program at once, with a line that nothing was
/// written. After it they do what they do without it.
///
/// A thread waits for the signals. It may end the process in the middle of a call of another program, which ends with
/// it (decision 86).
#[derive(Debug)]
pub(super) struct NothingWritten {
    is_over: Arc<AtomicBool>,
    /// Held while the thread ends the process: nothing is written meanwhile.
    ending: Arc<Mutex<()>>,
}

const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

impl NothingWritten {
    pub(super) fn begin() -> anyhow::Result<Self> {
        let (is_over, ending) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(())));
        for signal in SIGNALS {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&is_over))
                .context("a signal handler cannot be set")?;
        }
        let mut signals = Signals::new(SIGNALS).context("a signal handler cannot be set")?;
        let (over, lock) = (Arc::clone(&is_over), Arc::clone(&ending));
        std::thread::spawn(move || {
            for _ in signals.forever() {
                let _ending = lock.lock().unwrap_or_else(PoisonError::into_inner);
                if !over.load(Ordering::SeqCst) {
                    program::eprint("");
                    program::eprint("cluster-configure: interrupted; nothing was written");
                    std::process::exit(i32::from(Exit::Failed.code()));
                }
            }
        });
        Ok(Self { is_over, ending })
    }
}

impl Drop for NothingWritten {
    fn drop(&mut self) {
        let _not_ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_over.store(true, Ordering::SeqCst);
    }
}
