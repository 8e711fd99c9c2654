// SPDX-License-Identifier: GPL-3.0-or-later
//! What people ask for, made of the steps of a controller. Each step is read back: a BMC that says yes and does nothing is
//! an error.

use super::{BootHolds, Controller, Limits, PowerError, PowerState, Switch};
use crate::types::{BootMode, Line};
use std::time::Duration;

/// What to do with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Only say whether it is on.
    Status,
    /// Switch it on.
    On,
    /// Switch it off: `graceful` asks its system first, and then waits for it.
    Off {
        /// Ask the system to shut down, and wait.
        graceful: bool,
        /// Switch it off at once, if need be after the wait.
        force: bool,
    },
    /// Switch it off and on. `graceful` asks its system first.
    Cycle {
        /// Ask the system to shut down, and wait, before it is switched off at once.
        graceful: bool,
    },
    /// Boot from the network, once.
    BootOnce {
        /// The firmware mode; without it the BMC keeps the present one.
        mode: Option<BootMode>,
        /// Switch it on, or off and on, so that it boots now. `Some(true)` asks its system to shut down first.
        start: Option<bool>,
    },
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The state at the end.
    pub state: PowerState,
    /// Whether something was changed.
    pub changed: bool,
    /// The boot setting, if it was changed.
    pub boot: Option<BootHolds>,
}

impl Done {
    fn new(state: PowerState, changed: bool) -> Self {
        Self { state, changed, boot: None }
    }
}

/// Makes a change.
///
/// # Errors
/// The first step that fails, or that was accepted and not done.
pub fn make(
    controller: &mut dyn Controller,
    address: &str,
    change: Change,
    limits: &Limits,
) -> Result<Done, PowerError> {
    let mut steps = Steps { controller, address, limits };
    match change {
        Change::Status => Ok(Done::new(steps.controller.state()?, false)),
        Change::On => steps.on(),
        Change::Off { graceful, force } => steps.off(graceful, force),
        Change::Cycle { graceful } => steps.cycle(graceful),
        Change::BootOnce { mode, start } => {
            let boot = match steps.controller.boot_from_network_once(mode) {
                // The firmware of such a host decides; it can be switched on all the same.
                Err(PowerError::Unsupported { .. }) if start.is_some() && !steps.controller.knows_state() => {
                    BootHolds::Unknown
                }
                set => set?,
            };
            let done = match start {
                Some(graceful) => steps.start(graceful)?,
                None => Done::new(steps.controller.state()?, true),
            };
            Ok(Done { boot: Some(boot), ..done })
        }
    }
}

struct Steps<'a> {
    controller: &'a mut dyn Controller,
    address: &'a str,
    limits: &'a Limits,
}

impl Steps<'_> {
    fn on(&mut self) -> Result<Done, PowerError> {
        if self.settled()? == PowerState::On {
            return Ok(Done::new(PowerState::On, false));
        }
        let state = self.step(Switch::On, self.limits.change)?;
        Ok(Done::new(state, true))
    }

    fn off(&mut self, graceful: bool, force: bool) -> Result<Done, PowerError> {
        if self.settled()? == PowerState::Off {
            return Ok(Done::new(PowerState::Off, false));
        }
        if graceful {
            match self.step(Switch::GracefulShutdown, self.limits.shutdown) {
                // A system that hangs, or none: a machine in its firmware hears no ACPI.
                Err(PowerError::Unchanged { .. } | PowerError::Refused { .. }) if force => {}
                ended => return Ok(Done::new(ended?, true)),
            }
        }
        let state = self.step(Switch::ForceOff, self.limits.change)?;
        Ok(Done::new(state, true))
    }

    /// Off and on, not one reset: that the host was off is seen, and a BMC that only says so is found out.
    fn cycle(&mut self, graceful: bool) -> Result<Done, PowerError> {
        self.off(graceful, true)?;
        let state = self.step(Switch::On, self.limits.change)?;
        Ok(Done::new(state, true))
    }

    fn start(&mut self, graceful: bool) -> Result<Done, PowerError> {
        match self.settled()? {
            PowerState::On => self.cycle(graceful),
            // Its program does not know either.
            PowerState::Unknown if self.controller.knows_state() => self.cycle(graceful),
            _ => self.on(),
        }
    }

    /// The state, when no change is going on.
    fn settled(&mut self) -> Result<PowerState, PowerError> {
        let mut last = PowerState::Unknown;
        let (controller, limits) = (&mut *self.controller, self.limits);
        let settled = limits.until(limits.change, || {
            last = controller.state()?;
            Ok(Some(last).filter(|state| !matches!(state, PowerState::PoweringOn | PowerState::PoweringOff)))
        })?;
        Ok(settled.unwrap_or(last))
    }

    /// One step, and the wait until its effect is read back.
    fn step(&mut self, switch: Switch, time: Duration) -> Result<PowerState, PowerError> {
        self.controller.switch(switch)?;
        let wanted = match switch {
            Switch::On => PowerState::On,
            Switch::GracefulShutdown | Switch::ForceOff => PowerState::Off,
        };
        let mut last = PowerState::Unknown;
        let (controller, limits) = (&mut *self.controller, self.limits);
        let reached = limits.until(time, || {
            last = controller.state()?;
            Ok(Some(last).filter(|state| *state == wanted || *state == PowerState::Unknown))
        })?;
        reached.ok_or_else(|| PowerError::Unchanged {
            address: Line::lossy(self.address),
            switch,
            state: last,
            seconds: time.as_secs(),
        })
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
