// SPDX-License-Identifier: GPL-3.0-or-later
//! One host that can be switched, whatever protocol does it.

use super::{BootHolds, PowerError, PowerState, Switch};
use crate::types::BootMode;

/// What switches one host.
pub trait Controller {
    /// Whether the host is on.
    ///
    /// # Errors
    /// When there is no answer, or none that is understood.
    fn state(&mut self) -> Result<PowerState, PowerError>;

    /// Asks for one step. The host may need some time for it afterwards.
    ///
    /// # Errors
    /// When it is refused, or no answer comes.
    fn switch(&mut self, switch: Switch) -> Result<(), PowerError>;

    /// Makes the next boot one from the network, in this firmware mode if one is given, and reads the setting back.
    ///
    /// # Errors
    /// When it is refused, or the setting does not stay.
    fn boot_from_network_once(&mut self, mode: Option<BootMode>) -> Result<BootHolds, PowerError>;

    /// Whether [`Controller::state`] has an answer. Without one, nothing can be read back.
    fn knows_state(&self) -> bool {
        true
    }
}
