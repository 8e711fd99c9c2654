// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot manager: it answers the requests of machines and of their installers.
//!
//! The CGI makes a [`Request`] from its environment and writes the [`Response`]. `host-state render` and `host-state
//! explain` call the same code. [`crate::boot`] decides what a machine should do; this room turns a decision into a
//! response.

mod advice;
mod boot_script;
mod commands;
mod context;
mod diagnostics;
mod expected_disks;
mod explain;
mod failure;
mod handle;
mod method;
mod preview;
mod refusal_limit;
mod request;
mod response;
mod running;
mod shim_offered;
#[cfg(test)]
mod tests;

pub use expected_disks::ExpectedDisk;
pub use explain::{Explanation, Finding, explain};
pub use handle::{Answered, handle};
pub use method::Method;
pub use preview::{NoAnswerFile, Preview, preview};
pub use request::{Body, MAX_BODY_BYTES, Request};
pub use response::{Problem, Response};
pub use running::Running;
pub use shim_offered::needs_reload_for_shim;
