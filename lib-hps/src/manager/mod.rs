// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot manager: a request of a machine or of its installer, answered.
//!
//! The CGI makes a [`Request`] of its environment and writes the [`Response`]; `host-state render` and `host-state explain`
//! ask the same code. What a machine should do is decided in [`crate::boot`]; here a decision meets the wire.

mod advice;
mod boot_script;
mod commands;
mod context;
mod explain;
mod handle;
mod method;
mod preview;
mod refusal_limit;
mod request;
mod response;
mod running;
#[cfg(test)]
mod tests;

pub use explain::{Explanation, Finding, explain};
pub use handle::{Answered, handle};
pub use method::Method;
pub use preview::{NoAnswerFile, Preview, preview};
pub use request::{Body, LARGEST_BODY, Request};
pub use response::{Problem, Response};
pub use running::Running;
