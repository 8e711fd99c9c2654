// SPDX-License-Identifier: GPL-3.0-or-later

use hps::exec::NEVER;
use std::sync::atomic::AtomicBool;

/// What stops a call of the inside. A signal ends it at once, and everything with it.
pub(super) const STOP: &AtomicBool = &NEVER;
