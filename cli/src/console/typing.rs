// SPDX-License-Identifier: GPL-3.0-or-later
//! The terminal of a person who types at a console: every key comes as it is, and the terminal is restored in any case that
//! a program can see, a signal included.

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd;
use std::time::Duration;

/// The terminal.
#[derive(Debug)]
pub(crate) struct TypingTerminal(());

/// While it is raw.
#[derive(Debug)]
pub(crate) struct Raw(Termios);

impl TypingTerminal {
    /// `None` if standard input or output is no terminal.
    pub(crate) fn of_this_process() -> Option<Self> {
        (std::io::stdin().is_terminal() && std::io::stdout().is_terminal()).then_some(Self(()))
    }

    /// From now on no key acts on this program.
    ///
    /// # Errors
    /// When the terminal does not accept that.
    pub(crate) fn raw(&self) -> anyhow::Result<Raw> {
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).context("the settings of the terminal cannot be read")?;
        let mut raw = before.clone();
        raw.make_raw();
        let restored = Raw(before);
        tcsetattr(&stdin, OptionalActions::Now, &raw).context("the terminal cannot be changed")?;
        Ok(restored)
    }
}

impl Raw {
    /// The keys that were typed, when there are some, `other` can be read, or the time is over; `None` if the terminal is gone.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub(crate) fn keys(&self, other: impl AsFd, wait: Duration) -> anyhow::Result<Option<Vec<u8>>> {
        let stdin = std::io::stdin();
        let wait = Timespec { tv_sec: 0, tv_nsec: wait.subsec_nanos().into() };
        let mut asked = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&other, PollFlags::IN)];
        match poll(&mut asked, Some(&wait)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("the terminal cannot be read"),
        }
        let [typed, _] = asked;
        if typed.revents().is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut keys = [0; 1024];
        // Not by the buffered reader of the standard library: poll(2) does not know what that has.
        match rustix::io::read(&stdin, &mut keys) {
            Err(rustix::io::Errno::INTR) => Ok(Some(Vec::new())),
            // The terminal was closed.
            Ok(0) | Err(_) => Ok(None),
            Ok(length) => Ok(Some(keys.get(..length).unwrap_or_default().to_vec())),
        }
    }

    /// Shows bytes as they are.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) fn show(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // If it fails the terminal is gone, or the person types: stty sane
        let _best_effort = tcsetattr(std::io::stdin(), OptionalActions::Drain, &self.0);
    }
}
