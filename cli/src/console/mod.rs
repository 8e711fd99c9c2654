// SPDX-License-Identifier: GPL-3.0-or-later
//! Consoles of hosts: who has one, and its record.

mod lock;
mod record;
mod typing;

pub(crate) use lock::{PersonLock, RecorderLock, person_has_it};
pub(crate) use record::Record;
pub(crate) use typing::TypingTerminal;
