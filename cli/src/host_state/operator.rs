// SPDX-License-Identifier: GPL-3.0-or-later
//! The person who changes records, as the histories name them.

use crate::program;
use hps::host::Who;

/// The operator who runs this program.
pub(super) fn who() -> Who {
    Who::operator("host-state", &program::operator())
}
