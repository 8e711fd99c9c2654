// SPDX-License-Identifier: GPL-3.0-or-later
//! The console of a host, while it is open: serial over LAN of its BMC, or a program of the site.

use super::ipmi::{bmc_error, target_of};
use super::{PowerError, Target};
use crate::exec::site_command;
use crate::exec::{Heard, Interactive, ipmitool};
use crate::types::{BmcAddress, ConsoleSource, CredentialsName, Line, PowerProtocol};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::time::Duration;

/// How long the program of a console may need for its end: a BMC must hear of it, or it keeps the session.
const END_TIMEOUT: Duration = Duration::from_secs(4);
/// No BMC writes more before its session is there.
const MAX_GREETING_BYTES: usize = 1 << 14;
const WHAT: &str = "open its console";

/// An open console.
#[derive(Debug)]
pub struct Console {
    interactive: Interactive,
    kind: Kind,
    /// What serial over LAN wrote until its session was there; `None` from then on.
    greeting: Option<Vec<u8>>,
}

#[derive(Debug)]
enum Kind {
    SerialOverLan(BmcAddress, CredentialsName),
    Command(PathBuf),
}

/// What a console gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleRead {
    /// Bytes of the host.
    Bytes(Vec<u8>),
    /// Nothing came in this time.
    Nothing,
    /// It has ended: [`Console::end`] knows why.
    End,
}

/// Opens the console of a host. Whether its BMC accepts that is known when [`Console::is_there`], or at its end.
///
/// # Errors
/// When the host has no console, or its program cannot be started.
pub fn open_console(target: &Target<'_>) -> Result<Console, PowerError> {
    match &target.control.console {
        Some(ConsoleSource::SerialOverLan) => {
            let (address, name, credentials) = target.bmc()?;
            // The address of a Redfish BMC may have the port of its web server.
            let port = if target.control.protocol == PowerProtocol::Ipmi { address.port() } else { None };
            let interactive = ipmitool::console(target_of(&address, port, &credentials, target.control.cipher_suite))?;
            Ok(Console { interactive, kind: Kind::SerialOverLan(address, name), greeting: Some(Vec::new()) })
        }
        Some(ConsoleSource::Command(path)) => {
            let path = PathBuf::from(path.as_str());
            let environment = [("HPS_HOST", target.label.to_owned()), ("HPS_MAC", target.mac.colons())];
            let started = site_command::interactive(&path, &environment, target.user);
            let interactive = started.map_err(|why| program(&path, why))?;
            Ok(Console { interactive, kind: Kind::Command(path), greeting: None })
        }
        None => Err(PowerError::NoConsole),
    }
}

impl Console {
    /// Whether keys reach the host.
    pub fn is_there(&self) -> bool {
        self.greeting.is_none()
    }

    /// What came, after this time at most.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&mut self, wait: Duration) -> Result<ConsoleRead, PowerError> {
        let mut buffer = vec![0; 1 << 14];
        let length = match self.interactive.read(&mut buffer, wait).map_err(|error| self.lost(&error))? {
            Heard::Bytes(length) => length,
            Heard::Nothing => return Ok(ConsoleRead::Nothing),
            Heard::End => return Ok(ConsoleRead::End),
        };
        buffer.truncate(length);
        let Some(greeting) = &mut self.greeting else { return Ok(ConsoleRead::Bytes(buffer)) };
        greeting.extend_from_slice(&buffer);
        let sign = ipmitool::CONSOLE_IS_THERE.as_bytes();
        let begin = greeting.windows(sign.len()).position(|window| window == sign);
        let end = begin.and_then(|begin| Some(begin + greeting.get(begin..)?.iter().position(|byte| *byte == b'\n')?));
        let Some(end) = end else {
            if greeting.len() > MAX_GREETING_BYTES {
                greeting.clear();
            }
            return Ok(ConsoleRead::Nothing);
        };
        let rest = greeting.split_off(end + 1);
        self.greeting = None;
        Ok(if rest.is_empty() { ConsoleRead::Nothing } else { ConsoleRead::Bytes(rest) })
    }

    /// Types at the host. Before the session is there, and if the host does not read, keys are lost.
    ///
    /// # Errors
    /// When the console has ended.
    pub fn write(&mut self, keys: &[u8]) -> Result<(), PowerError> {
        if !self.is_there() {
            return Ok(());
        }
        self.interactive.write(keys).map_err(|error| self.lost(&error))
    }

    /// Closes it. The session of a BMC ends too, so that the next one is accepted.
    ///
    /// # Errors
    /// Why it has ended by itself.
    pub fn end(self, is_wanted: bool) -> Result<(), PowerError> {
        let Self { interactive, kind, greeting } = self;
        let ended = interactive.end(END_TIMEOUT);
        if is_wanted {
            return Ok(());
        }
        let (status, words) = ended.unwrap_or((None, String::new()));
        Err(match kind {
            Kind::SerialOverLan(address, name) => match ipmitool::console_failure(&words) {
                ipmitool::IpmitoolError::ConsoleInUse => PowerError::ConsoleInUse { address },
                // It was there, and ipmitool has no words for it.
                ipmitool::IpmitoolError::Other(why) if greeting.is_none() && why.as_str().is_empty() => {
                    PowerError::Refused {
                        address,
                        what: "keep its console open",
                        why: Line::lossy("it ended the session"),
                    }
                }
                error => bmc_error(error, address, name, WHAT),
            },
            Kind::Command(path) => {
                let last = words.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
                let status = status
                    .and_then(|status| status.code())
                    .map_or("a signal".to_owned(), |code| format!("exit code {code}"));
                let colon = if last.is_empty() { "" } else { ": " };
                program(&path, Line::lossy(&format!("ended ({status}){colon}{last}")))
            }
        })
    }

    fn lost(&self, error: &std::io::Error) -> PowerError {
        let why = Line::lossy(&format!("is lost ({error})"));
        match &self.kind {
            Kind::SerialOverLan(address, _) => PowerError::Refused { address: address.clone(), what: WHAT, why },
            Kind::Command(path) => program(path, why),
        }
    }
}

impl AsFd for Console {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.interactive.as_fd()
    }
}

fn program(path: &std::path::Path, why: Line) -> PowerError {
    PowerError::Program { program: Line::lossy(&path.display().to_string()), why }
}
