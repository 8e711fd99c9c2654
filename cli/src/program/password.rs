// SPDX-License-Identifier: GPL-3.0-or-later
//! Questions at a terminal. A password is typed without an echo, and Ctrl-C restores the echo and ends the program.

use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{BufRead as _, IsTerminal as _, Read as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// More than a terminal gives in one line.
const MAX_LINE_BYTES: u64 = 4096;

/// The terminal that is standard input.
#[derive(Debug)]
pub(crate) struct Terminal(());

/// Restores the settings of the terminal.
struct Echo(Termios);

impl Echo {
    fn off() -> anyhow::Result<Self> {
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).context("the settings of the terminal cannot be read")?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO;
        quiet.local_modes |= LocalModes::ECHONL;
        tcsetattr(&stdin, OptionalActions::Flush, &quiet).context("the echo of the terminal cannot be switched off")?;
        Ok(Self(before))
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // The person then restores it with: stty sane
        let _best_effort = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0);
    }
}

impl Terminal {
    /// `None` if standard input is no terminal.
    pub(crate) fn of_stdin() -> Option<Self> {
        std::io::stdin().is_terminal().then_some(Self(()))
    }

    /// Asks a question.
    ///
    /// # Errors
    /// At the end of the input, and after Ctrl-C.
    pub(crate) fn ask(&self, question: &str, stop: &AtomicBool) -> anyhow::Result<String> {
        program::eprint_prompt(question);
        self.line(stop)
    }

    /// The same without an echo.
    ///
    /// # Errors
    /// As [`Terminal::ask`].
    pub(crate) fn ask_secret(&self, question: &str, stop: &AtomicBool) -> anyhow::Result<String> {
        let _echo = Echo::off()?;
        program::eprint_prompt(question);
        self.line(stop)
    }

    fn line(&self, stop: &AtomicBool) -> anyhow::Result<String> {
        let stdin = std::io::stdin();
        loop {
            if stop.load(Ordering::Relaxed) {
                program::eprint("");
                return Err(Ended::error(Exit::Failed, "interrupted; nothing was stored"));
            }
            let pause = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
            let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut asked, Some(&pause)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return read_line(),
                Err(error) => return Err(error).context("the terminal cannot be read"),
            }
        }
    }
}

/// The next line of standard input, without its end.
///
/// # Errors
/// At the end of the input; [`Exit::Usage`] if it is not text. The error has no part of the line.
pub(crate) fn read_line() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_LINE_BYTES)
        .read_until(b'\n', &mut bytes)
        .context("standard input: cannot read")?;
    if bytes.is_empty() {
        return Err(Ended::error(Exit::Failed, "the input ended; nothing was stored"));
    }
    let line = String::from_utf8(bytes).map_err(|_| Ended::error(Exit::Usage, "standard input: not UTF-8 text"))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
