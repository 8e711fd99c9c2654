// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a host is on, and the ways to change that, in the terms of Redfish (DSP0268, `PowerState` and `ResetType`).

use crate::types::text_enum;

text_enum! {
    /// Whether a host is on.
    PowerState, "power state",

    /// On.
    On = "on",
    /// Off.
    Off = "off",
    /// It is about to be on.
    PoweringOn = "powering-on",
    /// It is about to be off.
    PoweringOff = "powering-off",
    /// Its protocol has no answer.
    Unknown = "unknown",
}

text_enum! {
    /// One step.
    Switch, "way to switch",

    /// Switch it on.
    On = "On",
    /// Ask its system to shut down, by ACPI.
    GracefulShutdown = "GracefulShutdown",
    /// Switch it off at once.
    ForceOff = "ForceOff",
}

/// How long a boot setting holds, as it was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootHolds {
    /// For the next boot.
    Once,
    /// For each boot: the BMC knows nothing else, or says so.
    Always,
    /// Its protocol has no answer.
    Unknown,
}
