// SPDX-License-Identifier: GPL-3.0-or-later
//! The states of a host, and the one function that moves them.
//!
//! ```text
//!                      TypeChosen/Armed              AnswerFetched            Reported(installed)
//!   UNCONFIGURED ─────────────────────▶ CONFIGURED ───────────────▶ INSTALLING ─────────────▶ INSTALLED
//!        ▲                                  ▲                        │      ▲                    │
//!        │ Unconfigured, Erased             │ TypeChosen/Armed       │      │ AnswerFetched      │ ReinstallAsked
//!        └── from every state               └── FAILED ◀─────────────┘      │ (a live            ▼
//!            but INSTALLING                     Reported(failed), GaveUp    └──────────────── REINSTALL
//!                                                                             permission)
//! ```

use crate::types::{Stage, text_enum};
use std::fmt;

text_enum! {
    /// The state of a host. The names are those of the shell release.
    HostState, "state",

    /// Only its MAC is known.
    Unconfigured = "UNCONFIGURED",
    /// Its type is chosen.
    Configured = "CONFIGURED",
    /// An installer fetched its answer file.
    Installing = "INSTALLING",
    /// Its disk has a complete system.
    Installed = "INSTALLED",
    /// A new installation was requested; it still needs a permission.
    Reinstall = "REINSTALL",
    /// An installation ended with a reason, or too many were begun.
    Failed = "FAILED",
    /// Reserved: boots a provisioned image.
    Active = "ACTIVE",
}

/// What can happen to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Its type was chosen.
    TypeChosen,
    /// It was given a permission.
    Armed,
    /// An installer fetched the answer file of a new attempt, under a live permission.
    AnswerFetched,
    /// The installer reported a step, with the token of the current attempt.
    Reported(Stage),
    /// It came back after its last attempt without a report of its end.
    GaveUp,
    /// The operator removes its type.
    Unconfigured,
    /// The operator requests a new installation.
    ReinstallAsked,
    /// The disks of its system were erased.
    Erased,
    /// An erase of the disks of its system did not succeed.
    EraseFailed,
    /// An administrator sets the state.
    SetByOperator(HostState),
}

/// An event that a state does not accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host that is {state} does not accept \"{event}\"")]
pub struct Refused {
    /// The state, which is unchanged.
    pub state: HostState,
    /// The refused event.
    pub event: Event,
}

impl HostState {
    /// Whether its disk has a system, which only a permission of an operator may replace.
    pub fn has_system(self) -> bool {
        matches!(self, Self::Installed | Self::Reinstall | Self::Active)
    }

    /// The state after `event`.
    ///
    /// # Errors
    /// [`Refused`], if this state does not accept it.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        use HostState::{Active, Configured, Failed, Installed, Installing, Reinstall, Unconfigured};
        match (self, event) {
            (_, Event::SetByOperator(state)) => Ok(state),

            (Unconfigured | Configured | Failed, Event::TypeChosen | Event::Armed) => Ok(Configured),
            // A permission alone changes nothing for an installed host: it acts at the next boot.
            (Installed | Reinstall | Active, Event::Armed) => Ok(self),
            (Reinstall, Event::TypeChosen) => Ok(Reinstall),

            (_, Event::AnswerFetched) => Ok(Installing),

            (Installing, Event::Reported(Stage::Installed)) => Ok(Installed),
            (Installing, Event::Reported(Stage::Failed) | Event::GaveUp) => Ok(Failed),
            (Installing, Event::Reported(_)) => Ok(Installing),
            // The reply to the last report may be lost, and the report comes again.
            (Installed, Event::Reported(Stage::Installed)) => Ok(Installed),
            (Failed, Event::Reported(Stage::Failed)) => Ok(Failed),

            (Unconfigured | Configured | Installed | Reinstall | Failed | Active, Event::Unconfigured) => {
                Ok(Unconfigured)
            }
            (Installed | Reinstall | Failed, Event::ReinstallAsked) => Ok(Reinstall),

            (Unconfigured | Configured | Installed | Reinstall | Failed | Active, Event::Erased) => Ok(Unconfigured),
            (Unconfigured | Configured | Installed | Reinstall | Failed | Active, Event::EraseFailed) => Ok(Failed),

            (state, event) => Err(Refused { state, event }),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TypeChosen => f.write_str("type chosen"),
            Self::Armed => f.write_str("armed"),
            Self::AnswerFetched => f.write_str("answer fetched"),
            Self::Reported(stage) => write!(f, "reported {stage}"),
            Self::GaveUp => f.write_str("gave up"),
            Self::Unconfigured => f.write_str("unconfigured"),
            Self::ReinstallAsked => f.write_str("reinstall asked"),
            Self::Erased => f.write_str("erased"),
            Self::EraseFailed => f.write_str("erase failed"),
            Self::SetByOperator(state) => write!(f, "set to {state}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HostState::*;

    /// Each event, and for each state of `ALL` in order where it leads; `None` is refused.
    #[test]
    fn the_whole_table() {
        let installing = Some(Installing);
        let table: [(Event, [Option<HostState>; 7]); 15] = [
            // UNCONFIGURED CONFIGURED INSTALLING INSTALLED REINSTALL FAILED ACTIVE
            (
                Event::TypeChosen,
                [Some(Configured), Some(Configured), None, None, Some(Reinstall), Some(Configured), None],
            ),
            (
                Event::Armed,
                [
                    Some(Configured),
                    Some(Configured),
                    None,
                    Some(Installed),
                    Some(Reinstall),
                    Some(Configured),
                    Some(Active),
                ],
            ),
            (Event::AnswerFetched, [installing; 7]),
            (Event::Reported(Stage::Started), [None, None, installing, None, None, None, None]),
            (Event::Reported(Stage::Disks), [None, None, installing, None, None, None, None]),
            (Event::Reported(Stage::Partitioned), [None, None, installing, None, None, None, None]),
            (Event::Reported(Stage::Packages), [None, None, installing, None, None, None, None]),
            (Event::Reported(Stage::Configured), [None, None, installing, None, None, None, None]),
            (Event::Reported(Stage::Installed), [None, None, Some(Installed), Some(Installed), None, None, None]),
            (Event::Reported(Stage::Failed), [None, None, Some(Failed), None, None, Some(Failed), None]),
            (Event::GaveUp, [None, None, Some(Failed), None, None, None, None]),
            (
                Event::Unconfigured,
                [
                    Some(Unconfigured),
                    Some(Unconfigured),
                    None,
                    Some(Unconfigured),
                    Some(Unconfigured),
                    Some(Unconfigured),
                    Some(Unconfigured),
                ],
            ),
            (
                Event::Erased,
                [
                    Some(Unconfigured),
                    Some(Unconfigured),
                    None,
                    Some(Unconfigured),
                    Some(Unconfigured),
                    Some(Unconfigured),
                    Some(Unconfigured),
                ],
            ),
            (
                Event::EraseFailed,
                [Some(Failed), Some(Failed), None, Some(Failed), Some(Failed), Some(Failed), Some(Failed)],
            ),
            (Event::ReinstallAsked, [None, None, None, Some(Reinstall), Some(Reinstall), Some(Reinstall), None]),
        ];
        for (event, row) in table {
            for (state, expected) in HostState::ALL.into_iter().zip(row) {
                assert_eq!(state.apply(event).ok(), expected, "{state} + {event}");
            }
        }
        for from in HostState::ALL {
            for to in HostState::ALL {
                assert_eq!(from.apply(Event::SetByOperator(to)), Ok(to));
            }
        }
    }
}
