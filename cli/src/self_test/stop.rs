// SPDX-License-Identifier: GPL-3.0-or-later

use hps::exec::NEVER;
use std::sync::atomic::AtomicBool;

/// What stops a call. This program has no handlers for signals, so they end it.
pub(super) const STOP: &AtomicBool = &NEVER;
