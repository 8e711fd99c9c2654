// SPDX-License-Identifier: GPL-3.0-or-later
//! Whole lines from and to a terminal. The terminal itself edits a line (canonical mode of termios(3)), so its settings
//! are never changed and cannot be left wrong. Nothing but text is printed: no colour, and no escape sequence.

use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use rustix::termios::tcgetwinsize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{BufRead as _, Read as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// More than a terminal gives in one line, which is 4,096 bytes.
const MAX_LINE_BYTES: u64 = 1 << 16;
/// A prompt leaves at least so much of its line for the answer.
const ROOM: usize = 20;

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

/// The columns of the terminal that text is printed to; 0 if it does not know.
fn columns() -> usize {
    tcgetwinsize(std::io::stderr()).map_or(0, |size| usize::from(size.ws_col))
}

/// Prints sentences, broken between words.
pub(super) fn tell(title: &str, text: &str) {
    for line in program::wrapped_sentences(title, text, Some(columns())).lines() {
        program::eprint(line);
    }
}

/// Prints a question and reads its line, without its end.
///
/// # Errors
/// [`Exit::Failed`] at the end of the input; [`Exit::Usage`] if it is not text.
pub(super) fn ask(question: &str, default: Option<&str>) -> anyhow::Result<String> {
    let default = default.map_or_else(String::new, |default| format!(" [{default}]"));
    let width = columns();
    let width = if width == 0 { 80 } else { width };
    if question.chars().count() + default.chars().count() + ROOM <= width || default.is_empty() {
        program::eprint_prompt(format_args!("{question}{default}: "));
    } else {
        tell("", question);
        program::eprint_prompt(format_args!("{}: ", default.trim_start()));
    }
    read_line()?.ok_or_else(|| {
        program::eprint("");
        Ended::error(Exit::Failed, "the input ended; nothing was written")
    })
}

/// The next line of the standard input, without its end; `None` at the end of the input.
///
/// # Errors
/// When it cannot be read; [`Exit::Usage`] if it is too long, or not text.
pub(super) fn read_line() -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes);
    match read {
        Ok(0) => return Ok(None),
        Ok(_) => {}
        // A terminal that is gone.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => return Ok(None),
        Err(error) => return Err(error).context("the answer cannot be read"),
    }
    if bytes.len() as u64 == MAX_LINE_BYTES {
        return Err(Ended::error(Exit::Usage, "a line of the input is too long"));
    }
    let line = String::from_utf8(bytes).map_err(|_| Ended::error(Exit::Usage, "the answer is not UTF-8 text"))?;
    Ok(Some(line.trim_end_matches(['\n', '\r']).to_owned()))
}
