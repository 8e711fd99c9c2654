// SPDX-License-Identifier: GPL-3.0-or-later
//! Who changes records, as their histories name it.

use crate::program;
use hps::host::Who;

/// The operator who runs this program.
pub(super) fn who() -> Who {
    Who::operator("host-state", &program::operator())
}
