// SPDX-License-Identifier: GPL-3.0-or-later
//! What a run may do with the cluster that it writes.

use super::arguments::Arguments;

/// What is wanted besides the settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intent {
    /// Another cluster may stop being the active one.
    pub(super) activate: bool,
    /// The active cluster stays, and so do the services.
    pub(super) only_prepare: bool,
    /// The services stay unchanged.
    pub(super) no_reload: bool,
    /// Hosts may get other addresses.
    pub(super) renumber: bool,
}

impl Intent {
    pub(super) fn from_flags(arguments: &Arguments) -> Self {
        Self {
            activate: arguments.activate,
            only_prepare: arguments.no_activate,
            no_reload: arguments.no_reload || arguments.no_activate,
            renumber: arguments.renumber,
        }
    }
}
