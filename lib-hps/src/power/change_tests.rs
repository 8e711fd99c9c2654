// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes with a machine that behaves as a test wants.

use super::*;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A machine. It notes what it is asked.
#[derive(Debug)]
struct Machine {
    state: PowerState,
    asked: Vec<String>,
    /// It says yes, and does nothing.
    lies: bool,
    /// It has no system that hears a shutdown.
    hears_shutdown: bool,
}

impl Machine {
    fn new(state: PowerState) -> Self {
        Self { state, asked: Vec::new(), lies: false, hears_shutdown: true }
    }
}

impl Controller for Machine {
    fn state(&mut self) -> Result<PowerState, PowerError> {
        Ok(self.state)
    }

    fn switch(&mut self, switch: Switch) -> Result<(), PowerError> {
        self.asked.push(switch.to_string());
        if !self.lies && (switch != Switch::GracefulShutdown || self.hears_shutdown) {
            self.state = if switch == Switch::On { PowerState::On } else { PowerState::Off };
        }
        Ok(())
    }

    fn boot_from_network_once(&mut self, mode: Option<BootMode>) -> Result<BootHolds, PowerError> {
        self.asked.push(format!("pxe {}", mode.map_or("as it is", BootMode::as_str)));
        Ok(BootHolds::Once)
    }
}

fn limits() -> Limits {
    let short = Duration::from_millis(20);
    Limits { change: short, shutdown: short, answer: short, stop: Arc::new(AtomicBool::new(false)) }
}

fn made(machine: &mut Machine, change: Change) -> Result<Done, PowerError> {
    make(machine, "10.0.9.7", change, &limits())
}

#[test]
fn each_change_asks_for_what_is_needed_and_no_more() {
    use PowerState::{Off, On};
    let start = |start| Change::BootOnce { mode: Some(BootMode::Uefi), start };
    let off = |graceful, force| Change::Off { graceful, force };
    for (state, change, asked, end, changed) in [
        (On, Change::Status, "", On, false),
        (On, Change::On, "", On, false),
        (Off, Change::On, "On", On, true),
        (Off, off(true, false), "", Off, false),
        (On, off(true, false), "GracefulShutdown", Off, true),
        (On, off(false, true), "ForceOff", Off, true),
        (On, Change::Cycle { graceful: true }, "GracefulShutdown On", On, true),
        (On, Change::Cycle { graceful: false }, "ForceOff On", On, true),
        (Off, Change::Cycle { graceful: true }, "On", On, true),
        (On, start(None), "pxe uefi", On, true),
        (Off, start(Some(false)), "pxe uefi On", On, true),
        (On, start(Some(false)), "pxe uefi ForceOff On", On, true),
        (On, start(Some(true)), "pxe uefi GracefulShutdown On", On, true),
    ] {
        let mut machine = Machine::new(state);
        let done = made(&mut machine, change).unwrap();
        assert_eq!(machine.asked.join(" "), asked, "{state} {change:?}");
        assert_eq!((done.state, done.changed), (end, changed), "{state} {change:?}");
        assert_eq!(done.boot.is_some(), matches!(change, Change::BootOnce { .. }));
    }
}

#[test]
fn a_machine_that_hears_no_shutdown_is_switched_off_only_by_force() {
    let deaf = || Machine { hears_shutdown: false, ..Machine::new(PowerState::On) };
    let (mut patient, mut forced) = (deaf(), deaf());
    let error = made(&mut patient, Change::Off { graceful: true, force: false }).unwrap_err();
    assert!(matches!(error, PowerError::Unchanged { switch: Switch::GracefulShutdown, .. }), "{error}");
    assert_eq!(patient.asked, ["GracefulShutdown"]);
    made(&mut forced, Change::Off { graceful: true, force: true }).unwrap();
    assert_eq!((forced.asked.join(" ").as_str(), forced.state), ("GracefulShutdown ForceOff", PowerState::Off));
}

#[test]
fn a_yes_without_an_effect_is_an_error() {
    for (state, change) in [
        (PowerState::Off, Change::On),
        (PowerState::On, Change::Off { graceful: false, force: true }),
        (PowerState::On, Change::Cycle { graceful: false }),
    ] {
        let mut machine = Machine { lies: true, ..Machine::new(state) };
        let error = made(&mut machine, change).unwrap_err();
        assert!(matches!(error, PowerError::Unchanged { state: found, .. } if found == state), "{error}");
        assert_eq!(machine.asked.len(), 1, "it is not asked again");
    }
}

#[test]
fn nothing_is_asked_after_ctrl_c() {
    let mut machine = Machine::new(PowerState::Off);
    let limits = limits();
    limits.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(make(&mut machine, "x", Change::On, &limits), Err(PowerError::Stopped)));
    assert!(machine.asked.is_empty());
}
