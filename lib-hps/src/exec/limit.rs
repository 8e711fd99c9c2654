// SPDX-License-Identifier: GPL-3.0-or-later
//! What one call of a program may use, and what stops it.

use super::error::ExecError;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// What a program may use: how long it may take, and how much it may write to each of its two outputs.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub(super) time: Duration,
    pub(super) bytes: usize,
}

impl Limit {
    /// A query to a program that has the answer at hand.
    pub const QUESTION: Self = Self { time: Duration::from_secs(10), bytes: 1 << 20 };
    /// A check of something small: a signature, a configuration. It may wait for a lock or for a busy machine.
    pub const CHECK: Self = Self { time: Duration::from_secs(60), bytes: 1 << 20 };
    /// Reading something that may have gigabytes, or a request to a service manager.
    pub const READ: Self = Self { time: Duration::from_secs(600), bytes: 16 << 20 };
    /// Work that takes hours on a slow disk. There must be a way to stop it.
    pub const WORK: Self = Self { time: Duration::from_secs(12 * 3600), bytes: 64 << 20 };

    /// The same with so many bytes.
    #[must_use]
    pub const fn bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// The same with so much time.
    #[must_use]
    pub const fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    pub(super) fn late(self, program: &'static str) -> ExecError {
        ExecError::Late { program, seconds: self.time.as_secs() }
    }

    pub(super) fn much(self, program: &'static str) -> ExecError {
        ExecError::Output { program, problem: format!("more than {} bytes", self.bytes) }
    }
}

/// For a call that is stopped only by its limit. The caller must not have handlers for signals: then SIGTERM and Ctrl-C
/// end the caller, and the program with it. A program with handlers (`program::interrupted` of the programs) passes its
/// own flag to each call, also to a short one, because every program can hang. A function of this library that such a
/// program calls accepts `stop`. `tests/structure` lists the users of this.
pub static NEVER: AtomicBool = AtomicBool::new(false);
