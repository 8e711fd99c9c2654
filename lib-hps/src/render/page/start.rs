// SPDX-License-Identifier: GPL-3.0-or-later

use super::Address;

/// The start of a kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The kernel.
    pub kernel: Address,
    /// Its initrd.
    pub initrd: Address,
    /// Its command line, words without quotes.
    pub arguments: String,
    /// What is checked before.
    pub check: Option<ProcessorCheck>,
    /// The kernel is of another distribution than the shim: what is requested if Secure Boot is on, as it refuses the
    /// kernel then, and the sentence for the screen.
    pub foreign: Option<(Address, &'static str)>,
    /// The sentence for the screen when it cannot be fetched or started.
    pub failed: &'static str,
    /// What the machine requests then.
    pub again: Address,
}

/// The processor must be x86-64-v3 or better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessorCheck {
    /// The report that it is not.
    pub report: Address,
    /// The sentence for the screen if the report is not heard.
    pub text: &'static str,
}
