// SPDX-License-Identifier: GPL-3.0-or-later

use super::Address;

/// What a machine does after a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// It requests an address.
    Ask(Address),
    /// The same; if there is no answer, it restarts.
    AskOrReboot(Address),
    /// It restarts.
    Reboot,
}

impl After {
    /// How long a machine waits before it asks again, in seconds.
    pub const SECONDS: u32 = 30;

    /// Where the machine asks.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Ask(address) | Self::AskOrReboot(address) => Some(address),
            Self::Reboot => None,
        }
    }
}
