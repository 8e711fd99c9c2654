// SPDX-License-Identifier: GPL-3.0-or-later
//! `timedatectl` (systemd): whether a time server sets the clock of this machine.

use super::{Limit, Run};
use std::sync::atomic::AtomicBool;

/// Whether the clock is synchronised, as the kernel was told by the program that sets it; `None` where systemd does not
/// answer, as in a container.
pub fn is_synchronised(stop: &AtomicBool) -> Option<bool> {
    let arguments = ["show", "--property=NTPSynchronized", "--value"];
    match Run::new("timedatectl", "systemd").args(arguments).text(Limit::QUESTION, stop).ok()?.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
